"""The customer's mood of each turn, by numpy alone: nothing here imports scikit-learn.

The formula is that of the scikit-learn model in ``pipeline``: softmax(scale · (features · coefficients +
intercept) + shift). Every sum runs over one turn's features in a fixed order, so a turn's result does not
depend, not in a bit, on the turns beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

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
EARLIER_REACH = 3  # of the customer's rounds before
LATER_REACH = 1  # of those after
_LOG1P = np.log1p(np.arange(LENGTH_CAP + 1))
_MOODS = len(MOODS)


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
        self._calibration: Floats = weights.calibration
        self._shape_coef: Floats = weights.shape_coef
        self._position_coef: Floats = weights.position_coef
        self._text = _Tfidf(weights.text_idf, weights.text_coef)
        self._agent = _Tfidf(weights.agent_idf, weights.agent_coef)
        self._word_coef: Floats = weights.word_coef
        ngrams: list[str] = weights.text_ngrams.tolist()
        group_of: dict[str, int] = dict(zip(weights.words.tolist(), weights.word_group.tolist(), strict=True))
        known = set(ngrams)
        ngrams += [word for word in group_of if word not in known]
        self._text_table = NgramTable(ngrams)
        self._group = np.array([group_of.get(ngram, -1) for ngram in ngrams], dtype=np.int64)
        self._agent_table = NgramTable(weights.agent_ngrams.tolist())

    @classmethod
    def load(cls, directory: Path) -> Self:
        """The model in ``directory``. Raises InvalidModel with file and remedy if it cannot be used."""
        weights, card = files.read(directory)
        return cls(weights, card["thresholds"], card["sha256"])

    def probabilities(self, turns: Sequence[CustomerTurn]) -> Floats:
        """P of each of ``records.MOODS``: shape (turns, 3), rows sum to 1."""
        batches = [self._probabilities(turns[start : start + BATCH]) for start in range(0, len(turns), BATCH)]
        return np.concatenate(batches) if batches else np.empty((0, _MOODS))

    def labels(self, probabilities: Floats) -> tuple[Mood, ...]:
        """The mood of each row of ``probabilities`` by the thresholds of this model."""
        return tuple(MOODS[number] for number in decided(probabilities, self.thresholds))

    def _probabilities(self, turns: Sequence[CustomerTurn]) -> Floats:
        """Of one batch. What a round says is counted once, whichever turns it stands around."""
        own, earlier, later, customer = _customer_rounds(turns)
        alone, in_chat, as_earlier, as_later = np.split(self._customer_scores(customer), 4, axis=1)
        before, after, chat, spoken, chats = _agent_rounds(turns)
        as_before, as_after, as_any = np.split(self._agent_scores(spoken), 3, axis=1)
        scores = in_chat[own] + self._intercept[_MOODS:]
        scores += _sums(as_earlier, earlier, len(turns)) + _sums(as_later, later, len(turns))
        scores += as_before[before] + as_after[after]
        lengths = np.maximum(np.bincount(chats.owner, minlength=chats.owners), 1)
        scores += (_sums(as_any, chats, chats.owners) / lengths[:, None])[chat]
        for feature, coefficients in zip(positions(turns).T, self._position_coef, strict=True):
            scores += feature[:, None] * coefficients
        stands_alone = np.fromiter((turn.alone for turn in turns), dtype=np.bool_, count=len(turns))
        scores = np.where(stands_alone[:, None], alone[own] + self._intercept[:_MOODS], scores)
        scale, *shift = self._calibration[np.where(stands_alone, 0, 1)].T
        return calibrated(scores, scale[:, None], np.stack(shift, axis=1))

    def _customer_scores(self, rounds: Sequence[str]) -> Floats:
        """What the words of each round add: three columns each if it stands alone, in a chat, earlier, later."""
        texts = clean(rounds)
        points, text_of = code_points(texts)
        starts, numbers = self._text_table.find(points)
        text_of_hit = text_of[starts]
        scores = self._word_scores(text_of_hit, numbers, texts=len(texts))
        scores[:, : 2 * _MOODS] += self._text.scores(text_of_hit, numbers, texts=len(texts))
        for feature, coefficients in zip(shapes(texts), self._shape_coef, strict=True):
            scores[:, : 2 * _MOODS] += feature[:, None] * coefficients
        return scores

    def _agent_scores(self, rounds: Sequence[str]) -> Floats:
        """What the words of each round add: three columns each before the turn, after it, anywhere."""
        points, text_of = code_points(clean(rounds))
        starts, numbers = self._agent_table.find(points)
        return self._agent.scores(text_of[starts], numbers, texts=len(rounds))

    def _word_scores(self, text_of_hit: Integers, numbers: Integers, *, texts: int) -> Floats:
        groups = self._group[numbers]
        size, columns = self._word_coef.shape
        cells = text_of_hit[groups >= 0] * size + groups[groups >= 0]
        occurrences = np.bincount(cells, minlength=texts * size).reshape(texts, size)
        features = np.minimum(occurrences, GROUP_COUNT_CAP).astype(np.float64)
        scores = np.zeros((texts, columns))
        for feature, coefficients in zip(features.T, self._word_coef, strict=True):
            scores += feature[:, None] * coefficients
        return scores


class _Tfidf:
    """One TF-IDF block: (1 + ln tf) · idf, rows scaled to length 1, times the coefficients."""

    def __init__(self, idf: Floats, coef: Floats) -> None:
        self._idf = idf
        self._coef = np.ascontiguousarray(coef.T)

    def scores(self, text_of_hit: Integers, numbers: Integers, *, texts: int) -> Floats:
        """Shape (texts, columns), from the n-grams found; numbers past this block's are another block's words."""
        size = len(self._idf)
        own = numbers < size
        rows, columns, occurrences = counts(text_of_hit[own], numbers[own], size=max(size, 1))
        values = (1.0 + np.log(occurrences)) * self._idf[columns]
        lengths = np.sqrt(np.bincount(rows, weights=values * values, minlength=texts))
        lengths[lengths == 0.0] = 1.0
        sums = [np.bincount(rows, weights=values * row[columns], minlength=texts) for row in self._coef]
        return np.stack(sums, axis=1) / lengths[:, None]


class _Rounds(NamedTuple):
    """Rounds by number, and the number of their owner: a turn, or an agent's part of a chat."""

    number: Integers
    owner: Integers
    owners: int


def _customer_rounds(turns: Sequence[CustomerTurn]) -> tuple[Integers, _Rounds, _Rounds, list[str]]:
    """Each turn's own round, those earlier and later within reach, and the distinct rounds they number."""
    numbers: dict[str, int] = {}
    own = [numbers.setdefault(turn.text, len(numbers)) for turn in turns]
    earlier = _rounds([turn.earlier[-EARLIER_REACH:] for turn in turns], numbers)
    later = _rounds([turn.later[:LATER_REACH] for turn in turns], numbers)
    return np.array(own, dtype=np.int64), earlier, later, list(numbers)


def _agent_rounds(
    turns: Sequence[CustomerTurn],
) -> tuple[Integers, Integers, Integers, list[str], _Rounds]:
    """The round before and after each turn, the number of its agent's part; the distinct rounds; each part's."""
    numbers: dict[str, int] = {}
    before = [numbers.setdefault(turn.before, len(numbers)) for turn in turns]
    after = [numbers.setdefault(turn.after, len(numbers)) for turn in turns]
    parts: dict[tuple[str, ...], int] = {}
    part = [parts.setdefault(turn.agent, len(parts)) for turn in turns]
    spoken = _rounds(list(parts), numbers)
    arrays = [np.array(each, dtype=np.int64) for each in (before, after, part)]
    return arrays[0], arrays[1], arrays[2], list(numbers), spoken


def _rounds(texts: Sequence[tuple[str, ...]], numbers: dict[str, int]) -> _Rounds:
    number = [numbers.setdefault(text, len(numbers)) for own in texts for text in own]
    owner = np.repeat(np.arange(len(texts)), [len(own) for own in texts])
    return _Rounds(np.array(number, dtype=np.int64), owner, len(texts))


def _sums(scores: Floats, rounds: _Rounds, owners: int) -> Floats:
    """The scores of each owner's rounds, added in their order: shape (owners, 3)."""
    columns = [
        np.bincount(rounds.owner, weights=scores[rounds.number, column], minlength=owners)
        for column in range(scores.shape[1])
    ]
    return np.stack(columns, axis=1)


def positions(turns: Sequence[CustomerTurn]) -> Floats:
    """Where each turn stands among the customer's: ln(1 + n) of those before, after and in all; first, last."""
    before = np.fromiter((len(turn.earlier) for turn in turns), dtype=np.float64, count=len(turns))
    after = np.fromiter((len(turn.later) for turn in turns), dtype=np.float64, count=len(turns))
    columns = [np.log1p(before), np.log1p(after), before == 0, after == 0, np.log1p(before + after + 1)]
    return np.stack(columns, axis=1)


def shapes(texts: Sequence[str]) -> tuple[Floats, Floats]:
    """Of each cleaned text: ln(1 + its length in characters, at most 1000), and its spaces, at most 10."""
    lengths = np.array([min(len(text), LENGTH_CAP) for text in texts], dtype=np.int64)
    spaces = np.array([min(text.count(" "), PIECE_CAP) for text in texts], dtype=np.float64)
    return _LOG1P[lengths], spaces


def calibrated(scores: Floats, scale: float | Floats, shift: Floats) -> Floats:
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
