"""The customer's mood of each turn, by numpy alone: nothing here imports scikit-learn.

The formula is that of the scikit-learn model in ``pipeline``: softmax(scale · (features · coefficients +
intercept) + shift). Every sum runs over one turn's features in a fixed order, so a turn's result does not
depend, not in a bit, on the turns beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Self

import numpy as np

from qa_audit.records import MOODS, Mood
from qa_audit.sentiment import weights as files
from qa_audit.sentiment.ngrams import Floats, Integers, NgramTable, counts, row_sums, texts_of
from qa_audit.sentiment.turns import Chat, CustomerTurn, cleaned_points

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
        self._word_coef: Floats = np.ascontiguousarray(weights.word_coef.T)
        ngrams: list[str] = weights.text_ngrams.tolist()
        group_of: dict[str, int] = dict(zip(weights.words.tolist(), weights.word_group.tolist(), strict=True))
        known = set(ngrams)
        ngrams += [word for word in group_of if word not in known]
        self._text_table = NgramTable(ngrams)
        self._text = _Tfidf(weights.text_idf, weights.text_coef, numbers=len(ngrams))
        self._group = np.array([group_of.get(ngram, -1) for ngram in ngrams], dtype=np.int64)
        self._agent_table = NgramTable(weights.agent_ngrams.tolist())
        self._agent = _Tfidf(weights.agent_idf, weights.agent_coef, numbers=len(weights.agent_idf))

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
        chats, chat, number = _places(turns)
        customer, agent = Rounds.of([one.customer for one in chats]), Rounds.of([one.agent for one in chats])
        answered = _joined([one.answered for one in chats])[customer.first[chat] + number]
        alone, in_chat, as_earlier, as_later = np.split(self._customer_scores(customer.texts), 4, axis=1)
        as_before, as_after, as_any = np.split(self._agent_scores(agent.texts), 3, axis=1)
        own = customer.at(chat, number)
        scores = in_chat[own] + self._intercept[_MOODS:]
        for distance in range(1, EARLIER_REACH + 1):
            scores += as_earlier[customer.at(chat, number - distance)]
        for distance in range(1, LATER_REACH + 1):
            scores += as_later[customer.at(chat, number + distance)]
        scores += as_before[agent.at(chat, answered - 1)] + as_after[agent.at(chat, answered)]
        scores += agent.means(as_any)[chat]
        for feature, coefficients in zip(
            _positions(number, customer.lengths[chat]), self._position_coef, strict=True
        ):
            scores += feature[:, None] * coefficients
        stands_alone = customer.lengths[chat] == 1
        scores = np.where(stands_alone[:, None], alone[own] + self._intercept[:_MOODS], scores)
        scale, *shift = self._calibration[np.where(stands_alone, 0, 1)].T
        return calibrated(scores, scale[:, None], np.stack(shift, axis=1))

    def _customer_scores(self, texts: Sequence[str]) -> Floats:
        """What the words of each round add: three columns each if it stands alone, in a chat, earlier, later."""
        points = cleaned_points(texts)
        text_of = texts_of(points)
        starts, numbers = self._text_table.find(points)
        text_of_hit = text_of[starts]
        scores = self._word_scores(text_of_hit, numbers, texts=len(texts))
        scores[:, : 2 * _MOODS] += self._text.scores(text_of_hit, numbers, texts=len(texts))
        for feature, coefficients in zip(shapes(points), self._shape_coef, strict=True):
            scores[:, : 2 * _MOODS] += feature[:, None] * coefficients
        return scores

    def _agent_scores(self, texts: Sequence[str]) -> Floats:
        """What the words of each round add: three columns each before the turn, after it, anywhere."""
        points = cleaned_points(texts)
        starts, numbers = self._agent_table.find(points)
        return self._agent.scores(texts_of(points)[starts], numbers, texts=len(texts))

    def _word_scores(self, text_of_hit: Integers, numbers: Integers, *, texts: int) -> Floats:
        groups = self._group[numbers]
        words = np.flatnonzero(groups >= 0)
        rows, columns, occurrences = counts(text_of_hit[words], groups[words], size=self._word_coef.shape[1])
        values = self._word_coef.take(columns, axis=1) * np.minimum(occurrences, GROUP_COUNT_CAP)
        return row_sums(rows, values, height=texts)


class _Tfidf:
    """One TF-IDF block: (1 + ln tf) · idf, rows scaled to length 1, times the coefficients.

    N-grams of a number past those with an idf are words of another block and count nothing here.
    """

    def __init__(self, idf: Floats, coef: Floats, *, numbers: int) -> None:
        # what an n-gram adds where it occurs once: to each column, and to the square of the row's length
        self._once = np.zeros((coef.shape[1] + 1, numbers))
        self._once[:-1, : len(idf)] = coef.T * idf
        self._once[-1, : len(idf)] = idf * idf

    def scores(self, text_of_hit: Integers, numbers: Integers, *, texts: int) -> Floats:
        """Shape (texts, columns), from the n-grams found."""
        rows, columns, occurrences = counts(text_of_hit, numbers, size=self._once.shape[1])
        sums = row_sums(rows, self._once.take(columns, axis=1), height=texts)
        again = np.flatnonzero(occurrences > 1)  # few, so what they add further is added apart
        tf = 1.0 + np.log(occurrences[again])
        further = self._once.take(columns[again], axis=1)
        further[:-1] *= tf - 1.0
        further[-1] *= tf * tf - 1.0
        sums += row_sums(rows[again], further, height=texts)
        squares = sums[:, -1:]
        return sums[:, :-1] / np.sqrt(np.where(squares > 0.0, squares, 1.0))


@dataclass(frozen=True, slots=True)
class Rounds:
    """One side's rounds in many chats, as numbers of their ``texts``, which are distinct; "" is text 0.

    ``number``: the text of each round, chat by chat, and a 0 at the end; ``first``: where each chat's rounds begin, and
    where the last one's end.
    """

    texts: list[str]
    number: Integers
    first: Integers

    @classmethod
    def of(cls, chats: Sequence[Sequence[str]]) -> Self:
        """The rounds of these chats."""
        spoken = list(chain.from_iterable(chats))
        distinct = dict.fromkeys(chain([""], spoken))
        numbers = dict(zip(distinct, range(len(distinct)), strict=True))
        number = np.fromiter(chain(map(numbers.__getitem__, spoken), [0]), np.int64, count=len(spoken) + 1)
        return cls(list(distinct), number, np.cumsum([0, *map(len, chats)]))

    @property
    def lengths(self) -> Integers:
        """How many rounds each chat has."""
        return np.diff(self.first)

    def at(self, chat: Integers, place: Integers) -> Integers:
        """The texts of the rounds at some places of their chats; where a chat has no such round, text 0."""
        index = self.first[chat] + place
        inside = (place >= 0) & (index < self.first[chat + 1])
        return self.number[np.where(inside, index, -1)]

    def means(self, scores: Floats) -> Floats:
        """The mean of each chat's rounds, of which ``scores`` has a row for each text; 0 where it has none."""
        chat_of = np.repeat(np.arange(len(self.lengths)), self.lengths)
        sums = row_sums(chat_of, scores.T.take(self.number[:-1], axis=1), height=len(self.lengths))
        return sums / np.maximum(self.lengths, 1)[:, None]


def _places(turns: Sequence[CustomerTurn]) -> tuple[list[Chat], Integers, Integers]:
    """The distinct chats of some turns, and of each turn the number of its chat among them and its own in its chat."""
    chats, numbers = zip(*turns, strict=True)
    identities = list(map(id, chats))
    distinct = dict(zip(identities, chats, strict=True))
    place = dict(zip(distinct, range(len(distinct)), strict=True))
    chat = np.fromiter(map(place.__getitem__, identities), dtype=np.int64, count=len(turns))
    return list(distinct.values()), chat, np.array(numbers, dtype=np.int64)


def _joined(numbers: Sequence[Sequence[int]]) -> Integers:
    return np.fromiter(chain.from_iterable(numbers), dtype=np.int64)


def positions(turns: Sequence[CustomerTurn]) -> Floats:
    """Where each turn stands among the customer's: ln(1 + n) of those before, after and in all; first, last."""
    own = np.array([(turn.number, len(turn.chat.customer)) for turn in turns], dtype=np.int64).reshape(-1, 2)
    return np.stack(_positions(own[:, 0], own[:, 1]), axis=1)


def _positions(before: Integers, number: Integers) -> list[Floats]:
    after = number - before - 1
    first, last = (before == 0).astype(np.float64), (after == 0).astype(np.float64)
    return [np.log1p(before), np.log1p(after), first, last, np.log1p(number)]


def shapes(points: Integers) -> tuple[Floats, Floats]:
    """Of each cleaned text: ln(1 + its length in characters, at most 1000), and its spaces, at most 10.

    ``points``: the characters of the texts, each text followed by a zero.
    """
    ends = np.flatnonzero(points == 0)
    lengths = np.diff(ends, prepend=-1) - 1
    spaces = np.diff(np.cumsum(points == ord(" "))[ends], prepend=0)
    return _LOG1P[np.minimum(lengths, LENGTH_CAP)], np.minimum(spaces, PIECE_CAP).astype(np.float64)


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
