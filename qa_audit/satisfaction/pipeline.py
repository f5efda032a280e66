"""What scikit-learn learns: the model of turns and the model of chats.

Both are one-versus-rest logistic regressions; their coefficients become a ``Head`` that ``predict`` applies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from qa_audit.contact.features import SIDES, Side
from qa_audit.satisfaction.chats import Chat, Speller, Spelling
from qa_audit.satisfaction.features import BLOCKS, Block, Ngrams, Spoken, Table, side_of
from qa_audit.satisfaction.moods import PARTS, TurnFeatures, turn_features
from qa_audit.satisfaction.predict import SMALLEST, Seen, see
from qa_audit.satisfaction.weights import DENSE, Head
from qa_audit.sentiment.ngrams import Floats, Integers

FEWEST_CHATS, FEWEST_TURNS = 2, 3  # in which an n-gram must occur
INVERSE_PENALTY, TURN_INVERSE_PENALTY = 4.0, 1.0
DENSE_SCALE = 0.03  # of standardised columns, beside blocks of length 1
AROUND_SCALE = 0.7  # of the turns around a turn
TOLERANCE, TURN_TOLERANCE = 0.02, 0.1
SETTINGS: Mapping[str, float] = {
    "inverse_penalty": INVERSE_PENALTY,
    "turn_inverse_penalty": TURN_INVERSE_PENALTY,
    "dense_scale": DENSE_SCALE,
    "around_scale": AROUND_SCALE,
    "fewest_chats": FEWEST_CHATS,
    "fewest_turns": FEWEST_TURNS,
}
Matrix = sparse.csr_array


@dataclass(frozen=True, slots=True)
class Prepared:
    """The features of all training chats, and what they were made with. N-grams were counted without labels."""

    speller: Speller
    spoken: Spoken
    ngrams: Mapping[Side, Ngrams]
    seen: Seen
    turn_ngrams: Mapping[Side, Ngrams] | None
    turns: TurnFeatures | None


def prepare(chats: Sequence[Chat], spelling: Spelling, *, turns: bool) -> Prepared:
    """The features of ``chats``; ``turns``: also those of each customer turn."""
    speller = Speller.of(spelling, chats)
    spoken = Spoken.of(chats, speller)
    ngrams = {side: Ngrams.of(spoken.documents(side), fewest=FEWEST_CHATS) for side in SIDES}
    seen = see(chats, spoken, {side: Table.of(own) for side, own in ngrams.items()})
    if not turns:
        return Prepared(speller, spoken, ngrams, seen, None, None)
    own = {side: Ngrams.of(([text] for text in spoken.texts[side]), fewest=FEWEST_TURNS) for side in SIDES}
    found = turn_features(chats, spoken, {side: Table.of(table) for side, table in own.items()})
    return Prepared(speller, spoken, ngrams, seen, own, found)


def turn_matrix(turns: TurnFeatures, ngrams: Mapping[Side, Ngrams]) -> Matrix:
    """The customer's turns as scikit-learn takes them."""
    words = {}
    for side in SIDES:
        width = len(ngrams[side].ngrams)
        none = sparse.csr_array((1, width))  # row -1: no such turn
        words[side] = sparse.csr_array(sparse.vstack([_matrix(turns.words[side], width), none]))
    columns = [words[side][turns.turn_of[part]] * _turn_scale(part) for part, (side, _) in PARTS.items()]
    return sparse.csr_array(sparse.hstack([*columns, sparse.csr_array(turns.places)]))


def _turn_scale(part: str) -> float:
    return 1.0 if part == "own" else AROUND_SCALE


def fit_turns(matrix: Matrix, labels: Integers, ngrams: Mapping[Side, Ngrams], *, seed: int) -> Head:
    """The model of turns; ``labels`` are 0, 1 and 2."""
    learned = _fit(matrix, labels, TURN_INVERSE_PENALTY, TURN_TOLERANCE, balanced=False, seed=seed)
    widths = {part: len(ngrams[side].ngrams) for part, (side, _) in PARTS.items()}
    coefficients, intercept = _whole(learned, 3)
    split = np.split(coefficients, np.cumsum(list(widths.values())), axis=0)
    parts = {part: own * _turn_scale(part) for part, own in zip(widths, split, strict=False)}
    return Head(parts | {"place": split[-1]}, intercept)


@dataclass(frozen=True, slots=True)
class Scaling:
    """Mean and deviation of the dense columns by part, over the chats learned from."""

    mean: Mapping[str, Floats]
    deviation: Mapping[str, Floats]

    @classmethod
    def of(cls, dense: Mapping[str, Floats], rows: Integers) -> Scaling:
        """Those of some rows; a column that never changes is left as it is."""
        deviations = {part: own[rows].std(axis=0) for part, own in dense.items()}
        return cls(
            {part: own[rows].mean(axis=0) for part, own in dense.items()},
            {part: np.where(own > SMALLEST, own, 1.0) for part, own in deviations.items()},
        )


def matrix_of(seen: Seen, ngrams: Mapping[Side, Ngrams], scaling: Scaling) -> Matrix:
    """The chats as scikit-learn takes them."""
    columns = [_matrix(seen.blocks[block], len(ngrams[side_of(block)].ngrams)) for block in BLOCKS]
    for part in _dense_parts(seen):
        values = (seen.dense[part] - scaling.mean[part]) / scaling.deviation[part] * DENSE_SCALE
        columns.append(sparse.csr_array(values))
    return sparse.csr_array(sparse.hstack(columns))


def _dense_parts(seen: Seen) -> list[str]:
    return [part for part in DENSE if part in seen.dense]


def learn(matrix: Matrix, answers: Integers, *, seed: int) -> OneVsRestClassifier:
    """The logistic regressions of the classes; rare classes weigh as much as frequent ones."""
    return _fit(matrix, answers, INVERSE_PENALTY, TOLERANCE, balanced=True, seed=seed)


def head_of(
    learned: OneVsRestClassifier, ngrams: Mapping[Side, Ngrams], scaling: Scaling, *, classes: int
) -> Head:
    """What was learned, for features as they are: the scaling is worked into the coefficients."""
    coefficients, intercept = _whole(learned, classes)
    widths = {block: len(ngrams[side_of(block)].ngrams) for block in BLOCKS}
    widths |= {part: DENSE[part] for part in DENSE if part in scaling.mean}
    cuts = np.cumsum(list(widths.values()))[:-1]
    parts = dict(zip(widths, np.split(coefficients, cuts, axis=0), strict=True))
    for part, mean in scaling.mean.items():
        parts[part] = parts[part] * DENSE_SCALE / scaling.deviation[part][:, None]
        intercept = intercept - mean @ parts[part]
    return Head(parts, intercept)


def _whole(learned: OneVsRestClassifier, classes: int) -> tuple[Floats, Floats]:
    """Coefficients (features, classes) and intercepts; of two classes one is the other's negative."""
    coefficients = np.vstack([own.coef_ for own in learned.estimators_])
    intercept = np.concatenate([own.intercept_ for own in learned.estimators_])
    if classes == 2:
        coefficients, intercept = np.vstack([-coefficients, coefficients]), np.r_[-intercept, intercept]
    return coefficients.T, intercept


def _fit(
    matrix: Matrix, answers: Integers, inverse_penalty: float, tolerance: float, *, balanced: bool, seed: int
) -> OneVsRestClassifier:
    own = LogisticRegression(
        C=inverse_penalty,
        class_weight="balanced" if balanced else None,
        solver="liblinear",
        dual=True,
        tol=tolerance,
        random_state=seed,
    )
    return OneVsRestClassifier(own).fit(matrix, answers)


def _matrix(block: Block, width: int) -> Matrix:
    places = (block.rows.astype(np.int32), block.columns.astype(np.int32))  # liblinear takes no longer
    return sparse.csr_array((block.values, places), shape=(block.height, width))
