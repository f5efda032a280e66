"""What is said of whole chats against labels: topic, resolved, emotion and end mood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from qa_audit.contact.examples import NOT_LEARNED
from qa_audit.contact.weights import CLASSES
from qa_audit.records import Contact, Interval
from qa_audit.sentiment.figures import AnswerFigures, answer_figures

NOTHING = "unknown"  # said where nothing else can be
SEED = 0
Given = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Answer:
    """One question about one chat: what the label says and what was said."""

    id: str
    question: str
    expected: str
    got: str

    def as_dict(self) -> dict[str, object]:
        """The line of ``--cases``."""
        return {"id": self.id, "question": self.question, "expected": self.expected, "got": self.got}


def answers_of(
    chat: str, labels: Mapping[str, str | None], contact: Contact | None, given: Given | None
) -> Iterator[Answer]:
    """The labelled questions of one chat that can be compared.

    ``given`` replaces what the model says; a chat that is not in it is left out, as are the labels that nobody learns
    (an outcome that the chat does not tell) and those of which no model has heard.
    """
    for question, expected in labels.items():
        if expected is None or expected not in CLASSES[question]:
            continue
        got = _said(question, contact) if given is None else given.get((chat, question))
        if got is not None:
            yield Answer(chat, question, expected, got)


def unheard(labels: Mapping[str, str | None]) -> Iterator[str]:
    """The labels of a chat that are no answer to their question, as “question answer”."""
    for question, label in labels.items():
        if label is not None and label not in (*CLASSES[question], *NOT_LEARNED.get(question, ())):
            yield f"{question} {label}"


def _said(question: str, contact: Contact | None) -> str:
    if contact is None:
        return NOTHING
    said = {
        "topic": contact.topic,
        "resolved": contact.outcome,
        "emotion": contact.emotion,
        "end_mood": contact.end_mood,
    }
    return said[question] or NOTHING


def figures_of(answers: Iterable[Answer]) -> dict[str, AnswerFigures]:
    """The figures of each question that was answered."""
    listed = tuple(answers)
    found = {}
    for question, known in CLASSES.items():
        own = [answer for answer in listed if answer.question == question]
        if own:
            names = (*known, NOTHING)
            truth = np.array([names.index(answer.expected) for answer in own], dtype=np.int64)
            said = np.array([names.index(answer.got) for answer in own], dtype=np.int64)
            found[question] = answer_figures(names, truth, said, seed=SEED)
    return found


def figures_dict(figures: AnswerFigures, *, cross_validated: bool) -> dict[str, object]:
    """The object of one question in ``--json``."""
    return {
        "n": figures.accuracy.n,
        "accuracy": figures.accuracy.value,
        "accuracy_interval": [figures.accuracy.low, figures.accuracy.high],
        "macro_f1": figures.macro_f1.value,
        "macro_f1_interval": [figures.macro_f1.low, figures.macro_f1.high],
        "f1": dict(figures.f1),
        "confusion": {expected: dict(got) for expected, got in figures.confusion.items()},
        "cross_validated": cross_validated,
    }


def lines(figures: Mapping[str, AnswerFigures], *, cross_validated: bool) -> Iterator[str]:
    """The figures as text."""
    if not figures:
        return
    how = "cross-validated" if cross_validated else "this model; its training chats are not left out"
    yield f"\nwhole chats ({how})"
    for question, own in figures.items():
        yield (
            f"{question}: n {own.accuracy.n}, accuracy {_interval(own.accuracy)}, macro-F1 {_interval(own.macro_f1)}"
        )
        for expected, got in own.confusion.items():
            said = ", ".join(
                f"{name} {count}" for name, count in sorted(got.items(), key=lambda item: -item[1])
            )
            yield f"  {expected}: F1 {own.f1.get(expected, 0.0):.3f}, n {sum(got.values())}: {said}"


def _interval(interval: Interval) -> str:
    return f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def labels_of(label: object) -> dict[str, str | None]:
    """The answers that a label of a chat gives, by question."""
    return {question: getattr(label, question) for question in CLASSES}
