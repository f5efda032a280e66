"""Trains the satisfaction model, measures it by cross-validation over chats, and exports it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from qa_audit.contact.calibrate import fit_calibration
from qa_audit.contact.predict import probabilities_of
from qa_audit.errors import InputError
from qa_audit.satisfaction import pipeline
from qa_audit.satisfaction.chats import Spelling
from qa_audit.satisfaction.examples import RatedChat
from qa_audit.satisfaction.figures import Bin, Figures, figures, reliability
from qa_audit.satisfaction.moods import turn_probabilities, turn_scores
from qa_audit.satisfaction.pipeline import Prepared, Scaling
from qa_audit.satisfaction.predict import (
    SatisfactionModel,
    Seen,
    contributions,
    course_of_turns,
    decided,
    least_against_others,
    scores_of,
)
from qa_audit.satisfaction.ratings import CLASSES, class_of
from qa_audit.satisfaction.weights import Head, SatisfactionWeights
from qa_audit.sentiment.ngrams import Floats, Integers

FOLDS = 5
FEWEST_CHATS = 10  # of each class
FEWEST_TURNS = 10  # of each label of turns; with fewer the labels are not learned from


@dataclass(frozen=True, slots=True)
class Trained:
    """A model's weights, what cross-validation says of it, and how many chats were learned from, by class."""

    weights: SatisfactionWeights
    measured: Figures
    calibration: tuple[Bin, ...]
    counts: Mapping[str, int]
    turn_labels: int
    settings: Mapping[str, float]


def usable(examples: Sequence[RatedChat], classes: int) -> list[RatedChat]:
    """The examples that say something in so many classes and in which anybody wrote."""
    return [one for one in examples if one.chat and class_of(one.rating, classes) is not None]


def train(examples: Sequence[RatedChat], *, classes: int, spelling: Spelling, seed: int) -> Trained:
    """A model of all ``examples`` that are usable. Raises InputError if a class has too few chats."""
    if all(example.rating is None for example in examples):
        raise InputError(
            "no chat has a rating; give a file of chat ids and ratings with --ratings, or transcripts with a rating"
        )
    examples = usable(examples, classes)
    names, truth = CLASSES[classes], numbers(examples, classes)
    _check(truth, names)
    fold = folds(truth, [example.group for example in examples], seed=seed)
    labels = _turn_labels(examples)
    data = pipeline.prepare([e.chat for e in examples], spelling, turns=labels is not None)
    seen, turns = data.seen, None
    if labels is not None:
        said, turns = _learn_turns(data, labels, fold, seed=seed)
        dense = {"turns": course_of_turns(said, data.spoken), **seen.dense}
        seen = Seen(seen.chats, seen.blocks, dense)
    outside = _cross_validate(seen, data, truth, fold, seed=seed)
    probabilities, given = _read_outside(outside, truth, fold)
    ratings = np.array([example.rating for example in examples])
    everything = np.arange(len(truth))
    head = _learn(seen, data, truth, everything, seed=seed)
    calibration = fit_calibration(outside, truth)
    added = contributions(seen, head)
    feared = probabilities[:, : classes // 2].sum(axis=1)
    return Trained(
        SatisfactionWeights(
            classes=names,
            speller=data.speller,
            ngrams=data.ngrams,
            head=head,
            calibration=calibration,
            shares=_shares(truth),
            typical={
                part: float(least_against_others(own).mean() * calibration[0]) for part, own in added.items()
            },
            turn_ngrams=data.turn_ngrams,
            turns=turns,
        ),
        figures(names, probabilities, given, truth, ratings, seed=seed),
        reliability(feared, truth < classes // 2),
        {name: int((truth == number).sum()) for number, name in enumerate(names)},
        0 if labels is None else len(labels),
        pipeline.SETTINGS,
    )


def measure(model: SatisfactionModel, examples: Sequence[RatedChat], *, seed: int) -> Figures:
    """The figures of a model on other chats. Raises InputError if none of them is usable."""
    classes = len(model.classes)
    examples = usable(examples, classes)
    if not examples:
        raise InputError(
            f"none of the test chats has a rating that says something in {classes} classes; give others"
        )
    probabilities = model.probabilities([example.chat for example in examples])
    return figures(
        model.classes,
        probabilities,
        decided(probabilities, model.weights.shares),
        numbers(examples, classes),
        np.array([example.rating for example in examples]),
        seed=seed,
    )


def numbers(examples: Sequence[RatedChat], classes: int) -> Integers:
    """The class of each example as its number."""
    return np.array([class_of(example.rating, classes) for example in examples], dtype=np.int64)


def folds(truth: Integers, groups: Sequence[str], *, seed: int) -> Integers:
    """The fold of each chat: classes spread evenly, those of one group together."""
    fold = np.zeros(len(truth), dtype=np.int64)
    split = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(truth, truth, groups)
    for number, (_, outside) in enumerate(split):
        fold[outside] = number
    return fold


def _check(truth: Integers, names: Sequence[str]) -> None:
    found = np.bincount(truth, minlength=len(names)).tolist()
    few = [f'{count} are "{name}"' for name, count in zip(names, found, strict=True) if count < FEWEST_CHATS]
    if few:
        fewer = [str(other) for other in CLASSES if other < len(names)]
        hint = f", or learn fewer classes with --classes {' or '.join(fewer)}" if fewer else ""
        raise InputError(
            f"of {len(truth)} rated chats {' and '.join(few)}; at least {FEWEST_CHATS} of each are wanted: "
            f"give more rated chats{hint}"
        )


def _turn_labels(examples: Sequence[RatedChat]) -> Integers | None:
    """The labels of all customers' turns, from 0; None where not every chat has them, or one is too rare."""
    labels: list[int] = []
    for example in examples:
        if example.turn_labels is None:
            return None
        labels += example.turn_labels
    found = Counter(labels)
    if any(found[label] < FEWEST_TURNS for label in (1, 2, 3)):
        return None
    return np.array(labels, dtype=np.int64) - 1


def _learn_turns(data: Prepared, labels: Integers, fold: Integers, *, seed: int) -> tuple[Floats, Head]:
    """What models of turns say of chats they have not seen, and the model of all turns."""
    assert data.turns is not None
    assert data.turn_ngrams is not None
    matrix = pipeline.turn_matrix(data.turns, data.turn_ngrams)
    fold_of = fold[data.turns.chat_of]
    said = np.zeros((len(labels), 3))
    for number in range(FOLDS):
        inside, outside = np.flatnonzero(fold_of != number), fold_of == number
        head = pipeline.fit_turns(matrix[inside], labels[inside], data.turn_ngrams, seed=seed)
        scores = turn_scores(data.turns, head.parts, head.intercept)
        said[outside] = turn_probabilities(scores)[outside]
    return said, pipeline.fit_turns(matrix, labels, data.turn_ngrams, seed=seed)


def _learn(seen: Seen, data: Prepared, truth: Integers, rows: Integers, *, seed: int) -> Head:
    """The model of some of the chats."""
    scaling = Scaling.of(seen.dense, rows)
    matrix = pipeline.matrix_of(seen, data.ngrams, scaling)
    learned = pipeline.learn(matrix[rows], truth[rows], seed=seed)
    return pipeline.head_of(learned, data.ngrams, scaling, classes=int(truth.max()) + 1)


def _cross_validate(seen: Seen, data: Prepared, truth: Integers, fold: Integers, *, seed: int) -> Floats:
    """The scores of every chat by a model of the other folds."""
    outside = np.zeros((len(truth), int(truth.max()) + 1))
    for number in range(FOLDS):
        head = _learn(seen, data, truth, np.flatnonzero(fold != number), seed=seed)
        scores = scores_of(contributions(seen, head), head.intercept, chats=seen.chats)
        outside[fold == number] = scores[fold == number]
    return outside


def _read_outside(outside: Floats, truth: Integers, fold: Integers) -> tuple[Floats, Integers]:
    """Probabilities and classes from scores, each fold read as the other folds suggest."""
    probabilities, given = np.zeros(outside.shape), np.zeros(len(truth), dtype=np.int64)
    for number in range(FOLDS):
        calibration = fit_calibration(outside[fold != number], truth[fold != number])
        own = fold == number
        probabilities[own] = probabilities_of(outside[own], calibration)
        given[own] = decided(probabilities[own], _shares(truth[fold != number]))
    return probabilities, given


def _shares(truth: Integers) -> Floats:
    shares: Floats = np.bincount(truth) / len(truth)
    return shares
