"""目标达成: what the standard's source documents ask of a team, beside what it came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qa_audit.intervals import rate_interval
from qa_audit.records import AgentStatistics, Interval
from qa_audit.report.table import Tone
from qa_audit.report.tally import AgentTally
from qa_audit.rule import Standard

SATISFACTION, RESOLUTION = 0.95, 0.90
FIRST_RESPONSE_S = 120.0
FIRST_RESPONSE_RULE, FIRST_RESPONSE_BOUND = "RESP-02", "mean_first_response_s"
NOTHING = Interval(None, None, None, 0)


@dataclass(frozen=True, slots=True)
class Target:
    """One figure beside its target; ``at_most``: the target is an upper bound, else a lower one.

    ``estimated``: a model's figure. One that stands for customers' own words is never said to reach a target.
    """

    label: str
    target: float
    actual: Interval
    style: Literal["percent", "seconds"]
    at_most: bool = False
    estimated: bool = False

    @property
    def verdict(self) -> str:
        """达标, 未达标, 无数据; 仅供参考 for an estimate; with 误差内 where the interval holds the target."""
        value = self.actual.value
        if value is None:
            return "无数据"
        if self.estimated:
            return "仅供参考"
        reached = value <= self.target if self.at_most else value >= self.target
        low, high = self.actual.low, self.actual.high
        unsure = low is not None and high is not None and low <= self.target <= high
        return ("达标" if reached else "未达标") + ("（误差内）" if unsure else "")

    @property
    def tone(self) -> Tone:
        """The colour of the verdict."""
        tones: dict[str, Tone] = {"达标": "good", "未达标": "bad"}
        return "warn" if self.verdict.endswith("）") else tones.get(self.verdict, "muted")


def targets(tallies: Sequence[AgentTally], team: AgentStatistics, standard: Standard) -> tuple[Target, ...]:
    """The targets of satisfaction, resolution and first response; a limit that the standard changes counts."""
    rated, outcomes = sum(one.rated for one in tallies), sum(one.outcomes for one in tallies)
    satisfied = rate_interval(sum(one.satisfied for one in tallies), rated)
    solved = rate_interval(sum(one.solved for one in tallies), outcomes)
    limit = next(
        (rule.limits.get("chat", {}).get(FIRST_RESPONSE_BOUND) for rule in standard.rules if rule.id == FIRST_RESPONSE_RULE),
        None,
    )  # fmt: skip
    found = [Target("客户满意度（客户评分 ≥ 4）", SATISFACTION, satisfied, "percent")]
    estimated = sum(one.estimated for one in tallies)
    if team.dissatisfied is not None:
        guess = Interval(1 - team.dissatisfied, None, None, estimated)
        found.append(Target("满意度（模型估计）", SATISFACTION, guess, "percent", estimated=True))
    found.append(Target("问题解决率（模型判断）", RESOLUTION, solved, "percent"))
    found.append(
        Target("首响均值", limit or FIRST_RESPONSE_S, team.first_response_s, "seconds", at_most=True)
    )
    return tuple(found)
