"""How right moods are: precision, recall and F1 with intervals over chats, calibration error, thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from qa_audit.records import MOODS, Interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qa_audit.sentiment.ngrams import Floats, Integers

RESAMPLES = 1000
FEWEST_FOR_A_THRESHOLD = 20
PRECISION_WANTED = 0.85
_TRIED = np.arange(5, 96) / 100


@dataclass(frozen=True, slots=True)
class MoodFigures:
    """Moods given against moods true: n turns; 95 % intervals by drawing whole chats (percentile bootstrap)."""

    accuracy: Interval
    macro_f1: Interval
    negative_precision: Interval
    negative_recall: Interval
    negative_f1: Interval
    positive_f1: Interval
    neutral_f1: Interval


@dataclass(frozen=True, slots=True)
class AnswerFigures:
    """One question's answers given against true ones: 95 % intervals by drawing chats (percentile bootstrap).

    ``macro_f1`` is over the answers that labels give; ``confusion[true][given]`` counts chats.
    """

    accuracy: Interval
    macro_f1: Interval
    f1: Mapping[str, float]
    confusion: Mapping[str, Mapping[str, int]]


def mood_figures(truth: Integers, given: Integers, groups: Sequence[str], *, seed: int) -> MoodFigures:
    """The figures of ``given`` against ``truth``, both numbers in ``records.MOODS``, turns of ``groups``."""
    _, group = np.unique(np.array(groups), return_inverse=True)
    tables = _tables(truth, given, group, answers=len(MOODS), seed=seed)
    right = np.diagonal(tables, axis1=1, axis2=2).astype(np.float64)
    precision = _ratio(right, tables.sum(axis=1))
    recall = _ratio(right, tables.sum(axis=2))
    f1 = _ratio(2 * right, tables.sum(axis=1) + tables.sum(axis=2))
    n = len(truth)
    return MoodFigures(
        accuracy=_interval(_ratio(right.sum(axis=1), tables.sum(axis=(1, 2))), n),
        macro_f1=_interval(f1.mean(axis=1), n),
        negative_precision=_interval(precision[:, 0], int((given == 0).sum())),
        negative_recall=_interval(recall[:, 0], int((truth == 0).sum())),
        negative_f1=_interval(f1[:, 0], n),
        positive_f1=_interval(f1[:, 2], n),
        neutral_f1=_interval(f1[:, 1], n),
    )


def answer_figures(answers: Sequence[str], truth: Integers, given: Integers, *, seed: int) -> AnswerFigures:
    """The figures of ``given`` against ``truth``, both numbers in ``answers``, one a chat."""
    tables = _tables(truth, given, np.arange(len(truth)), answers=len(answers), seed=seed)
    right = np.diagonal(tables, axis1=1, axis2=2).astype(np.float64)
    sums = tables.sum(axis=1) + tables.sum(axis=2)
    f1 = _ratio(2 * right, sums)
    occurs = tables[0].sum(axis=1) > 0  # what no label says has no F1; giving it costs the F1 of others
    n = len(truth)
    table = tables[0]
    return AnswerFigures(
        accuracy=_interval(_ratio(right.sum(axis=1), tables.sum(axis=(1, 2))), n),
        macro_f1=_interval(f1[:, occurs].mean(axis=1), n),
        f1={name: round(float(f1[0, i]), 4) for i, name in enumerate(answers) if occurs[i]},
        confusion={
            name: {other: int(table[i, j]) for j, other in enumerate(answers) if table[i, j]}
            for i, name in enumerate(answers)
            if table[i].any()
        },
    )


def _tables(truth: Integers, given: Integers, group: Integers, *, answers: int, seed: int) -> Integers:
    """How often each answer was given for each true one: of the cases as they are, then of groups drawn anew."""
    groups = int(group.max()) + 1
    cells = np.bincount(group * answers**2 + truth * answers + given, minlength=groups * answers**2)
    per_group = cells.reshape(groups, answers**2)
    draws = np.random.default_rng(seed).multinomial(groups, np.full(groups, 1 / groups), RESAMPLES)
    return np.vstack([per_group.sum(axis=0), draws @ per_group]).reshape(-1, answers, answers)


def calibration_error(probabilities: Floats, happened: npt.NDArray[np.bool_], *, bins: int = 10) -> float:
    """Expected calibration error of one probability: mean |share − mean probability| over equal-sized bins."""
    order = np.argsort(probabilities, kind="stable")
    parts = np.array_split(order, bins)
    errors = [
        len(part) * abs(happened[part].mean() - probabilities[part].mean()) for part in parts if len(part)
    ]
    return float(sum(errors) / len(probabilities))


def best_thresholds(probabilities: Floats, truth: Integers) -> dict[str, float]:
    """From which probability on a turn is best called negative, or positive: the highest F1 of each."""
    return {
        mood: _best_f1(probabilities[:, number], truth == number)
        for number, mood in enumerate(MOODS)
        if mood != "neutral"
    }


def threshold_for_precision(probabilities: Floats, happened: npt.NDArray[np.bool_]) -> float:
    """The lowest threshold with a precision of at least .85 over at least 20 turns; 1.0 if there is none."""
    order = np.argsort(-probabilities, kind="stable")
    precision = np.cumsum(happened[order]) / np.arange(1, len(order) + 1)
    long_enough = np.arange(1, len(order) + 1) >= FEWEST_FOR_A_THRESHOLD
    good = np.flatnonzero((precision >= PRECISION_WANTED) & long_enough)
    return float(probabilities[order[good[-1]]]) if len(good) else 1.0


def _best_f1(probabilities: Floats, happened: npt.NDArray[np.bool_]) -> float:
    called = probabilities[None, :] >= _TRIED[:, None]
    right = (called & happened).sum(axis=1)
    f1 = _ratio(2.0 * right, called.sum(axis=1) + happened.sum())
    return float(_TRIED[int(f1.argmax())])


def _ratio(part: npt.NDArray[np.floating], whole: npt.NDArray[np.integer]) -> Floats:
    quotient: Floats = np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
    return quotient


def _interval(values: Floats, n: int) -> Interval:
    low, high = np.quantile(values[1:], (0.025, 0.975))
    return Interval(round(float(values[0]), 4), round(float(low), 4), round(float(high), 4), n)
