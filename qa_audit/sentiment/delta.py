"""Learns what to add to the coefficients of a mood model, drawn towards nothing: labelled turns in, weights out.

The old model's log P are the start; what is learned is added to them. So nothing that the old model knows has to be
learned again, and where the turns teach nothing, its probabilities stay as they are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

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

# where the coefficients of each block stand in the weights: the array, and the first of three columns for a turn that
# stands alone, and for one in a chat. What is learned of a turn's own words counts for both.
PLACES: dict[str, tuple[str, tuple[int, ...]]] = {
    "text": ("text_coef", (0, 3)),
    "words": ("word_coef", (0, 3)),
    "shape": ("shape_coef", (0, 3)),
    "before": ("agent_coef", (0,)),
    "after": ("agent_coef", (3,)),
    "agent": ("agent_coef", (6,)),
    "earlier": ("word_coef", (6,)),
    "later": ("word_coef", (9,)),
    "position": ("position_coef", (0,)),
    "constant_alone": ("intercept", (0,)),
    "constant_in_chat": ("intercept", (3,)),
}
# arrays whose first three columns are for turns that stand alone; all others are for turns in a chat
TOLD_APART = frozenset({"text_coef", "word_coef", "shape_coef", "intercept"})
MOST_ITERATIONS = 500
_FLOOR = 1e-12  # of a probability whose logarithm is taken
_NO_SHIFT = np.array([0.0, 0.0, 0.0])


def seen(features: pipeline.Features, turns: Sequence[CustomerTurn]) -> Matrix:
    """What the model sees of ``turns``, a row each, scaled as in training; the last two columns are constants.

    Of a turn that stands alone only its own words are seen.
    """
    alone = pipeline.stands_alone(turns)
    in_chat = sparse.diags(1.0 - alone)
    blocks = [
        block * pipeline.SCALES[name] if i < pipeline.OF_THE_TURN else in_chat @ block * pipeline.SCALES[name]
        for i, (name, block) in enumerate(features.blocks(turns).items())
    ]
    constants = sparse.csr_matrix(np.stack([alone, ~alone], axis=1).astype(np.float64))
    return sparse.hstack([*blocks, constants]).tocsr()


def logits(probabilities: Floats) -> Floats:
    """Log P, from which softmax gives the probabilities again."""
    logs: Floats = np.log(np.maximum(probabilities, _FLOOR))
    return logs


def learned(
    matrix: Matrix,
    start: Floats,
    target: Floats,
    weight: Floats,
    *,
    penalty: float,
    first: Floats | None = None,
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


def with_change(weights: Weights, change: Floats) -> Weights:
    """The weights of the model whose log P are those of ``weights`` + what it sees · ``change``.

    The calibrations are multiplied in.
    """
    arrays: dict[str, Floats] = {
        name: np.atleast_2d(getattr(weights, name)).astype(np.float64)
        for name in {array for array, _ in PLACES.values()}
    }
    scales, shifts = weights.calibration[:, 0], weights.calibration[:, 1:]
    for name, array in arrays.items():
        columns_alone = len(MOODS) if name in TOLD_APART else 0
        array[:, :columns_alone] *= scales[0]
        array[:, columns_alone:] *= scales[1]
    arrays["intercept"] += shifts.ravel()
    start = 0
    for block, (place, columns) in PLACES.items():
        height = len(arrays[place])
        for first in columns:
            part = pipeline.SCALES.get(block, 1.0) * change[start : start + height]
            arrays[place][:, first : first + len(MOODS)] += part
        start += height
    arrays["intercept"] = arrays["intercept"].ravel()
    return replace(weights, **arrays, calibration=np.array([(1.0, 0.0, 0.0, 0.0)] * 2))
