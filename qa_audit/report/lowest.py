"""The few cards of lowest rank among many, packed while they wait."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

from qa_audit.packed import Packed
from qa_audit.records import Scorecard

Rank = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A card with its rank and the key of its chat; the largest rank sorts first, for a bounded heap."""

    rank: Rank
    chat: str
    card: Packed

    def __lt__(self, other: Ranked) -> bool:
        return self.order > other.order

    @property
    def order(self) -> tuple[Rank, str]:
        """The rank, and the key of the chat where ranks are equal."""
        return self.rank, self.chat


@dataclass(slots=True)
class Lowest:
    """The ``at_most`` cards of lowest rank."""

    at_most: int
    _heap: list[Ranked] = field(default_factory=list)

    def takes(self, rank: Rank, chat: str) -> bool:
        """Whether a card of this rank is among them."""
        return len(self._heap) < self.at_most or (rank, chat) < self._heap[0].order

    def add(self, ranked: Ranked) -> None:
        """One more card."""
        heapq.heappush(self._heap, ranked)
        if len(self._heap) > self.at_most:
            heapq.heappop(self._heap)

    def in_order(self) -> list[Ranked]:
        """The cards, the lowest rank first."""
        return sorted(self._heap, key=lambda ranked: ranked.order)


def keep(card: Scorecard, chat: str, wanted: Iterable[tuple[Lowest, Rank]]) -> None:
    """Packs the card, once, where one of these takes it."""
    taking = [(lowest, rank) for lowest, rank in wanted if lowest.takes(rank, chat)]
    if taking:
        packed = Packed.of(card)
        for lowest, rank in taking:
            lowest.add(Ranked(rank, chat, packed))
