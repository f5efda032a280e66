"""The card of a chat model: what it was trained on, how it was measured, and where it is known to fail."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from qa_audit.contact.weights import ANSWERS
from qa_audit.sentiment.card import LABELS as MOOD_LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from qa_audit.contact.calibrate import ProbabilityFigures
    from qa_audit.contact.examples import ChatExample
    from qa_audit.sentiment.examples import DataFile
    from qa_audit.sentiment.figures import AnswerFigures

LABELS = MOOD_LABELS.replace("The moods of the chats", "Topic, outcome, emotion and end mood of the chats")
SELECTION = (
    "Settings and word groups were chosen looking at the same chats, so the figures lean to the good side; "
    "chats kept back are the fair test."
)
MOODS_USED = (
    "Moods of rounds came from mood models that had not seen the chat; at night they come from the mood model beside "
    "this one, so a mood model trained on other data wants the chat model trained again."
)
DISSATISFIED = (
    "dissatisfied: yes where the chat's end mood is negative or its matter is not resolved, no where both are known "
    "otherwise; learned from moods, ways of ending and the shape of the chat alone, so that it holds in other trades. "
    "Probabilities are calibrated on these calm chats, where few are dissatisfied: where more are, they are too low, and "
    "their order holds."
)
KNOWN_FAILURES = (
    "chats about several matters: one topic is given, mostly the first",
    "neighbouring topics: 订单 and 物流配送, 退款 and 退换货售后, 商品咨询 and 其他",
    "outcomes that only the course after the chat shows; 未解决 is rare in the data and mostly called 部分解决",
    "emotion without a word for it; 失望, 焦虑 and 愤怒 are taken for each other, and labelled with little agreement",
    "phone transcripts, and other trades than a big on-line shop: nothing of them was in the chats",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Cross-validated figures of one question: of the chats, and of written sentences (None if none answers it).

    ``probabilities`` are those of the chats; None for a question of which none are made.
    """

    chats: AnswerFigures
    written: AnswerFigures | None
    probabilities: ProbabilityFigures | None = None


@dataclass(frozen=True, slots=True)
class ChatCard:
    """Everything about a chat model that its weights do not say; written beside them as JSON."""

    trained_on: date
    seed: int
    folds: int
    settings: Mapping[str, Mapping[str, object]]
    data: tuple[DataFile, ...]
    classes: Mapping[str, Mapping[str, Mapping[str, int]]]
    measured: Mapping[str, Measured]
    libraries: Mapping[str, str]
    labels: str = LABELS
    selection: str = SELECTION
    moods: str = MOODS_USED
    dissatisfied: str = DISSATISFIED
    known_failures: tuple[str, ...] = KNOWN_FAILURES

    def as_json(self) -> dict[str, object]:
        """This card with plain values, as ``json`` takes them."""
        return asdict(self) | {"trained_on": self.trained_on.isoformat()}


def answer_counts(examples: Sequence[ChatExample]) -> dict[str, dict[str, dict[str, int]]]:
    """How many chats, and how many written sentences, give each answer to each question."""
    found = Counter((q, e.written, answer) for e in examples for q, answer in e.labels.items())
    return {
        question: {
            name: {answer: found[question, written, answer] for answer in known}
            for name, written in (("chats", False), ("written", True))
        }
        for question, known in ANSWERS.items()
    }
