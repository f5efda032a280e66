"""What the satisfaction model sees of a chat, as numbers; training and prediction go through the same functions.

Blocks are TF-IDF over n-grams of one side: ``customer`` and ``agent`` of the whole chat, ``customer late`` of the
customer's last turns. Dense columns: the shape of the chat, its waits, the course of the customer's mood.
Every sum runs over one chat's features in a fixed order, so a chat's result does not depend on the chats beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from qa_audit.contact.features import SIDES, Side
from qa_audit.satisfaction.chats import Chat, Speller
from qa_audit.sentiment.ngrams import Floats, Integers, NgramTable, code_points, counts

LONGEST_NGRAM = 3
LATE_TURNS = 3
BLOCKS = ("customer", "agent", "customer late")
COURSE_TURNS = 6  # the last turns that stand on their own
SHAPE_COLUMNS, WAIT_COLUMNS = 13, 4
COURSE_COLUMNS = 2 * (COURSE_TURNS + 13) + 3
NEUTRAL = (0.1, 0.1)  # P(negative), P(positive) where no customer wrote
SMALLEST = 1e-3


@dataclass(frozen=True, slots=True)
class Block:
    """TF-IDF values without zeros: rows are chats (or turns), columns n-grams; ordered by both."""

    rows: Integers
    columns: Integers
    values: Floats
    height: int

    def times(self, coefficients: Floats) -> Floats:
        """The product with ``coefficients`` (n-grams, k): shape (height, k)."""
        sums = [
            np.bincount(self.rows, weights=self.values * column[self.columns], minlength=self.height)
            for column in coefficients.T
        ]
        return np.stack(sums, axis=1)


@dataclass(frozen=True, slots=True)
class Ngrams:
    """The n-grams of one side, spelled, with their inverse document frequencies."""

    ngrams: tuple[str, ...]
    idf: Floats

    @classmethod
    def of(cls, documents: Iterable[Sequence[str]], *, fewest: int) -> Ngrams:
        """The n-grams that at least ``fewest`` documents (spelled texts) hold."""
        found: Counter[str] = Counter()
        number = 0
        for texts in documents:
            found.update(_ngrams(texts))
            number += 1
        kept = sorted(ngram for ngram, count in found.items() if count >= fewest)
        often = np.array([found[ngram] for ngram in kept], dtype=np.float64)
        idf = np.log((1 + number) / (1 + often)) + 1
        return cls(tuple(kept), idf.astype(np.float32).astype(np.float64))


def _ngrams(texts: Sequence[str]) -> set[str]:
    return {
        text[start : start + length]
        for text in texts
        for length in range(1, LONGEST_NGRAM + 1)
        for start in range(len(text) - length + 1)
    }


@dataclass(frozen=True)
class Table:
    """Finds the n-grams of one side."""

    own: Ngrams
    table: NgramTable

    @classmethod
    def of(cls, own: Ngrams) -> Table:
        """The table of these n-grams."""
        return cls(own, NgramTable(own.ngrams))

    def block(self, texts: Sequence[str], row_of: Integers, *, height: int) -> Block:
        """(1 + ln tf) · idf of spelled texts, rows scaled to length 1; ``row_of`` is the row of each text, -1: none."""
        points, text_of = code_points(texts)
        starts, numbers = self.table.find(points)
        rows = row_of[text_of[starts]] if len(starts) else starts
        kept = rows >= 0
        rows, columns, often = counts(rows[kept], numbers[kept], size=max(len(self.own.ngrams), 1))
        values = (1.0 + np.log(often)) * self.own.idf[columns]
        lengths = np.sqrt(np.bincount(rows, weights=values * values, minlength=height))
        lengths[lengths == 0.0] = 1.0
        return Block(rows, columns, values / lengths[rows], height)


@dataclass(frozen=True, slots=True)
class Spoken:
    """The turns of many chats by side: spelled texts and the chat of each, in order."""

    chats: int
    texts: dict[Side, list[str]]
    chat_of: dict[Side, Integers]

    @classmethod
    def of(cls, chats: Sequence[Chat], speller: Speller) -> Spoken:
        """The turns of these chats."""
        texts, chat_of = {}, {}
        for side in SIDES:
            own = [
                (n, t.text)
                for n, chat in enumerate(chats)
                for t in chat
                if t.customer == (side == "customer")
            ]
            texts[side] = speller.spelled([text for _, text in own])
            chat_of[side] = np.array([number for number, _ in own], dtype=np.int64)
        return cls(len(chats), texts, chat_of)

    def documents(self, side: Side) -> list[list[str]]:
        """The texts of one side, chat by chat."""
        chats: list[list[str]] = [[] for _ in range(self.chats)]
        for number, text in zip(self.chat_of[side].tolist(), self.texts[side], strict=True):
            chats[number].append(text)
        return chats


def blocks(spoken: Spoken, tables: Mapping[Side, Table]) -> dict[str, Block]:
    """The blocks of chats by name."""
    found = {
        side: tables[side].block(spoken.texts[side], spoken.chat_of[side], height=spoken.chats)
        for side in SIDES
    }
    rows = spoken.chat_of["customer"].copy()
    rows[_from_end(rows) >= LATE_TURNS] = -1
    late = tables["customer"].block(spoken.texts["customer"], rows, height=spoken.chats)
    return {"customer": found["customer"], "agent": found["agent"], "customer late": late}


def side_of(block: str) -> Side:
    """Whose words a block holds."""
    return "agent" if block == "agent" else "customer"


def _from_end(chat_of: Integers) -> Integers:
    """How many turns of its chat follow each turn."""
    last = np.searchsorted(chat_of, chat_of, side="right") - 1
    return last - np.arange(len(chat_of))


def shapes(chats: Sequence[Chat], spoken: Spoken) -> Floats:
    """Turns and lengths of both sides, the last ones apart, and who wrote first and last: (chats, 13)."""
    lengths = {side: [len(text) - 2 for text in spoken.texts[side]] for side in SIDES}
    cuts = {side: np.searchsorted(spoken.chat_of[side], np.arange(len(chats) + 1)) for side in SIDES}
    rows = np.zeros((len(chats), SHAPE_COLUMNS))
    for number, chat in enumerate(chats):
        customer, agent = (
            lengths[side][cuts[side][number] : cuts[side][number + 1]] or [0] for side in SIDES
        )
        sides = [turn.customer for turn in chat]
        changes = sum(a != b for a, b in pairwise(sides))
        tail = next((n for n, own in enumerate(reversed(sides)) if own), len(sides))
        customer_tail = next((n for n, own in enumerate(reversed(sides)) if not own), len(sides))
        rows[number] = (
            sum(sides),
            len(sides) - sum(sides),
            sum(customer),
            sum(agent),
            sum(customer) / len(customer),
            max(customer),
            customer[-1],
            sum(customer[-3:]) / len(customer[-3:]),
            changes,
            tail,
            customer_tail,
            sum(sides) / max(len(sides), 1),
            bool(sides) and sides[0],
        )
    return np.log1p(rows)


def waits(chats: Sequence[Chat]) -> Floats:
    """Seconds the customer waited: first, longest, mean, as ln(1 + s), and whether any is known: (chats, 4)."""
    rows = np.zeros((len(chats), WAIT_COLUMNS))
    for row, chat in zip(rows, chats, strict=True):
        known = [turn.waited_s for turn in chat if not turn.customer and turn.waited_s is not None]
        if known:
            row[:] = *np.log1p([known[0], max(known), sum(known) / len(known)]), 1.0
    return rows


def courses(chat_of: Integers, negative: Floats, positive: Floats, *, chats: int) -> Floats:
    """The course of two probabilities of the customer's turns through each chat: (chats, COURSE_COLUMNS).

    ``chat_of``: the chat of each turn, ascending.
    """
    cuts = np.searchsorted(chat_of, np.arange(chats + 1))
    rows = np.zeros((chats, COURSE_COLUMNS))
    for number, row in enumerate(rows):
        part = slice(cuts[number], cuts[number + 1])
        low, high = negative[part], positive[part]
        if not len(low):
            low, high = np.array(NEUTRAL[:1]), np.array(NEUTRAL[1:])
        recent = np.exp(-np.arange(len(low))[::-1] / 3.0)
        balance = high - low
        row[:] = (
            *_course(low, recent),
            *_course(high, recent),
            balance.mean(),
            (recent * balance).sum() / recent.sum(),
            np.log1p(len(low)),
        )
    return rows


def _course(values: Floats, recent: Floats) -> list[float]:
    odds = np.log((values + SMALLEST) / (1 - values + SMALLEST))
    highest = np.sort(values)[::-1]
    slowly = np.exp(-np.arange(len(values))[::-1] / 8.0)
    ends = [float(odds.mean())] * max(0, COURSE_TURNS - len(odds)) + odds[-COURSE_TURNS:].tolist()
    return [
        *ends,
        odds.mean(),
        values.mean(),
        np.log1p(values.sum()),
        odds.max(),
        highest[:3].mean(),
        odds.min(),
        (recent * values).sum() / recent.sum(),
        (slowly * values).sum() / slowly.sum(),
        values[:2].mean(),
        values[-2:].mean(),
        values[-4:].mean(),
        np.sqrt((values > 0.5).sum()),
        values[-1] - values.mean(),
    ]
