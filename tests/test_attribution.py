"""Who answers for what: hand-overs, bots, automatic replies, recalled messages, hours of service."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talks import decide, judge_of, results, talk, view_of, words

from qa_audit.audit import Auditor
from qa_audit.check.waits import Wait, announces_hold, waits_of
from qa_audit.config import Config
from qa_audit.facts import FACTS
from qa_audit.hours import minutes_of, open_seconds
from qa_audit.records import Message, RuleResult, Transcript, Verdict

# --- the wait at a hand-over belongs to whoever had the chat ------------------------------------------------------

NOTICED = """
    [10:00:00] 客户：在吗
    [10:00:10] 客服A：请讲
    [10:01:00] 客户：能移机吗
    [10:08:00] 系统：已转接客服B
    [10:08:10] 客服B：您好
    [10:09:00] 客户：多少钱
    [10:09:30] 客服B：两百
"""
UNNOTICED = """
    [10:00:00] 客户：在吗
    [10:00:10] 客服A：请讲
    [10:01:00] 客户：能移机吗
    [10:08:10] 客服B：您好
"""
ANNOUNCED = """
    [10:00:00] 客户：在吗
    [10:00:10] 客服A：为您转同事
    [10:01:00] 客户：能移机吗
    [10:08:10] 客服B：您好
"""
HELD = """
    [10:00:00] 客户：在吗
    [10:00:10] 客服A：请稍等
    [10:05:10] 系统：为您转接
    [10:06:10] 系统：已转接客服B
    [10:06:30] 客服B：您好
"""


@pytest.mark.parametrize(
    ("said", "agent", "waits"),
    [
        (NOTICED, "客服A", [Wait(0, 1, 10.0, first=True), Wait(2, None, 420.0)]),
        (NOTICED, "客服B", [Wait(5, 6, 30.0)]),
        # without a notice the chat is the first agent's until the other one speaks
        (UNNOTICED, "客服A", [Wait(0, 1, 10.0, first=True), Wait(2, None, 430.0)]),
        (UNNOTICED, "客服B", []),
        # the words that hand it on are the hand-over
        (ANNOUNCED, "客服A", [Wait(0, 1, 10.0, first=True)]),
        (ANNOUNCED, "客服B", [Wait(2, 3, 430.0, first=True)]),
        # a hold ends when the chat leaves; what lies between two notices is nobody's
        (HELD, "客服A", [Wait(0, 1, 10.0, first=True), Wait(1, None, 300.0, hold_s=0.0)]),
        (HELD, "客服B", []),
    ],
)
def test_who_let_the_customer_wait(said: str, agent: str, waits: list[Wait]) -> None:
    said = said.replace("已转接客服B", "已转接客服B，为您转接")
    assert waits_of(view_of(said, agent)) == tuple(waits)


BACK = """
    [10:00:00] 客服A：为您转同事
    [10:00:30] 客服B：请讲
    [10:01:00] 客户：怎么退
    [10:03:00] 系统：为您转接客服A
    [10:07:00] 客服A：这样退
    [10:07:30] 客户：好的
    [10:20:00] 客服A：再见
"""


@pytest.mark.parametrize(
    ("agent", "waits"),
    [
        ("客服A", [Wait(3, 4, 240.0)]),  # from the moment it came back, not from the question
        ("客服B", [Wait(2, None, 120.0)]),
    ],
)
def test_a_chat_handed_back(agent: str, waits: list[Wait]) -> None:
    assert waits_of(view_of(BACK, agent)) == tuple(waits)


def test_a_return_that_nobody_noted_begins_with_the_first_word() -> None:
    said = BACK.replace("系统：为您转接客服A", "系统：客户排队中")
    assert waits_of(view_of(said, "客服A")) == ()
    assert waits_of(view_of(said, "客服B")) == (Wait(2, None, 360.0),)


def test_after_a_chat_was_handed_on_its_agent_is_not_the_last() -> None:
    said = "客户：在吗\n客服A：请讲\n客户：怎么退\n系统：已转接售后客服B\n客户：人呢"
    view = view_of(said, "客服A")
    assert (view.last, view.end) == (False, 3)
    assert [r.index for r in view.customer] == [0, 2]


FIRST = "check: limit\nwithin: {chat: {first_response_s: 30}}"


@pytest.mark.parametrize(
    ("answered", "verdict"),
    [("10:01:20", Verdict.PASS), ("10:01:30", Verdict.PASS), ("10:01:31", Verdict.UNDECIDABLE)],
)
def test_an_unnoted_hand_over_is_undecidable_beyond_the_bound(answered: str, verdict: Verdict) -> None:
    said = UNNOTICED.replace("10:08:10", answered)
    assert decide(FIRST, said, agent="客服B").verdict is verdict


# --- bots, recalled messages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "rounds"),
    [
        ("客服：您好\n机器人：猜您想问\n客服：请讲", [(0, 2), (1,)]),
        ("客服：您好\n客户：怎么\n机器人：猜您想问\n客户：退", [(0,), (1, 3), (2,)]),
        # before a human came, the bot is who answers
        ("客户：在吗\n机器人：您好\n客户：转人工\n客服：您好", [(0,), (1,), (2,), (3,)]),
        ("客服：您好\n客服：（撤回）\n客户：（撤回）\n客服：请讲", [(0, 3)]),
    ],
)
def test_rounds_that_nothing_splits(said: str, rounds: list[tuple[int, ...]]) -> None:
    assert [r.messages for r in view_of(said).conversation.rounds] == rounds


def test_who_took_back_every_word_is_nobody() -> None:
    ((view,),) = judge_of({"TST-01": FIRST}).views([talk("客户：在吗\n客服A：（撤回）\n客服B：您好")])
    assert view.agent == "客服B"
    assert view.took_over is None


def test_a_recalled_question_waits_for_no_answer() -> None:
    said = "[10:00:00] 客服：您好\n[10:00:10] 客户：（撤回）\n[10:09:00] 客服：还在吗"
    assert waits_of(view_of(said)) == ()


@pytest.mark.parametrize("kind", ["（图片）", "（语音）", "[订单x]"])
def test_a_message_without_words_waits_for_an_answer_and_is_one(kind: str) -> None:
    asked = f"[10:00:00] 客服：您好\n[10:01:00] 客户：{kind}\n[10:04:00] 客服：收到"
    assert waits_of(view_of(asked)) == (Wait(1, 2, 180.0),)
    answered = f"[10:00:00] 客服：您好\n[10:01:00] 客户：怎么退\n[10:04:00] 客服：{kind}"
    assert waits_of(view_of(answered)) == (Wait(1, 2, 180.0),)


# --- a hold that already is the answer -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ("请稍等", True),
        ("请稍等，我去看看", True),
        ("请稍等，查到了，已到上海", False),
        ("请稍等。查到了", False),
        ("查到了会告诉您，请稍等", True),
    ],
)
def test_a_hold_with_its_answer_is_no_hold(said: str, holds: bool) -> None:  # noqa: FBT001 - a parameter of the table
    view = view_of(f"客户：到哪了\n客服：{said}")
    assert announces_hold(view, 1) is holds
    assert FACTS["mid_handling"](view) is holds
    assert FACTS["only_hold"](view) is holds


# --- hours of service ----------------------------------------------------------------------------------------------

SHANGHAI = timezone(timedelta(hours=8))


def at(day: int, clock: str) -> datetime:
    hours, minutes, seconds = map(int, clock.split(":"))
    return datetime(2026, 11, day, hours, minutes, seconds, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("begin", "end", "hours", "seconds"),
    [
        (at(20, "10:00:00"), at(20, "10:05:00"), "09:00-23:00", 300.0),
        (at(20, "22:58:00"), at(21, "09:00:30"), "09:00-23:00", 150.0),
        (at(20, "23:10:00"), at(20, "23:20:00"), "09:00-23:00", 0.0),
        (at(20, "08:00:00"), at(22, "08:00:00"), "09:00-23:00", 2 * 14 * 3600.0),
        # across midnight
        (at(20, "23:50:00"), at(21, "00:10:00"), "20:00-02:00", 1200.0),
        (at(20, "01:50:00"), at(20, "20:10:00"), "20:00-02:00", 1200.0),
        (at(20, "10:00:00"), at(20, "12:00:00"), "20:00-02:00", 0.0),
        (at(20, "10:00:00"), at(21, "10:00:00"), "00:00-24:00", 86400.0),
        (at(20, "10:00:05"), at(20, "10:00:00"), "09:00-23:00", -5.0),
    ],
)
def test_seconds_in_hours_of_service(begin: datetime, end: datetime, hours: str, seconds: float) -> None:
    assert open_seconds(begin, end, minutes_of(hours)) == seconds


WAITED = 'check: limit\nwithin: {chat: {longest_wait_s: 180}}\nservice_hours: "09:00-23:00"'


@pytest.mark.parametrize(
    ("asked", "answered", "found"),
    [
        ("22:50:00", "22:55:00", (Verdict.FAIL, 300.0)),
        ("22:57:00", "23:30:00", (Verdict.PASS, 180.0)),
        ("23:10:00", "23:30:00", (Verdict.NOT_APPLICABLE, None)),
    ],
)
def test_only_waits_in_service_hours_count(
    asked: str, answered: str, found: tuple[Verdict, float | None]
) -> None:
    said = f"[22:40:00] 客服：您好\n[{asked}] 客户：怎么退\n[{answered}] 客服：这样退"
    result = decide(WAITED, said)
    assert (result.verdict, result.measured) == found


def unanswered(config: Config | None = None, **fields: object) -> RuleResult | None:
    auditor = Auditor.open(config or Config())
    messages = (
        Message(0, "customer", "在吗", at=fields.pop("asked", at(20, "10:00:00"))),  # type: ignore[arg-type]  # a datetime
        Message(1, "agent", "客服正在赶来", agent="小安", auto=True),
    )
    (found,) = auditor.audit([Transcript("T1", messages, **fields)]).unanswered  # type: ignore[arg-type]  # its fields
    assert found.agent == "小安"
    return found.result


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({}, Verdict.FAIL),
        ({"asked": None}, Verdict.UNDECIDABLE),
        ({"offline": True}, Verdict.NOT_APPLICABLE),
        ({"asked": at(20, "23:30:00")}, Verdict.NOT_APPLICABLE),
        ({"asked": at(20, "23:30:00"), "config": Config(service_hours="20:00-02:00")}, Verdict.FAIL),
        (
            {"asked": at(20, "10:00:00"), "config": Config(service_hours="20:00-02:00")},
            Verdict.NOT_APPLICABLE,
        ),
    ],
)
def test_automatic_replies_answer_nobody(fields: dict[str, object], verdict: Verdict) -> None:
    result = unanswered(**fields)  # type: ignore[arg-type]  # fields of a transcript, and the configuration
    assert result is not None
    assert result.verdict is verdict


@pytest.mark.parametrize(
    ("opened", "hours", "counts"),
    [
        ("10:00:00", None, True),
        ("23:30:00", None, False),
        ("23:30:00", "20:00-02:00", True),
        ("10:00:00", "20:00-02:00", False),
    ],
)
def test_the_thirty_second_rate_counts_the_configured_hours(
    opened: str,
    hours: str | None,
    counts: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    auditor = Auditor.open(Config(service_hours=hours) if hours is not None else Config())
    messages = (
        Message(0, "customer", "在吗", at=at(20, opened)),
        Message(1, "agent", "您好", agent="小安", at=at(20, opened) + timedelta(seconds=9)),
    )
    (card,) = auditor.audit([Transcript("T1", messages)]).scorecards
    assert card.counts_for_30s is counts


# --- what changes no verdict ---------------------------------------------------------------------------------------

RULES = {
    "TST-01": "check: require\nwhere: {rounds: first 2}\nlook_for: 您好",
    "TST-02": "check: require\nwhere: {rounds: last 2}\nlook_for: 再见",
    "TST-03": "check: forbid\nwhere: {side: customer, rounds: last 1}\nlook_for: 怎么",
    "TST-04": "check: respond\nwhen: {look_for: 怎么}\nlook_for: 抱歉\nwithin: {rounds: 1}",
    "TST-05": "check: repeat\nwhere: {side: customer}\nsimilar: {threshold: 0.9}",
}
JUDGE = judge_of(RULES)
SAID = st.lists(
    st.tuples(
        st.sampled_from(("客服A", "客服B", "客户")),
        st.lists(st.sampled_from(("您好", "抱歉", "再见", "怎么还没到", "请讲")), min_size=1, max_size=3),
    ),
    min_size=2,
    max_size=9,
)


def transcript(said: list[tuple[str, list[str]]], *, merged: bool = False) -> Transcript:
    messages: list[Message] = []
    for who, parts in said:
        for text in ["\n".join(parts)] if merged else parts:
            role = "customer" if who == "客户" else "agent"
            messages.append(
                Message(len(messages), role, text, agent=None if who == "客户" else who)  # type: ignore[arg-type]  # a role
            )
    return Transcript("T1", tuple(messages))


def verdicts(transcript: Transcript) -> dict[tuple[str, str], tuple[Verdict, frozenset[str]]]:
    (views,) = JUDGE.views([transcript])
    return {
        (view.agent, rule): (result.verdict, frozenset(words(result)))
        for view in views
        for rule, result in view.results.items()
    }


@settings(deadline=None, max_examples=200)
@given(SAID)
def test_cutting_rounds_changes_nothing_for_any_agent(said: list[tuple[str, list[str]]]) -> None:
    rounds: list[tuple[str, list[str]]] = []
    for who, parts in said:
        if rounds and rounds[-1][0] == who:
            rounds[-1][1].extend(parts)
        else:
            rounds.append((who, list(parts)))
    assert verdicts(transcript(rounds)) == verdicts(transcript(rounds, merged=True))


@settings(deadline=None, max_examples=200)
@given(SAID, st.data())
def test_what_no_human_says_changes_nothing_for_any_agent(
    said: list[tuple[str, list[str]]], data: st.DataObject
) -> None:
    plain = transcript([("客服A", ["请讲"]), *said])
    noisy = list(plain.messages)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(1, len(noisy)))
        role, auto, kind = data.draw(
            st.sampled_from(
                (
                    ("system", False, "text"),
                    ("agent", True, "text"),
                    ("bot", False, "text"),
                    ("agent", False, "recalled"),
                    ("customer", False, "recalled"),
                )
            )
        )
        text = data.draw(st.sampled_from(("您好", "怎么还没到", "再见", "抱歉")))
        noisy.insert(at, Message(0, role, text, agent="客服A", auto=auto, kind=kind))  # type: ignore[arg-type]  # as named
    numbered = tuple(replace(message, index=index) for index, message in enumerate(noisy))
    assert verdicts(replace(plain, messages=numbered)) == verdicts(plain)


def test_a_bot_in_the_middle_opens_no_new_round() -> None:
    said = "客户：在吗\n客服：请讲\n机器人：您好\n客服：在\n客户：好\n客服：您好"
    assert results(JUDGE, talk(said))["TST-01"].verdict is Verdict.PASS
