"""What each agent answers for: rounds, windows, anchors, hand-overs, waits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talks import judge_of, results, talk, view_of, words

from qa_audit.check.waits import Wait, announced_s, waits_of
from qa_audit.records import Evidence, Message, RuleResult, Transcript, Verdict
from qa_audit.rule import Anchor, Phrase, Where
from qa_audit.view import Said, seconds_between

# --- rounds and windows ------------------------------------------------------------------------------------------

WINDOWS = {
    "TST-01": "check: require\nwhere: {rounds: first 2}\nlook_for: 您好",
    "TST-02": "check: require\nwhere: {rounds: last 1}\nlook_for: [再见, lexicon:thanks]",
    "TST-03": "check: require\napplies_when: {not: mid_handling}\nwhere: {rounds: last 3}\nlook_for: 还有什么可以帮",
    "TST-04": "check: forbid\nwhere: {side: customer, rounds: first 1}\nlook_for: 怎么",
    "TST-05": """
        check: respond
        when: {look_for: 怎么}
        look_for: [lexicon:thanks, 抱歉]
        within: {rounds: 2}
    """,
    "TST-06": """
        check: require
        where: {after: {side: agent, look_for: 稍等}}
        look_for: [lexicon:thanks, 抱歉]
    """,
    "TST-07": """
        check: require
        where: {before: {side: agent, look_for: 再见}, rounds: last 2}
        look_for: [您好, 还有什么可以帮]
    """,
    "TST-08": """
        check: respond
        when: {side: agent, look_for: 稍等}
        look_for: [lexicon:thanks, 抱歉]
        within: {rounds: 1}
    """,
    "TST-09": "check: require\nlook_for: {all: [抱歉, 还有什么可以帮]}",
    "TST-10": "check: repeat\nsimilar: {threshold: 0.9, times: 2, min_characters: 4}",
}
WINDOW_JUDGE = judge_of(WINDOWS)
SENTENCES = {
    "agent": (
        "您好",
        "请稍等",
        "正在为您查",
        "感谢等待",
        "抱歉久等",
        "还有什么可以帮您",
        "再见",
        "包裹明天送到",
    ),
    "customer": ("怎么还没到", "在吗", "好的", "谢谢", "不太满意"),
}
rounds_said = st.lists(
    st.sampled_from(["agent", "customer"]).flatmap(
        lambda role: st.tuples(
            st.just(role), st.lists(st.sampled_from(SENTENCES[role]), min_size=1, max_size=3)
        )
    ),
    min_size=1,
    max_size=8,
)


def transcript_of(said: list[tuple[str, list[str]]], *, merged: bool) -> Transcript:
    """Rounds as messages of one sentence each, or as one message per round."""
    messages: list[Message] = []
    for role, parts in said:
        for text in ["\n".join(parts)] if merged else parts:
            messages.append(Message(len(messages), role, text))  # type: ignore[arg-type]  # roles of SENTENCES
    return Transcript("T1", tuple(messages))


def joined(said: list[tuple[str, list[str]]]) -> list[tuple[str, list[str]]]:
    """The same, neighbours of one speaker in one round."""
    rounds: list[tuple[str, list[str]]] = []
    for role, parts in said:
        if rounds and rounds[-1][0] == role:
            rounds[-1][1].extend(parts)
        else:
            rounds.append((role, list(parts)))
    return rounds


def verdicts(transcript: Transcript) -> dict[str, tuple[Verdict, tuple[int, ...], set[str]]]:
    """What each rule decides, where it searched and what it found."""
    found = results(WINDOW_JUDGE, transcript)
    return {rule: (r.verdict, r.searched, set(words(r))) for rule, r in found.items()}


@settings(deadline=None, max_examples=300)
@given(rounds_said)
def test_cutting_a_round_into_messages_changes_no_verdict(said: list[tuple[str, list[str]]]) -> None:
    said = [("agent", ["请讲"]), *joined(said)] if all(role != "agent" for role, _ in said) else joined(said)
    assert verdicts(transcript_of(said, merged=False)) == verdicts(transcript_of(said, merged=True))


NOISE = (("system", False), ("agent", True))


@settings(deadline=None, max_examples=200)
@given(rounds_said, st.data())
def test_notices_and_automatic_replies_neither_satisfy_nor_break_a_rule(
    said: list[tuple[str, list[str]]], data: st.DataObject
) -> None:
    said = [*joined(said), ("agent", ["请讲"])]
    plain = transcript_of(joined(said), merged=True)
    noisy = list(plain.messages)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(noisy)))
        role, auto = data.draw(st.sampled_from(NOISE))
        text = data.draw(st.sampled_from(("您好", "请稍等", "谢谢，再见", "怎么", "抱歉，还有什么可以帮您")))
        noisy.insert(at, Message(0, role, text, auto=auto))  # type: ignore[arg-type]  # roles of NOISE
    numbered = replace(plain, messages=tuple(replace(m, index=i) for i, m in enumerate(noisy)))
    assert verdicts(numbered) == verdicts(plain)


def test_a_bot_satisfies_nothing_and_breaks_nothing() -> None:
    said = """
        机器人：您好，稍等，谢谢，再见，还有什么可以帮您，抱歉
        客户：在吗
        机器人：请讲
        客服：请讲
        客户：谢谢
    """
    found = results(WINDOW_JUDGE, talk(said))
    assert {rule: result.verdict for rule, result in found.items()} == {
        "TST-01": Verdict.FAIL,
        "TST-02": Verdict.FAIL,
        "TST-03": Verdict.FAIL,
        "TST-04": Verdict.PASS,
        "TST-05": Verdict.NOT_APPLICABLE,
        "TST-06": Verdict.NOT_APPLICABLE,
        "TST-07": Verdict.NOT_APPLICABLE,
        "TST-08": Verdict.NOT_APPLICABLE,
        "TST-09": Verdict.FAIL,
        "TST-10": Verdict.PASS,
    }


def test_a_chat_without_a_human_has_no_view() -> None:
    asked = Message(0, "customer", "在吗")
    transcripts = [
        Transcript("1", (asked, Message(1, "bot", "您好"))),
        Transcript("2", (asked, Message(1, "agent", "稍后回复您", auto=True))),
        Transcript("3", (asked, Message(1, "agent", "在"))),
    ]
    assert [len(views) for views in WINDOW_JUDGE.views(transcripts)] == [0, 0, 1]


ANCHORED = """
    客服：请稍等
    客户：好的
    客服：查到了
    客服：请稍等一下
    客户：怎么
    客服：好了
"""


@pytest.mark.parametrize(
    ("where", "numbers"),
    [
        (Where(), [0, 2, 4]),
        (Where(side="customer"), [1, 3]),
        (Where(first=1), [0]),
        (Where(first=9), [0, 2, 4]),
        (Where(last=2), [2, 4]),
        (Where(after=Anchor("customer", Phrase("好的", "any"))), [2, 4]),
        (Where(after=Anchor("customer", Phrase("怎么", "any"))), [4]),
        (Where(before=Anchor("customer", Phrase("怎么", "any"))), [0, 2]),
        (Where(after=Anchor("agent", Phrase("稍等", "any"))), [2, 4]),
        (Where(after=Anchor("agent", Phrase("稍等", "any"), nth=2)), [4]),
        (Where(before=Anchor("agent", Phrase("稍等", "any"), nth=2), last=1), [0]),
        (Where(side="customer", after=Anchor("agent", Phrase("稍等", "any"), nth=2)), [3]),
        (Where(after=Anchor("agent", Phrase("查到", "any")), first=1), [4]),
        (Where(after=Anchor("agent", Phrase("好了", "any"))), []),
        (Where(after=Anchor("agent", Phrase("稍等", "any"), nth=3)), None),
        (Where(before=Anchor("customer", Phrase("没说过", "any"))), None),
    ],
)
def test_a_scope_names_rounds(where: Where, numbers: list[int] | None) -> None:
    keys = ["check: forbid", "look_for: 从不", f"where: {_yaml(where)}"]
    judge = judge_of({"TST-01": "\n".join(keys)})
    ((view,),) = judge.views([talk(ANCHORED)])
    (rule,) = judge.rules
    assert (rule.where.side, rule.where.first, rule.where.last) == (where.side, where.first, where.last)
    rounds = view.scope(rule.where)
    assert (None if rounds is None else [r.index for r in rounds]) == numbers


def _yaml(where: Where) -> str:
    keys = [f"side: {where.side}"]
    if where.first is not None or where.last is not None:
        keys.append(f"rounds: {f'first {where.first}' if where.first is not None else f'last {where.last}'}")
    for name, anchor in (("after", where.after), ("before", where.before)):
        if anchor is not None:
            assert isinstance(anchor.expression, Phrase)
            keys.append(
                f"{name}: {{side: {anchor.side}, look_for: {anchor.expression.text}, nth: {anchor.nth}}}"
            )
    return f"{{{', '.join(keys)}}}"


def test_evidence_of_a_hit_leads_to_the_original() -> None:
    view = view_of("客服：Ａ\u200bＢ請\u200b稍等")
    assert view.conversation.text(0) == "ab请稍等"
    assert view.evidence(Said(0, (2, 5))) == Evidence(0, 3, 7, "請\u200b稍等")
    assert view.sentence_of(Said(0, (2, 5))) == (0, 5)


def test_a_hit_has_the_sentence_that_it_begins_in() -> None:
    view = view_of("客服：好的。⏎⏎请稍等！马上")
    assert view.conversation.text(0) == "好的。\n\n请稍等!马上"
    assert view.sentence_of(Said(0, (5, 8))) == (5, 9)
    assert view.sentence_of(Said(0, (7, 11))) == (5, 11)  # a hit that crosses into the next sentence
    assert view.sentence_of(Said(0, (3, 4))) == (0, 11)  # white space is in no sentence


# --- hand-overs --------------------------------------------------------------------------------------------------

TRANSFER = """
    机器人：请问您要咨询什么
    客户：转人工
    系统：已转接人工
    客户：我要退货
    客服A：您好，请讲
    客户：太慢了
    客服A：为您转同事
    系统：为您转接
    客户：好的
    客服B：我来接着办
    客户：谢谢
"""


@pytest.mark.parametrize(
    ("agent", "start", "end", "took_over", "last", "own", "customer"),
    [
        ("客服A", 3, 9, "bot", False, [2, 4], [1, 3, 5]),
        ("客服B", 8, 11, "human", True, [6], [5, 7]),
    ],
)
def test_each_agent_answers_for_their_part(
    agent: str,
    start: int,
    end: int,
    took_over: str,
    *,
    last: bool,
    own: list[int],
    customer: list[int],
) -> None:
    view = view_of(TRANSFER, agent)
    assert (view.start, view.end, view.took_over, view.last) == (start, end, took_over, last)
    assert [r.index for r in view.own] == own
    assert [r.index for r in view.customer] == customer


HANDED_BACK = """
    客户：我要退货
    客服A：您好，请讲
    客户：太慢了
    客服A：为您转同事
    客服B：您好，我看一下
    客户：怎么又换人
    客服B：转回给您的专属客服
    客服A：我回来了
    客户：谢谢
    客服A：再见
"""


@pytest.mark.parametrize(
    ("agent", "took_over", "last", "own", "customer"),
    [("客服A", None, True, [1, 3, 7, 9], [0, 2, 8]), ("客服B", "human", False, [4, 6], [5])],
)
def test_a_chat_handed_back_ends_with_its_first_agent(
    agent: str,
    took_over: str | None,
    *,
    last: bool,
    own: list[int],
    customer: list[int],
) -> None:
    view = view_of(HANDED_BACK, agent)
    assert (view.took_over, view.last) == (took_over, last)
    numbers = view.conversation.round_of
    assert [m for r in view.own for m in r.messages] == own
    assert [m for r in view.customer for m in r.messages] == customer
    assert [numbers[m] for m in own] == [n for r in view.own for n in [r.index] * len(r.messages)]


@pytest.mark.parametrize(
    ("said", "agent", "took_over"),
    [
        ("客户：在吗\n客服A：在", "客服A", None),
        ("系统：已转接人工\n客户：在吗\n客服A：在", "客服A", None),
        ("机器人：您好\n客户：在吗\n客服A：在", "客服A", "bot"),
        ("机器人：您好\n客服A：在\n客服B：在", "客服B", "human"),
        ("自动回复：您好\n客户：在吗\n客服A：在", "客服A", None),
    ],
)
def test_from_whom_an_agent_took_over(said: str, agent: str, took_over: str | None) -> None:
    assert view_of(said, agent).took_over == took_over


def test_everything_is_judged_for_each_agent() -> None:
    judge = judge_of(
        {
            "TST-01": "check: require\napplies_when: {not: took_over_from_human}\nlook_for: 您好",
            "TST-02": "check: require\napplies_when: last_agent\nlook_for: 再见",
        }
    )
    (views,) = judge.views([talk(HANDED_BACK)])
    assert {view.agent: {r: x.verdict for r, x in view.results.items()} for view in views} == {
        "客服A": {"TST-01": Verdict.PASS, "TST-02": Verdict.PASS},
        "客服B": {"TST-01": Verdict.NOT_APPLICABLE, "TST-02": Verdict.NOT_APPLICABLE},
    }


# --- waits -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ("[10:00:00] 客户：在吗\n[10:00:05] 客服：在", [Wait(0, 1, 5.0, first=True)]),
        # from the first message that nobody has answered
        ("[10:00:00] 客户：在吗\n[10:01:00] 客户：人呢\n[10:01:05] 客服：在", [Wait(0, 2, 65.0, first=True)]),
        (
            "[10:00:00] 客服：您好\n[10:01:00] 客户：怎么退\n[10:03:00] 客服：这样退\n[10:03:30] 客服：再这样",
            [Wait(1, 2, 120.0)],
        ),
        # nobody waits for an answer to an acknowledgement
        ("[10:00:00] 客服：您好\n[10:01:00] 客户：好的，谢谢\n[10:09:00] 客服：还有别的问题吗", []),
        (
            "[10:00:00] 客服：您好\n[10:01:00] 客户：好的\n[10:02:00] 客户：怎么退\n[10:03:00] 客服：这样",
            [Wait(2, 3, 60.0)],
        ),
        # neither notices nor automatic replies answer
        (
            "[10:00:00] 客户：在吗\n[10:00:01] 自动回复：您好\n[10:00:02] 系统：欢迎\n[10:01:00] 客服：在",
            [Wait(0, 3, 60.0, first=True)],
        ),
        # a hold, with the longest time that it names, runs from its own message
        (
            "[10:00:00] 客服：请稍等3-5分钟\n[10:00:05] 客户：快点呀\n[10:04:00] 客服：好了",
            [Wait(0, 2, 240.0, hold_s=300.0)],
        ),
        ("[10:00:00] 客服：请稍等半小时\n[10:04:00] 客服：好了", [Wait(0, 1, 240.0, hold_s=1800.0)]),
        ("[10:00:00] 客服：请稍等\n[10:04:00] 客服：好了", [Wait(0, 1, 240.0, hold_s=0.0)]),
        # one hold after the other
        (
            "[10:00:00] 客服：请稍等\n[10:01:00] 客服：再等我一下，两三分钟\n[10:03:00] 客服：好了",
            [Wait(0, 1, 60.0, hold_s=0.0), Wait(1, 2, 120.0, hold_s=180.0)],
        ),
        # an answer in the same message is no hold
        (
            "[10:00:00] 客服：请稍等。您的包裹已经到上海了明天送\n[10:01:00] 客户：怎么慢\n[10:02:00] 客服：抱歉",
            [Wait(1, 2, 60.0)],
        ),
        # no times
        ("客户：在吗\n客服：在\n客户：怎么退\n客服：这样", [Wait(0, 1, None, first=True), Wait(2, 3, None)]),
        ("[10:00:00] 客户：在吗\n客服：在", [Wait(0, 1, None, first=True)]),
    ],
)
def test_waits(said: str, waits: list[Wait]) -> None:
    view = view_of(said)
    assert waits_of(view) == tuple(waits)


@pytest.mark.parametrize(
    ("said", "closed_at", "waits"),
    [
        ("[10:00:00] 客服：您好\n[10:01:00] 客户：怎么退", "10:05", [Wait(1, None, 240.0)]),
        ("[10:00:00] 客服：您好\n[10:01:00] 客户：怎么退", None, [Wait(1, None, None)]),
        ("[10:00:00] 客服：您好\n客户：怎么退", "10:05", [Wait(1, None, None)]),
        ("[10:00:00] 客服：请稍等", "10:05", [Wait(0, None, 300.0, hold_s=0.0)]),
        ("[10:00:00] 客服：请稍等", None, [Wait(0, None, None, hold_s=0.0)]),
        ("[10:00:00] 客服：您好\n[10:01:00] 客户：谢谢", "10:05", []),
    ],
)
def test_a_wait_that_nobody_ends_lasts_until_the_chat_is_closed(
    said: str, closed_at: str | None, waits: list[Wait]
) -> None:
    assert waits_of(view_of(said, closed_at=closed_at)) == tuple(waits)


def test_on_the_phone_a_wait_runs_from_the_end_of_the_words() -> None:
    said = "[0.0-2.5] 客户：喂\n[4.0-5.0] 客服：您好\n[5.5-8.0] 客户：怎么退\n[7.5-9.0] 客服：这样"
    assert waits_of(view_of(said, channel="phone")) == (
        Wait(0, 1, 1.5, first=True),
        Wait(2, 3, -0.5),
    )


def test_a_colleague_who_answers_ends_the_wait() -> None:
    said = """
        [10:00:00] 客户：在吗
        [10:00:10] 客服A：请稍等
        [10:01:00] 客服B：我来，您请讲
        [10:02:00] 客户：怎么退
        [10:02:30] 客服B：这样退
        [10:40:00] 客服A：我回来了
        [10:41:00] 客户：怎么寄
        [10:42:00] 客服A：这样寄
    """
    assert waits_of(view_of(said, "客服A")) == (
        Wait(0, 1, 10.0, first=True),
        Wait(1, None, 50.0, hold_s=0.0),
        Wait(6, 7, 60.0),
    )
    assert waits_of(view_of(said, "客服B")) == (Wait(3, 4, 30.0),)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("请稍等", 0.0),
        ("请稍等30秒", 30.0),
        ("请稍等两分钟，最多5分钟", 300.0),
        ("请稍等3~5分钟", 300.0),
        ("请稍等半个小时", 1800.0),
        ("请稍等[数字x]分钟", 0.0),
    ],
)
def test_an_announced_time_in_seconds(said: str, seconds: float) -> None:
    assert announced_s(view_of(f"客服：{said}"), 0) == seconds


def test_seconds_between_messages_need_both_times() -> None:
    chat = talk("[10:00:00] 客户：在吗\n[10:00:09] 客服：在\n客户：嗯").messages
    assert seconds_between(chat[0], chat[1]) == 9.0
    assert seconds_between(chat[1], chat[2]) is None
    call = (Message(0, "customer", "喂", start_s=1.0), Message(1, "agent", "您好", start_s=3.5, end_s=4.0))
    assert seconds_between(call[0], call[1]) == 2.5
    assert seconds_between(call[1], call[0]) == -3.0
    assert seconds_between(chat[0], call[1]) is None


def test_a_result_is_kept_for_those_who_ask_later() -> None:
    ((view,),) = WINDOW_JUDGE.views([talk("客服：您好")])
    assert view.results["TST-01"] == RuleResult("TST-01", Verdict.PASS, evidence=(Evidence(0, 0, 2, "您好"),))
    assert list(view.results) == sorted(WINDOWS)
