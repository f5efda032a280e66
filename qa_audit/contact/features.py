"""What the chat model sees of a chat, as numbers; training and prediction go through the same functions.

Every block is TF-IDF over the n-grams of one side, in which a round counts by its place: ``early`` the first rounds
most (what the chat is about), ``late`` the last ones (how it ends), ``upset`` by the mood model's P(negative).
Beside the blocks stand ``dense`` columns: words of topics and of endings, the course of the mood, the shape.
Every sum runs over one chat's features in a fixed order, so a chat's result does not depend on the chats beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from qa_audit.records import TOPICS
from qa_audit.sentiment.ngrams import Floats, Integers, NgramTable, code_points
from qa_audit.sentiment.turns import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Side = Literal["customer", "agent"]
SIDES: tuple[Side, Side] = ("customer", "agent")
Probabilities = tuple[float, float, float]
NO_MOOD: Probabilities = (0.0, 1.0, 0.0)  # of a round whose mood nobody knows

EARLY_POWER = 0.7
LATE_BASE = 0.5
ROUND_CAP = 20
MOOD_COLUMNS = 14
SHAPE_COLUMNS = 5
SHAPE_LENGTH_CAP = 200
BLOCKS = ("customer early", "customer late", "customer upset", "agent early", "agent late")
DENSE = ("topic words", "ending words", "mood", "shape")


@dataclass(frozen=True, slots=True)
class ChatText:
    """The rounds of a chat that hold words, normalised, in order; what bots and notices say is left out.

    ``moods`` are P(negative, neutral, positive) of the customer's rounds, in their order; ``messages`` the numbers of the
    messages of each, where there is a transcript.
    """

    customer: tuple[str, ...]
    agent: tuple[str, ...]
    moods: tuple[Probabilities, ...]
    customer_spoke_last: bool = True
    messages: tuple[tuple[int, ...], ...] = ()

    def texts(self, side: Side) -> tuple[str, ...]:
        """The rounds of one side."""
        return self.customer if side == "customer" else self.agent


@dataclass(frozen=True, slots=True)
class Block:
    """TF-IDF values of many chats, without zeros: rows are chats, columns n-grams; ordered by both."""

    rows: Integers
    columns: Integers
    values: Floats


def early(lengths: Integers) -> Floats:
    """Weights of rounds that fall from the first on: 1, .62, .46, .38."""
    weights: Floats = np.power(1.0 + _places(lengths), -EARLY_POWER, dtype=np.float64)
    return weights


def late(lengths: Integers) -> Floats:
    """Weights of rounds that fall from the last on: 1, ½, ¼."""
    from_end = np.repeat(lengths, lengths) - 1 - _places(lengths)
    weights: Floats = np.power(LATE_BASE, from_end, dtype=np.float64)
    return weights


def _places(lengths: Integers) -> Integers:
    """The place of each round in its chat, from 0."""
    starts = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum())) - np.repeat(starts, lengths)


POOLS: dict[str, Callable[[Integers], Floats]] = {"early": early, "late": late}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words of one side with the group of each; a word may stand in several groups. The first groups are topics."""

    words: tuple[str, ...]
    group_of: tuple[int, ...]

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return max(self.group_of, default=-1) + 1


class SideTable:
    """The n-grams and words of one side, found in one pass."""

    def __init__(self, ngrams: Sequence[str], idf: Floats, lexicon: Lexicon) -> None:
        self.size = len(ngrams)
        self.groups = lexicon.groups
        self._idf = idf
        known = {ngram: number for number, ngram in enumerate(ngrams)}
        for word in lexicon.words:
            known.setdefault(word, len(known))
        self._table = NgramTable(list(known))
        member = np.zeros((len(known), lexicon.groups), dtype=np.int64)
        member[[known[word] for word in lexicon.words], list(lexicon.group_of)] = 1
        self._member = member
        self._is_word = member.sum(axis=1) > 0

    def find(self, texts: Sequence[str], chat_of: Integers) -> Found:
        """Every known n-gram and word in cleaned ``texts``, of which ``chat_of`` says the chats."""
        points, text_of = code_points(texts)
        starts, numbers = self._table.find(points)
        text_of_hit = text_of[starts]
        words = self._is_word[numbers]
        groups = _group_counts(text_of_hit[words], self._member[numbers[words]], texts=len(texts))
        own = numbers < self.size
        text_of_hit, numbers = text_of_hit[own], numbers[own]
        keys = chat_of[text_of_hit] * max(self.size, 1) + numbers
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        return Found(
            rows=keys[first] // max(self.size, 1),
            columns=keys[first] % max(self.size, 1),
            first=first,
            text_of_hit=text_of_hit[order],
            idf=self._idf,
            groups=groups,
        )


def _group_counts(text_of_hit: Integers, members: Integers, *, texts: int) -> Floats:
    """How often each group occurs in each text: shape (texts, groups)."""
    size = members.shape[1]
    hit, group = np.nonzero(members)
    cells = text_of_hit[hit] * size + group
    return np.bincount(cells, minlength=texts * size).reshape(texts, size).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Found:
    """What one side of many chats holds: each (chat, n-gram) pair once, and where its occurrences begin."""

    rows: Integers
    columns: Integers
    first: Integers
    text_of_hit: Integers
    idf: Floats
    groups: Floats

    def block(self, weights: Floats, *, chats: int) -> Block:
        """ln(1 + weighted occurrences) · idf, rows scaled to length 1; ``weights`` are those of the texts."""
        if not len(self.first):
            return Block(self.rows, self.columns, np.empty(0))
        occurrences = np.add.reduceat(weights[self.text_of_hit], self.first)
        values = np.log1p(occurrences) * self.idf[self.columns]
        lengths = np.sqrt(np.bincount(self.rows, weights=values * values, minlength=chats))
        lengths[lengths == 0.0] = 1.0
        return Block(self.rows, self.columns, values / lengths[self.rows])


@dataclass(frozen=True, slots=True)
class Features:
    """The features of many chats: blocks by name (``customer early`` …) and dense columns by name."""

    chats: int
    blocks: dict[str, Block]
    dense: dict[str, Floats]


def features(chats: Sequence[ChatText], tables: dict[Side, SideTable]) -> Features:
    """Everything the model looks at."""
    blocks: dict[str, Block] = {}
    topics, endings = [], []
    for side in SIDES:
        rounds = [chat.texts(side) for chat in chats]
        lengths = np.array([len(texts) for texts in rounds], dtype=np.int64)
        chat_of = np.repeat(np.arange(len(chats)), lengths)
        found = tables[side].find(clean([text for texts in rounds for text in texts]), chat_of)
        pools = {name: weigh(lengths) for name, weigh in POOLS.items()}
        if side == "customer":
            pools["upset"] = np.array([mood[0] for chat in chats for mood in chat.moods])
        for name, weights in pools.items():
            blocks[f"{side} {name}"] = found.block(weights, chats=len(chats))
        early_words = np.log1p(_pooled(found.groups, pools["early"], chat_of, chats=len(chats)))
        late_words = np.log1p(_pooled(found.groups, pools["late"], chat_of, chats=len(chats)))
        topics.append(early_words[:, : len(TOPICS)])
        endings += [late_words[:, len(TOPICS) :], early_words[:, len(TOPICS) :]]
    return Features(
        len(chats),
        blocks,
        {
            "topic words": np.concatenate(topics, axis=1),
            "ending words": np.concatenate(endings, axis=1),
            "mood": _moods(chats),
            "shape": _shapes(chats),
        },
    )


def _pooled(values: Floats, weights: Floats, chat_of: Integers, *, chats: int) -> Floats:
    """The weighted sum of the texts' values per chat, column by column."""
    columns = [np.bincount(chat_of, weights=weights * column, minlength=chats) for column in values.T]
    return np.stack(columns, axis=1)


def _moods(chats: Sequence[ChatText]) -> Floats:
    """P(negative) and P(positive): of the last rounds, highest, second highest, mean, first; neutral where none."""
    rows = np.zeros((len(chats), MOOD_COLUMNS))
    for row, chat in zip(rows, chats, strict=True):
        if chat.moods:
            half = 0
            for kind in (0, 2):
                values = [mood[kind] for mood in chat.moods]
                ranked = sorted(values, reverse=True)
                row[half : half + 7] = (
                    values[-1],
                    values[-2] if len(values) > 1 else 0.0,
                    max(values[-3:]),
                    ranked[0],
                    ranked[1] if len(ranked) > 1 else 0.0,
                    sum(values) / len(values),
                    values[0],
                )
                half += 7
    return rows


def _shapes(chats: Sequence[ChatText]) -> Floats:
    """Rounds of both sides, who spoke last, whether a question ends the customer's last round, its length."""
    return np.array(
        [
            (
                np.log1p(min(len(chat.customer), ROUND_CAP)),
                np.log1p(min(len(chat.agent), ROUND_CAP)),
                float(chat.customer_spoke_last),
                float(bool(chat.customer) and chat.customer_spoke_last and asks(chat.customer[-1])),
                np.log1p(min(len(chat.customer[-1]), SHAPE_LENGTH_CAP)) if chat.customer else 0.0,
            )
            for chat in chats
        ]
    ).reshape(len(chats), SHAPE_COLUMNS)


def asks(text: str) -> bool:
    """Whether a round ends with a question."""
    return text.rstrip().endswith(("?", "吗", "呢", "么", "没有", "多久"))
