"""辅导重点: the three rules that cost an agent most, each with a quote, what to say instead, and a good example."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from qa_audit.records import AgentReport, Deduction, RuleResult, Scorecard, Severity, Verdict
from qa_audit.report import evidence, wording
from qa_audit.report.places import Place
from qa_audit.report.table import DEDUCTIONS, TRANSCRIPTS, Link, Rich
from qa_audit.rule import Rule, Standard

FOCUS = 3  # rules; more is not remembered after the talk
QUOTE = 46  # characters, so that three lines of the overview hold a quote


@dataclass(frozen=True, slots=True)
class Coaching:
    """One rule to coach; ``evidence`` leads to its first deduction, ``good_evidence`` to the good example."""

    rule_id: str
    title: str
    severity: str
    count: int
    points: float
    quote: Rich | str
    evidence: Link
    advice: str
    good: Rich | str
    good_evidence: Link | None


@dataclass(frozen=True, slots=True)
class GoodExample:
    """The agent's own best pass of a rule: which card, which message, and its words or measure."""

    card: int
    message: int
    text: Rich | str


def focus(report: AgentReport, standard: Standard) -> tuple[Rule, ...]:
    """The rules to coach: a fatal first (it costs the whole chat), then by points, then by count."""
    found = costs(report.scorecards)

    def weight(rule: Rule) -> tuple[bool, float, int]:
        points, chats = found[rule.id]
        return (rule.severity is not Severity.CRITICAL, -points, -chats)

    return tuple(sorted((rule for rule in standard.rules if rule.id in found), key=weight)[:FOCUS])


def costs(cards: Sequence[Scorecard]) -> dict[str, tuple[float, int]]:
    """What each rule cost and in how many chats; only rules that cost points or a whole chat."""
    points: defaultdict[str, float] = defaultdict(float)
    chats: defaultdict[str, int] = defaultdict(int)
    for card in cards:
        charged = [
            d for d in card.deductions if d.points or (d.severity is Severity.CRITICAL and not d.waived)
        ]
        for rule_id in {deduction.rule_id for deduction in charged}:
            chats[rule_id] += 1
        for deduction in charged:
            points[deduction.rule_id] += deduction.points
    return {rule_id: (points[rule_id], chats[rule_id]) for rule_id in chats}


def good_example(cards: Sequence[Scorecard], rule: Rule) -> GoodExample | None:
    """The pass of this rule in the best-scored chat, said or measured; None where the agent has none."""
    best: tuple[tuple[float, float, int], GoodExample] | None = None
    for index, card in enumerate(cards):
        result = next((r for r in card.results if r.rule_id == rule.id and r.verdict is Verdict.PASS), None)
        if result is None or not (result.evidence or result.measured is not None):
            continue
        # of measures the smallest is the best example; of words those in the best chat
        rank = (result.measured or 0.0, -(card.score or 0.0), index)
        if best is None or rank < best[0]:
            best = (rank, _example(card, index, rule, result))
    return best[1] if best else None


def _example(card: Scorecard, index: int, rule: Rule, result: RuleResult) -> GoodExample:
    if result.evidence:
        first = result.evidence[0]
        return GoodExample(index, first.message, f"“{evidence.quote(card.transcript, first, at_most=QUOTE)}”")
    return GoodExample(index, 0, wording.measure(rule, result))


def coaching(
    report: AgentReport, rules: Sequence[Rule], good: Sequence[GoodExample | None], where: Sequence[Place]
) -> tuple[Coaching, ...]:
    """The coaching lines of these rules, each with its own good example (None: the agent has none)."""
    return tuple(_line(report, rule, example, where) for rule, example in zip(rules, good, strict=True))


def _line(report: AgentReport, rule: Rule, good: GoodExample | None, where: Sequence[Place]) -> Coaching:
    points, count = costs(report.scorecards)[rule.id]
    card, offset = _typical(report.scorecards, rule)
    deduction = report.scorecards[card].deductions[offset]
    result = next(r for r in report.scorecards[card].results if r.rule_id == rule.id)
    return Coaching(
        rule_id=rule.id,
        title=rule.title,
        severity=wording.SEVERITIES[rule.severity],
        count=count,
        points=points,
        quote=_quote(report.scorecards[card], rule, result, deduction),
        evidence=Link("查看", DEDUCTIONS, where[card].deduction_row + offset),
        advice=rule.advice,
        good=good.text if good else "—",
        good_evidence=_good_link(good, where),
    )


def _typical(cards: Sequence[Scorecard], rule: Rule) -> tuple[int, int]:
    """The card and the place in it of the costliest deduction of a rule; of equals the worst measure, the earliest."""
    found = [
        (-deduction.points, -_excess(card, rule), index, offset)
        for index, card in enumerate(cards)
        for offset, deduction in enumerate(card.deductions)
        if deduction.rule_id == rule.id and not deduction.waived
    ]
    *_, index, offset = min(found)
    return index, offset


def _excess(card: Scorecard, rule: Rule) -> float:
    """How many times its limit a measure came to, 0 for a rule that measures nothing."""
    result = next(result for result in card.results if result.rule_id == rule.id)
    return result.measured / result.limit if result.measured is not None and result.limit else 0.0


def _quote(card: Scorecard, rule: Rule, result: RuleResult, deduction: Deduction) -> Rich | str:
    if deduction.evidence is not None:
        return evidence.quote(card.transcript, deduction.evidence, at_most=QUOTE)
    return evidence.grounds(card.transcript, rule, result, None)


def _good_link(good: GoodExample | None, where: Sequence[Place]) -> Link | None:
    row = where[good.card].message_row(good.message) if good else None
    return Link("查看", TRANSCRIPTS, row) if row is not None else None
