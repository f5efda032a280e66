"""How alike two texts are, by the character bigrams they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import sqrt

Bigrams = Counter[str]


def bigrams(text: str) -> Bigrams:
    """Counts of the character bigrams of ``text``, punctuation and white space left out."""
    kept = "".join(character for character in text if character.isalnum())
    return Counter(kept[i : i + 2] for i in range(len(kept) - 1))


def cosine(a: Bigrams, b: Bigrams) -> float:
    """Cosine of two bigram counts, 0–1; 0 where one is empty."""
    if not a or not b:
        return 0.0
    dot = sum(count * b[gram] for gram, count in a.items())
    return dot / sqrt(sum(n * n for n in a.values()) * sum(n * n for n in b.values()))


def coverage(part: Bigrams, whole: Bigrams) -> float:
    """Share of the bigrams of ``part`` that occur in ``whole``, 0–1; 0 where ``part`` is empty."""
    total = part.total()
    return (part & whole).total() / total if total else 0.0


def grams_of_runs(runs: Iterable[str]) -> Bigrams:
    """Counts of the characters and bigrams of some runs of text; no bigram crosses from one to the next."""
    counts: Bigrams = Counter()
    for run in runs:
        kept = "".join(character for character in run if character.isalnum())
        counts.update(kept)
        counts.update(bigrams(kept))
    return counts
