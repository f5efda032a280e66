"""辅导重点: the three rules that cost an agent most, each with a quote, what to say instead, and a good example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa_audit.records import Deduction, RuleResult, Scorecard, Severity
from qa_audit.report import evidence, wording
from qa_audit.report.examples import QUOTE, Example, Kind, kind_of, standard_example
from qa_audit.report.places import Place
from qa_audit.report.survey import Survey
from qa_audit.report.table import DEDUCTIONS, TRANSCRIPTS, Link, Rich, Run
from qa_audit.rule import Rule, Standard

FOCUS = 3  # rules; more is not remembered after the talk
LINE = 19  # characters of each side of an exchange: one line of the overview


@dataclass(frozen=True, slots=True)
class Coaching:
    """One rule to coach; ``evidence`` leads to its typical deduction, ``good_evidence`` to a good example of the agent's own."""

    rule_id: str
    title: str
    severity: str
    count: int
    points: float
    quote: Rich | str
    evidence: Link
    advice: str
    good: str
    good_evidence: Link | None


def focus(seen: Survey, standard: Standard) -> tuple[Rule, ...]:
    """The rules to coach: a fatal first (it costs the whole chat), then by points, then by count."""
    found = seen.costs

    def weight(rule: Rule) -> tuple[bool, float, int]:
        points, chats = found[rule.id]
        return (rule.severity is not Severity.CRITICAL, -points, -chats)

    return tuple(sorted((rule for rule in standard.rules if rule.id in found), key=weight)[:FOCUS])


def coaching(
    cards: Sequence[Scorecard],
    rules: Sequence[Rule],
    seen: Survey,
    where: Sequence[Place],
    *,
    team: Mapping[Kind, Example] | None = None,
) -> tuple[Coaching, ...]:
    """The coaching lines of these rules, each with a good example: the agent's own, else the team's, else the standard's."""
    return tuple(_line(cards, rule, seen, where, team or {}) for rule in rules)


def _line(
    cards: Sequence[Scorecard], rule: Rule, seen: Survey, where: Sequence[Place], team: Mapping[Kind, Example]
) -> Coaching:
    points, count = seen.costs[rule.id]
    *_, index, offset = seen.typical[rule.id]
    card = cards[index]
    result = next(r for r in card.results if r.rule_id == rule.id)
    good = seen.own.best.get(kind_of(result))
    return Coaching(
        rule_id=rule.id,
        title=rule.title,
        severity=wording.SEVERITIES[rule.severity],
        count=count,
        points=points,
        quote=_quote(card, rule, result, card.deductions[offset]),
        evidence=Link("查看", DEDUCTIONS, where[index].deduction_rows[offset]),
        advice=rule.advice_for(card.topic),
        good=_good(rule, good, team.get(kind_of(result))),
        good_evidence=_good_link(seen, good, where),
    )


def _good(rule: Rule, own: Example | None, team: Example | None) -> str:
    if own is not None:
        return f"本人：{own.text}"
    if team is not None:
        return f"团队（会话 {team.chat}）：{team.text}"
    standard = standard_example(rule)
    return f"标准示例：{standard}" if standard else "—"


def _quote(card: Scorecard, rule: Rule, result: RuleResult, deduction: Deduction) -> Rich | str:
    """The words that were said; of something missing or measured the exchange in which it was due, and what it lacks."""
    if deduction.evidence is not None:
        return evidence.quote(card.transcript, deduction.evidence, at_most=QUOTE)
    said = evidence.exchange(card, rule, result, at_most=LINE)
    # what was wanted in a few words: the standard's examples of it stand in brackets, and in 推荐话术
    lack = evidence.lacking(rule, result).partition("（")[0]
    lack = lack or str(evidence.grounds(card.transcript, rule, result, None))
    return Rich((*(Run(line + "\n") for line in said), Run(lack, hit=True))) if said else lack


def _good_link(seen: Survey, good: Example | None, where: Sequence[Place]) -> Link | None:
    if good is None:
        return None
    row = where[seen.index[good.chat]].message_row(good.message or 0)
    return Link("查看", TRANSCRIPTS, row) if row is not None else None
