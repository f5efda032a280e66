"""Means and rates with their 95 % intervals."""

from __future__ import annotations

import statistics
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
    if n == 0:
        return Interval(None, None, None, 0)
    rate, z2 = hits / n, Z_95**2
    centre = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * sqrt(rate * (1 - rate) / n + z2 / (4 * n * n))
    return Interval(rate, max(0.0, centre - half), min(1.0, centre + half), n)
