"""Scores → probabilities that mean what they say: one scale and a shift for each answer, fitted on chats not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

from qa_audit.contact.predict import probabilities_of
from qa_audit.sentiment.figures import calibration_error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qa_audit.sentiment.ngrams import Floats, Integers

SMALLEST = 1e-12


@dataclass(frozen=True, slots=True)
class ProbabilityFigures:
    """How good probabilities are over n chats: log loss beside that of always saying how often each answer occurs.

    ``auc[answer]`` and ``calibration_error[answer]`` hold one answer against all others.
    """

    n: int
    log_loss: float
    log_loss_of_shares: float
    auc: Mapping[str, float]
    calibration_error: Mapping[str, float]


def fit_calibration(scores: Floats, truth: Integers) -> Floats:
    """Scale and shifts that make the true answers likeliest; the shift of the first answer is 0."""

    def loss(parameters: Floats) -> float:
        return log_loss(probabilities_of(scores, _whole(parameters)), truth)

    answers = scores.shape[1]
    found: Floats = minimize(loss, np.r_[1.0, np.zeros(answers - 1)], method="BFGS").x
    return _whole(found)


def _whole(parameters: Floats) -> Floats:
    whole: Floats = np.r_[parameters[0], 0.0, parameters[1:]]
    return whole


def log_loss(probabilities: Floats, truth: Integers) -> float:
    """The mean of -ln P(true answer)."""
    chosen = probabilities[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(chosen, SMALLEST)).mean())


def probability_figures(answers: Sequence[str], probabilities: Floats, truth: Integers) -> ProbabilityFigures:
    """The figures of probabilities given, shape (chats, answers), against true answers, numbers in ``answers``."""
    shares = np.bincount(truth, minlength=len(answers)) / len(truth)
    occurring = [i for i, share in enumerate(shares) if 0 < share < 1]
    return ProbabilityFigures(
        n=len(truth),
        log_loss=round(log_loss(probabilities, truth), 4),
        log_loss_of_shares=round(log_loss(np.tile(shares, (len(truth), 1)), truth), 4),
        auc={answers[i]: round(float(roc_auc_score(truth == i, probabilities[:, i])), 4) for i in occurring},
        calibration_error={
            answers[i]: round(calibration_error(probabilities[:, i], truth == i), 4) for i in occurring
        },
    )
