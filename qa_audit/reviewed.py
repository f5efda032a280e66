"""Scorecards with what people said of them since: workbooks written again show the corrected verdicts and final scores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import overload

from qa_audit.errors import InputError
from qa_audit.history import Key, Night
from qa_audit.records import Scorecard
from qa_audit.review.final import reviewed_card
from qa_audit.review.kept import read_kept
from qa_audit.review.records import ChatReview, Judgement
from qa_audit.rule import Standard
from qa_audit.snapshot import read_snapshot


@dataclass(slots=True)
class Said:
    """What people said of one chat of one agent in one night, and the standard that scores it."""

    night: str
    standard: Standard
    judgements: list[Judgement] = field(default_factory=list)
    reviews: list[ChatReview] = field(default_factory=list)


Reviews = Mapping[Key, Said]


def reviews_of(nights: Sequence[Night], latest: Mapping[Key, str], standard: Standard) -> Reviews:
    """What was collected of the chats of these nights, each in the night in which it counts (``history.latest_of``).

    A night is scored by the standard that it kept, else by ``standard``. Moods and follow-ups change no score.
    """
    found: dict[Key, Said] = {}
    for night in nights:
        kept = read_kept(night.folder.parent, night.name)
        if not kept.judgements and not kept.chats:
            continue
        own: defaultdict[Key, Said] = defaultdict(partial(Said, night.name, _standard(night, standard)))
        for judgement in kept.judgements:
            own[judgement.chat, judgement.agent].judgements.append(judgement)
        for review in kept.chats:
            if review.score is not None:
                own[review.chat, review.agent].reviews.append(review)
        found |= {key: said for key, said in own.items() if latest.get(key, night.name) == night.name}
    return found


def _standard(night: Night, standard: Standard) -> Standard:
    try:
        return read_snapshot(night.folder)
    except InputError:  # only the results were kept
        return standard


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
        if said is None:
            return card
        return reviewed_card(said.night, card, said.standard, said.judgements, said.reviews)
