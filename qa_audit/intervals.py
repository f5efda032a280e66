"""Means, rates and κ with their 95 % intervals."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from math import inf, sqrt

from scipy.special import stdtrit

from qa_audit.records import Interval

Z_95 = statistics.NormalDist().inv_cdf(0.975)


def mean_interval(values: Sequence[float], *, low: float = -inf, high: float = inf) -> Interval:
    """Mean with a 95 % t interval, cut at the bounds the values have; no interval from a single value."""
    n = len(values)
    if n == 0:
        return Interval(None, None, None, 0)
    mean = statistics.fmean(values)
    if n == 1:
        return Interval(mean, None, None, 1)
    half = float(stdtrit(n - 1, 0.975)) * statistics.stdev(values) / sqrt(n)
    return Interval(mean, max(low, mean - half), min(high, mean + half), n)


def rate_interval(hits: int, n: int) -> Interval:
    """Share of n with a 95 % Wilson interval (Wilson, 1927)."""
    return weighted_rate(hits / n, n, n) if n else Interval(None, None, None, 0)


def weighted_rate(rate: float, effective: float, n: int) -> Interval:
    """An estimated share with the Wilson interval of so many equal cases; ``n`` is how many were looked at.

    With Kish's effective size, (Σw)² / Σw² (Kish, 1965), of unequal weights it stays honest where few were looked at:
    none of five is not none.
    """
    z2 = Z_95**2
    centre = (rate + z2 / (2 * effective)) / (1 + z2 / effective)
    half = Z_95 / (1 + z2 / effective) * sqrt(rate * (1 - rate) / effective + z2 / (4 * effective**2))
    return Interval(rate, max(0.0, centre - half), min(1.0, centre + half), n)


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
