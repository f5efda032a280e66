"""The card of a mood model: what it was trained on, how it was measured, and where it is known to fail."""

from __future__ import annotations

import platform
from collections import Counter
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from qa_audit.records import MOODS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from qa_audit.sentiment.examples import DataFile, Example
    from qa_audit.sentiment.figures import MoodFigures

LIBRARIES = ("numpy", "scikit-learn", "scipy")
LABELS = (
    "The moods of the chats were labelled by a language model that read each chat with a written guide, not by "
    "contact-centre staff. Two passes of one model agree more than two people would."
)
SELECTION = (
    "Settings and word groups were chosen looking at the same chats, so the figures lean to the good side; "
    "chats kept back are the fair test."
)
KNOWN_FAILURES = (
    "sarcasm and thanks that are meant as a reproach, unless a word gives them away",
    "dialect, and transcripts of phone calls with recognition errors",
    "quiet dissatisfaction inside a chat: a sober question that the reader takes as a reproach, and the reverse",
    "plain reports of a fault, which the labels call negative or neutral by tone",
    (
        "anger in chats of other trades: within a chat thresholds and coefficients fit how rare and how calm negative "
        "turns are in these chats"
    ),
    "thanks that only round off a request, in a turn that is all that the customer said",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Cross-validated figures: of the chats, and of written sentences left out the same way (None if none).

    ``argmax_macro_f1`` takes the likeliest mood instead of the thresholds. ``calibration_error_negative`` is that
    of P(negative) over ten equal-sized bins.
    """

    chats: MoodFigures
    written: MoodFigures | None
    argmax_macro_f1: float
    calibration_error_negative: float
    negative_recall_at_precision_85: float


@dataclass(frozen=True, slots=True)
class Card:
    """Everything about a mood model that its weights do not say; written beside them as JSON.

    Of an adapted model, ``adapted`` says how it did before and after, and ``lineage`` names the models it came from,
    the oldest first; ``classes`` and ``measured`` are of the turns that it was adapted to.
    """

    trained_on: date
    seed: int
    folds: int
    settings: Mapping[str, float]
    data: tuple[DataFile, ...]
    classes: Mapping[str, Mapping[str, int]]
    thresholds: Mapping[str, float]
    measured: Measured
    libraries: Mapping[str, str]
    labels: str = LABELS
    selection: str = SELECTION
    known_failures: tuple[str, ...] = KNOWN_FAILURES
    replaced: Mapping[str, object] | None = None
    adapted: Mapping[str, object] | None = None
    lineage: tuple[Mapping[str, object], ...] = ()

    def as_json(self) -> dict[str, object]:
        """This card with plain values, as ``json`` takes them."""
        return asdict(self) | {"trained_on": self.trained_on.isoformat()}


def class_counts(examples: Sequence[Example]) -> dict[str, dict[str, int]]:
    """How many turns of chats, and how many written sentences, have each mood."""
    found = Counter((example.written, example.label) for example in examples)
    return {
        name: {mood: found[written, mood] for mood in MOODS}
        for name, written in (("chats", False), ("written", True))
    }


def library_versions() -> dict[str, str]:
    """The versions of Python and of the libraries that the weights depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES}
