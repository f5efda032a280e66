"""与此前相比: a team's night beside earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qa_audit.intervals import rate_interval
from qa_audit.records import AgentStatistics
from qa_audit.report.tally import AgentTally


@dataclass(frozen=True, slots=True)
class Counted:
    """What a team came to in some nights: sums that can be added, and whether the standard was the same as now.

    ``charged`` counts deductions that cost points or a whole chat, ``prompt`` the first responses within 30 s among
    ``timed``. ``mean`` is that of the ``scored`` chats.
    """

    label: str
    chats: int
    scored: int
    mean: float | None
    charged: int
    fatal: int
    prompt: int
    timed: int
    same_standard: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of this night and of each earlier stretch; ``good``: more of it is good news, less, or neither."""

    label: str
    style: Literal["integer", "decimal", "two_decimals", "percent"]
    now: float | None
    before: tuple[float | None, ...]
    good: Literal["more", "less", "neither"]

    def step(self, before: float | None) -> float | None:
        """How far this night is from an earlier stretch, a share in percentage points; None where nothing is compared."""
        if self.good == "neither" or self.now is None or before is None:
            return None
        return (self.now - before) * (100 if self.style == "percent" else 1)


def counted(tallies: Sequence[AgentTally], team: AgentStatistics) -> Counted:
    """This night, as it is compared."""
    rate = team.rate_30s
    return Counted(
        label="本期",
        chats=team.chats,
        scored=team.mean_score.n,
        mean=team.mean_score.value,
        charged=sum(one.charged for one in tallies),
        fatal=team.fatal,
        prompt=round((rate.value or 0.0) * rate.n),
        timed=rate.n,
    )


def changes(now: Counted, before: Sequence[Counted]) -> tuple[Change, ...]:
    """The figures that are compared, each over the chats that its stretch has."""
    every = (now, *before)

    def change(
        label: str,
        style: Literal["integer", "decimal", "two_decimals", "percent"],
        values: Sequence[float | None],
        good: Literal["more", "less", "neither"],
    ) -> Change:
        return Change(label, style, values[0], tuple(values[1:]), good)

    return (
        change("会话数 n", "integer", [one.chats for one in every], "neither"),
        change("平均得分", "decimal", [one.mean for one in every], "more"),
        change("每通扣分次数", "two_decimals", [_ratio(one.charged, one.chats) for one in every], "less"),
        change("致命（待复核）占比", "percent", [_ratio(one.fatal, one.chats) for one in every], "less"),
        change(
            "30秒应答率", "percent", [rate_interval(one.prompt, one.timed).value for one in every], "more"
        ),
        change("其中计时会话 n", "integer", [one.timed for one in every], "neither"),
    )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
