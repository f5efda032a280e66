"""``forbid``, ``require`` and ``respond``: four verdicts, exact words, rounds searched."""

from __future__ import annotations

from dataclasses import replace

import pytest
from talks import decide, judge_of, marked, results, talk, words

from qa_audit.records import Evidence, Excused, Message, RuleResult, Transcript, Verdict

PASS, FAIL, NOT_APPLICABLE, UNDECIDABLE = (
    Verdict.PASS,
    Verdict.FAIL,
    Verdict.NOT_APPLICABLE,
    Verdict.UNDECIDABLE,
)


def missing(*searched: int) -> RuleResult:
    return RuleResult("TST-01", FAIL, searched=searched, wanted="所需用语")


# --- forbid ------------------------------------------------------------------------------------------------------


def test_forbidden_words_are_quoted_exactly() -> None:
    said = "客户：在吗\n客服：[[您自己操作錯]]了\n客服：就是[[您自己弄错]]的"
    plain = said.replace("[[", "").replace("]]", "")
    result = decide("check: forbid\nlook_for: lexicon:blame", plain)
    assert result == RuleResult(
        "TST-01", FAIL, evidence=(Evidence(1, 0, 6, "您自己操作錯"), Evidence(2, 2, 7, "您自己弄错"))
    )
    assert [(e.message, e.start, e.end) for e in result.evidence] == marked(said)


@pytest.mark.parametrize(
    ("keys", "said", "result"),
    [
        ("look_for: lexicon:blame", "客户：您自己操作错\n客服：抱歉", RuleResult("TST-01", PASS)),
        (
            "look_for: lexicon:blame\nwhere: {side: customer}",
            "客服：您好",
            RuleResult("TST-01", NOT_APPLICABLE, note="检测范围内没有发言"),
        ),
        (
            "look_for: lexicon:blame\nwhere: {after: {look_for: 投诉}}",
            "客服：您自己操作错",
            RuleResult("TST-01", NOT_APPLICABLE, note="前置条件未出现"),
        ),
        (
            "look_for: 您好\ntogether_with: 再见",
            "客服：您好，再见\n客服：您好",
            RuleResult("TST-01", FAIL, evidence=(Evidence(0, 0, 2, "您好"),)),
        ),
        (
            "look_for: 绝对\nexcept: 绝对值",
            "客服：绝对值是绝对的",
            RuleResult(
                "TST-01",
                FAIL,
                evidence=(Evidence(0, 4, 6, "绝对"),),
                excused=(Excused(Evidence(0, 0, 2, "绝对"), "例外用语"),),
            ),
        ),
    ],
)
def test_forbid(keys: str, said: str, result: RuleResult) -> None:
    assert decide(f"check: forbid\n{keys}", said) == result


def test_a_shorter_hit_counts_where_the_longer_one_is_excused() -> None:
    keys = "check: forbid\nlook_for: [不能退是您自己弄错, 您自己弄错]\nunless: [negated]"
    assert decide(keys, "客服：并非一二三四五六七不能退是您自己弄错") == RuleResult(
        "TST-01", FAIL, evidence=(Evidence(0, 13, 18, "您自己弄错"),)
    )
    assert decide(keys, "客服：并非不能退是您自己弄错") == RuleResult(
        "TST-01", PASS, excused=(Excused(Evidence(0, 2, 11, "不能退是您自己弄错"), "否定：并非"),)
    )


# --- require -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "said", "result"),
    [
        ("", "客服：谢谢您", RuleResult("TST-01", PASS, evidence=(Evidence(0, 0, 2, "谢谢"),))),
        ("", "客户：谢谢\n客服：嗯\n客户：好\n客服：嗯", missing(1, 3)),
        ("where: {rounds: last 1}", "客服：谢谢\n客户：好\n客服：嗯", missing(2)),
        ("at_least: 2", "客服：谢谢\n客户：好\n客服：嗯", missing(0, 2)),
        (
            "at_least: 2",
            "客服：谢谢，感谢",
            RuleResult("TST-01", PASS, evidence=(Evidence(0, 0, 2, "谢谢"), Evidence(0, 3, 5, "感谢"))),
        ),
        (
            "at_most: 1",
            "客服：谢谢\n客服：感谢",
            RuleResult("TST-01", FAIL, evidence=(Evidence(1, 0, 2, "感谢"),)),
        ),
        ("at_most: 1", "客服：嗯", missing(0)),
        (
            "where: {side: customer}",
            "客服：您好",
            RuleResult("TST-01", NOT_APPLICABLE, note="检测范围内没有发言"),
        ),
        (
            "where: {before: {look_for: 再见}}",
            "客服：您好",
            RuleResult("TST-01", NOT_APPLICABLE, note="前置条件未出现"),
        ),
        (
            "except: 不用谢谢",
            "客服：不用谢谢",
            RuleResult(
                "TST-01",
                FAIL,
                searched=(0,),
                wanted="所需用语",
                excused=(Excused(Evidence(0, 2, 4, "谢谢"), "例外用语"),),
            ),
        ),
    ],
)
def test_require(keys: str, said: str, result: RuleResult) -> None:
    assert decide(f"check: require\nlook_for: lexicon:thanks\n{keys}", said) == result


def test_on_the_phone_other_words_may_be_wanted() -> None:
    keys = "check: require\nlook_for: 请稍等\non_phone: 可以吗"
    assert decide(keys, "客服：请稍等").verdict is PASS
    assert decide(keys, "客服：请稍等", channel="phone").verdict is FAIL
    assert words(decide(keys, "客服：等一下可以吗", channel="phone")) == ["可以吗"]


# --- respond -----------------------------------------------------------------------------------------------------

SORRY = "check: respond\nwhen: {look_for: [太慢, 投诉]}\nlook_for: [抱歉, 对不起]\n"


@pytest.mark.parametrize(
    ("within", "said", "result"),
    [
        (
            "within: {rounds: 1}",
            "客户：太慢\n客服：抱歉",
            RuleResult("TST-01", PASS, evidence=(Evidence(1, 0, 2, "抱歉"),)),
        ),
        (
            "within: {rounds: 1}",
            "客户：太慢\n客服：嗯\n客户：唉\n客服：抱歉",
            replace(missing(1), evidence=(Evidence(0, 0, 2, "太慢"),)),
        ),
        (
            "within: {rounds: 2}",
            "客户：太慢\n客服：嗯\n客户：唉\n客服：抱歉",
            RuleResult("TST-01", PASS, evidence=(Evidence(3, 0, 2, "抱歉"),)),
        ),
        # what was said before it answers nothing
        (
            "within: {rounds: 1}",
            "客服：抱歉\n客户：太慢\n客服：嗯",
            replace(missing(2), evidence=(Evidence(1, 0, 2, "太慢"),)),
        ),
        # one of two is not enough
        (
            "within: {rounds: 1}",
            "客户：太慢\n客服：抱歉\n客户：我要投诉\n客服：嗯",
            replace(missing(3), evidence=(Evidence(2, 2, 4, "投诉"),)),
        ),
        (
            "within: {rounds: 1}\nenough: 1",
            "客户：太慢\n客服：抱歉\n客户：我要投诉\n客服：嗯",
            RuleResult("TST-01", PASS, evidence=(Evidence(1, 0, 2, "抱歉"),)),
        ),
        (
            "within: {rounds: 1}\nenough: 1",
            "客户：太慢\n客服：嗯",
            replace(missing(1), evidence=(Evidence(0, 0, 2, "太慢"),)),
        ),
        (
            "within: {rounds: 1}",
            "客户：在吗\n客服：在",
            RuleResult("TST-01", NOT_APPLICABLE, note="触发条件未出现"),
        ),
        (
            "within: {rounds: 1}",
            "客服：在\n客户：太慢",
            RuleResult("TST-01", NOT_APPLICABLE, note="触发之后坐席没有机会回应"),
        ),
        (
            "within: {messages: 1}",
            "客户：太慢\n客服：嗯\n客服：抱歉",
            replace(missing(1), evidence=(Evidence(0, 0, 2, "太慢"),)),
        ),
        (
            "within: {messages: 2}",
            "客户：太慢\n客服：嗯\n客服：抱歉",
            RuleResult("TST-01", PASS, evidence=(Evidence(2, 0, 2, "抱歉"),)),
        ),
    ],
)
def test_respond(within: str, said: str, result: RuleResult) -> None:
    assert decide(SORRY + within, said) == result


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("客户：到了吗\n客服：妥投了", FAIL),
        ("客户：妥投了没\n客服：妥投了", PASS),
        ("客户：妥投了没\n机器人：在\n客服：妥投了", PASS),
        # whoever hears it first from the agent has not used it before
        ("客户：到了吗\n客服：妥投了\n客户：什么是妥投", FAIL),
        ("客服：妥投了\n客户：妥投了吗\n客服：嗯", FAIL),
    ],
)
def test_words_that_the_other_side_has_used_are_not_new_to_them(said: str, verdict: Verdict) -> None:
    keys = """
        check: respond
        when: {side: agent, look_for: 妥投, unheard: true, otherwise: pass}
        look_for: 也就是
        within: {rounds: 1}
    """
    assert decide(keys, said).verdict is verdict


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("客户：妥投了没\n客服：妥投了", PASS),
        ("客户：妥投是啥意思\n客服：妥投了", FAIL),
        ("客户：妥投是啥意思\n客户：哦，妥投了\n客服：妥投了", PASS),
    ],
)
def test_a_word_that_was_only_asked_about_is_still_new(said: str, verdict: Verdict) -> None:
    keys = """
        check: respond
        when: {side: agent, look_for: 妥投, unheard: true, unheard_except: 啥意思, otherwise: pass}
        look_for: 也就是
        within: {rounds: 1}
    """
    assert decide(keys, said).verdict is verdict


HOLD = """
    check: respond
    when: {side: agent, look_for: lexicon:hold_request, alone: true}
    look_for: lexicon:thanks
    within: {messages: 1, from_s: 60}
"""


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("[10:00:00] 客服：请稍等\n[10:02:00] 客服：感谢等待", PASS),
        ("[10:00:00] 客服：请稍等\n[10:02:00] 客服：查到了", FAIL),
        ("[10:00:00] 客服：请稍等\n[10:01:00] 客服：查到了", NOT_APPLICABLE),
        ("[10:00:00] 客服：请稍等\n[10:01:01] 客服：查到了", FAIL),
        ("客服：请稍等\n客服：查到了", FAIL),
        ("[10:00:00] 客服：请稍等。您的包裹已经到了上海，明天送", NOT_APPLICABLE),
        ("[10:00:00] 客服：请稍等", NOT_APPLICABLE),
    ],
)
def test_after_a_hold_the_first_message_counts(said: str, verdict: Verdict) -> None:
    assert decide(HOLD, said).verdict is verdict


IN_TIME = SORRY + "within: {seconds: 60}"


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("[10:00:00] 客户：太慢\n[10:01:00] 客服：抱歉", PASS),
        ("[10:00:00] 客户：太慢\n[10:01:01] 客服：抱歉", FAIL),
        ("[10:00:00] 客户：太慢\n[10:00:30] 客服：嗯\n[10:01:30] 客服：抱歉", FAIL),
        ("[10:00:00] 客户：太慢\n客服：抱歉", UNDECIDABLE),
        ("客户：太慢\n[10:00:30] 客服：抱歉", UNDECIDABLE),
        ("[10:00:00] 客户：太慢\n[10:00:30] 客服：抱歉\n客服：抱歉", PASS),
        ("[10:00:00] 客服：抱歉\n[10:00:10] 客户：太慢", NOT_APPLICABLE),
    ],
)
def test_an_answer_in_seconds(said: str, verdict: Verdict) -> None:
    assert decide(IN_TIME, said).verdict is verdict


def test_too_late_an_answer_says_where_it_was() -> None:
    assert decide(IN_TIME, "[10:00:00] 客户：太慢\n[10:05:00] 客服：抱歉") == replace(
        missing(1), evidence=(Evidence(0, 0, 2, "太慢"),)
    )


def test_missing_times_are_said() -> None:
    assert decide(IN_TIME, "客户：太慢\n客服：抱歉") == RuleResult("TST-01", UNDECIDABLE, note="没有消息时间")


SAME_MESSAGE = """
    check: respond
    when: {side: agent, look_for: [不行, 没办法], except: [不行的话], unless: [negated]}
    look_for: [可以, 帮您]
    within: {messages: 0}
"""


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("客服：不行，但我可以帮您问", PASS),
        ("客服：不行\n客服：可以帮您问", FAIL),
        ("客服：不行的话再说", NOT_APPLICABLE),
        ("客服：不是没办法", NOT_APPLICABLE),
    ],
)
def test_an_answer_in_the_same_message(said: str, verdict: Verdict) -> None:
    assert decide(SAME_MESSAGE, said).verdict is verdict


def test_an_agents_own_words_may_be_made_good_in_the_same_or_the_next_round() -> None:
    keys = """
        check: respond
        when: {side: agent, look_for: 不知道, otherwise: pass}
        look_for: [我帮您问, 联系]
        within: {rounds: 1}
    """
    judge = judge_of({"TST-01": keys})
    for said, verdict in (
        ("客服：我帮您问\n客服：不知道", PASS),
        ("客服：不知道\n客户：哦\n客服：我帮您问", PASS),
        ("客服：不知道\n客户：哦\n客服：嗯\n客户：唉\n客服：我帮您问", FAIL),
        ("客服：知道", PASS),
    ):
        assert results(judge, talk(said))["TST-01"].verdict is verdict


def test_the_customer_may_be_the_one_who_answers() -> None:
    keys = """
        check: respond
        when: {side: agent, look_for: 您看可以吗}
        look_for: [可以, 好的]
        where: {side: customer}
        within: {rounds: 1}
    """
    assert words(decide(keys, "客服：您看可以吗\n客户：好的")) == ["好的"]
    assert decide(keys, "客服：您看可以吗\n客户：再想想") == replace(
        missing(1), evidence=(Evidence(0, 0, 5, "您看可以吗"),)
    )
    assert decide(keys, "客服：您看可以吗").verdict is NOT_APPLICABLE


def test_joined_occurrences_are_answered_together() -> None:
    said = "客户：太慢\n客服：嗯\n客户：投诉\n客服：抱歉"
    apart = SORRY + "within: {rounds: 2}"
    together = apart.replace("投诉]}", "投诉], joined: true}")
    one_each = "客户：太慢\n客服：抱歉\n客户：投诉\n客服：嗯"
    assert decide(apart, said).verdict is PASS
    assert decide(apart, one_each).verdict is FAIL
    assert decide(together, one_each).verdict is PASS


@pytest.mark.parametrize(
    ("rounds", "settles", "verdict"),
    [(0, 1, PASS), (1, 1, FAIL), (1, 2, PASS), (2, 2, FAIL)],
)
def test_an_answer_settles_what_comes_soon_after(rounds: int, settles: int, verdict: Verdict) -> None:
    between = "客户：嗯\n客服：嗯\n" * rounds
    said = f"客户：太慢\n客服：抱歉\n{between}客户：投诉\n客服：嗯"
    assert decide(SORRY + f"within: {{rounds: 1, settles: {settles}}}", said).verdict is verdict
    # only an answer to an earlier A does
    assert (
        decide(
            SORRY + f"within: {{rounds: 1, settles: {settles}}}", "客服：抱歉\n客户：投诉\n客服：嗯"
        ).verdict
        is FAIL
    )


MOOD = """
    check: respond
    when: {mood: sure, mood_unsure: maybe}
    look_for: [抱歉, 理解]
    within: {rounds: 2}
"""


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ("客户：气死我了\n客服：抱歉", RuleResult("TST-01", PASS, evidence=(Evidence(1, 0, 2, "抱歉"),))),
        ("客户：气死我了\n客服：嗯", missing(1)),
        (
            "客户：不太满意\n客服：嗯",
            RuleResult("TST-01", UNDECIDABLE, note="客户情绪模型的把握不足，不作判定"),
        ),
        ("客户：不太满意\n客服：嗯\n客户：气死我了\n客服：嗯", missing(3)),
        ("客服：您好\n客户：不太满意", RuleResult("TST-01", NOT_APPLICABLE, note="触发条件未出现")),
        ("客服：您好\n客户：气死我了", RuleResult("TST-01", NOT_APPLICABLE, note="触发之后坐席没有机会回应")),
        ("客户：在吗\n客服：嗯", RuleResult("TST-01", NOT_APPLICABLE, note="触发条件未出现")),
    ],
)
def test_a_mood_may_want_an_answer(said: str, result: RuleResult) -> None:
    assert decide(MOOD, said) == result


def test_hits_of_another_rule_may_want_an_answer() -> None:
    rules = {
        "TST-01": "check: respond\nwhen: {rule: TST-02, side: agent}\nlook_for: 抱歉\nwithin: {rounds: 1}",
        "TST-02": "check: forbid\nlook_for: lexicon:blame",
    }
    judge = judge_of(rules)
    assert [rule.id for rule in judge.rules] == ["TST-02", "TST-01"]
    said = "客服：您自己弄错了\n客户：什么\n客服：嗯"
    assert results(judge, talk(said))["TST-01"] == replace(
        missing(0, 2), evidence=(Evidence(0, 0, 5, "您自己弄错"),)
    )
    assert results(judge, talk(said.replace("嗯", "抱歉")))["TST-01"].verdict is PASS
    assert results(judge, talk("客服：您好"))["TST-01"].verdict is NOT_APPLICABLE


def test_each_agent_answers_for_what_they_were_told() -> None:
    judge = judge_of({"TST-01": SORRY + "within: {rounds: 1}"})
    said = "客户：太慢\n客服A：抱歉\n客户：投诉\n客服B：嗯\n客户：哦"
    (views,) = judge.views([talk(said)])
    assert {view.agent: view.results["TST-01"].verdict for view in views} == {"客服A": PASS, "客服B": FAIL}


def test_a_message_without_text_is_searched_in_vain() -> None:
    messages = (Message(0, "customer", "太慢"), Message(1, "agent", "", kind="image"))
    judge = judge_of({"TST-01": SORRY + "within: {rounds: 1}"})
    assert results(judge, Transcript("1", messages))["TST-01"].verdict is FAIL


# --- what stands unanswered ----------------------------------------------------------------------------------------

OPEN = """
    check: forbid
    where: {side: customer, rounds: unanswered}
    look_for: lexicon:question
"""


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("客服：您好\n客户：怎么退", (Verdict.FAIL, ["怎么退"])),
        # the whole sentence stands unanswered, and only once
        ("客服：您好\n客户：好的。怎么退，多久？谢谢", (Verdict.FAIL, ["怎么退，多久？"])),
        ("客服：您好\n客户：谢谢", (Verdict.PASS, [])),
        ("客户：怎么退\n客服：这样退", (Verdict.PASS, [])),
        ("客服：您好\n客户：怎么退\n系统：会话结束\n自动回复：稍后回复您", (Verdict.FAIL, ["怎么退"])),
    ],
)
def test_what_stands_unanswered(said: str, found: tuple[Verdict, list[str]]) -> None:
    result = decide(OPEN, said)
    assert (result.verdict, words(result)) == found


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("客户：怎么退\n客服：再见啦", Verdict.FAIL),
        ("客户：怎么退\n客服：再见啦\n客服：祝您生活愉快", Verdict.FAIL),
        ("客户：怎么退\n客服：这样退，再见", Verdict.PASS),
        ("客户：怎么退\n客服：（图片）\n客服：再见", Verdict.PASS),
        ("客户：能退吗多久\n客服：好的，再见", Verdict.PASS),
        ("客户：谢谢\n客服：再见", Verdict.PASS),
    ],
)
def test_a_round_of_nothing_but_what_is_ignored_answers_nothing(said: str, verdict: Verdict) -> None:
    keys = """
        check: forbid
        where: {side: customer, rounds: unanswered, ignoring: lexicon:closing}
        look_for: lexicon:question
    """
    assert decide(keys, said).verdict is verdict


@pytest.mark.parametrize(
    ("ended_by", "verdict"),
    [("customer", Verdict.PASS), ("agent", Verdict.FAIL), (None, Verdict.UNDECIDABLE)],
)
def test_a_fact_decides(ended_by: str | None, verdict: Verdict) -> None:
    keys = "check: fact\nholds: customer_ended\nwanted: 客户先挂断"
    result = decide(keys, "客户：再见\n客服：再见", channel="phone", ended_by=ended_by)
    assert result.verdict is verdict
    assert result.wanted == ("客户先挂断" if verdict is Verdict.FAIL else "")


# --- counting rounds -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("客服：谢谢，谢谢\n客服：感谢", Verdict.PASS),
        ("客服：谢谢\n客户：好的\n客服：感谢", Verdict.FAIL),
        ("客服：您好", Verdict.FAIL),
    ],
)
def test_rounds_are_counted_instead_of_hits(said: str, verdict: Verdict) -> None:
    keys = "check: require\nlook_for: lexicon:thanks\nat_most: 1\ncounting: rounds"
    assert decide(keys, said).verdict is verdict


# --- the first and last seconds -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("within_s", "verdict"),
    [
        ("first 5", Verdict.FAIL),
        ("first 20", Verdict.PASS),
        ("last 60", Verdict.PASS),
        ("last 59", Verdict.FAIL),
    ],
)
def test_what_must_be_said_in_the_first_or_last_seconds(within_s: str, verdict: Verdict) -> None:
    keys = f"check: require\nlook_for: 您好\nwhere: {{within_s: {within_s}}}"
    chat = "[10:00:00] 客户：在吗\n[10:00:04] 客服：在\n[10:00:20] 客服：您好\n[10:01:20] 客服：再见"
    call = "[0.0-2.0] 客户：喂\n[4.0-5.0] 客服：在\n[20.0-22.0] 客服：您好\n[78.0-80.0] 客服：再见"
    assert decide(keys, chat).verdict is verdict
    assert decide(keys, call, channel="phone").verdict is verdict


def test_seconds_run_from_when_it_was_opened_to_when_it_was_closed() -> None:
    chat = "[10:00:10] 客户：在吗\n[10:00:20] 客服：您好"
    keys = "check: require\nlook_for: 您好\nwhere: {within_s: %s 15}"
    assert decide(keys % "first", chat).verdict is Verdict.PASS
    assert decide(keys % "first", chat, opened_at="10:00:00").verdict is Verdict.NOT_APPLICABLE
    assert decide(keys % "last", chat).verdict is Verdict.PASS
    assert decide(keys % "last", chat, closed_at="10:05:00").verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize("check", ["require", "forbid"])
def test_without_times_there_are_no_first_seconds(check: str) -> None:
    keys = f"check: {check}\nlook_for: 您好\nwhere: {{within_s: first 5}}"
    assert decide(keys, "客户：在吗\n客服：您好").verdict is Verdict.UNDECIDABLE
