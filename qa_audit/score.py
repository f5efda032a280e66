"""Verdicts → points → grade, and an agent's statistics. As defined in the service standard, section “Score”."""

from __future__ import annotations

import statistics
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qa_audit.course import tenths
from qa_audit.intervals import Moments, mean_interval, rate_interval
from qa_audit.records import (
    TENTHS,
    AgentStatistics,
    Deduction,
    Evidence,
    ReviewedCard,
    RuleResult,
    Scorecard,
    Severity,
    Verdict,
)
from qa_audit.rule import Rule, Standard

BASE = 100.0
HITS_CHARGED = 2  # “per: hit” costs at most twice its points
GRAVITY = {severity: rank for rank, severity in enumerate(Severity)}
TRIAL = "试运行规则，不扣分"
TEAM = "团队"


@dataclass(frozen=True, slots=True)
class Score:
    """The points of one agent's part of one chat."""

    deductions: tuple[Deduction, ...]
    bonus: float
    score: float | None
    score_before_fatal: float | None
    grade: str
    decided: int
    alerts: tuple[str, ...]


def score(results: Sequence[RuleResult], standard: Standard) -> Score:
    """What some verdicts come to; one result per rule of the standard at most."""
    rules = {rule.id: rule for rule in standard.rules}
    pairs = sorted(
        ((rules[result.rule_id], result) for result in results),
        key=lambda pair: (GRAVITY[pair[0].severity], pair[0].id),
    )
    deductions = _capped(list(_deductions(pairs)), rules, standard)
    scored = [
        (rule, result)
        for rule, result in pairs
        if rule.severity not in (Severity.ALERT, Severity.BONUS, Severity.NOTE)
        and result.verdict in (Verdict.PASS, Verdict.FAIL)
    ]
    fatal = any(_is_fatal(rule, result) for rule, result in scored)
    # rules on trial are shown and cost nothing: on them alone there is no score to give
    before = (
        _points_left(scored, deductions, standard) if any(r.status == "live" for r, _ in scored) else None
    )
    bonus = 0.0
    if before is not None and not fatal:
        bonus = min(BASE - before, sum(_bonuses(pairs), start=0.0))
        before += bonus
    final = 0.0 if fatal else before
    return Score(
        deductions=tuple(deductions),
        bonus=bonus,
        score=final,
        score_before_fatal=before,
        grade=grade_of(before, standard, fatal=fatal),
        decided=len(scored),
        alerts=tuple(
            rule.id
            for rule, result in pairs
            if rule.severity is Severity.ALERT and result.verdict is Verdict.FAIL and not result.waived
        ),
    )


def grade_of(points: float | None, standard: Standard, *, fatal: bool = False) -> str:
    """The grade of a score; empty where there is none."""
    if fatal:
        return standard.fatal_grade
    if points is None:
        return ""
    return next(
        (grade.name for grade in standard.grades if points >= grade.at_least), standard.grades[-1].name
    )


def _is_fatal(rule: Rule, result: RuleResult) -> bool:
    return (
        rule.severity is Severity.CRITICAL
        and rule.status == "live"
        and result.verdict is Verdict.FAIL
        and not result.waived
    )


def _deductions(pairs: Iterable[tuple[Rule, RuleResult]]) -> Iterator[Deduction]:
    """One line per hit of every failed rule, before section caps."""
    for rule, result in pairs:
        if result.verdict is not Verdict.FAIL or rule.severity in (Severity.BONUS, Severity.NOTE):
            continue
        on_trial = (
            rule.status == "trial" and rule.severity is not Severity.ALERT
        )  # an alert costs nothing anyway
        waived = result.waived or (TRIAL if on_trial else "")
        costs = 0.0 if waived or rule.severity in (Severity.ALERT, Severity.CRITICAL) else rule.points
        charged = HITS_CHARGED if rule.per == "hit" else 1
        # a rule that fails for something missing or measured has no words, or only those that asked for it
        places: Sequence[Evidence | None] = result.evidence or (None,)
        for number, evidence in enumerate(places):
            yield Deduction(rule.id, rule.severity, costs if number < charged else 0.0, evidence, waived)


def _capped(
    deductions: Sequence[Deduction], rules: Mapping[str, Rule], standard: Standard
) -> list[Deduction]:
    """The deductions with what their sections still allow, the graver ones first."""
    left = {section.name: section.cap for section in standard.sections}
    capped = []
    for deduction in deductions:
        section = rules[deduction.rule_id].section
        cap = left[section]
        points = deduction.points if cap is None else min(deduction.points, cap)
        if cap is not None:
            left[section] = cap - points
        capped.append(
            Deduction(deduction.rule_id, deduction.severity, points, deduction.evidence, deduction.waived)
        )
    return capped


def _points_left(
    scored: Sequence[tuple[Rule, RuleResult]], deductions: Sequence[Deduction], standard: Standard
) -> float | None:
    if standard.mode == "deduct":
        return max(0.0, BASE - sum(deduction.points for deduction in deductions))
    weighed = [(r, x) for r, x in scored if r.severity is not Severity.CRITICAL and r.status == "live"]
    kept = sum(rule.points for rule, result in weighed if result.verdict is Verdict.PASS or result.waived)
    whole = sum(rule.points for rule, _ in weighed)
    return BASE * kept / whole if whole else None


def _bonuses(pairs: Iterable[tuple[Rule, RuleResult]]) -> Iterator[float]:
    for rule, result in pairs:
        if rule.severity is Severity.BONUS and rule.status == "live" and result.verdict is Verdict.PASS:
            yield rule.points


def statistics_of(agent: str, scorecards: Iterable[Scorecard], standard: Standard) -> AgentStatistics:
    """One agent's night; reads the scorecards once, so they may be streamed."""
    tally = Tally(standard)
    for card in scorecards:
        tally.add(card)
    return tally.statistics(agent)


class Tally:
    """Running numbers of one agent or of a team; of each chat only its first response is kept, for the median."""

    def __init__(self, standard: Standard) -> None:
        self.standard = standard
        self.rules = {rule.id: rule for rule in standard.rules}
        self.chats = self.reviewed = self.fatal = self.worse = self.better = self.courses = (
            self.negative_ends
        ) = self.ends = 0
        self.scores = Moments()
        self.first_responses = array("d")
        self.longest_waits = Moments()
        self.mean_waits = Moments()
        self.dissatisfied = Moments()
        self.escalations = Moments()
        self.tenths = [0.0] * TENTHS
        self.kept: defaultdict[str, Moments] = defaultdict(Moments)
        self.costs: defaultdict[str, float] = defaultdict(float)
        self.fails: Counter[str] = Counter()

    def add(self, card: Scorecard) -> None:
        """One more chat."""
        self.chats += 1
        self.reviewed += isinstance(card, ReviewedCard)
        if card.score_before_fatal is not None:
            self.scores.add(card.score_before_fatal)
        self.fatal += card.grade == self.standard.fatal_grade
        for name, values in (
            ("longest_wait_s", self.longest_waits),
            ("mean_wait_s", self.mean_waits),
        ):
            if name in card.measures:
                values.add(card.measures[name])
        for known, probabilities in (
            (card.dissatisfied, self.dissatisfied),
            (card.escalation, self.escalations),
        ):
            if known is not None:
                probabilities.add(known)
        if card.counts_for_30s and "first_response_s" in card.measures:
            self.first_responses.append(card.measures["first_response_s"])
        self._add_moods(card)
        self._add_points(card)

    def merge(self, other: Tally) -> None:
        """The numbers of other chats."""
        for name in ("chats", "reviewed", "fatal", "worse", "better", "courses", "negative_ends", "ends"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("scores", "longest_waits", "mean_waits", "dissatisfied", "escalations"):
            getattr(self, name).merge(getattr(other, name))
        self.first_responses.extend(other.first_responses)
        self.tenths = [own + others for own, others in zip(self.tenths, other.tenths, strict=True)]
        for section, shares in other.kept.items():
            self.kept[section].merge(shares)
        for rule, cost in other.costs.items():
            self.costs[rule] += cost
        self.fails.update(other.fails)

    def statistics(self, agent: str) -> AgentStatistics:
        """The statistics of the chats added, under a name."""
        mean = self.scores.interval(low=0.0, high=BASE)
        first = self.first_responses
        return AgentStatistics(
            agent=agent,
            chats=self.chats,
            mean_score=mean,
            grade=grade_of(mean.value, self.standard),
            fatal=self.fatal,
            sections={
                section.name: self.kept[section.name].interval(low=0.0, high=BASE)
                for section in self.standard.sections
                if section.name in self.kept
            },
            rate_30s=rate_interval(sum(seconds <= 30 for seconds in first), len(first)),
            mean_first_response_s=_mean(first),
            median_first_response_s=statistics.median(first) if first else None,
            longest_wait_s=self.longest_waits.largest,
            mean_wait_s=self.mean_waits.mean,
            mood_worse=rate_interval(self.worse, self.courses),
            mood_better=rate_interval(self.better, self.courses),
            negative_end=rate_interval(self.negative_ends, self.ends),
            rule_costs=tuple(
                sorted(
                    ((rule, cost, self.fails[rule]) for rule, cost in self.costs.items()),
                    key=lambda entry: (-entry[1], -entry[2], entry[0]),
                )
            ),
            alerts=tuple(_agent_alerts(self.standard, first)),
            mood_tenths=tuple(round(total / self.ends, 6) for total in self.tenths) if self.ends else (),
            dissatisfied=self.dissatisfied.mean,
            escalation=self.escalations.mean,
            first_response_s=mean_interval(first, low=0.0),
            reviewed=self.reviewed,
        )

    def _add_moods(self, card: Scorecard) -> None:
        if card.course is None:
            return
        self.ends += 1
        self.negative_ends += card.course.end.label == "negative"
        self.tenths = [total + own for total, own in zip(self.tenths, tenths(card.moods), strict=True)]
        if len(card.moods) > 1:  # one round alone has no course
            self.courses += 1
            self.worse += card.course.change == "worse"
            self.better += card.course.change == "better"

    def _add_points(self, card: Scorecard) -> None:
        whole: defaultdict[str, float] = defaultdict(float)
        lost: defaultdict[str, float] = defaultdict(float)
        for result in card.results:
            rule = self.rules.get(result.rule_id)
            if rule is None or rule.severity not in (Severity.MAJOR, Severity.MINOR):
                continue
            if rule.status == "live" and result.verdict in (Verdict.PASS, Verdict.FAIL):
                whole[rule.section] += rule.points
            if result.verdict is Verdict.FAIL and not result.waived:
                self.fails[rule.id] += 1
                self.costs[rule.id] += 0.0
        for deduction in card.deductions:
            if deduction.points:
                lost[self.rules[deduction.rule_id].section] += deduction.points
                self.costs[deduction.rule_id] += deduction.points
        for section, points in whole.items():
            if points:
                self.kept[section].add(BASE * max(0.0, 1 - lost[section] / points))


def _mean(values: Sequence[float]) -> float | None:
    return statistics.fmean(values) if values else None


AGENT_LEVEL: dict[str, Callable[[Sequence[float]], float | None]] = {"mean_first_response_s": _mean}


def agent_result(rule: Rule, channel: str, first_responses: Sequence[float]) -> RuleResult:
    """What a rule ``per: agent`` says of an agent's night, from their first responses in seconds."""
    bounds = rule.limits.get(channel)
    if not bounds:
        return RuleResult(rule.id, Verdict.NOT_APPLICABLE, note="本渠道没有时限")
    (name, bound), *_ = bounds.items()
    value = AGENT_LEVEL[name](first_responses)
    if value is None:
        return RuleResult(rule.id, Verdict.UNDECIDABLE, note="没有消息时间", limit=bound, unit="秒")
    verdict = Verdict.FAIL if value > bound else Verdict.PASS
    return RuleResult(rule.id, verdict, measured=round(value, 1), limit=bound, unit="秒")


def _agent_alerts(standard: Standard, first_responses: Sequence[float]) -> Iterator[RuleResult]:
    for rule in standard.rules:
        if rule.per == "agent":
            result = agent_result(rule, "chat", first_responses)
            if result.verdict is Verdict.FAIL:
                yield result
