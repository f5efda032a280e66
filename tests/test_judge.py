"""All rules on all agents: applicability, waiving, who yields to whom, the order of rules."""

from __future__ import annotations

from typing import Any

import pytest
from talks import decide, judge_of, results, talk

from qa_audit.records import Evidence, Excused, RuleResult, Verdict
from qa_audit.rulebook.load import in_order

PASS, FAIL, NOT_APPLICABLE, UNDECIDABLE = (
    Verdict.PASS,
    Verdict.FAIL,
    Verdict.NOT_APPLICABLE,
    Verdict.UNDECIDABLE,
)
GREETS = "check: require\nlook_for: 您好\n"


# --- applies_when ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "fields", "verdict", "note"),
    [
        ("last_agent", {}, PASS, ""),
        ("asked_question", {}, NOT_APPLICABLE, "不符合：客户提过问题"),
        ("{not: last_agent}", {}, NOT_APPLICABLE, "本坐席是最后一位接待的人工坐席"),
        ("{not: asked_question}", {}, PASS, ""),
        ("has_times", {}, UNDECIDABLE, "数据不足：消息带有时间"),
        ("{not: has_times}", {}, UNDECIDABLE, "数据不足：并非“消息带有时间”"),
        ("{channel: phone}", {}, NOT_APPLICABLE, "不符合：渠道为phone"),
        ("{channel: [chat, email]}", {}, PASS, ""),
        ("{direction: outbound}", {}, UNDECIDABLE, "数据不足：呼叫方向为outbound"),
        ("{direction: outbound}", {"direction": "inbound"}, NOT_APPLICABLE, "不符合：呼叫方向为outbound"),
        ("{direction: outbound}", {"direction": "outbound"}, PASS, ""),
        ("{said: {side: customer, look_for: 退货}}", {}, PASS, ""),
        ("{said: {look_for: 退货}}", {}, NOT_APPLICABLE, "不符合：说过相应用语"),
        ("{said: {look_for: 退货}, why: 坐席没有提到退货}", {}, NOT_APPLICABLE, "坐席没有提到退货"),
        (
            "{said: {side: customer, look_for: 退货, after: {look_for: 投诉}}}",
            {},
            NOT_APPLICABLE,
            "不符合：说过相应用语",
        ),
        ("[last_agent, {channel: chat}]", {}, PASS, ""),
        ("[last_agent, {channel: phone}]", {}, NOT_APPLICABLE, "不符合：渠道为phone"),
        ("[has_times, {channel: phone}]", {}, NOT_APPLICABLE, "数据不足：消息带有时间；不符合：渠道为phone"),
        ("[has_times, {channel: chat}]", {}, UNDECIDABLE, "数据不足：消息带有时间"),
        ("{any: [has_times, {channel: chat}]}", {}, PASS, ""),
        (
            "{any: [has_times, {channel: phone}]}",
            {},
            UNDECIDABLE,
            "数据不足：消息带有时间；不符合：渠道为phone",
        ),
        ("{any: [asked_question, {channel: phone}], why: 无需}", {}, NOT_APPLICABLE, "无需"),
        ("{not: {all: [last_agent, {channel: phone}]}}", {}, PASS, ""),
        ("{fact: left_offline}", {"offline": True}, PASS, ""),
    ],
)
def test_a_rule_applies_when_its_condition_holds(
    condition: str, fields: dict[str, Any], verdict: Verdict, note: str
) -> None:
    result = decide(f"{GREETS}applies_when: {condition}", "客户：我要退货\n客服：您好", **fields)
    assert (result.verdict, result.note) == (verdict, note)


# --- waive_when --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "waived"),
    [
        ("customer_acknowledged", "坐席解释之后客户表示明白或感谢"),
        ("{fact: customer_acknowledged, why: 客户已明白}", "客户已明白"),
        ("asked_question", ""),
        ("has_times", ""),  # not known is not waived
        ("{not: asked_question}", "并非“客户提过问题”"),
        ("{any: [asked_question, customer_acknowledged]}", "坐席解释之后客户表示明白或感谢"),
        ("[customer_acknowledged, {channel: chat}]", "坐席解释之后客户表示明白或感谢；渠道为chat"),
        ("{said: {side: customer, look_for: 谢谢}}", "说过相应用语"),
    ],
)
def test_a_fail_is_waived_with_its_reason(condition: str, waived: str) -> None:
    said = "客户：退货\n客服：建议您拒收\n客户：谢谢"
    assert decide(f"{GREETS}waive_when: {condition}", said) == RuleResult(
        "TST-01", FAIL, searched=(1,), wanted="所需用语", waived=waived
    )


def test_only_a_fail_is_waived() -> None:
    said = "客户：退货\n客服：您好，建议您拒收\n客户：谢谢"
    assert decide(f"{GREETS}waive_when: customer_acknowledged", said).waived == ""


# --- yields_to ---------------------------------------------------------------------------------------------------

LIVE = "status: live\n"


def both(graver: str, lesser: str, said: str, **fields: object) -> RuleResult:
    """The result of TST-02, which yields to TST-01; rules are live unless they say otherwise."""
    rules = {
        "TST-01": graver if "status:" in graver else LIVE + graver,
        "TST-02": (lesser if "status:" in lesser else LIVE + lesser) + "\nyields_to: [TST-01]",
    }
    return results(judge_of(rules), talk(said, **fields))["TST-02"]


def test_the_same_words_are_charged_once() -> None:
    assert both(
        "check: forbid\nlook_for: 您自己弄错", "check: forbid\nlook_for: 自己弄错了", "客服：是您自己弄错了"
    ) == (RuleResult("TST-02", FAIL, evidence=(Evidence(0, 2, 7, "自己弄错了"),), waived="已计入 TST-01"))


def test_what_is_left_over_is_still_charged() -> None:
    said = "客服：是您自己弄错了\n客服：就是自己弄错了"
    assert both(
        "check: forbid\nlook_for: 您自己弄错", "check: forbid\nlook_for: 自己弄错了", said
    ) == RuleResult(
        "TST-02",
        FAIL,
        evidence=(Evidence(1, 2, 7, "自己弄错了"),),
        excused=(Excused(Evidence(0, 2, 7, "自己弄错了"), "已计入 TST-01"),),
    )


@pytest.mark.parametrize(
    ("graver", "said"),
    [
        ("check: forbid\nlook_for: 您自己弄错", "客服：就是自己弄错了"),  # the graver rule passes
        ("check: forbid\nlook_for: 就是", "客服：就是自己弄错了"),  # beside the words, not in them
        (
            "check: forbid\nlook_for: 自己弄错\nwaive_when: last_agent",
            "客服：就是自己弄错了",
        ),  # charged by nobody
        ("check: forbid\nlook_for: 自己弄错\napplies_when: asked_question", "客服：就是自己弄错了"),
        ("status: trial\ncheck: forbid\nlook_for: 自己弄错", "客服：就是自己弄错了"),  # costs nothing
        ("severity: alert\ncheck: forbid\nlook_for: 自己弄错", "客服：就是自己弄错了"),  # same
    ],
)
def test_words_that_no_graver_rule_charges_are_charged(graver: str, said: str) -> None:
    assert both(graver, "check: forbid\nlook_for: 自己弄错了", said) == RuleResult(
        "TST-02", FAIL, evidence=(Evidence(0, 2, 7, "自己弄错了"),)
    )


def test_rules_on_trial_yield_among_themselves() -> None:
    graver = "status: trial\ncheck: forbid\nlook_for: 自己弄错"
    lesser = "status: trial\ncheck: forbid\nlook_for: 自己弄错了"
    assert both(graver, lesser, "客服：就是自己弄错了").waived == "已计入 TST-01"


def test_a_chain_names_every_graver_rule() -> None:
    rules = {
        "TST-01": LIVE + "check: forbid\nlook_for: 自己弄错",
        "TST-02": LIVE + "check: forbid\nlook_for: 您自己弄错\nyields_to: [TST-01]",
        "TST-03": LIVE + "check: forbid\nlook_for: 弄错了\nyields_to: [TST-01, TST-02]",
    }
    found = results(judge_of(rules), talk("客服：是您自己弄错了"))
    assert {rule: result.waived for rule, result in found.items()} == {
        "TST-01": "",
        "TST-02": "已计入 TST-01",
        "TST-03": "已计入 TST-01",
    }


WAIT = "check: limit\nwithin: {chat: {longest_wait_s: 180}}"
THANKS = """
check: respond
when: {side: agent, look_for: lexicon:hold_request}
look_for: lexicon:thanks
within: {messages: 1}
"""


@pytest.mark.parametrize(
    ("said", "waived"),
    [
        ("[10:00:00] 客服：请稍等\n[10:00:05] 客户：好\n[10:20:00] 客服：好了", "已计入 TST-01"),
        ("[10:00:00] 客服：请稍等\n[10:00:05] 客户：好\n[10:02:00] 客服：好了", ""),
        # another wait: the one is charged and so is the other
        (
            "[10:00:00] 客服：请稍等\n[10:00:05] 客户：好\n[10:01:00] 客服：好了\n[10:02:00] 客户：怎么退\n[10:09:00] 客服：这样",
            "",
        ),
    ],
)
def test_the_same_wait_is_charged_once(said: str, waived: str) -> None:
    result = both(WAIT, THANKS, said)
    assert (result.verdict, result.waived) == (FAIL, waived)


@pytest.mark.parametrize(("where", "waived"), [("first 1", "已计入 TST-01"), ("last 1", "")])
def test_what_is_missing_yields_to_words_in_the_rounds_searched(where: str, waived: str) -> None:
    lesser = f"{GREETS}where: {{rounds: {where}}}"
    result = both("check: forbid\nlook_for: 自己弄错", lesser, "客服：就是自己弄错\n客户：什么\n客服：嗯")
    assert (result.verdict, result.waived) == (FAIL, waived)


def test_a_waiver_goes_before_yielding() -> None:
    lesser = "check: forbid\nlook_for: 自己弄错了\nwaive_when: last_agent"
    result = both("check: forbid\nlook_for: 您自己弄错", lesser, "客服：是您自己弄错了")
    assert result.waived == "本坐席是最后一位接待的人工坐席"


# --- order -------------------------------------------------------------------------------------------------------


def test_rules_run_after_those_they_depend_on() -> None:
    forbid = "check: forbid\nlook_for: 您自己弄错"
    rules = {
        "TST-01": f"{forbid}\nyields_to: [TST-03]",
        "TST-02": forbid,
        "TST-03": f"{forbid}\nyields_to: [TST-04]",
        "TST-04": "check: respond\nwhen: {rule: TST-05}\nlook_for: 抱歉\nwithin: {rounds: 1}",
        "TST-05": forbid,
    }
    judge = judge_of(rules)
    assert [rule.id for rule in judge.rules] == ["TST-05", "TST-04", "TST-03", "TST-01", "TST-02"]
    assert in_order(reversed(judge.rules)) == list(judge.rules)


def test_rules_of_an_agents_night_are_not_asked_of_a_chat() -> None:
    rules = {
        "TST-01": "check: limit\nper: agent\nwithin: {chat: {mean_first_response_s: 120}}",
        "TST-02": GREETS,
    }
    assert list(results(judge_of(rules), talk("客服：您好"))) == ["TST-02"]


def test_chats_are_judged_apart_in_their_order() -> None:
    judge = judge_of({"TST-01": GREETS})
    talks = [talk("客服：您好"), talk("客户：您好\n客服：嗯"), talk("客服A：嗯\n客服B：您好")]
    judged = judge.views(talks)
    assert [[(v.agent, v.results["TST-01"].verdict) for v in views] for views in judged] == [
        [("客服", PASS)],
        [("客服", FAIL)],
        [("客服A", FAIL), ("客服B", PASS)],
    ]
    assert judge.views([]) == []


def test_judging_twice_says_the_same() -> None:
    judge = judge_of({"TST-01": WAIT, "TST-02": THANKS})
    said = talk("[10:00:00] 客服：请稍等\n[10:00:05] 客户：好\n[10:20:00] 客服：好了")
    assert results(judge, said) == results(judge, said)
