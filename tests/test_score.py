"""Verdicts to points, exactly as the service standard says; intervals against known values; tallies."""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtrit

from qa_audit.course import course_of
from qa_audit.intervals import Moments, mean_interval, rate_interval
from qa_audit.records import (
    AgentStatistics,
    Deduction,
    Evidence,
    Interval,
    Mood,
    RoundMood,
    RuleResult,
    Scorecard,
    Severity,
    Transcript,
    Verdict,
)
from qa_audit.rule import Grade, Rule, Section, Standard
from qa_audit.score import (
    TRIAL,
    Score,
    Tally,
    agent_result,
    grade_of,
    score,
    statistics_of,
)

PASS, FAIL, NA, UNSURE = Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE, Verdict.UNDECIDABLE
CRITICAL, MAJOR, MINOR, ALERT, BONUS, NOTE = Severity


def rule(
    rule_id: str,
    severity: Severity,
    points: float = 0,
    section: str = "沟通",
    *,
    per: Literal["chat", "hit", "agent"] = "chat",
    status: Literal["trial", "live"] = "live",
    limits: dict[str, dict[str, float]] | None = None,
) -> Rule:
    return Rule(
        rule_id, rule_id.lower(), rule_id, section, severity, status, points, per, "", "", "", "", "forbid", "",
        limits=limits or {},
    )  # fmt: skip


RULES = (
    rule("ATT-01", CRITICAL, section="态度"),
    rule("ATT-03", MAJOR, 8, "态度", per="hit"),
    rule("ATT-06", MINOR, 3, "态度"),
    rule("CLOSE-01", MINOR, 4),
    rule("CLOSE-02", MAJOR, 5),
    rule("CLOSE-04", BONUS, 2),
    rule("COMM-05", MINOR, 2, per="hit"),
    rule("COMM-10", MINOR, 6, status="trial"),
    rule("COMP-01", CRITICAL, section="态度", status="trial"),
    rule("MOOD-01", ALERT, section="情绪"),
    rule("OPEN-01", MAJOR, 50),
    rule("OPEN-02", MAJOR, 60),
)
STANDARD = Standard(
    title="测试",
    version="1",
    mode="deduct",
    sections=(Section("沟通", "C", None), Section("态度", "D", 10.0), Section("情绪", "I", None)),
    grades=(Grade("优秀", 95), Grade("良好", 85), Grade("合格", 70), Grade("待改进", 0)),
    fatal_grade="致命",
    rules=RULES,
    hash="",
    lexicon_hash="",
)
WEIGHTED = replace(STANDARD, mode="weighted")


def result(rule_id: str, verdict: Verdict, hits: int = 0, waived: str = "") -> RuleResult:
    evidence = tuple(Evidence(number, 0, 1, "词") for number in range(hits))
    return RuleResult(rule_id, verdict, evidence=evidence, waived=waived)


def points(
    results: Sequence[RuleResult], standard: Standard = STANDARD
) -> tuple[float | None, float | None, str]:
    scored = score(results, standard)
    return scored.score, scored.score_before_fatal, scored.grade


def test_a_whole_score() -> None:
    results = [
        result("MOOD-01", FAIL, hits=1),
        result("COMM-05", FAIL, hits=3),
        result("CLOSE-02", PASS, hits=1),
        result("CLOSE-01", FAIL, waived="客户已道别"),
        result("COMM-10", FAIL, hits=1),
        result("CLOSE-04", PASS),
        result("OPEN-01", NA),
        result("OPEN-02", UNSURE),
    ]
    words = [Evidence(number, 0, 1, "词") for number in range(3)]
    assert score(results, STANDARD) == Score(
        deductions=(
            Deduction("CLOSE-01", MINOR, 0.0, None, "客户已道别"),
            Deduction("COMM-05", MINOR, 2.0, words[0]),
            Deduction("COMM-05", MINOR, 2.0, words[1]),
            Deduction("COMM-05", MINOR, 0.0, words[2]),
            Deduction("COMM-10", MINOR, 0.0, words[0], TRIAL),
            Deduction("MOOD-01", ALERT, 0.0, words[0]),
        ),
        bonus=2.0,
        score=98.0,
        score_before_fatal=98.0,
        grade="优秀",
        decided=4,
        alerts=("MOOD-01",),
    )


CHARGED: dict[str, tuple[list[RuleResult], tuple[float | None, float | None, str]]] = {
    "nothing decided": ([], (None, None, "")),
    "not applicable and undecidable decide nothing": ([result("CLOSE-01", NA), result("OPEN-01", UNSURE)], (None, None, "")),
    "alerts and bonus decide nothing": ([result("MOOD-01", FAIL), result("CLOSE-04", PASS)], (None, None, "")),
    "rules on trial alone give no score": ([result("COMM-10", PASS), result("COMP-01", FAIL)], (None, None, "")),
    "all kept": ([result("CLOSE-01", PASS)], (100.0, 100.0, "优秀")),
    "once per chat": ([result("CLOSE-02", FAIL, hits=4)], (95.0, 95.0, "优秀")),
    "missing": ([result("CLOSE-02", FAIL)], (95.0, 95.0, "优秀")),
    "per hit, one": ([result("COMM-05", FAIL, hits=1)], (98.0, 98.0, "优秀")),
    "per hit, at most twice": ([result("COMM-05", FAIL, hits=5)], (96.0, 96.0, "优秀")),
    "waived": ([result("CLOSE-02", FAIL, waived="客户离开")], (100.0, 100.0, "优秀")),
    "trial beside a rule that counts": ([result("COMM-10", FAIL), result("CLOSE-01", PASS)], (100.0, 100.0, "优秀")),
    "floor": ([result("OPEN-01", FAIL), result("OPEN-02", FAIL)], (0.0, 0.0, "待改进")),
    "section cap": ([result("ATT-03", FAIL, hits=2), result("ATT-06", FAIL)], (90.0, 90.0, "良好")),
    "critical": ([result("ATT-01", FAIL, hits=1), result("CLOSE-02", FAIL)], (0.0, 95.0, "致命")),
    "waived critical": ([result("ATT-01", FAIL, waived="引述")], (100.0, 100.0, "优秀")),
    "critical on trial": ([result("COMP-01", FAIL), result("CLOSE-02", FAIL)], (95.0, 95.0, "优秀")),
    "critical passed": ([result("ATT-01", PASS)], (100.0, 100.0, "优秀")),
    "bonus": ([result("CLOSE-02", FAIL), result("CLOSE-04", PASS)], (97.0, 97.0, "优秀")),
    "bonus never above 100": ([result("CLOSE-02", PASS), result("CLOSE-04", PASS)], (100.0, 100.0, "优秀")),
    "bonus never after a fatal": ([result("ATT-01", FAIL), result("CLOSE-02", FAIL), result("CLOSE-04", PASS)], (0.0, 95.0, "致命")),
    "bonus missed costs nothing": ([result("CLOSE-02", PASS), result("CLOSE-04", FAIL)], (100.0, 100.0, "优秀")),
}  # fmt: skip


@pytest.mark.parametrize(("results", "wanted"), CHARGED.values(), ids=CHARGED)
def test_deducted(results: list[RuleResult], wanted: tuple[float | None, float | None, str]) -> None:
    assert points(results) == wanted


WEIGHED: dict[str, tuple[list[RuleResult], tuple[float | None, float | None, str]]] = {
    "share of points kept": ([result("CLOSE-01", PASS), result("CLOSE-02", FAIL)], (400 / 9, 400 / 9, "待改进")),
    "others leave both sums": (
        [result("CLOSE-01", PASS), result("CLOSE-02", FAIL), result("OPEN-01", NA), result("OPEN-02", UNSURE), result("MOOD-01", FAIL), result("COMM-10", FAIL)],
        (400 / 9, 400 / 9, "待改进"),
    ),
    "waived counts as kept": ([result("CLOSE-01", PASS), result("CLOSE-02", FAIL, waived="客户离开")], (100.0, 100.0, "优秀")),
    "critical has no weight": ([result("ATT-01", PASS), result("CLOSE-01", PASS)], (100.0, 100.0, "优秀")),
    "nothing with a weight": ([result("ATT-01", PASS)], (None, None, "")),
    "fatal": ([result("ATT-01", FAIL), result("CLOSE-01", PASS), result("CLOSE-02", FAIL)], (0.0, 400 / 9, "致命")),
    "fatal without any weight": ([result("ATT-01", FAIL)], (0.0, None, "致命")),
    "bonus": ([result("CLOSE-01", FAIL), result("OPEN-01", PASS), result("CLOSE-04", PASS)], (5000 / 54 + 2, 5000 / 54 + 2, "良好")),
}  # fmt: skip


@pytest.mark.parametrize(("results", "wanted"), WEIGHED.values(), ids=WEIGHED)
def test_weighted(results: list[RuleResult], wanted: tuple[float | None, float | None, str]) -> None:
    got = points(results, WEIGHTED)
    assert got[:2] == pytest.approx(wanted[:2])
    assert got[2] == wanted[2]


def test_a_cap_lets_the_graver_rules_through_first() -> None:
    scored = score([result("ATT-06", FAIL), result("ATT-03", FAIL, hits=3)], STANDARD)
    assert [(d.rule_id, d.points) for d in scored.deductions] == [
        ("ATT-03", 8.0),
        ("ATT-03", 2.0),
        ("ATT-03", 0.0),
        ("ATT-06", 0.0),
    ]
    assert scored.score == 90.0


@pytest.mark.parametrize(
    ("value", "grade"),
    [(100.0, "优秀"), (95.0, "优秀"), (94.9, "良好"), (85.0, "良好"), (84.9, "合格"), (70.0, "合格"), (69.9, "待改进"), (0.0, "待改进"), (None, "")],
)  # fmt: skip
def test_grade(value: float | None, grade: str) -> None:
    assert grade_of(value, STANDARD) == grade


RESULTS = st.lists(
    st.builds(
        result,
        st.sampled_from([rule.id for rule in RULES]),
        st.sampled_from(Verdict),
        st.integers(0, 4),
        st.sampled_from(["", "", "客户离开"]),
    ),
    unique_by=lambda one: one.rule_id,
)
STANDARDS = st.sampled_from([STANDARD, WEIGHTED])


@given(RESULTS, STANDARDS)
def test_scores_lie_between_0_and_100(results: list[RuleResult], standard: Standard) -> None:
    scored = score(results, standard)
    for value in (scored.score, scored.score_before_fatal):
        assert value is None or 0.0 <= value <= 100.0
    assert scored.bonus >= 0.0
    assert all(deduction.points >= 0.0 for deduction in scored.deductions)


@given(RESULTS, STANDARDS, st.randoms(use_true_random=False))
def test_the_order_of_results_does_not_matter(
    results: list[RuleResult], standard: Standard, chance: random.Random
) -> None:
    shuffled = chance.sample(results, len(results))
    assert score(shuffled, standard) == score(results, standard)


@given(RESULTS, STANDARDS, st.sampled_from(RULES), st.integers(0, 4))
def test_another_fail_never_raises_a_score(
    results: list[RuleResult], standard: Standard, failed: Rule, hits: int
) -> None:
    others = [one for one in results if one.rule_id != failed.id]
    before = score(others, standard)
    after = score([*others, result(failed.id, FAIL, hits)], standard)
    if before.score is not None:
        assert after.score is not None
        assert after.score <= before.score
    if before.score_before_fatal is not None and after.score_before_fatal is not None:
        assert after.score_before_fatal <= before.score_before_fatal


@given(RESULTS)
def test_what_is_deducted_is_what_the_score_lacks(results: list[RuleResult]) -> None:
    scored = score(results, STANDARD)
    if scored.score_before_fatal is not None:
        left = max(0.0, 100.0 - sum(deduction.points for deduction in scored.deductions))
        assert scored.score_before_fatal == left + scored.bonus


# Newcombe (1998), Statistics in Medicine 17, 857–872, table I, method 3
@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718), (29, 29, 0.8830, 1.0)],
)  # fmt: skip
def test_wilson(hits: int, n: int, low: float, high: float) -> None:
    interval = rate_interval(hits, n)
    assert (interval.value, interval.n) == (hits / n, n)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


def test_t() -> None:
    assert mean_interval([]) == Interval(None, None, None, 0)
    assert mean_interval([80.0]) == Interval(80.0, None, None, 1)
    interval = mean_interval([90.0, 80.0, 100.0])
    assert (interval.value, interval.n) == (90.0, 3)
    assert (interval.low, interval.high) == pytest.approx(
        (90 - 4.302653 * 10 / 3**0.5, 90 + 4.302653 * 10 / 3**0.5)
    )
    assert mean_interval([70.0, 70.0]) == Interval(70.0, 70.0, 70.0, 2)
    assert rate_interval(0, 0) == Interval(None, None, None, 0)


@given(st.lists(st.lists(st.floats(0, 1e5), max_size=8), max_size=4), st.randoms(use_true_random=False))
def test_moments_are_those_of_the_numbers_in_any_order(
    parts: list[list[float]], order: random.Random
) -> None:
    shuffled = [order.sample(part, len(part)) for part in order.sample(parts, len(parts))]
    whole, merged = Moments(), Moments()
    for part in parts:
        for value in part:
            whole.add(value)
    for part in shuffled:
        own = Moments()
        for value in part:
            own.add(value)
        merged.merge(own)
    assert merged == whole
    values = [value for part in parts for value in part]
    assert (whole.n, whole.largest) == (len(values), max(values, default=None))
    if len(values) > 1:
        interval = whole.interval()
        half = stdtrit(len(values) - 1, 0.975) * statistics.stdev(values) / len(values) ** 0.5
        assert interval.value == pytest.approx(statistics.fmean(values), abs=1e-8)
        assert interval.low == pytest.approx(statistics.fmean(values) - half, abs=1e-6)
        assert interval.high == pytest.approx(statistics.fmean(values) + half, abs=1e-6)


OF_MOOD: dict[Mood, tuple[float, float, float]] = {
    "negative": (0.8, 0.2, 0.0),
    "neutral": (0.2, 0.6, 0.2),
    "positive": (0.0, 0.2, 0.8),
}


def card(
    results: Sequence[RuleResult],
    *moods: Mood,
    counted: bool = False,
    dissatisfied: float | None = None,
    **measures: float,
) -> Scorecard:
    scored = score(results, STANDARD)
    felt = tuple(RoundMood(number, mood, OF_MOOD[mood]) for number, mood in enumerate(moods))
    return Scorecard(
        transcript=Transcript("C1", ()),
        agent="小安",
        round_of=(),
        results=tuple(results),
        moods=felt,
        deductions=scored.deductions,
        bonus=scored.bonus,
        score=scored.score,
        score_before_fatal=scored.score_before_fatal,
        grade=scored.grade,
        decided=scored.decided,
        alerts=scored.alerts,
        measures=measures,
        counts_for_30s=counted,
        course=course_of(felt),
        dissatisfied=dissatisfied,
    )


NIGHT = (
    card(
        [result("CLOSE-01", FAIL), result("CLOSE-02", PASS), result("ATT-06", PASS), result("COMM-10", PASS)],
        "negative", "positive", counted=True, first_response_s=30.0, longest_wait_s=50.0, mean_wait_s=20.0,
    ),
    card([result("ATT-01", FAIL, hits=1), result("CLOSE-02", FAIL)], "neutral", "negative", counted=True, first_response_s=31.0),
    card([result("CLOSE-01", FAIL, waived="客户离开"), result("COMM-10", FAIL)], "negative", first_response_s=200.0),
    card([result("CLOSE-01", NA)], longest_wait_s=90.0, mean_wait_s=40.0),
)  # fmt: skip


def test_statistics_of_a_night() -> None:
    standard = replace(
        STANDARD,
        rules=(*RULES, rule("RESP-02", ALERT, section="情绪", per="agent", limits={"chat": {"mean_first_response_s": 30.0}})),
    )  # fmt: skip
    scores = mean_interval([96.0, 95.0, 100.0], low=0.0, high=100.0)
    assert statistics_of("小安", NIGHT, standard) == AgentStatistics(
        agent="小安",
        chats=4,
        mean_score=scores,
        grade="优秀",
        fatal=1,
        # chat 1 keeps 5 of 9 points, chat 2 none of 5, chat 3 all of 4; 态度 3 of 3; those on trial are no points
        sections={
            "沟通": mean_interval([100 * 5 / 9, 0.0, 100.0], low=0.0, high=100.0),
            "态度": mean_interval([100.0], low=0.0, high=100.0),
        },
        rate_30s=rate_interval(1, 2),
        # chats that count for the 30-second rate, as all figures of the first response
        mean_first_response_s=30.5,
        median_first_response_s=30.5,
        longest_wait_s=90.0,
        mean_wait_s=30.0,
        mood_worse=rate_interval(1, 2),
        mood_better=rate_interval(1, 2),
        negative_end=rate_interval(2, 3),
        rule_costs=(("CLOSE-02", 5.0, 1), ("CLOSE-01", 4.0, 1), ("COMM-10", 0.0, 1)),
        alerts=(RuleResult("RESP-02", FAIL, measured=30.5, limit=30.0, unit="秒"),),
        # of ± .8 and 0 in the first chat's halves: -, + ; the second's: 0, - ; the third is negative throughout
        mood_tenths=(*(round(-1.6 / 3, 6),) * 5, *(round(-0.8 / 3, 6),) * 5),
        first_response_s=mean_interval([31.0, 30.0], low=0.0),
    )


def test_the_course_of_moods_by_tenths_and_what_is_feared() -> None:
    cards = [
        card([], "negative", "positive", dissatisfied=0.2),
        card([], "neutral", dissatisfied=0.6),
        card([]),
    ]
    statistics = statistics_of("小安", cards, STANDARD)
    assert statistics.mood_tenths == (*(-0.4,) * 5, *(0.4,) * 5)
    assert statistics.dissatisfied == pytest.approx(0.4)
    assert statistics.escalation is None


def test_statistics_of_nothing() -> None:
    nothing = Interval(None, None, None, 0)
    assert statistics_of("小安", [], STANDARD) == AgentStatistics(
        "小安", 0, nothing, "", 0, {}, nothing, None, None, None, None, nothing, nothing, nothing, (), ()
    )


def test_a_fatal_without_any_other_points_is_counted() -> None:
    fatal = replace(card([result("ATT-01", FAIL)]), score=0.0, score_before_fatal=None, grade="致命")
    statistics = statistics_of("小安", [fatal], WEIGHTED)
    assert (statistics.fatal, statistics.mean_score.n) == (1, 0)


CARDS = st.lists(
    st.builds(
        lambda results, moods, counted, seconds: card(results, *moods, counted=counted, **seconds),
        RESULTS,
        st.lists(st.sampled_from(["negative", "neutral", "positive"]), max_size=3),
        st.booleans(),
        st.dictionaries(st.sampled_from(["first_response_s", "longest_wait_s", "mean_wait_s"]), st.floats(0, 900)),
    ),
    max_size=6,
)  # fmt: skip


@given(CARDS, CARDS)
def test_merged_tallies_are_one_tally(first: list[Scorecard], second: list[Scorecard]) -> None:
    merged, other = Tally(STANDARD), Tally(STANDARD)
    for one in first:
        merged.add(one)
    for one in second:
        other.add(one)
    merged.merge(other)
    assert merged.statistics("小安") == statistics_of("小安", [*first, *second], STANDARD)


AGENT_RULE = rule("RESP-02", ALERT, per="agent", limits={"chat": {"mean_first_response_s": 120.0}})
AGENT_RESULTS = {
    "at the bound": ("chat", [60.0, 180.0], RuleResult("RESP-02", PASS, measured=120.0, limit=120.0, unit="秒")),
    "above": ("chat", [121.04], RuleResult("RESP-02", FAIL, measured=121.0, limit=120.0, unit="秒")),
    "no times": ("chat", [], RuleResult("RESP-02", UNSURE, limit=120.0, unit="秒", note="没有消息时间")),
    "another channel": ("phone", [300.0], RuleResult("RESP-02", NA, note="本渠道没有时限")),
}  # fmt: skip


@pytest.mark.parametrize(("channel", "seconds", "wanted"), AGENT_RESULTS.values(), ids=AGENT_RESULTS)
def test_agent_level_rule(channel: str, seconds: list[float], wanted: RuleResult) -> None:
    assert agent_result(AGENT_RULE, channel, seconds) == wanted
