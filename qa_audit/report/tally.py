"""What the team's workbook needs of one agent: small numbers that travel between processes, no transcripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from qa_audit.records import AgentReport, AgentStatistics, Contact, Scorecard, Verdict
from qa_audit.rule import Standard

FATAL_BIN = "致命待复核"
UNSCORED_BIN = "未评分"
LOWEST_BIN = "60 以下"
BINS = (FATAL_BIN, LOWEST_BIN, *(f"{low}–{low + 4.9:.1f}" for low in range(60, 100, 5)), "100")


@dataclass(slots=True)
class RuleTally:
    """How often one rule was decided, and how; ``points`` is what it cost."""

    passes: int = 0
    fails: int = 0
    waived: int = 0
    undecidable: int = 0
    points: float = 0.0


@dataclass(frozen=True, slots=True)
class AgentTally:
    """One agent's night in numbers; ``bins`` counts chats per score bin, ``hours`` per local hour, ``contacts`` by what they were about."""

    statistics: AgentStatistics
    not_audited: int
    alerts: int
    bins: Mapping[str, int]
    hours: Mapping[int, int]
    contacts: Mapping[Contact, int]
    rules: Mapping[str, RuleTally]


def tally(report: AgentReport, standard: Standard) -> AgentTally:
    """The numbers of one agent's report."""
    rules: dict[str, RuleTally] = {}
    bins: Counter[str] = Counter()
    hours: Counter[int] = Counter()
    contacts: Counter[Contact] = Counter()
    for card in report.scorecards:
        bins[score_bin(card, standard)] += 1
        contacts[card.contact] += 1
        if card.transcript.opened_at is not None:
            hours[card.transcript.opened_at.hour] += 1
        _add_rules(rules, card)
    alerts = sum(bool(card.alerts) for card in report.scorecards)
    return AgentTally(
        report.statistics, report.not_audited, alerts, dict(bins), dict(hours), dict(contacts), rules
    )


def score_bin(card: Scorecard, standard: Standard) -> str:
    """The bin of a chat's score; a fatal one has its own, and one where nothing was decided."""
    if card.grade == standard.fatal_grade:
        return FATAL_BIN
    if card.score is None:
        return UNSCORED_BIN
    if card.score >= 100:
        return BINS[-1]
    return BINS[2 + int(card.score - 60) // 5] if card.score >= 60 else LOWEST_BIN


def _add_rules(rules: dict[str, RuleTally], card: Scorecard) -> None:
    for result in card.results:
        counts = rules.setdefault(result.rule_id, RuleTally())
        if result.verdict is Verdict.PASS:
            counts.passes += 1
        elif result.verdict is Verdict.UNDECIDABLE:
            counts.undecidable += 1
        elif result.verdict is Verdict.FAIL:
            counts.fails += 1
            counts.waived += bool(result.waived)
    for deduction in card.deductions:
        rules[deduction.rule_id].points += deduction.points
