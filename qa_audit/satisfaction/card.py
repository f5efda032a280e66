"""The card of a satisfaction model: what it was trained on, how it was measured, and where it is known to fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from qa_audit.satisfaction.figures import Bin, Figures

LABELS = {
    2: "ratings from 1 to 5: up to 2 dissatisfied, from 4 on satisfied; chats rated between are left out",
    3: "ratings from 1 to 5: up to 2 dissatisfied, from 4 on satisfied, between neutral",
    5: "ratings from 1 to 5, rounded",
}
MEASURING = (
    "Cross-validation over chats, those of one customer in one fold; the calibration of a fold was fitted on the "
    "others. N-grams were counted over all chats, without labels. Labels of turns are learned from only: the course of "
    "the turns is always what a model said that had not seen the chat."
)
KNOWN_FAILURES = (
    "whoever rates is not everybody: customers who never rate may differ from those who do",
    "reasons outside the chat: a late parcel or a bad product rates the same friendly agent low",
    "another shop, trade or channel than the chats learned from; train it again there",
    "chats of a few turns, and those in which only one side wrote",
    "polite dissatisfaction and sarcasm",
)


@dataclass(frozen=True, slots=True)
class RatedFile:
    """A file learned from or measured on, by name and content, with a note on its licence."""

    name: str
    sha256: str
    licence: str = "not stated"


@dataclass(frozen=True, slots=True)
class SatisfactionCard:
    """Everything about a satisfaction model that its weights do not say; written beside them as JSON.

    ``left_out`` counts chats without a rating, or whose rating says nothing in so many classes; ``test_left_out`` those of
    the test data that were learned from, or whose customer was.
    """

    trained_on: date
    seed: int
    folds: int
    settings: Mapping[str, float]
    data: tuple[RatedFile, ...]
    chats: int
    left_out: int
    classes: Mapping[str, int]
    labels: str
    turn_labels: int
    measured: Figures
    calibration: tuple[Bin, ...]
    libraries: Mapping[str, str]
    test_data: tuple[RatedFile, ...] = ()
    test_left_out: int = 0
    test: Figures | None = None
    measuring: str = MEASURING
    known_failures: tuple[str, ...] = KNOWN_FAILURES

    def as_json(self) -> dict[str, object]:
        """This card with plain values, as ``json`` takes them."""
        return asdict(self) | {"trained_on": self.trained_on.isoformat()}
