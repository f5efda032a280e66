"""Reviewers beside the machine and beside each other: the figures of a calibration."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from qa_audit.intervals import kappa, rate_interval
from qa_audit.records import Interval, Verdict
from qa_audit.review.records import Judgement, NightReviews, Source

RESAMPLES, SEED = 1000, 0


@dataclass(frozen=True, slots=True)
class Item:
    """One question that two or more people answered: what each said, by name."""

    night: str
    chat: str
    agent: str
    rule_id: str
    source: Source
    machine: Verdict
    said: tuple[Judgement, ...]

    @property
    def agreed(self) -> bool:
        """Whether all said the same."""
        return len({one.verdict for one in self.said}) == 1


@dataclass(frozen=True, slots=True)
class Pair:
    """Two reviewers on what both judged; κ is over all verdicts."""

    first: str
    second: str
    agreement: Interval
    kappa: Interval


@dataclass(frozen=True, slots=True)
class Reviewer:
    """One reviewer: beside the machine where they did not see its verdict, and on findings that they saw marked.

    ``same`` and ``kappa``: blind verdicts of pass, fail and not applicable against the machine's (not weighted by
    stratum: it compares people on what they were given). ``overturned``: marked findings they took back.
    ``with_others``: what others judged too, and said the same.
    """

    name: str
    blind: int
    marked: int
    scores: int
    same: Interval
    kappa: Interval
    overturned: Interval
    with_others: Interval


@dataclass(frozen=True, slots=True)
class Agreement:
    """All of it; ``alpha`` is Krippendorff's α (nominal) over the items of each kind, with a bootstrap interval."""

    items: tuple[Item, ...]
    pairs: tuple[Pair, ...]
    reviewers: tuple[Reviewer, ...]
    alpha: dict[Source, Interval]


def agreement(nights: Sequence[NightReviews]) -> Agreement:
    """The agreement of all reviewers over these nights."""
    items = tuple(_items(nights))
    by_pair: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for item in items:
        for one, other in combinations(item.said, 2):
            by_pair[one.reviewer, other.reviewer].append((one.verdict, other.verdict))
    pairs = tuple(
        Pair(*names, rate_interval(sum(a == b for a, b in both), len(both)), kappa(both))
        for names, both in sorted(by_pair.items())
    )
    alphas: dict[Source, Interval] = {
        source: alpha([[one.verdict for one in item.said] for item in items if item.source == source])
        for source in ("blind", "marked")
    }
    return Agreement(items, pairs, tuple(_reviewers(nights, items)), alphas)


def _items(nights: Iterable[NightReviews]) -> Iterable[Item]:
    for night in nights:
        asked: defaultdict[tuple[str, str, str, Source, str], list[Judgement]] = defaultdict(list)
        for one in night.judgements:
            asked[one.chat, one.agent, one.rule_id, one.source, one.hit].append(one)
        for (chat, agent, rule_id, source, _), said in sorted(asked.items()):
            if len(said) > 1:
                ordered = tuple(sorted(said, key=lambda one: one.reviewer))
                yield Item(night.night, chat, agent, rule_id, source, said[0].machine, ordered)


def _reviewers(nights: Sequence[NightReviews], items: Iterable[Item]) -> Iterable[Reviewer]:
    said: defaultdict[str, list[Judgement]] = defaultdict(list)
    scores: Counter[str] = Counter()
    for night in nights:
        for one in night.judgements:
            said[one.reviewer].append(one)
        scores.update(review.reviewer for review in night.chats if review.score is not None)
    both: defaultdict[str, list[bool]] = defaultdict(list)
    for item in items:
        for one in item.said:
            both[one.reviewer] += [one.verdict == other.verdict for other in item.said if other is not one]
    for name in sorted(said.keys() | scores.keys()):
        blind = [one for one in said[name] if one.source == "blind"]
        marked = [one for one in said[name] if one.source == "marked"]
        compared = [
            (str(one.machine), str(one.verdict)) for one in blind if one.verdict is not Verdict.UNDECIDABLE
        ]
        yield Reviewer(
            name,
            blind=len(blind),
            marked=len(marked),
            scores=scores[name],
            same=rate_interval(sum(a == b for a, b in compared), len(compared)),
            kappa=kappa(compared),
            overturned=rate_interval(sum(one.verdict is not Verdict.FAIL for one in marked), len(marked)),
            with_others=rate_interval(sum(both[name]), len(both[name])),
        )


def alpha(items: Sequence[Sequence[str]]) -> Interval:
    """Krippendorff's α of nominal answers (Krippendorff, 2004), two or more to an item; None where all are one answer.

    The interval is the 2.5 % and 97.5 % quantile over resampled items.
    """
    if not items:
        return Interval(None, None, None, 0)
    names = sorted({answer for item in items for answer in item})
    counts = np.array([[list(item).count(name) for name in names] for item in items], dtype=np.float64)
    value = _alpha(counts)
    if value is None:
        return Interval(None, None, None, len(items))
    rng = np.random.default_rng(SEED)
    drawn = [_alpha(counts[rng.integers(0, len(items), len(items))]) for _ in range(RESAMPLES)]
    known = [one for one in drawn if one is not None]
    low, high = (float(np.quantile(known, share)) for share in (0.025, 0.975)) if known else (None, None)
    return Interval(value, low, high, len(items))


def _alpha(counts: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> float | None:
    per_item = counts.sum(axis=1)
    whole = per_item.sum()
    observed = float((((per_item**2) - (counts**2).sum(axis=1)) / (per_item - 1)).sum() / whole)
    totals = counts.sum(axis=0)
    expected = float((whole**2 - (totals**2).sum()) / (whole * (whole - 1)))
    return None if expected == 0 else 1 - observed / expected
