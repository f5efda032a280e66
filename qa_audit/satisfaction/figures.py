"""How right a satisfaction model is: macro-F1, AUC, Spearman, with 95 % intervals over chats (percentile bootstrap)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from qa_audit.contact.calibrate import log_loss
from qa_audit.records import Interval
from qa_audit.sentiment.figures import AnswerFigures, answer_figures, calibration_error
from qa_audit.sentiment.ngrams import Floats, Integers

RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Figures:
    """One probability a class and one class chosen, against the true classes and the ratings.

    ``auc``: P(dissatisfied) of dissatisfied chats against satisfied ones, neutral ones left out. ``auc_of``: each class
    against all others. ``spearman``: the expected class beside the rating. ``calibration_error`` is that of
    P(dissatisfied), over ten equal-sized bins.
    """

    n: int
    answers: AnswerFigures
    auc: Interval
    auc_of: Mapping[str, float]
    spearman: Interval
    log_loss: float
    calibration_error: float

    @property
    def short(self) -> dict[str, object]:
        """The three figures by which models are compared, without intervals."""
        values = (self.answers.macro_f1.value, self.auc.value, self.spearman.value)
        return dict(zip(("macro_f1", "auc", "spearman"), values, strict=True))


def figures(
    classes: Sequence[str],
    probabilities: Floats,
    given: Integers,
    truth: Integers,
    ratings: Floats,
    *,
    seed: int,
) -> Figures:
    """The figures of ``probabilities`` (chats, classes) and the classes ``given``; ``ratings`` from 1 to 5."""
    bad, good = (
        len(classes) // 2,
        (len(classes) + 1) // 2,
    )  # classes below are dissatisfied, from here on satisfied
    feared = probabilities[:, :bad].sum(axis=1)
    expected = probabilities @ np.arange(len(classes), dtype=np.float64)
    clear = (truth < bad) | (truth >= good)
    happened = truth < bad

    def auc(rows: Integers) -> float | None:
        kept = rows[clear[rows]]
        return _auc(feared[kept], happened[kept])

    def spearman(rows: Integers) -> float | None:
        return _correlation(expected[rows], ratings[rows])

    return Figures(
        n=len(truth),
        answers=answer_figures(classes, truth, given, seed=seed),
        auc=_interval(auc, len(truth), seed=seed),
        auc_of={
            name: round(own, 4)
            for number, name in enumerate(classes)
            if (own := _auc(probabilities[:, number], truth == number)) is not None
        },
        spearman=_interval(spearman, len(truth), seed=seed),
        log_loss=round(log_loss(probabilities, truth), 4),
        calibration_error=round(calibration_error(feared, happened), 4),
    )


def _auc(scores: Floats, happened: npt.NDArray[np.bool_]) -> float | None:
    """The area under the ROC curve, by ranks; None where all or none happened."""
    yes = int(happened.sum())
    no = len(happened) - yes
    if not yes or not no:
        return None
    return float((rankdata(scores)[happened].sum() - yes * (yes + 1) / 2) / (yes * no))


def _correlation(a: Floats, b: Floats) -> float | None:
    """Spearman's rank correlation; None where one side never changes."""
    first, second = rankdata(a), rankdata(b)
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    return float(np.corrcoef(first, second)[0, 1])


def _interval(measure: Callable[[Integers], float | None], n: int, *, seed: int) -> Interval:
    value = measure(np.arange(n))
    if value is None:
        return Interval(None, None, None, n)
    draws = np.random.default_rng(seed).integers(0, n, size=(RESAMPLES, n))
    low, high = np.quantile([one for own in draws if (one := measure(own)) is not None], (0.025, 0.975))
    return Interval(round(value, 4), round(float(low), 4), round(float(high), 4), n)


@dataclass(frozen=True, slots=True)
class Bin:
    """Chats of like P(dissatisfied): how many, what was said on average, and how many were dissatisfied."""

    chats: int
    said: float
    happened: float


def reliability(feared: Floats, happened: npt.NDArray[np.bool_], *, bins: int = 10) -> tuple[Bin, ...]:
    """What the calibration plot shows: equal-sized bins by P(dissatisfied)."""
    order = np.argsort(feared, kind="stable")
    return tuple(
        Bin(len(part), round(float(feared[part].mean()), 4), round(float(happened[part].mean()), 4))
        for part in np.array_split(order, bins)
        if len(part)
    )
