"""What the team's workbook needs of one agent: small numbers that travel between processes, no transcripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from qa_audit.records import AgentReport, AgentStatistics, Contact, Deduction, Scorecard, Severity, Verdict
from qa_audit.rule import Standard

Hour = tuple[int, int]  # weekday (0: Monday), hour
LOWEST_RATING, HIGHEST_RATING, SATISFIED = 1.0, 5.0, 4.0  # other scales are not known to be one
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
    """One agent's night in numbers.

    ``bins`` counts chats per score bin, ``hours`` per local weekday (0: Monday) and hour, ``contacts`` by what they were
    about. ``charged`` counts deductions that cost points or a whole chat, ``satisfied`` the ratings of 4 or 5 among those
    ``rated`` from 1 to 5, ``solved`` the chats that ended so among ``outcomes`` that are known, ``estimated`` the chats
    with a P(dissatisfied). ``last_mean`` and ``last_chats`` are those of the agent's last
    night before this one, or of the period before.
    """

    statistics: AgentStatistics
    not_audited: int
    alerts: int
    bins: Mapping[str, int]
    hours: Mapping[Hour, int]
    contacts: Mapping[Contact, int]
    rules: Mapping[str, RuleTally]
    charged: int = 0
    satisfied: int = 0
    rated: int = 0
    solved: int = 0
    outcomes: int = 0
    estimated: int = 0
    last_mean: float | None = None
    last_chats: int = 0


def tally(report: AgentReport, standard: Standard) -> AgentTally:
    """The numbers of one agent's report."""
    rules: dict[str, RuleTally] = {}
    bins: Counter[str] = Counter()
    hours: Counter[Hour] = Counter()
    contacts: Counter[Contact] = Counter()
    counts: Counter[str] = Counter()
    for card in report.scorecards:
        bins[score_bin(card, standard)] += 1
        contacts[card.contact] += 1
        opened = card.transcript.opened_at
        if opened is not None:
            hours[opened.weekday(), opened.hour] += 1
        _add_rules(rules, card)
        counts.update(_counts(card))
    last_mean, last_chats = _before(report)
    return AgentTally(
        report.statistics,
        report.not_audited,
        counts.pop("alerts", 0),
        dict(bins),
        dict(hours),
        dict(contacts),
        rules,
        **counts,
        last_mean=last_mean,
        last_chats=last_chats,
    )


def _before(report: AgentReport) -> tuple[float | None, int]:
    """Mean and chats of the period before a period, of the last night before a night."""
    if report.before is not None:
        return report.before.mean, report.before.chats
    return report.trend[-2][1:3] if len(report.trend) > 1 else (None, 0)


def _counts(card: Scorecard) -> dict[str, int]:
    rating = card.transcript.rating
    rated = rating is not None and LOWEST_RATING <= rating <= HIGHEST_RATING
    return {
        "alerts": bool(card.alerts),
        "charged": sum(map(charges, card.deductions)),
        "rated": rated,
        "satisfied": rated and rating is not None and rating >= SATISFIED,
        "outcomes": card.outcome is not None and card.outcome != "unknown",
        "solved": card.outcome == "yes",
        "estimated": card.dissatisfied is not None,
    }


def charges(deduction: Deduction) -> bool:
    """Whether a deduction costs points, or the whole chat."""
    return bool(deduction.points) or (deduction.severity is Severity.CRITICAL and not deduction.waived)


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
