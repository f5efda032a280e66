"""Finds the known character n-grams of many texts at once, and adds up what they are worth, in numpy.

The n-grams are a trie whose edges stand in one hash table with linear probing: an edge's key is its node's number and
its character. So a longer n-gram is looked up only where its prefix was found, most look-ups read one slot, and no
Python object is made for any n-gram of a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

CODE_POINTS = 0x110000
_JOINT = "\0"
_EMPTY = -1
# Slots for each edge: seven eighths and more stay empty, so that a look-up seldom goes on to the next slot.
_ROOM = 8
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio: Fibonacci hashing, Knuth 6.4
_WORD = 64


def code_points(texts: Sequence[str]) -> tuple[Integers, Integers]:
    """The characters of ``texts``, each text followed by a zero, and for each character the number of its text."""
    points = points_of("".join([text + _JOINT for text in texts]))
    return points, texts_of(points)


def points_of(text: str) -> Integers:
    """The characters of one text."""
    points: Integers = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.int64)
    return points


def texts_of(points: Integers) -> Integers:
    """The number of the text of each character, where a zero follows each text."""
    ends = np.flatnonzero(points == 0)
    return np.repeat(np.arange(len(ends)), np.diff(ends, prepend=-1))


class NgramTable:
    """Numbers of n-grams by their characters; built from the n-grams, which are numbered as they are given."""

    def __init__(self, ngrams: Sequence[str]) -> None:
        texts = np.array(ngrams, dtype=np.str_)
        points = texts.view(np.uint32).reshape(len(ngrams), texts.dtype.itemsize // 4).astype(np.int64)
        lengths = np.count_nonzero(points, axis=1)
        known = np.unique(points[points > 0])
        self._radix = len(known) + 1
        self._character = np.zeros(CODE_POINTS, dtype=np.int32)  # 0: in no n-gram
        self._character[known] = np.arange(1, self._radix)
        self._longest = int(lengths.max(initial=0))
        # every character is a node, by its own number; the nodes of longer n-grams follow
        characters = self._character[points].astype(np.int64)
        rows = np.flatnonzero(lengths)
        node_of = np.zeros(len(ngrams), dtype=np.int64)
        node_of[rows] = characters[rows, 0]
        edges, nodes = [node_of[:0]], self._radix
        for offset in range(1, self._longest):
            rows = rows[lengths[rows] > offset]
            keys, places = np.unique(
                node_of[rows] * self._radix + characters[rows, offset], return_inverse=True
            )
            node_of[rows] = nodes + places
            edges.append(keys)
            nodes += len(keys)
        self._number = np.full(nodes, -1, dtype=np.int64)  # -1: only a prefix of an n-gram
        self._number[node_of] = np.arange(len(ngrams))
        self._number[0] = -1
        self._fill(np.concatenate(edges))

    def _fill(self, keys: Integers) -> None:
        """Puts the edges into their slots; the first leads to the node after those of the characters."""
        bits = max(int(_ROOM * len(keys)).bit_length(), 1)
        self._shift = np.uint64(_WORD - bits)
        self._last_slot = (1 << bits) - 1
        self._key = np.full(1 << bits, _EMPTY, dtype=np.int64)
        self._node = np.zeros(1 << bits, dtype=np.int64)
        slots = self._slots(keys)
        pending = np.arange(len(keys))
        while len(pending):
            free = pending[self._key[slots[pending]] == _EMPTY]
            self._key[slots[free]] = keys[free]  # of several for one slot one stays
            placed = self._key[slots] == keys
            self._node[slots[placed]] = self._radix + np.flatnonzero(placed)
            pending = np.flatnonzero(~placed)
            slots[pending] = (slots[pending] + 1) & self._last_slot

    def _slots(self, keys: Integers) -> Integers:
        """Where each key stands, or else in one of the slots after it up to the first empty one."""
        return ((keys.view(np.uint64) * _MULTIPLIER) >> self._shift).view(np.int64)

    def _next(self, nodes: Integers, characters: Integers) -> Integers:
        """The nodes that these characters lead to; 0 where there is none."""
        keys = nodes * self._radix + characters
        slots = self._slots(keys)
        stored = self._key[slots]
        missed = stored != keys
        found = self._node[slots]
        found *= ~missed
        left = np.flatnonzero(missed & (stored != _EMPTY))
        slots = slots[left]
        while len(left):
            slots = (slots + 1) & self._last_slot
            stored = self._key[slots]
            here = stored == keys[left]
            found[left[here]] = self._node[slots[here]]
            on = ~here & (stored != _EMPTY)
            left, slots = left[on], slots[on]
        return found

    def find(self, points: Integers) -> tuple[Integers, Integers]:
        """Where each occurrence of a known n-gram starts in ``points``, and its number; shorter n-grams first."""
        characters = np.zeros(len(points) + self._longest, dtype=np.int64)
        characters[: len(points)] = self._character[points]
        starts = np.flatnonzero(characters > 0)
        nodes = characters[starts]
        all_starts, all_numbers = [starts], [self._number[nodes]]
        for offset in range(1, self._longest):
            nodes = self._next(nodes, characters[starts + offset])
            known = np.flatnonzero(nodes > 0)
            starts, nodes = starts[known], nodes[known]
            all_starts.append(starts)
            all_numbers.append(self._number[nodes])
        numbers = np.concatenate(all_numbers)
        whole = np.flatnonzero(numbers >= 0)
        return np.concatenate(all_starts)[whole], numbers[whole]


def counts(texts: Integers, numbers: Integers, *, size: int) -> tuple[Integers, Integers, Integers]:
    """Each (text, n-gram) pair once, ordered by text and n-gram number, with how often it occurs."""
    keys: npt.NDArray[np.integer] = texts * size
    keys += numbers
    if keys.max(initial=0) <= np.iinfo(np.uint32).max:
        keys = keys.astype(np.uint32)  # sorted and divided in half the time
    keys.sort()
    first = _firsts(keys)
    occurrences = np.diff(first, append=len(keys))
    keys = keys[first]
    rows = keys // size
    keys -= rows * size
    return rows.astype(np.int64), keys.astype(np.int64), occurrences


def row_sums(rows: Integers, values: Floats, *, height: int) -> Floats:
    """The sum of each row's values: ``rows`` (n) ascend, ``values`` are (k, n); shape (height, k).

    A row's values are added in an order that depends on their number alone, not on the rows beside it.
    """
    starts = _firsts(rows)
    sums = np.zeros((height, len(values)))
    if len(starts):
        sums[rows[starts]] = np.add.reduceat(values, starts, axis=1).T
    return sums


def _firsts(values: npt.NDArray[np.integer]) -> Integers:
    """Where each run of equal values begins."""
    first = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return np.flatnonzero(first)
