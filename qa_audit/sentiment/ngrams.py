"""Finds the known character n-grams of many texts at once, in numpy.

The n-grams are a trie laid out as one sorted array per length: an n-gram's key is its prefix's number and its
last character. So a longer n-gram is looked up only where its prefix was found, and no Python object is made
for any n-gram of a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_END = 0x110000  # one past the last code point
_JOINT = "\0"


def code_points(texts: Sequence[str]) -> tuple[Integers, Integers]:
    """The characters of ``texts``, each text followed by a zero, and for each character the number of its text."""
    joined = "".join([text + _JOINT for text in texts])
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.int64)
    lengths = np.fromiter((len(text) + 1 for text in texts), dtype=np.int64, count=len(texts))
    return points, np.repeat(np.arange(len(texts)), lengths)


class NgramTable:
    """Numbers of n-grams by their characters; built from the n-grams, which are numbered as they are given."""

    def __init__(self, ngrams: Sequence[str]) -> None:
        texts = np.array(ngrams, dtype=np.str_)
        points = texts.view(np.uint32).reshape(len(ngrams), texts.dtype.itemsize // 4).astype(np.int64)
        lengths = np.count_nonzero(points, axis=1)
        characters = np.unique(points[points > 0])
        self._character = np.zeros(_END, dtype=np.int32)  # 0: in no n-gram
        self._character[characters] = np.arange(1, len(characters) + 1)
        self._radix = len(characters) + 1
        self._keys: list[Integers] = []
        self._numbers: list[Integers] = []  # -1: only a prefix of an n-gram
        rows, states = np.arange(len(ngrams)), np.zeros(len(ngrams), dtype=np.int64)
        for length in range(1, int(lengths.max(initial=0)) + 1):
            longer = lengths[rows] >= length
            rows, states = rows[longer], states[longer]
            keys, states = np.unique(
                states * self._radix + self._character[points[rows, length - 1]], return_inverse=True
            )
            numbers = np.full(len(keys), -1, dtype=np.int64)
            whole = lengths[rows] == length
            numbers[states[whole]] = rows[whole]
            self._keys.append(keys)
            self._numbers.append(numbers)

    def find(self, points: Integers) -> tuple[Integers, Integers]:
        """Where each occurrence of a known n-gram starts in ``points``, and its number; shorter n-grams first."""
        characters = self._character[points]
        starts = np.flatnonzero(characters)
        states = np.zeros(len(starts), dtype=np.int64)
        found_starts, found_numbers = [starts[:0]], [states[:0]]
        for offset, (keys, numbers) in enumerate(zip(self._keys, self._numbers, strict=True)):
            inside = starts + offset < len(points)
            starts, states = starts[inside], states[inside]
            wanted = states * self._radix + characters[starts + offset]
            places = np.searchsorted(keys, wanted)
            places[places == len(keys)] = 0
            known = keys[places] == wanted
            starts, states = starts[known], places[known]
            hits = numbers[states]
            found_starts.append(starts[hits >= 0])
            found_numbers.append(hits[hits >= 0])
        return np.concatenate(found_starts), np.concatenate(found_numbers)


def counts(texts: Integers, numbers: Integers, *, size: int) -> tuple[Integers, Integers, Integers]:
    """Each (text, n-gram) pair once, ordered by text and n-gram number, with how often it occurs."""
    keys = np.sort(texts * size + numbers)
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    occurrences = np.diff(first, append=len(keys))
    return keys[first] // size, keys[first] % size, occurrences
