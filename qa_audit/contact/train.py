"""Trains the chat model with scikit-learn, measures it by cross-validation over chats, and exports it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from qa_audit.contact import pipeline
from qa_audit.contact import weights as files
from qa_audit.contact.card import ChatCard, Measured, answer_counts
from qa_audit.contact.examples import ChatExample, Labelled, chat_examples, read_labelled
from qa_audit.contact.weights import CLASSES
from qa_audit.errors import InputError
from qa_audit.sentiment.card import library_versions
from qa_audit.sentiment.figures import answer_figures
from qa_audit.sentiment.train import cross_validate as cross_validate_moods

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from qa_audit.contact.examples import Moods
    from qa_audit.sentiment.figures import AnswerFigures
    from qa_audit.sentiment.ngrams import Integers
    from qa_audit.sentiment.predict import MoodModel

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Trained:
    """A model with its card, and what cross-validation answered for each example, by question."""

    weights: files.ChatWeights
    card: ChatCard
    out_of_fold: Mapping[str, Sequence[str]]


def train_chat(
    data: Sequence[Path],
    *,
    out: Path,
    seed: int,
    trained_on: date,
    moods: MoodModel,
    licences: Mapping[str, str] = MappingProxyType({}),
    cases: Path | None = None,
) -> ChatCard:
    """Trains on the labelled chats in ``data`` (files or directories) and writes the model into ``out``.

    ``moods`` is the mood model for chats whose moods nobody labelled. ``trained_on`` stands in the card; no clock is
    read. ``cases``: a JSON Lines file for what cross-validation said of each chat. Raises InputError.
    """
    labelled = read_labelled(data, licences)
    examples = chat_examples(labelled, mood_of_turns(labelled, seed=seed), moods)
    trained = train(examples, seed=seed, trained_on=trained_on, labelled=labelled)
    save(trained, out)
    if cases is not None:
        _write_cases(cases, examples, trained.out_of_fold)
    return trained.card


def mood_of_turns(labelled: Labelled, *, seed: int) -> Moods:
    """The moods of labelled turns and sentences by models that never saw them."""
    if not labelled.turns:
        return {}
    rows = cross_validate_moods(labelled.turns, seed=seed).probabilities.tolist()
    return {
        (turn.group, turn.turn): (row[0], row[1], row[2])
        for turn, row in zip(labelled.turns, rows, strict=True)
    }


def train(
    examples: Sequence[ChatExample], *, seed: int, trained_on: date, labelled: Labelled | None = None
) -> Trained:
    """A model of all ``examples``, with figures from cross-validation. Raises InputError if they are too few."""
    questions = _answered(examples)
    outside = cross_validate(examples, seed=seed)
    sides = pipeline.sides_of([example.text for example in examples])
    seen = pipeline.seen_by(sides, [example.text for example in examples])
    heads = {question: pipeline.fit(question, examples, seen, seed=seed) for question in questions}
    card = ChatCard(
        trained_on=trained_on,
        seed=seed,
        folds=FOLDS,
        settings={question: asdict(pipeline.QUESTIONS[question]) for question in questions}
        | {"all": pipeline.SETTINGS},
        data=() if labelled is None else labelled.files,
        classes=answer_counts(examples),
        measured={q: _measured(q, examples, outside[q], seed=seed) for q in questions},
        libraries=library_versions(),
    )
    return Trained(pipeline.export(sides, heads), card, outside)


def save(trained: Trained, directory: Path) -> None:
    """Writes weights and card into ``directory``."""
    files.write(trained.weights, trained.card.as_json(), directory)


def cross_validate(examples: Sequence[ChatExample], *, seed: int) -> dict[str, list[str]]:
    """The answer to each question for every example, labelled or not, by a model trained on other chats; 5 folds."""
    questions = _answered(examples)
    for question in questions:
        _check(question, examples)
    fold = _folds(examples, seed=seed)
    texts = [example.text for example in examples]
    given = {question: np.empty(len(examples), dtype=np.int64) for question in questions}
    for number in range(FOLDS):
        inside = np.flatnonzero(fold != number).tolist()
        sides = pipeline.sides_of([texts[i] for i in inside])
        seen = pipeline.seen_by(sides, [texts[i] for i in inside])
        left_out = pipeline.seen_by(sides, [texts[i] for i in np.flatnonzero(fold == number)])
        for question in questions:
            head = pipeline.fit(question, [examples[i] for i in inside], seen, seed=seed)
            given[question][fold == number] = pipeline.scores(head, left_out).argmax(axis=1)
    return {question: [CLASSES[question][answer] for answer in own] for question, own in given.items()}


def _answered(examples: Sequence[ChatExample]) -> list[str]:
    """The questions that chats have answers to."""
    return [q for q in CLASSES if any(q in example.labels for example in examples if not example.written)]


def _folds(examples: Sequence[ChatExample], *, seed: int) -> Integers:
    """The fold of each example: those of the same labels are dealt out in turn, chats and sentences each on their own."""
    order = np.random.default_rng(seed).permutation(len(examples)).tolist()
    order.sort(key=lambda i: (examples[i].written, [examples[i].labels.get(q, "") for q in CLASSES]))
    fold = np.empty(len(examples), dtype=np.int64)
    fold[order] = np.arange(len(examples)) % FOLDS
    return fold


def _check(question: str, examples: Sequence[ChatExample]) -> None:
    given = Counter(e.labels[question] for e in examples if question in e.labels and not e.written)
    for answer, count in sorted(given.items()):
        if count < FOLDS:
            raise InputError(
                f'{count} chats have the {question} "{answer}"; give at least {FOLDS}, or leave that label out'
            )
    if len(given) < 2:
        raise InputError(
            f"all chats have the same {question}; give chats with others, or leave the label out"
        )


def _measured(
    question: str, examples: Sequence[ChatExample], outside: Sequence[str], *, seed: int
) -> Measured:
    known = CLASSES[question]
    figures: list[AnswerFigures | None] = []
    for written in (False, True):
        pairs = [
            (known.index(example.labels[question]), known.index(given))
            for example, given in zip(examples, outside, strict=True)
            if example.written == written and question in example.labels
        ]
        truth, said = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        figures.append(answer_figures(known, truth, said, seed=seed) if pairs else None)
    chats, sentences = figures
    assert chats is not None, "only questions that chats answer are measured"
    return Measured(chats, sentences)


def _write_cases(file: Path, examples: Sequence[ChatExample], outside: Mapping[str, Sequence[str]]) -> None:
    """One JSON line for each label of a chat: chat, question, answer expected and given."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as lines:
        for number, example in enumerate(examples):
            if not example.written:
                for question, expected in example.labels.items():
                    case = {"id": example.id, "question": question, "expected": expected}
                    case["got"] = outside[question][number]
                    lines.write(json.dumps(case, ensure_ascii=False) + "\n")
