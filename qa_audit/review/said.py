"""What was collected of the chats of some nights, chat by chat: what their cards and workbooks are corrected by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from qa_audit.errors import InputError
from qa_audit.history import Key, Night
from qa_audit.records import ReviewedCard, Scorecard
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

    def corrected(self, card: Scorecard) -> ReviewedCard:
        """The chat's card as they corrected it."""
        return reviewed_card(self.night, card, self.standard, self.judgements, self.reviews)


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


def corrected(reviews: Reviews, card: Scorecard) -> Scorecard:
    """The card as people corrected it; the same where nobody reviewed it."""
    said = reviews.get((card.transcript.id, card.agent))
    return card if said is None else said.corrected(card)


def _standard(night: Night, standard: Standard) -> Standard:
    try:
        return read_snapshot(night.folder)
    except InputError:  # only the results were kept
        return standard
