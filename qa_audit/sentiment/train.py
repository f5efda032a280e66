"""Trains the mood model with scikit-learn, measures it by cross-validation over chats, and exports it.

``predict`` applies what is exported here without scikit-learn and gives what the pipeline followed by the
calibration gives, within 1e-6.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from qa_audit.errors import InputError
from qa_audit.records import MOODS
from qa_audit.sentiment import pipeline
from qa_audit.sentiment import weights as files
from qa_audit.sentiment.card import Card, Measured, class_counts, library_versions
from qa_audit.sentiment.examples import DataFile, Example, measured_on, mood_numbers, read_examples
from qa_audit.sentiment.figures import (
    best_thresholds,
    calibration_error,
    mood_figures,
    threshold_for_precision,
)
from qa_audit.sentiment.predict import calibrated, decided

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    import numpy.typing as npt

    from qa_audit.sentiment.ngrams import Floats, Integers

FOLDS = 5


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """What models that never saw an example's chat say of it; arrays in the order of the examples.

    ``scores`` are those of both heads, shape (2, examples, 3); ``probabilities`` and ``labels`` are of the head for the
    example, by a calibration and thresholds fitted on the other folds.
    """

    scores: Floats
    probabilities: Floats
    labels: Integers


@dataclass(frozen=True, slots=True)
class Trained:
    """A model with its card, and what cross-validation said of each example."""

    weights: files.Weights
    card: Card
    out_of_fold: OutOfFold


def train_mood(
    data: Sequence[Path],
    *,
    out: Path,
    seed: int,
    trained_on: date,
    licences: Mapping[str, str] = MappingProxyType({}),
    cases: Path | None = None,
    judge: Callable[[Trained, Sequence[Example]], Mapping[str, object] | None] | None = None,
) -> Card:
    """Trains on the labelled turns in ``data`` (files or directories) and writes the model into ``out``.

    ``trained_on`` stands in the card; no clock is read. ``licences``: a note by file name. ``cases``: a JSON Lines
    file for what cross-validation said of each turn. ``judge`` is asked before anything is written: it says how the
    model compares with the one it replaces, for the card, or raises. Raises InputError.
    """
    examples, used = read_examples(data, licences)
    trained = train(examples, seed=seed, trained_on=trained_on, data=used)
    if judge is not None:
        trained = replace(trained, card=replace(trained.card, replaced=judge(trained, examples)))
    save(trained, out)
    if cases is not None:
        _write_cases(cases, examples, trained.out_of_fold)
    return trained.card


def train(
    examples: Sequence[Example], *, seed: int, trained_on: date, data: Sequence[DataFile] = ()
) -> Trained:
    """A model of all ``examples``, with figures from cross-validation. Raises InputError if they are too few."""
    outside = cross_validate(examples, seed=seed)
    chats, truth = measured_on(examples), mood_numbers(examples)
    calibration = _calibrations(outside.scores, truth, chats, np.ones_like(chats))
    probabilities = pipeline.of_heads(outside.scores, calibration, _alone(examples))[chats]
    negative = truth[chats] == 0
    thresholds = best_thresholds(probabilities, truth[chats]) | {
        "negative_half": 0.5,
        "negative_precision_85": threshold_for_precision(probabilities[:, 0], negative),
    }
    recall = float((probabilities[negative, 0] >= thresholds["negative_precision_85"]).mean())
    card = Card(
        trained_on=trained_on,
        seed=seed,
        folds=FOLDS,
        settings=pipeline.SETTINGS,
        data=tuple(data),
        classes=class_counts(examples),
        thresholds=thresholds,
        measured=_measured(examples, outside, seed=seed, recall=recall),
        libraries=library_versions(),
    )
    return Trained(pipeline.export(pipeline.fit(examples), calibration), card, outside)


def save(trained: Trained, directory: Path) -> None:
    """Writes weights and card into ``directory``."""
    files.write(trained.weights, trained.card.as_json(), directory)


def cross_validated_moods(
    examples: Sequence[Example], *, seed: int
) -> dict[tuple[str, int], tuple[float, float, float]]:
    """P of each of ``records.MOODS`` by (chat, labelled message), from models that never saw the chat."""
    outside = cross_validate(examples, seed=seed)
    return {
        (example.group, example.turn): (float(row[0]), float(row[1]), float(row[2]))
        for example, row in zip(examples, outside.probabilities, strict=True)
        if not example.written
    }


def cross_validate(examples: Sequence[Example], *, seed: int) -> OutOfFold:
    """Scores, probabilities and labels of every example by models trained on other chats; 5 folds."""
    _check(examples)
    fold = _folds(examples, seed=seed)
    truth, chats = mood_numbers(examples), measured_on(examples)
    scores = np.empty((2, len(examples), len(MOODS)))
    for number in range(FOLDS):
        inside = [example for example, of in zip(examples, fold, strict=True) if of != number]
        left_out = [example.customer_turn for example, of in zip(examples, fold, strict=True) if of == number]
        scores[:, fold == number] = pipeline.fit(inside).decision_function(left_out)
    alone = _alone(examples)
    probabilities, labels = np.empty(scores.shape[1:]), np.empty(len(examples), dtype=np.int64)
    for number in range(FOLDS):
        here, others = fold == number, fold != number
        calibration = _calibrations(scores, truth, chats, others)
        seen = pipeline.of_heads(scores, calibration, alone)
        thresholds = best_thresholds(seen[chats & others], truth[chats & others])
        probabilities[here] = seen[here]
        labels[here] = decided(seen[here], thresholds)
    return OutOfFold(scores, probabilities, labels)


def _alone(examples: Sequence[Example]) -> npt.NDArray[np.bool_]:
    return pipeline.stands_alone([example.customer_turn for example in examples])


def _calibrations(
    scores: Floats, truth: Integers, chats: npt.NDArray[np.bool_], used: npt.NDArray[np.bool_]
) -> Floats:
    """Of both heads, each on the examples of its kind that are ``used``: scale and shifts, shape (2, 4).

    Written sentences are much oftener negative than turns of chats, and nobody knows how often a lone turn is: half
    way (the geometric mean of both shares) is where the thresholds, which are those of chats, serve lone turns best.
    """
    written = ~chats if (~chats).any() else chats
    rows = [kind & used for kind in (written, chats)]
    shares = [np.bincount(truth[of], minlength=len(MOODS)) / of.sum() for of in rows]
    found = np.stack([_calibration(own[of], truth[of]) for own, of in zip(scores, rows, strict=True)])
    found[0, 1:] += 0.5 * np.log(np.maximum(shares[1], 1e-9) / np.maximum(shares[0], 1e-9))
    return found


def _calibration(scores: Floats, truth: Integers) -> Floats:
    """Scale and shifts that make softmax(scale · scores + shift) likeliest: the shift of neutral is 0."""

    def loss(parameters: Floats) -> float:
        shift = np.array([parameters[1], 0.0, parameters[2]])
        chosen = calibrated(scores, parameters[0], shift)[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(chosen, 1e-300)).mean())

    scale, negative, positive = minimize(loss, np.array([1.0, 0.0, 0.0]), method="BFGS").x
    return np.array([scale, negative, 0.0, positive])


def _measured(examples: Sequence[Example], outside: OutOfFold, *, seed: int, recall: float) -> Measured:
    truth, chats = mood_numbers(examples), measured_on(examples)
    groups = np.array([example.group for example in examples])
    probabilities = outside.probabilities[chats]
    written = ~chats
    return Measured(
        chats=mood_figures(truth[chats], outside.labels[chats], groups[chats].tolist(), seed=seed),
        written=mood_figures(truth[written], outside.labels[written], groups[written].tolist(), seed=seed)
        if written.any()
        else None,
        argmax_macro_f1=round(
            float(f1_score(truth[chats], probabilities.argmax(axis=1), average="macro")), 4
        ),
        calibration_error_negative=round(calibration_error(probabilities[:, 0], truth[chats] == 0), 4),
        negative_recall_at_precision_85=round(recall, 4),
    )


def _folds(examples: Sequence[Example], *, seed: int) -> Integers:
    """The fold of each example; chats are never split, and chats and sentences are dealt out each on their own."""
    chats = measured_on(examples)
    groups = np.array([example.group for example in examples])
    fold = np.empty(len(examples), dtype=np.int64)
    for members in (np.flatnonzero(chats), np.flatnonzero(~chats)):
        if len(members):
            split = GroupKFold(FOLDS, shuffle=True, random_state=seed).split(members, groups=groups[members])
            for number, (_, left_out) in enumerate(split):
                fold[members[left_out]] = number
    return fold


def _check(examples: Sequence[Example]) -> None:
    for written in {example.written for example in examples}:
        kind = "written sentences" if written else "chats"
        for mood in MOODS:
            groups = {e.group for e in examples if e.label == mood and e.written == written}
            if len(groups) < FOLDS:
                raise InputError(f"{len(groups)} {kind} with a {mood} turn; give at least {FOLDS}")


def _write_cases(file: Path, examples: Sequence[Example], outside: OutOfFold) -> None:
    """One JSON line for each turn of a chat: chat, turn, mood expected and given, probabilities."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as lines:
        for example, row, label in zip(examples, outside.probabilities, outside.labels, strict=True):
            if not example.written:
                case = {
                    "id": example.group,
                    "turn": example.turn,
                    "expected": example.label,
                    "got": MOODS[label],
                }
                lines.write(json.dumps(case | {"probabilities": [round(float(p), 6) for p in row]}) + "\n")
