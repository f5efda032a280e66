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

# Where the coefficients of each column block stand in the weights: scale, array, and the first of three columns. Turns
# that stand alone and those in a chat are learned from apart: what is not measured of one kind does not change for it.
PLACES: tuple[tuple[str, str, int], ...] = (
    ("text", "text_coef", 0),
    ("words", "word_coef", 0),
    ("shape", "shape_coef", 0),
    ("text", "text_coef", 3),
    ("words", "word_coef", 3),
    ("shape", "shape_coef", 3),
    ("before", "agent_coef", 0),
    ("after", "agent_coef", 3),
    ("agent", "agent_coef", 6),
    ("earlier", "word_coef", 6),
    ("later", "word_coef", 9),
    ("position", "position_coef", 0),
    ("constant", "intercept", 0),
    ("constant", "intercept", 3),
)
# arrays whose first three columns are for turns that stand alone; all others are for turns in a chat
TOLD_APART = frozenset({"text_coef", "word_coef", "shape_coef", "intercept"})
MOST_ITERATIONS = 500
_FLOOR = 1e-12  # of a probability whose logarithm is taken
_NO_SHIFT = np.array([0.0, 0.0, 0.0])


def seen(features: pipeline.Features, turns: Sequence[CustomerTurn]) -> Matrix:
    """What the model sees of ``turns``, a row each, scaled as in training; the last two columns are constants.

    Turns that stand alone, of which only their own words are seen, and those in a chat have columns of their own.
    """
    alone = pipeline.stands_alone(turns)
    by_head = sparse.diags(alone.astype(np.float64)), sparse.diags(1.0 - alone)
    scaled = [block * pipeline.SCALES[name] for name, block in features.blocks(turns).items()]
    blocks = [by_head[0] @ block for block in scaled[: pipeline.OF_THE_TURN]]
    blocks += [by_head[1] @ block for block in scaled]
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
        for name in {array for _, array, _ in PLACES}
    }
    scales, shifts = weights.calibration[:, 0], weights.calibration[:, 1:]
    for name, array in arrays.items():
        columns_alone = len(MOODS) if name in TOLD_APART else 0
        array[:, :columns_alone] *= scales[0]
        array[:, columns_alone:] *= scales[1]
    arrays["intercept"] += shifts.ravel()
    start = 0
    for block, place, first in PLACES:
        height = len(arrays[place])
        part = pipeline.SCALES.get(block, 1.0) * change[start : start + height]
        arrays[place][:, first : first + len(MOODS)] += part
        start += height
    arrays["intercept"] = arrays["intercept"].ravel()
    return replace(weights, **arrays, calibration=np.array([(1.0, 0.0, 0.0, 0.0)] * 2))
