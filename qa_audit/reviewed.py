"""Scorecards with what people said of them since: workbooks written again show the corrected verdicts and final scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from qa_audit.records import Scorecard
from qa_audit.review.said import Reviews


class Corrected(Sequence[Scorecard]):
    """Cards, those that people reviewed as they corrected them; read and corrected anew each time, as the cards are."""

    def __init__(self, cards: Sequence[Scorecard], reviews: Reviews) -> None:
        self._cards, self._reviews = cards, reviews

    def __len__(self) -> int:
        return len(self._cards)

    @overload
    def __getitem__(self, index: int) -> Scorecard: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Scorecard]: ...
    def __getitem__(self, index: int | slice) -> Scorecard | Sequence[Scorecard]:
        if isinstance(index, slice):
            return tuple(map(self._corrected, self._cards[index]))
        return self._corrected(self._cards[index])

    def __iter__(self) -> Iterator[Scorecard]:
        return map(self._corrected, self._cards)

    def _corrected(self, card: Scorecard) -> Scorecard:
        said = self._reviews.get((card.transcript.id, card.agent))
        return card if said is None else said.corrected(card)
