"""Who stands where in a team: only agents with enough chats are compared at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qa_audit.records import AgentStatistics

FEWEST_CHATS = 20  # below this a mean of scores says more about the chats than about the agent
TOO_FEW = "样本不足"


@dataclass(frozen=True, slots=True)
class Rank:
    """A place among the agents that are ranked; equal means share a place."""

    place: int
    of: int

    def __str__(self) -> str:
        return f"{self.place}/{self.of}"


def ranks(agents: Iterable[AgentStatistics]) -> dict[str, Rank]:
    """The rank of every agent whose mean rests on at least 20 scored chats; the others are absent."""
    means = {
        a.agent: a.mean_score.value
        for a in agents
        if a.mean_score.n >= FEWEST_CHATS and a.mean_score.value is not None
    }
    return {
        agent: Rank(1 + sum(other > mean for other in means.values()), len(means))
        for agent, mean in means.items()
    }
