"""``limit``, ``ratio`` and ``mood``: the value, its bound, and what cannot be measured."""

from __future__ import annotations

from typing import Any

import pytest
from talks import decide, judge_of, results, talk, view_of

from qa_audit.check.measured import measures_of
from qa_audit.records import Evidence, Excused, RuleResult, Verdict

PASS, FAIL = Verdict.PASS, Verdict.FAIL


def seconds(verdict: Verdict, measured: float, bound: float, *searched: int) -> RuleResult:
    return RuleResult("TST-01", verdict, searched=searched, measured=measured, limit=bound, unit="秒")


def not_applicable(note: str) -> RuleResult:
    return RuleResult("TST-01", Verdict.NOT_APPLICABLE, note=note)


def undecidable(note: str) -> RuleResult:
    return RuleResult("TST-01", Verdict.UNDECIDABLE, note=note)


# --- rings and first response ------------------------------------------------------------------------------------

ANSWERED = """
    check: limit
    within:
      phone: {rings: 3, ring_s: 15}
      chat: {first_response_s: 30}
"""


@pytest.mark.parametrize(
    ("record", "verdict", "measured", "unit"),
    [
        ({"rings": 3}, PASS, 3, "声"),
        ({"rings": 4}, FAIL, 4, "声"),
        ({"ring_s": 15}, PASS, 15, "秒"),
        ({"ring_s": 15.5}, FAIL, 15.5, "秒"),
        # rings decide where both are there; neither is computed from the other
        ({"rings": 3, "ring_s": 60}, PASS, 3, "声"),
        ({"rings": 4, "ring_s": 1}, FAIL, 4, "声"),
        ({"rings": 0}, PASS, 0, "声"),
    ],
)
def test_a_call_is_answered_within_rings_or_their_seconds(
    record: dict[str, Any], verdict: Verdict, measured: float, unit: str
) -> None:
    bound = 3.0 if unit == "声" else 15.0
    assert decide(ANSWERED, "客服：您好", channel="phone", **record) == RuleResult(
        "TST-01", verdict, measured=measured, limit=bound, unit=unit
    )


def test_a_call_without_rings_is_undecidable() -> None:
    assert decide(ANSWERED, "客服：您好", channel="phone") == undecidable("没有振铃时长记录")


def test_rings_are_not_those_who_take_over_heard() -> None:
    said = "客户：喂\n客服A：您好\n客服B：我来接手"
    assert decide(ANSWERED, said, agent="客服B", channel="phone", rings=9) == not_applicable("转接后接手")
    seconds_only = "check: limit\nwithin: {phone: {ring_s: 15}}"
    assert decide(seconds_only, said, agent="客服B", channel="phone", ring_s=99) == not_applicable(
        "转接后接手"
    )
    assert decide(ANSWERED, said, agent="客服A", channel="phone", rings=9).verdict is FAIL


def test_no_limit_is_set_for_mail() -> None:
    assert decide(ANSWERED, "客户：您好\n客服：您好", channel="email") == not_applicable("本渠道没有时限")


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ("[10:00:00] 客户：在吗\n[10:00:30] 客服：在", seconds(PASS, 30, 30, 0, 1)),
        ("[10:00:00] 客户：在吗\n[10:00:31] 客服：在", seconds(FAIL, 31, 30, 0, 1)),
        # of the customer's first message, not of the last
        ("[10:00:00] 客户：在吗\n[10:00:20] 客户：人呢\n[10:00:35] 客服：在", seconds(FAIL, 35, 30, 0, 1)),
        # an automatic reply is nobody's
        (
            "[10:00:00] 客户：在吗\n[10:00:01] 自动回复：您好\n[10:00:40] 客服：在",
            seconds(FAIL, 40, 30, 0, 1),
        ),
        # after the hand-over, the customer's round may have begun before
        (
            "[10:00:00] 客户：转人工\n[10:05:00] 系统：已转接人工\n[10:05:10] 客户：在吗\n[10:05:30] 客服：在",
            seconds(PASS, 20, 30, 0, 1),
        ),
        # nobody wrote after the hand-over: it is counted from the notice
        (
            "[10:00:00] 客户：转人工\n[10:05:00] 系统：已转接人工\n[10:05:20] 客服：在",
            seconds(PASS, 20, 30, 1),
        ),
        (
            "[10:00:00] 系统：已转接人工\n[10:05:00] 客服：您好\n[10:05:09] 客户：在",
            not_applicable("坐席先于客户发言"),
        ),
        (
            "[10:00:00] 机器人：您好\n[10:00:05] 客户：转人工\n[10:05:00] 系统：已转接人工\n[10:05:20] 客服：在",
            seconds(PASS, 20, 30, 2),
        ),
        # the role change from bot to agent is a hand-over too
        (
            "[10:00:00] 客户：在吗\n[10:04:00] 机器人：您好\n[10:05:00] 客户：退货\n[10:05:10] 客服：在",
            seconds(PASS, 10, 30, 2, 3),
        ),
        ("[10:00:00] 客服：您好\n[10:01:00] 客户：在", not_applicable("坐席先于客户发言")),
        ("客户：在吗\n客服：在", undecidable("没有消息时间")),
        ("[10:00:00] 客户：在吗\n客服：在", undecidable("没有消息时间")),
    ],
)
def test_the_first_response(said: str, result: RuleResult) -> None:
    assert decide(ANSWERED, said) == result


def test_each_agent_has_a_first_response_of_their_own() -> None:
    said = """
        [10:00:00] 客户：退货
        [10:00:10] 客服A：您好
        [10:01:00] 客服A：为您转同事
        [10:01:05] 系统：为您转接
        [10:01:10] 客户：好的
        [10:02:00] 客服B：您好
    """
    assert decide(ANSWERED, said, agent="客服A") == seconds(PASS, 10, 30, 0, 1)
    assert decide(ANSWERED, said, agent="客服B") == seconds(FAIL, 50, 30, 2, 3)


@pytest.mark.parametrize(
    ("order", "measured"), [("{rings: 3, ring_s: 15}", 5.0), ("{ring_s: 15, rings: 3}", 14.0)]
)
def test_the_first_bound_that_the_record_has_decides(order: str, measured: float) -> None:
    keys = f"check: limit\nwithin:\n  phone: {order}"
    assert decide(keys, "客服：您好", channel="phone", rings=5, ring_s=14).measured == measured


# --- waits -------------------------------------------------------------------------------------------------------

WAITED = "check: limit\nwithin: {chat: {longest_wait_s: 180}}"


@pytest.mark.parametrize(
    ("said", "closed_at", "result"),
    [
        (
            "[10:00:00] 客服：您好\n[10:01:00] 客户：怎么退\n[10:04:00] 客服：这样",
            None,
            seconds(PASS, 180, 180, 1, 2),
        ),
        (
            "[10:00:00] 客服：您好\n[10:01:00] 客户：怎么退\n[10:04:01] 客服：这样",
            None,
            seconds(FAIL, 181, 180, 1, 2),
        ),
        # the wait of the first response is counted there
        ("[10:00:00] 客户：在吗\n[10:09:00] 客服：在", None, not_applicable("首次响应之后客户没有再发言")),
        # a hold is come back from in the time that it names
        ("[10:00:00] 客服：请稍等5分钟\n[10:05:00] 客服：好了", None, seconds(PASS, 300, 300, 0)),
        (
            "[10:00:00] 客服：请稍等5分钟\n[10:00:09] 客户：好\n[10:05:01] 客服：好了",
            None,
            seconds(FAIL, 301, 300, 0, 2),
        ),
        (
            "[10:00:00] 客服：请稍等\n[10:00:09] 客户：好\n[10:15:00] 客服：好了",
            None,
            seconds(PASS, 900, 900, 0, 2),
        ),
        (
            "[10:00:00] 客服：请稍等\n[10:00:09] 客户：好\n[10:15:01] 客服：好了",
            None,
            seconds(FAIL, 901, 900, 0, 2),
        ),
        # the wait that exceeds its bound most, not the longest
        (
            "[10:00:00] 客服：请稍等10分钟\n[10:09:00] 客服：好了\n[10:10:00] 客户：怎么退\n[10:14:00] 客服：这样",
            None,
            seconds(FAIL, 240, 180, 1, 2),
        ),
        # nobody answered at the end
        ("[10:00:00] 客服：您好\n[10:01:00] 客户：怎么退", "10:05", seconds(FAIL, 240, 180, 1)),
        ("[10:00:00] 客服：您好\n[10:01:00] 客户：怎么退", "10:03", seconds(PASS, 120, 180, 1)),
        ("[10:00:00] 客服：您好\n[10:01:00] 客户：怎么退", None, undecidable("没有消息时间")),
        (
            "[10:00:00] 客服：您好\n[10:01:00] 客户：怎么退\n[10:01:05] 客服：这样\n[10:02:00] 客户：多久",
            None,
            undecidable("末尾的等待没有结束时间"),
        ),
        # but what is over the bound is over it
        (
            "[10:00:00] 客服：您好\n[10:01:00] 客户：怎么退\n[10:09:00] 客服：这样\n[10:10:00] 客户：多久",
            None,
            seconds(FAIL, 480, 180, 1, 2),
        ),
        ("客服：您好\n客户：怎么退\n客服：这样", None, undecidable("没有消息时间")),
    ],
)
def test_the_longest_wait(said: str, closed_at: str | None, result: RuleResult) -> None:
    assert decide(WAITED, said, closed_at=closed_at) == result


# --- overlap -----------------------------------------------------------------------------------------------------

OVERLAP = "check: limit\nwithin: {phone: {overlap_s: 1}}"


@pytest.mark.parametrize(
    ("said", "channels", "result"),
    [
        ("[0.0-5.0] 客户：我想退\n[4.0-9.0] 客服：您听我说", 2, seconds(PASS, 1.0, 1, 0, 1)),
        ("[0.0-5.0] 客户：我想退\n[3.5-9.0] 客服：您听我说", 2, seconds(FAIL, 1.5, 1, 0, 1)),
        ("[0.0-5.0] 客户：我想退\n[2.0-3.5] 客服：您听我说", 2, seconds(FAIL, 1.5, 1, 0, 1)),
        # a back-channel interrupts nobody
        ("[0.0-5.0] 客户：我想退\n[2.0-4.0] 客服：嗯嗯好的", 2, seconds(PASS, 0.0, 1)),
        # nor can one be interrupted
        ("[0.0-5.0] 客户：嗯嗯好\n[2.0-4.0] 客服：您听我说", 2, seconds(PASS, 0.0, 1)),
        ("[0.0-5.0] 客服：您听我说", 2, not_applicable("客户没有说话")),
        ("[0.0-5.0] 客户：我想退\n客户：都坏了\n[6.0-9.0] 客服：您请讲", 2, undecidable("没有起止时间")),
        ("[0.0-5.0] 客户：我想退\n客户：都坏了\n[3.0-9.0] 客服：您请讲", 2, seconds(FAIL, 2.0, 1, 0, 1)),
        # the customer who speaks into the agent's words does it
        ("[2.0-8.0] 客户：我想退\n[0.0-5.0] 客服：您听我说", 2, seconds(PASS, 0.0, 1)),
        ("[0.0-5.0] 客户：我想退\n[6.0-9.0] 客服：您请讲", 2, seconds(PASS, 0.0, 1)),
        ("[0.0-5.0] 客户：我想退\n[3.5-9.0] 客服：您听我说", 1, undecidable("录音未分声道，无法判断打断")),
        ("[0.0-5.0] 客户：我想退\n[3.5-9.0] 客服：您听我说", None, undecidable("录音未分声道，无法判断打断")),
        ("客户：我想退\n[3.5-9.0] 客服：您听我说", 2, undecidable("没有起止时间")),
    ],
)
def test_an_interruption(said: str, channels: int | None, result: RuleResult) -> None:
    assert decide(OVERLAP, said, channel="phone", audio_channels=channels) == result


def test_each_agent_interrupts_for_themselves() -> None:
    said = "[0.0-5.0] 客户：我想退\n[3.0-6.0] 客服A：您听我说\n[7.0-9.0] 客户：好\n[9.5-12.0] 客服B：我来"
    assert decide(OVERLAP, said, agent="客服A", channel="phone", audio_channels=2).verdict is FAIL
    assert decide(OVERLAP, said, agent="客服B", channel="phone", audio_channels=2).verdict is PASS


# --- service hours -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "clock", "inside"),
    [
        ("09:00-23:00", "08:59:59", False),
        ("09:00-23:00", "09:00:00", True),
        ("09:00-23:00", "22:59:59", True),
        ("09:00-23:00", "23:00:00", False),
        ("9:00-23:00", "09:00:00", True),
        ("22:00-06:00", "21:59:59", False),
        ("22:00-06:00", "22:00:00", True),
        ("22:00-06:00", "00:00:00", True),
        ("22:00-06:00", "05:59:59", True),
        ("22:00-06:00", "06:00:00", False),
        ("00:00-24:00", "23:59:59", True),
        ("00:00-24:00", "00:00:00", True),
    ],
)
def test_service_hours(hours: str, clock: str, *, inside: bool) -> None:
    keys = f'{ANSWERED}\n    service_hours: "{hours}"'
    said = f"[{clock}] 客户：在吗\n[{clock}] 客服：在"
    if inside:
        assert decide(keys, said) == seconds(PASS, 0, 30, 0, 1)
    else:
        assert decide(keys, said) == not_applicable(f"会话不在服务时段（{hours.replace('-', '–')}）")


def test_a_chat_is_in_service_hours_by_when_it_was_opened() -> None:
    keys = f'{ANSWERED}\n    service_hours: "09:00-23:00"'
    said = "[08:00:00] 客户：在吗\n[09:30:00] 客服：在"
    assert decide(keys, said).verdict is Verdict.NOT_APPLICABLE
    assert decide(keys, said, opened_at="09:10").verdict is FAIL
    assert decide(keys, "客户：在吗\n客服：在").verdict is Verdict.UNDECIDABLE


# --- ratio -------------------------------------------------------------------------------------------------------

BARE = r"""
    check: ratio
    look_for: 're:^\s*(?:嗯|哦|好|是)\s*$'
    share: {at_most: 0.5, at_most_count: 1}
"""
COURTEOUS = "check: ratio\nlook_for: 您\nshare: {at_least: 0.5, of: [您, 你]}\nedge: any"


def share(verdict: Verdict, measured: float, bound: float, *evidence: Evidence) -> RuleResult:
    return RuleResult("TST-01", verdict, evidence=evidence, measured=measured, limit=bound, unit="占比")


@pytest.mark.parametrize(
    ("keys", "said", "result"),
    [
        (BARE, "客服：嗯\n客服：明天到", share(PASS, 0.5, 0.5)),
        (
            BARE,
            "客服：嗯\n客户：什么\n客服：哦\n客服：明天到",
            share(FAIL, 0.6667, 0.5, Evidence(0, 0, 1, "嗯"), Evidence(2, 0, 1, "哦")),
        ),
        (BARE, "客服：嗯", share(PASS, 1.0, 0.5)),  # one is not more than at_most_count
        (COURTEOUS, "客服：您好\n客服：你看\n客服：明天到", share(PASS, 0.5, 0.5)),
        (COURTEOUS, "客服：您好\n客服：你看\n客服：你说", share(FAIL, 0.3333, 0.5)),
        (COURTEOUS, "客服：明天到", not_applicable("没有可计入的发言")),
        (COURTEOUS + "\nwhere: {after: {look_for: 投诉}}", "客服：您好", not_applicable("没有可计入的发言")),
    ],
)
def test_a_share_of_messages(keys: str, said: str, result: RuleResult) -> None:
    assert decide(keys, said) == result


def test_an_excused_hit_has_not_the_property() -> None:
    keys = "check: ratio\nlook_for: 你\nexcept: 你们店\nshare: {at_most: 0}\nedge: any"
    assert decide(keys, "客服：你们店\n客服：你") == RuleResult(
        "TST-01",
        FAIL,
        evidence=(Evidence(1, 0, 1, "你"),),
        measured=0.5,
        limit=0,
        unit="占比",
        excused=(Excused(Evidence(0, 0, 1, "你"), "例外用语"),),
    )


# --- mood --------------------------------------------------------------------------------------------------------


def mood(verdict: Verdict, measured: float, *evidence: Evidence) -> RuleResult:
    return RuleResult("TST-01", verdict, evidence=evidence, measured=measured, limit=0.9, unit="概率")


@pytest.mark.parametrize(
    ("trajectory", "said", "result"),
    [
        ("end_negative", "客户：气死我了\n客服：抱歉\n客户：好的", mood(PASS, 0.1)),
        (
            "end_negative",
            "客户：在吗\n客服：在\n客户：什么态度\n客户：气死我了",
            mood(FAIL, 0.95, Evidence(2, 0, 4, "什么态度"), Evidence(3, 0, 4, "气死我了")),
        ),
        ("end_negative", "客户：不太满意\n客服：抱歉", mood(PASS, 0.7)),
        ("end_negative", "客服：您好", undecidable("没有可判断情绪的客户发言")),
        ("worsened", "客户：在吗\n客服：在\n客户：气死我了", mood(FAIL, 0.95, Evidence(2, 0, 4, "气死我了"))),
        ("worsened", "客户：气死了\n客服：在\n客户：气死我了", mood(PASS, 0.95)),
        ("worsened", "客户：气死我了\n客服：在", mood(PASS, 0.95)),
        ("worsened", "客户：气死了\n客服：在\n客户：好的", mood(PASS, 0.1)),
    ],
)
def test_the_course_of_a_mood(trajectory: str, said: str, result: RuleResult) -> None:
    assert decide(f"check: mood\ntrajectory: {trajectory}\nthreshold: sure", said) == result


def test_each_agent_is_shown_the_mood_of_their_own_part() -> None:
    judge = judge_of({"TST-01": "check: mood\ntrajectory: end_negative\nthreshold: sure"})
    said = "客户：气死我了\n客服A：抱歉\n客服B：我来\n客户：好的"
    assert results(judge, talk(said), "客服A")["TST-01"].verdict is FAIL
    assert results(judge, talk(said), "客服B")["TST-01"].verdict is PASS


# --- what the record holds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "fields", "measures"),
    [
        (
            "[10:00:00] 客户：在吗\n[10:00:20] 客服：在\n[10:01:00] 客户：怎么退\n[10:02:00] 客服：请稍等\n[10:04:00] 客服：好了",
            {},
            {"first_response_s": 20.0, "longest_wait_s": 120.0, "mean_wait_s": 90.0},
        ),
        ("[10:00:00] 客服：您好\n[10:01:00] 客户：怎么退", {"closed_at": "10:09"}, {}),
        ("客户：在吗\n客服：在", {}, {}),
        (
            "客户：喂\n客服：您好",
            {"channel": "phone", "rings": 2, "ring_s": 9.5},
            {"rings": 2.0, "ring_s": 9.5},
        ),
        ("[0.0-1.0] 客户：喂\n[2.0-3.0] 客服：您好", {"channel": "phone"}, {}),
    ],
)
def test_measures_of_a_part(said: str, fields: dict[str, Any], measures: dict[str, float]) -> None:
    assert measures_of(view_of(said, **fields)) == measures


@pytest.mark.parametrize(
    ("hours", "fields", "measured"),
    [
        ("08:00-22:00", {"opened_at": "08:00"}, 0),
        ("08:00-22:00", {"opened_at": "22:00"}, 0),
        ("08:00-22:00", {"opened_at": "22:00:30"}, 0.5),
        ("08:00-22:00", {"opened_at": "07:45"}, 15),
        ("08:00-22:00", {"opened_at": "23:30"}, 90),
        ("08:00-22:00", {"opened_at": "03:30"}, 270),
        ("20:00-02:00", {"opened_at": "01:00"}, 0),
        ("20:00-02:00", {"opened_at": "23:00"}, 0),
        ("20:00-02:00", {"opened_at": "02:10"}, 10),
        ("20:00-02:00", {"opened_at": "19:00"}, 60),
    ],
)
def test_minutes_outside_the_hours(hours: str, fields: dict[str, object], measured: float) -> None:
    keys = f'check: limit\nwithin: {{phone: {{outside_hours_min: 0}}}}\nhours: "{hours}"'
    result = decide(keys, "客服：您好", channel="phone", **fields)
    assert (result.verdict, result.measured, result.limit, result.unit) == (
        FAIL if measured else PASS,
        measured,
        0,
        "分钟",
    )


def test_hours_of_a_call_that_has_no_time() -> None:
    keys = 'check: limit\nwithin: {phone: {outside_hours_min: 0}}\nhours: "08:00-22:00"'
    result = decide(keys, "客服：您好", channel="phone")
    assert (result.verdict, result.note) == (Verdict.UNDECIDABLE, "没有通话开始时间")
    assert decide(keys, "[22:30] 客服：您好", channel="phone").measured == 30


# --- answers to questions ------------------------------------------------------------------------------------------

BARE = r"""
    check: ratio
    look_for: "re:^(?:嗯|好)+$"
    share: {answers_to: lexicon:question, answers_except: 怎么样啦, at_most: 0.49, at_most_count: 1, enough: 3}
"""


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("客户：怎么退\n客服：嗯\n客户：多久\n客服：嗯", (Verdict.FAIL, 1.0)),
        ("客户：怎么退\n客服：嗯", (Verdict.PASS, 1.0)),
        ("客户：怎么退\n客服：嗯\n客户：多久\n客服：三天\n客户：怎么寄\n客服：好", (Verdict.FAIL, 0.6667)),
        # what follows, before the next question, belongs to the answer
        ("客户：怎么退\n客服：嗯\n客户：那件红的\n客服：这样退\n客户：多久\n客服：好", (Verdict.PASS, 0.5)),
        # neither a picture nor another message is one of the bare ones
        ("客户：怎么退\n客服：嗯\n客服：（图片）\n客户：多久\n客服：嗯\n客服：三天", (Verdict.PASS, 0.0)),
        # what is said to no question is no answer
        ("客户：谢谢\n客服：嗯\n客户：再见\n客服：嗯", (Verdict.NOT_APPLICABLE, None)),
        ("客户：怎么样啦\n客服：嗯\n客户：怎么样啦\n客服：嗯", (Verdict.NOT_APPLICABLE, None)),
        # three are enough, whatever the share
        (
            "\n".join(f"客户：怎么退{n}\n客服：{'嗯' if n < 3 else '这样'}" for n in range(9)),
            (Verdict.FAIL, 0.3333),
        ),
    ],
)
def test_the_share_of_answers(said: str, found: tuple[Verdict, float | None]) -> None:
    result = decide(BARE, said)
    assert (result.verdict, result.measured) == found


SHARED = """
    check: ratio
    look_for: "re:你"
    except: 你好
    share: {counting: hits, of: ["re:你", 您], at_most: 0.5}
"""


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("客服：您看，您点，你选", (Verdict.PASS, 0.3333)),
        ("客服：你看，您点，你选", (Verdict.FAIL, 0.6667)),
        ("客服：你看\n客服：您点\n客服：你选", (Verdict.FAIL, 0.6667)),  # however it is cut
        ("客服：你好", (Verdict.PASS, 0.0)),
        ("客服：请讲", (Verdict.NOT_APPLICABLE, None)),
    ],
)
def test_the_share_of_hits(said: str, found: tuple[Verdict, float | None]) -> None:
    result = decide(SHARED, said)
    assert (result.verdict, result.measured) == found
