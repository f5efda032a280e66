"""先辅导谁: the agents whom a supervisor talks to first, and about which rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa_audit.records import Severity
from qa_audit.report.tally import AgentTally
from qa_audit.rule import Rule, Standard

MOST_AGENTS = 8  # on the first sheet; all of them are in 坐席对比


@dataclass(frozen=True, slots=True)
class CoachFirst:
    """One agent: chats with a fatal (to be reviewed) and with an alert, the mean over ``scored`` chats, the costliest rule."""

    agent: str
    fatal: int
    alerts: int
    mean: float | None
    scored: int
    rule: Rule | None


def coach_first(tallies: Sequence[AgentTally], standard: Standard) -> tuple[CoachFirst, ...]:
    """At most 8 agents: most fatals first, then most alerts, then the lowest mean."""
    found = (
        CoachFirst(
            own.agent, own.fatal, one.alerts, own.mean_score.value, own.mean_score.n, _rule(one, standard)
        )
        for one in tallies
        for own in [one.statistics]
    )
    return tuple(sorted(found, key=_urgency)[:MOST_AGENTS])


def _urgency(one: CoachFirst) -> tuple[int, int, float, str]:
    return (-one.fatal, -one.alerts, one.mean if one.mean is not None else 101.0, one.agent)


def _rule(one: AgentTally, standard: Standard) -> Rule | None:
    """The rule that cost the agent most: a fatal one first, for it costs whole chats; None where nothing did."""
    costs = {}
    for rule in standard.rules:
        counts = one.rules.get(rule.id)
        if counts is None:
            continue
        fatal = 0
        if rule.severity is Severity.CRITICAL and rule.status != "trial":
            fatal = counts.fails - counts.waived
        if fatal or counts.points:
            costs[rule.id] = (fatal, counts.points)
    return standard.rule(max(costs, key=lambda rule_id: costs[rule_id])) if costs else None
