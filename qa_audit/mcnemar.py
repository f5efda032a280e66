"""Two models on the same labelled cases: who is right where the other is wrong (McNemar, 1947), and by how much.

McNemar's test takes cases as independent, and turns of one chat are not: the intervals beside it draw whole chats.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr

from qa_audit.records import Interval

RESAMPLES = 1000
SEED = 0


@dataclass(frozen=True, slots=True)
class Paired:
    """One case: the chat it is of, the label, and what the first and the second model say."""

    chat: str
    expected: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two models did on the same cases: counts, the exact two-sided p of McNemar's test, and first − second.

    ``p`` is 1 where they were never right on different cases. Intervals are 95 %, by drawing whole chats
    (percentile bootstrap).
    """

    what: str
    n: int
    both: int
    only_first: int
    only_second: int
    p: float
    accuracy: Interval
    macro_f1: Interval

    def as_dict(self) -> dict[str, object]:
        """The object of ``--json``."""
        return {
            "n": self.n,
            "both_right": self.both,
            "only_first_right": self.only_first,
            "only_second_right": self.only_second,
            "mcnemar_p": self.p,
            "accuracy_difference": _as_list(self.accuracy),
            "macro_f1_difference": _as_list(self.macro_f1),
        }


def compare(what: str, pairs: Sequence[Paired]) -> Comparison:
    """The comparison of one kind of case; at least one pair is wanted."""
    first = np.array([pair.first == pair.expected for pair in pairs])
    second = np.array([pair.second == pair.expected for pair in pairs])
    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    accuracy, macro_f1 = _differences(pairs)
    return Comparison(
        what=what,
        n=len(pairs),
        both=int((first & second).sum()),
        only_first=only_first,
        only_second=only_second,
        p=exact_p(only_first, only_second),
        accuracy=accuracy,
        macro_f1=macro_f1,
    )


def exact_p(only_first: int, only_second: int) -> float:
    """The two-sided binomial p of so uneven a split of the cases on which two models differ."""
    differing = only_first + only_second
    if differing == 0:
        return 1.0
    return min(1.0, 2 * float(bdtr(min(only_first, only_second), differing, 0.5)))


def _differences(pairs: Sequence[Paired]) -> tuple[Interval, Interval]:
    """Accuracy and macro-F1 of the first model less those of the second."""
    names = sorted({name for pair in pairs for name in (pair.expected, pair.first, pair.second)})
    labels = {pair.expected for pair in pairs}
    labelled = [number for number, name in enumerate(names) if name in labels]
    number_of = {name: number for number, name in enumerate(names)}
    truth = np.array([number_of[pair.expected] for pair in pairs])
    _, chat = np.unique([pair.chat for pair in pairs], return_inverse=True)
    chats = int(chat.max()) + 1
    draws = np.random.default_rng(SEED).multinomial(chats, np.full(chats, 1 / chats), RESAMPLES)
    figures = []
    for said in ([pair.first for pair in pairs], [pair.second for pair in pairs]):
        given = np.array([number_of[name] for name in said])
        cells = np.bincount(
            chat * len(names) ** 2 + truth * len(names) + given, minlength=chats * len(names) ** 2
        )
        per_chat = cells.reshape(chats, -1)
        tables = np.vstack([per_chat.sum(axis=0), draws @ per_chat]).reshape(-1, len(names), len(names))
        right = np.diagonal(tables, axis1=1, axis2=2).astype(np.float64)
        sums = tables.sum(axis=1) + tables.sum(axis=2)
        f1 = np.divide(2 * right, sums, out=np.zeros(right.shape), where=sums > 0)
        figures.append((right.sum(axis=1) / tables.sum(axis=(1, 2)), f1[:, labelled].mean(axis=1)))
    (accuracy, macro), (other_accuracy, other_macro) = figures
    return _interval(accuracy - other_accuracy, len(pairs)), _interval(macro - other_macro, len(pairs))


def _interval(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], n: int) -> Interval:
    low, high = np.quantile(values[1:], (0.025, 0.975))
    return Interval(round(float(values[0]), 4), round(float(low), 4), round(float(high), 4), n)


def as_dict(comparisons: Sequence[Comparison]) -> Mapping[str, object]:
    """All comparisons by what they are about."""
    return {one.what: one.as_dict() for one in comparisons}


def lines(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """The comparisons as text."""
    if not comparisons:
        return
    yield "\ntwo models on the same cases (differences: first less second)"
    yield f"{'':10} {'n':>5} {'both':>5} {'first':>5} {'second':>6}  {'p':>6}  {'accuracy':26} {'macro-F1':26}"
    for one in comparisons:
        yield (
            f"{one.what:10} {one.n:5} {one.both:5} {one.only_first:5} {one.only_second:6}  {one.p:6.4f}  "
            f"{_text(one.accuracy):26} {_text(one.macro_f1):26}"
        ).rstrip()


def _text(interval: Interval) -> str:
    return f"{interval.value:+.3f} [{interval.low:+.3f}, {interval.high:+.3f}]"


def _as_list(interval: Interval) -> list[float | None]:
    return [interval.value, interval.low, interval.high]
