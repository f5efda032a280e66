"""Means, rates and κ with their 95 % intervals."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, sqrt

from scipy.special import betaincinv, stdtrit

from qa_audit.records import Interval

Z_95 = statistics.NormalDist().inv_cdf(0.975)


BILLION = 10**9


@dataclass(slots=True)
class Moments:
    """Count, sum, squares and the largest of numbers that are not kept; the same for any order of adding and merging.

    Numbers are rounded to billionths and sums are whole numbers, hence exact.
    """

    n: int = 0
    billionths: int = 0
    squares: int = 0
    largest: float | None = None

    def add(self, value: float) -> None:
        """One more number."""
        whole = round(value * BILLION)
        self.n += 1
        self.billionths += whole
        self.squares += whole * whole
        self.largest = value if self.largest is None else max(self.largest, value)

    def merge(self, other: Moments) -> None:
        """Further numbers."""
        self.n += other.n
        self.billionths += other.billionths
        self.squares += other.squares
        if other.largest is not None:
            self.largest = other.largest if self.largest is None else max(self.largest, other.largest)

    @property
    def mean(self) -> float | None:
        """The mean; None of nothing."""
        return self.billionths / (self.n * BILLION) if self.n else None

    def interval(self, *, low: float = -inf, high: float = inf) -> Interval:
        """The mean with a 95 % t interval, cut at the bounds the numbers have; no interval from a single one."""
        mean = self.mean
        if mean is None or self.n == 1:
            return Interval(mean, None, None, self.n)
        variance = (self.n * self.squares - self.billionths**2) / (self.n * (self.n - 1))
        half = float(stdtrit(self.n - 1, 0.975)) * sqrt(variance / self.n) / BILLION
        return Interval(mean, max(low, mean - half), min(high, mean + half), self.n)


def mean_interval(values: Iterable[float], *, low: float = -inf, high: float = inf) -> Interval:
    """Mean of some numbers with a 95 % t interval, as ``Moments.interval`` gives it."""
    moments = Moments()
    for value in values:
        moments.add(value)
    return moments.interval(low=low, high=high)


def apart(a: Interval, b: Interval, *, fewest: int) -> bool:
    """Whether two estimates over ``fewest`` cases each at least differ by more than chance: their intervals do not meet."""
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return False
    return min(a.n, b.n) >= fewest and (a.low > b.high or b.low > a.high)


def rate_interval(hits: int, n: int) -> Interval:
    """Share of n with a 95 % Wilson interval (Wilson, 1927)."""
    if n == 0:
        return Interval(None, None, None, 0)
    rate, z2 = hits / n, Z_95**2
    centre = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * sqrt(rate * (1 - rate) / n + z2 / (4 * n * n))
    return Interval(rate, max(0.0, centre - half), min(1.0, centre + half), n)


def weighted_rate(rate: float, effective: float, n: int) -> Interval:
    """A share estimated from n cases of unequal weight, with a 95 % interval (Korn & Graubard, 1998).

    That is Clopper and Pearson's exact interval of ``effective`` equal cases, (Σw)² / Σw² (Kish, 1965). It errs on the
    wide side: of a rare thing, seen once among few, Wilson's would exclude the truth too often.
    """
    hits = rate * effective
    low = float(betaincinv(hits, effective - hits + 1, 0.025)) if rate > 0 else 0.0
    high = float(betaincinv(hits + 1, effective - hits, 0.975)) if rate < 1 else 1.0
    return Interval(rate, low, high, n)


def kappa(pairs: Sequence[tuple[str, str]]) -> Interval:
    """Cohen's κ with a 95 % interval (Fleiss, Cohen & Everitt, 1969, simple form); None where chance is certain."""
    n = len(pairs)
    if n == 0:
        return Interval(None, None, None, 0)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    observed = sum(a == b for a, b in pairs) / n
    chance = sum(first[name] * second[name] for name in first) / (n * n)
    if chance >= 1.0:
        return Interval(None, None, None, n)
    value = (observed - chance) / (1 - chance)
    half = Z_95 * (observed * (1 - observed) / (n * (1 - chance) ** 2)) ** 0.5
    return Interval(value, value - half, min(1.0, value + half), n)
