"""Learns what to add to the coefficients of a mood model, drawn towards nothing: labelled turns in, weights out.

The old model's log P are the start; what is learned is added to them. So nothing that the old model knows has to be
learned again, and where the turns teach nothing, its probabilities stay as they are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import sparse
from scipy.optimize import minimize

from qa_audit.records import MOODS
from qa_audit.sentiment import pipeline
from qa_audit.sentiment.predict import calibrated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa_audit.sentiment.ngrams import Floats
    from qa_audit.sentiment.pipeline import Matrix
    from qa_audit.sentiment.turns import CustomerTurn
    from qa_audit.sentiment.weights import Weights

Head = Literal["alone", "in_chat"]
HEADS: tuple[Head, ...] = ("alone", "in_chat")
# where the coefficients of each block stand in the weights: the array, and the first of three columns
PLACES: dict[Head, dict[str, tuple[str, int]]] = {
    "alone": {
        "text": ("text_coef", 0),
        "words": ("word_coef", 0),
        "shape": ("shape_coef", 0),
        "constant": ("intercept", 0),
    },
    "in_chat": {
        "text": ("text_coef", 3),
        "words": ("word_coef", 3),
        "shape": ("shape_coef", 3),
        "before": ("agent_coef", 0),
        "after": ("agent_coef", 3),
        "agent": ("agent_coef", 6),
        "earlier": ("word_coef", 6),
        "later": ("word_coef", 9),
        "position": ("position_coef", 0),
        "constant": ("intercept", 3),
    },
}
MOST_ITERATIONS = 500
_FLOOR = 1e-12  # of a probability whose logarithm is taken
_NO_SHIFT = np.array([0.0, 0.0, 0.0])


def seen(features: pipeline.Features, turns: Sequence[CustomerTurn], head: Head) -> Matrix:
    """What a head sees of ``turns``, a row each, scaled as in training; the last column is the constant."""
    blocks = features.blocks(turns)
    own = pipeline.of_the_turn(blocks) if head == "alone" else pipeline.of_the_chat(blocks)
    return sparse.hstack([own, sparse.csr_matrix(np.ones((len(turns), 1)))]).tocsr()


def logits(probabilities: Floats) -> Floats:
    """Log P, from which softmax gives the probabilities again."""
    logs: Floats = np.log(np.maximum(probabilities, _FLOOR))
    return logs


def learned(
    matrix: Matrix, start: Floats, target: Floats, weight: Floats, *, penalty: float, first: Floats | None = None
) -> Floats:
    """The change D (columns, 3) that makes weighted log loss + penalty · ||D||² least.

    The probabilities are softmax(start + matrix · D), and ``target`` (rows, 3) are those wanted; ``first``: where the
    search begins.
    """
    used = np.flatnonzero(np.diff(matrix.tocsc().indptr))
    rows, shape = matrix[:, used], (len(used), len(MOODS))
    back = rows.T.tocsr()

    def loss(flat: Floats) -> tuple[float, Floats]:
        change = flat.reshape(shape)
        given = calibrated(start + rows @ change, 1.0, _NO_SHIFT)
        lost = -(weight[:, None] * target * logits(given)).sum()
        slope = back @ (weight[:, None] * (given - target)) + 2 * penalty * change
        return float(lost + penalty * (change**2).sum()), slope.ravel()

    begin = np.zeros(shape) if first is None else first[used]
    found = minimize(loss, begin.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": MOST_ITERATIONS})
    change = np.zeros((matrix.shape[1], len(MOODS)))
    change[used] = found.x.reshape(shape)
    return change


def with_change(weights: Weights, head: Head, change: Floats) -> Weights:
    """The weights of the model whose log P in ``head`` are those of ``weights`` + what it sees · ``change``.

    The calibration of the head is multiplied in; the other head stays as it is.
    """
    row = HEADS.index(head)
    scale, *shift = weights.calibration[row]
    arrays = {
        name: getattr(weights, name).copy()
        for name in {array for array, _ in PLACES[head].values()} | {"calibration"}
    }
    start = 0
    for block, (array, first) in PLACES[head].items():
        own = np.atleast_2d(arrays[array])[:, first : first + len(MOODS)]
        own *= scale
        own += pipeline.SCALES.get(block, 1.0) * change[start : start + len(own)]
        start += len(own)
    first = PLACES[head]["constant"][1]
    arrays["intercept"][first : first + len(MOODS)] += shift
    arrays["calibration"][row] = (1.0, 0.0, 0.0, 0.0)
    return replace(weights, **arrays)
