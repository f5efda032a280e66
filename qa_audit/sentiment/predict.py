"""The customer's mood of each turn, by numpy alone: nothing here imports scikit-learn.

The formula is that of the scikit-learn pipeline in ``train``: softmax(scale · (features · coefficients +
intercept) + shift). Every sum runs over one turn's features in a fixed order, so a turn's result does not
depend, not in a bit, on the turns beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from qa_audit.records import MOODS, Mood
from qa_audit.sentiment import weights as files
from qa_audit.sentiment.ngrams import Floats, Integers, NgramTable, code_points, counts
from qa_audit.sentiment.turns import CustomerTurn, clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

BATCH = 4096  # turns at once: bounds the memory, changes no result
GROUP_COUNT_CAP = 3
LENGTH_CAP = 1000
PIECE_CAP = 10
_LOG1P = np.log1p(np.arange(LENGTH_CAP + 1))


class MoodModel:
    """A trained mood model, ready to be applied; ``hash`` is the sha256 of its weights file.

    ``thresholds`` are probabilities: from ``negative`` on a turn is called negative, from ``positive`` on (and not
    negative) positive; ``negative_precision_85`` is where 85 % of what is called negative was so in
    cross-validation, ``negative_half`` is a half.
    """

    def __init__(self, weights: files.Weights, thresholds: Mapping[str, float], sha256: str) -> None:
        self.thresholds = dict(thresholds)
        self.hash = sha256
        self._intercept: Floats = weights.intercept
        self._scale, self._shift = float(weights.calibration[0]), weights.calibration[1:]
        self._shape_coef: Floats = weights.shape_coef
        self._text = _Tfidf(weights.text_idf, weights.text_coef)
        self._before = _Tfidf(weights.before_idf, weights.before_coef)
        self._word_coef: Floats = weights.word_coef
        ngrams: list[str] = weights.text_ngrams.tolist()
        group_of: dict[str, int] = dict(zip(weights.words.tolist(), weights.word_group.tolist(), strict=True))
        known = set(ngrams)
        ngrams += [word for word in group_of if word not in known]
        self._text_table = NgramTable(ngrams)
        self._group = np.array([group_of.get(ngram, -1) for ngram in ngrams], dtype=np.int64)
        self._before_table = NgramTable(weights.before_ngrams.tolist())

    @classmethod
    def load(cls, directory: Path) -> Self:
        """The model in ``directory``. Raises InvalidModel with file and remedy if it cannot be used."""
        weights, card = files.read(directory)
        return cls(weights, card["thresholds"], card["sha256"])

    def probabilities(self, turns: Sequence[CustomerTurn]) -> Floats:
        """P of each of ``records.MOODS``: shape (turns, 3), rows sum to 1."""
        batches = [self._scores(turns[start : start + BATCH]) for start in range(0, len(turns), BATCH)]
        scores = np.concatenate(batches) if batches else np.empty((0, len(MOODS)))
        return calibrated(scores, self._scale, self._shift)

    def labels(self, probabilities: Floats) -> tuple[Mood, ...]:
        """The mood of each row of ``probabilities`` by the thresholds of this model."""
        return tuple(MOODS[number] for number in decided(probabilities, self.thresholds))

    def _scores(self, turns: Sequence[CustomerTurn]) -> Floats:
        """What the calibration starts from: shape (turns, 3)."""
        texts = clean([turn.text for turn in turns])
        points, text_of = code_points(texts)
        starts, numbers = self._text_table.find(points)
        text_of_hit = text_of[starts]
        scores = np.tile(self._intercept, (len(turns), 1))
        scores += self._text.scores(text_of_hit, numbers, texts=len(turns))
        scores += self._word_scores(text_of_hit, numbers, texts=len(turns))
        for feature, coefficients in zip(shapes(texts), self._shape_coef, strict=True):
            scores += feature[:, None] * coefficients
        points, text_of = code_points(clean([turn.before for turn in turns]))
        starts, numbers = self._before_table.find(points)
        return scores + self._before.scores(text_of[starts], numbers, texts=len(turns))

    def _word_scores(self, text_of_hit: Integers, numbers: Integers, *, texts: int) -> Floats:
        groups = self._group[numbers]
        size = len(self._word_coef)
        cells = text_of_hit[groups >= 0] * size + groups[groups >= 0]
        occurrences = np.bincount(cells, minlength=texts * size).reshape(texts, size)
        features = np.minimum(occurrences, GROUP_COUNT_CAP).astype(np.float64)
        scores = np.zeros((texts, len(MOODS)))
        for feature, coefficients in zip(features.T, self._word_coef, strict=True):
            scores += feature[:, None] * coefficients
        return scores


class _Tfidf:
    """One TF-IDF block: (1 + ln tf) · idf, rows scaled to length 1, times the coefficients."""

    def __init__(self, idf: Floats, coef: Floats) -> None:
        self._idf = idf
        self._coef = np.ascontiguousarray(coef.T)

    def scores(self, text_of_hit: Integers, numbers: Integers, *, texts: int) -> Floats:
        """Shape (texts, 3), from the n-grams found; numbers past this block's are another block's words."""
        size = len(self._idf)
        own = numbers < size
        rows, columns, occurrences = counts(text_of_hit[own], numbers[own], size=max(size, 1))
        values = (1.0 + np.log(occurrences)) * self._idf[columns]
        lengths = np.sqrt(np.bincount(rows, weights=values * values, minlength=texts))
        lengths[lengths == 0.0] = 1.0
        sums = [np.bincount(rows, weights=values * row[columns], minlength=texts) for row in self._coef]
        return np.stack(sums, axis=1) / lengths[:, None]


def shapes(texts: Sequence[str]) -> tuple[Floats, Floats]:
    """Of each cleaned text: ln(1 + its length in characters, at most 1000), and its spaces, at most 10."""
    lengths = np.array([min(len(text), LENGTH_CAP) for text in texts], dtype=np.int64)
    spaces = np.array([min(text.count(" "), PIECE_CAP) for text in texts], dtype=np.float64)
    return _LOG1P[lengths], spaces


def calibrated(scores: Floats, scale: float, shift: Floats) -> Floats:
    """softmax(scale · scores + shift), rows summing to 1."""
    logits = scores * scale + shift
    powers = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    sums: Floats = powers[:, 0] + powers[:, 1] + powers[:, 2]
    probabilities: Floats = np.divide(powers, sums[:, None])
    return probabilities


def decided(probabilities: Floats, thresholds: Mapping[str, float]) -> Integers:
    """The number of the mood in ``records.MOODS`` for each row: negative goes before positive."""
    negative = probabilities[:, 0] >= thresholds["negative"]
    positive = probabilities[:, 2] >= thresholds["positive"]
    return np.where(negative, 0, np.where(positive, 2, 1)).astype(np.int64)
