"""``state``: what the agent says, or affirms, of a policy, against the dated table."""

from __future__ import annotations

import pytest
from talks import POLICY, decide, judge_of, results, talk, words

from qa_audit.records import Evidence, RuleResult, Verdict

PASS, FAIL, UNDECIDABLE = Verdict.PASS, Verdict.FAIL, Verdict.UNDECIDABLE


def passed(*evidence: Evidence) -> RuleResult:
    return RuleResult("TST-01", PASS, evidence=evidence)


def failed(*evidence: Evidence) -> RuleResult:
    return RuleResult("TST-01", FAIL, evidence=evidence)


def not_applicable(note: str) -> RuleResult:
    return RuleResult("TST-01", Verdict.NOT_APPLICABLE, note=note)


LIMITS = r"""
    check: state
    statements:
      - subject: no_reason_return
        look_for: [无理由]
        value: '({number})天'
      - subject: warranty
        look_for: [质保, 保修]
        value: '({number})天'
"""
JUDGE = judge_of(
    {"TST-01": LIMITS},
    lexicons={"number": "re:[0-9]+\nre:[一二三四五六七八九十百零]+\nre:\\[数字x\\]"},
)


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ("客服：支持7天无理由退货", passed(Evidence(0, 2, 4, "7天"))),
        ("客服：支持七天无理由", passed(Evidence(0, 2, 4, "七天"))),
        ("客服：支持十五天无理由", failed(Evidence(0, 2, 5, "十五天"))),
        # each number belongs to the subject beside it
        (
            "客服：七天无理由，质保一百八十天",
            passed(Evidence(0, 0, 2, "七天"), Evidence(0, 8, 13, "一百八十天")),
        ),
        ("客服：质保180天，7天无理由", passed(Evidence(0, 2, 6, "180天"), Evidence(0, 7, 9, "7天"))),
        ("客服：七天无理由，质保九十天", failed(Evidence(0, 8, 11, "九十天"))),
        ("客服：质保和无理由都有，无理由7天", passed(Evidence(0, 12, 14, "7天"))),
        # nothing stated: no number in the sentence, or of something else
        ("客服：支持无理由。快递3天到", passed()),
        ("客服：快递3天到", not_applicable("没有谈到政策")),
        ("客户：15天无理由吗\n客服：嗯", passed()),
        # an anonymised number has no magnitude
        (
            "客服：支持[数字x]天无理由",
            RuleResult("TST-01", Verdict.UNDECIDABLE, note="数字已脱敏，无法与政策核对"),
        ),
        ("客服：支持[数字x]天无理由\n客服：就是7天无理由", passed(Evidence(1, 2, 4, "7天"))),
        ("客服：支持[数字x]天无理由\n客服：就是8天无理由", failed(Evidence(1, 2, 4, "8天"))),
        ("客服：支持８天无理由", failed(Evidence(0, 2, 4, "８天"))),
    ],
)
def test_a_stated_limit_is_that_of_the_policy(said: str, result: RuleResult) -> None:
    assert results(JUDGE, talk(said))["TST-01"] == result


def test_the_policy_table_decides() -> None:
    longer = POLICY.replace("limit: 7,", "limit: 15,")
    judge = judge_of({"TST-01": LIMITS.replace("{number}", "[0-9]+")}, policy=longer)
    assert words(results(judge, talk("客服：15天无理由"))["TST-01"]) == ["15天"]
    assert results(judge, talk("客服：15天无理由"))["TST-01"].verdict is PASS
    assert results(judge, talk("客服：7天无理由"))["TST-01"].verdict is FAIL


# --- units and bounds --------------------------------------------------------------------------------------------

BOUNDS = """
subjects:
  no_reason_return: {limit: 7, unit: 天, since: "2014-03-15", source: 测试}
  warranty: {limit: 6, unit: 月, bound: at_least, since: "2020-01-01", source: 测试}
  repair: {limit: 30, unit: 天, bound: at_most, since: "2020-01-01", source: 测试}
"""
DURATIONS = {
    "count": "re:[0-9]+\nre:[零一两二三四五六七八九十百半]+\nre:\\[数字x\\]",
    "duration": "re:(?:{count}[-到])?{count}个?半?(?:天|周|月|年)半?",
}
UNITS = """
    check: state
    statements:
      - {subject: no_reason_return, look_for: 无理由, value: '({duration})'}
      - {subject: warranty, look_for: 质保, value: '({duration})'}
      - {subject: repair, look_for: 修好, value: '({duration})'}
"""
WITH_BOUNDS = judge_of({"TST-01": UNITS}, lexicons=DURATIONS, policy=BOUNDS)


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("一周无理由", PASS),
        ("两周无理由", FAIL),
        ("7到15天无理由", PASS),
        ("10到15天无理由", FAIL),
        ("半个月无理由", FAIL),
        ("质保半年", PASS),
        ("质保180天", PASS),
        ("质保两年", PASS),
        ("质保一年半", PASS),
        ("质保五个月", FAIL),
        ("质保五个半月", FAIL),
        ("一个月修好", PASS),
        ("十天修好", PASS),
        ("一个半月修好", FAIL),
        ("15到45天修好", FAIL),
        ("[数字x]个月修好", UNDECIDABLE),
        ("[数字x]到45天修好", UNDECIDABLE),
    ],
)
def test_units_and_bounds(said: str, verdict: Verdict) -> None:
    assert results(WITH_BOUNDS, talk(f"客服：{said}"))["TST-01"].verdict is verdict


# --- the day of the chat -----------------------------------------------------------------------------------------

DATED = """
subjects:
  no_reason_return:
    - {limit: 7, unit: 天, since: 2014-03-15, until: 2026-11-19, source: 测试}
    - {limit: 15, unit: 天, since: 2026-11-20, source: 测试}
  warranty: {limit: 180, unit: 天, since: 2027-01-01, source: 测试}
"""
BY_DATE = judge_of({"TST-01": LIMITS}, lexicons={"number": "re:[0-9]+"}, policy=DATED)


@pytest.mark.parametrize(
    ("said", "fields", "verdict", "note"),
    [
        ("15天无理由", {"opened_at": "10:00"}, PASS, ""),  # examples happen on 2026-11-20
        ("7天无理由", {"opened_at": "10:00"}, FAIL, ""),
        ("7天无理由", {}, UNDECIDABLE, "没有会话日期，无法确定当时适用的政策"),
        ("8天无理由", {}, FAIL, ""),
        ("质保90天", {"opened_at": "10:00"}, PASS, ""),  # not in force yet
    ],
)
def test_the_line_in_force_decides(said: str, fields: dict[str, object], verdict: Verdict, note: str) -> None:
    found = results(BY_DATE, talk(f"客服：{said}", **fields))["TST-01"]
    assert (found.verdict, found.note) == (verdict, note)


# --- what the customer names, asks and is told -------------------------------------------------------------------

YES = (
    UNITS
    + """
    agreed: {by: 're:^(?:是的|可以)', except: [不过]}
    except: [还剩3天, 别家]
    unless: [question, reported]
"""
).replace("look_for: 无理由", "look_for: 无理由, start: 从签收算, other_start: 从下单算")
AGREEING = judge_of({"TST-01": YES}, lexicons=DURATIONS, policy=BOUNDS)


@pytest.mark.parametrize(
    ("said", "verdict", "evidence"),
    [
        ("客户：无理由几天\n客服：15天", FAIL, ["15天"]),
        ("客户：无理由几天\n客服：7天", PASS, ["7天"]),
        ("客户：无理由，质保几天\n客服：200天", PASS, ["200天"]),  # the subject named last
        ("客户：无理由几天\n客服：还剩3天", PASS, []),
        ("客户：无理由几天\n客服：在\n客户：在吗\n客服：15天", PASS, []),
        ("客户：15天无理由吧\n客服：是的", FAIL, ["是的"]),
        ("客户：7天无理由吗\n客服：是的", PASS, ["是的"]),
        ("客户：15天无理由吧\n客服：是的，不过要看商品", PASS, []),
        ("客户：15天无理由吧\n客服：是的，是7天", PASS, ["7天"]),
        ("客户：15天无理由吧\n客服：好的", PASS, []),
        ("客户：3天能无理由退吗\n客服：可以", PASS, []),  # true, and no limit
        ("客户：15天能无理由退吗\n客服：可以", FAIL, ["可以"]),
        ("客户：无理由怎么算\n客服：从下单算", FAIL, ["从下单算"]),
        ("客户：无理由怎么算\n客服：从签收算", PASS, ["从签收算"]),
        ("客户：无理由是从下单算吗\n客服：是的", FAIL, ["是的"]),
        ("客户：无理由是从签收算吗\n客服：是的", PASS, ["是的"]),
        ("客户：质保呢\n客服：从下单算", PASS, []),  # a subject that may be counted from any day
        ("客服：15天无理由吗", PASS, []),
        ("客服：您说15天无理由", PASS, []),
    ],
)
def test_what_the_agent_answers(said: str, verdict: Verdict, evidence: list[str]) -> None:
    found = results(AGREEING, talk(said))["TST-01"]
    assert (found.verdict, words(found)) == (verdict, evidence)


def test_what_is_excused_is_kept() -> None:
    found = results(AGREEING, talk("客服：您说15天无理由"))["TST-01"]
    assert [(e.evidence.text, e.reason) for e in found.excused] == [("15天", "转述：您说")]


# --- a yes in ``forbid`` -----------------------------------------------------------------------------------------

FORBID = """
    check: forbid
    look_for: 保证到
    agreed: {look_for: 肯定能到, by: 're:^(?:是的|能)', except: [尽量]}
"""


@pytest.mark.parametrize(
    ("said", "evidence"),
    [
        ("客户：今天肯定能到吧\n客服：是的", ["是的"]),
        ("客户：今天肯定能到吧\n客服：能的\n客户：嗯\n客服：是的", ["能"]),
        ("客户：今天肯定能到吧\n客服：能，尽量给您送", []),
        ("客户：今天肯定能到吧\n客服：不一定", []),
        ("客户：今天能到吧\n客服：是的", []),
        ("客服：您好\n客户：肯定能到吧\n机器人：是的\n客服：是的", []),
    ],
)
def test_forbid_hears_a_yes(said: str, evidence: list[str]) -> None:
    found = decide(FORBID, said)
    assert (found.verdict, words(found)) == (FAIL if evidence else PASS, evidence)
