"""Whether the score follows service: scores beside how labelled chats ended, and the rules that make the difference."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qa_audit.intervals import mean_interval
from qa_audit.records import Interval

# from the worst end to the best
SCALES: Mapping[str, tuple[str, ...]] = {
    "resolved": ("no", "partly", "yes"),
    "end_mood": ("negative", "neutral", "positive"),
}
RESAMPLES = 1000
SEED = 0
HIGHEST = 100.0
FEWEST = 3  # chats that make a correlation


@dataclass(frozen=True, slots=True)
class Ended:
    """One audited chat: its score before a fatal, what each rule cost, and the labels of its end by name."""

    score: float
    costs: Mapping[str, float]
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RuleShare:
    """What one rule costs a chat on average: at the best end, at the others, and the difference."""

    rule_id: str
    best: float
    others: float

    @property
    def difference(self) -> float:
        """Points that it takes more from chats that did not end best; negative: fewer."""
        return self.others - self.best


@dataclass(frozen=True, slots=True)
class Fairness:
    """Scores beside one scale: mean by end, rank correlation (Spearman, ties averaged), what each rule adds."""

    scale: str
    means: Mapping[str, Interval]
    correlation: Interval
    rules: tuple[RuleShare, ...]

    def as_dict(self) -> dict[str, object]:
        """The object of one scale in ``--json``."""
        return {
            "means": {
                end: {"n": mean.n, "mean": mean.value, "interval": [mean.low, mean.high]}
                for end, mean in self.means.items()
            },
            "spearman": self.correlation.value,
            "spearman_interval": [self.correlation.low, self.correlation.high],
            "n": self.correlation.n,
            "rules": {
                rule.rule_id: {"best": rule.best, "others": rule.others, "difference": rule.difference}
                for rule in self.rules
            },
        }


def fairness(chats: Sequence[Ended]) -> tuple[Fairness, ...]:
    """One for each scale that labels speak of; chats whose end no label names are left out."""
    found = []
    for scale, ends in SCALES.items():
        own = [chat for chat in chats if chat.labels.get(scale) in ends]
        if own:
            found.append(_on(scale, ends, own))
    return tuple(found)


def _on(scale: str, ends: Sequence[str], chats: Sequence[Ended]) -> Fairness:
    by_end: defaultdict[str, list[float]] = defaultdict(list)
    for chat in chats:
        by_end[chat.labels[scale]].append(chat.score)
    scores = np.array([chat.score for chat in chats])
    places = np.array([ends.index(chat.labels[scale]) for chat in chats], dtype=np.float64)
    return Fairness(
        scale,
        {end: mean_interval(by_end[end], low=0.0, high=HIGHEST) for end in reversed(ends)},
        correlation(scores, places),
        tuple(_shares(scale, ends[-1], chats)),
    )


def correlation(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> Interval:
    """Spearman's rank correlation with a 95 % interval (percentile bootstrap); None where one of them is constant."""
    n = len(a)
    value = spearman(a, b)
    if value is None or n < FEWEST:
        return Interval(None, None, None, n)
    draw = np.random.default_rng(SEED)
    drawn = [spearman(a[rows], b[rows]) for rows in draw.integers(0, n, size=(RESAMPLES, n))]
    low, high = np.quantile([one for one in drawn if one is not None], (0.025, 0.975))
    return Interval(value, float(low), float(high), n)


def spearman(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float | None:
    """Spearman's rank correlation; None where one of them is constant."""
    first, second = _ranks(a), _ranks(b)
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    return float(np.corrcoef(first, second)[0, 1])


def _ranks(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Ranks from 0, equal values sharing the mean of theirs."""
    _, number, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts) - 1
    ranks: npt.NDArray[np.float64] = (last - (counts - 1) / 2.0)[number]
    return ranks


def _shares(scale: str, best: str, chats: Sequence[Ended]) -> Iterator[RuleShare]:
    """Rules that cost anything, those first that take most from chats that did not end best."""
    parts = [[c for c in chats if (c.labels[scale] == best) is at_best] for at_best in (True, False)]
    shares = []
    for rule_id in {rule for chat in chats for rule, points in chat.costs.items() if points}:
        good, bad = ([chat.costs.get(rule_id, 0.0) for chat in part] for part in parts)
        shares.append(
            RuleShare(rule_id, statistics.fmean(good) if good else 0.0, statistics.fmean(bad) if bad else 0.0)
        )
    yield from sorted(shares, key=lambda share: (-share.difference, share.rule_id))


def lines(found: Sequence[Fairness]) -> Iterator[str]:
    """The figures as text."""
    for one in found:
        yield f"\nscore by {one.scale}: Spearman {_text(one.correlation, 3)}, n {one.correlation.n}"
        for end, mean in one.means.items():
            yield f"  {end:8} n {mean.n:4}  mean {_text(mean, 1)}"
        best = next(iter(one.means))
        yield f"  points lost a chat     {best:>8}   others   difference"
        for rule in one.rules:
            yield f"    {rule.rule_id:18} {rule.best:8.2f} {rule.others:8.2f} {rule.difference:+12.2f}"


def _text(interval: Interval, digits: int) -> str:
    if interval.value is None:
        return "—"
    if interval.low is None or interval.high is None:
        return f"{interval.value:.{digits}f}"
    return f"{interval.value:.{digits}f} [{interval.low:.{digits}f}, {interval.high:.{digits}f}]"
