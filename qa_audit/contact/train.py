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
from qa_audit.contact.calibrate import fit_calibration, probability_figures
from qa_audit.contact.card import ChatCard, Measured, answer_counts
from qa_audit.contact.examples import ChatExample, Labelled, chat_examples, read_labelled
from qa_audit.contact.pipeline import numbers
from qa_audit.contact.predict import probabilities_of
from qa_audit.contact.weights import ANSWERS, CLASSES, DISSATISFIED
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
    from qa_audit.sentiment.ngrams import Floats, Integers
    from qa_audit.sentiment.predict import MoodModel

FOLDS = 5


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """What models that never saw a chat say of one question: arrays in the order of the examples.

    ``probabilities`` use a calibration fitted on the other folds; None where the question has none.
    """

    scores: Floats
    probabilities: Floats | None
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trained:
    """A model with its card, and what cross-validation said of each example, by question."""

    weights: files.ChatWeights
    card: ChatCard
    out_of_fold: Mapping[str, OutOfFold]


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
    calibrations = {
        question: fit_calibration(outside[question].scores[chats], numbers(question, of_chats))
        for question in questions
        if not pipeline.QUESTIONS[question].margin
        for chats in [_answering(question, examples)]
        for of_chats in [[examples[i] for i in chats]]
    }
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
    return Trained(pipeline.export(sides, heads, calibrations), card, outside)


def save(trained: Trained, directory: Path) -> None:
    """Writes weights and card into ``directory``."""
    files.write(trained.weights, trained.card.as_json(), directory)


def cross_validate(examples: Sequence[ChatExample], *, seed: int) -> dict[str, OutOfFold]:
    """What is said of every example, labelled or not, by a model trained on other chats, by question; 5 folds."""
    questions = _answered(examples)
    for question in questions:
        _check(question, examples)
    fold = _folds(examples, seed=seed)
    texts = [example.text for example in examples]
    given = {question: np.empty((len(examples), len(ANSWERS[question]))) for question in questions}
    for number in range(FOLDS):
        inside = np.flatnonzero(fold != number).tolist()
        sides = pipeline.sides_of([texts[i] for i in inside])
        seen = pipeline.seen_by(sides, [texts[i] for i in inside])
        left_out = pipeline.seen_by(sides, [texts[i] for i in np.flatnonzero(fold == number)])
        for question in questions:
            head = pipeline.fit(question, [examples[i] for i in inside], seen, seed=seed)
            given[question][fold == number] = pipeline.scores(head, left_out)
    return {question: _out_of_fold(question, own, examples, fold) for question, own in given.items()}


def _out_of_fold(question: str, scores: Floats, examples: Sequence[ChatExample], fold: Integers) -> OutOfFold:
    answers = tuple(ANSWERS[question][number] for number in scores.argmax(axis=1))
    if pipeline.QUESTIONS[question].margin:
        return OutOfFold(scores, None, answers)
    chats = np.array(_answering(question, examples))
    probabilities = np.empty_like(scores)
    for number in range(FOLDS):
        others = chats[fold[chats] != number]
        calibration = fit_calibration(scores[others], numbers(question, [examples[i] for i in others]))
        probabilities[fold == number] = probabilities_of(scores[fold == number], calibration)
    return OutOfFold(scores, probabilities, answers)


def _answering(question: str, examples: Sequence[ChatExample]) -> list[int]:
    """The chats, by their number, that answer a question."""
    return [i for i, e in enumerate(examples) if question in e.labels and not e.written]


def _answered(examples: Sequence[ChatExample]) -> list[str]:
    """The questions that chats have answers to; whether customers were dissatisfied only where enough were either."""
    ends = Counter(e.labels.get(DISSATISFIED) for e in examples)
    known = [q for q in ANSWERS if _answering(q, examples)]
    few = any(ends[answer] < FOLDS for answer in ANSWERS[DISSATISFIED])
    return [q for q in known if q != DISSATISFIED or not few]


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


def _measured(question: str, examples: Sequence[ChatExample], outside: OutOfFold, *, seed: int) -> Measured:
    known = ANSWERS[question]
    figures: list[AnswerFigures | None] = []
    for written in (False, True):
        pairs = [
            (known.index(example.labels[question]), known.index(given))
            for example, given in zip(examples, outside.answers, strict=True)
            if example.written == written and question in example.labels
        ]
        truth, said = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        figures.append(answer_figures(known, truth, said, seed=seed) if pairs else None)
    chats, sentences = figures
    assert chats is not None, "only questions that chats answer are measured"
    own = _answering(question, examples)
    truth = numbers(question, [examples[i] for i in own])
    given = outside.probabilities
    return Measured(
        chats, sentences, None if given is None else probability_figures(known, given[own], truth)
    )


def _write_cases(file: Path, examples: Sequence[ChatExample], outside: Mapping[str, OutOfFold]) -> None:
    """One JSON line for each label of a chat: chat, question, answer expected and given, probabilities if any."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as lines:
        for number, example in enumerate(examples):
            if not example.written:
                for question, expected in example.labels.items():
                    if question not in outside:
                        continue
                    own = outside[question]
                    case: dict[str, object] = {"id": example.id, "question": question, "expected": expected}
                    case["got"] = own.answers[number]
                    if own.probabilities is not None:
                        row = own.probabilities[number].round(6).tolist()
                        case["probabilities"] = dict(zip(ANSWERS[question], row, strict=True))
                    lines.write(json.dumps(case, ensure_ascii=False) + "\n")
