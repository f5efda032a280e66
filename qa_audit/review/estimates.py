"""How well each rule does, from the blind sample: verdicts weighted by stratum, pooled over the nights collected.

A stratum of N verdicts of which m were judged stands for N, each judged one for N / m: those drawn and not judged are
taken to be like the others of their stratum. Over the machine's fails this gives p, the share that people call a fail,
over its passes q; with a, the known share of fails among the machine's verdicts, everything follows from these two:
precision p, misses (1−a)q / ((1−a)q + ap), κ = 2a(1−a)(p−q) / (a(1−(ap+(1−a)q)) + (1−a)(ap+(1−a)q)).
p and q have the exact intervals of Kish's effective size (Korn & Graubard, 1998); they are carried over to misses and κ by adding squares
(Zou & Donner, 2008), so that none missed among five does not become a rule that misses nothing.
The interval speaks of the rule, not of this night alone: there is no correction for a finite population.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from qa_audit.intervals import rate_interval, weighted_rate
from qa_audit.records import Interval, Verdict
from qa_audit.review.quality import NOTHING, Quality
from qa_audit.review.records import Judgement, NightReviews, StratumSize
from qa_audit.review.settle import majority

POOLED_NIGHTS = 30


@dataclass(frozen=True, slots=True)
class Looked:
    """One stratum: how many verdicts it has, how many were judged, how many of these are fails to people."""

    population: int
    judged: int
    fails: int


def qualities(nights: Sequence[NightReviews]) -> dict[str, Quality]:
    """The figures of every rule on which anything was collected, over the last nights of these."""
    pooled = sorted(nights, key=lambda one: one.night)[-POOLED_NIGHTS:]
    looked: defaultdict[str, dict[Verdict, list[Looked]]] = defaultdict(
        lambda: {Verdict.FAIL: [], Verdict.PASS: []}
    )
    lifted: Counter[str] = Counter()
    marked: Counter[str] = Counter()
    for night in pooled:
        for stratum, counts in _looked(night):
            looked[stratum.rule_id][stratum.verdict].append(counts)
        for rule_id, verdict in _marked(night.judgements):
            marked[rule_id] += 1
            lifted[rule_id] += verdict is not Verdict.FAIL
    appeals = _appeals(pooled)
    return {
        rule_id: _quality(
            rule_id,
            looked[rule_id],
            rate_interval(lifted[rule_id], marked[rule_id]),
            appeals.get(rule_id, (0, 0, 0, 0)),
        )
        for rule_id in sorted(looked.keys() | marked.keys() | appeals.keys())
    }


def _looked(night: NightReviews) -> Iterable[tuple[StratumSize, Looked]]:
    """The strata of a night with what people said of their verdicts; who could not tell has not judged."""
    said: defaultdict[tuple[str, str, str], list[Judgement]] = defaultdict(list)
    for one in night.judgements:
        if one.source == "blind" and one.population:
            said[one.chat, one.agent, one.rule_id].append(one)
    answers: defaultdict[StratumSize, list[Verdict]] = defaultdict(list)
    for group in said.values():
        one = group[0]
        answer = majority(each.verdict for each in group)
        if answer is not None and answer is not Verdict.UNDECIDABLE:
            stratum = StratumSize(one.run_id, one.rule_id, one.machine, one.new, one.sampled, one.population)
            answers[stratum].append(answer)
    for stratum in night.strata:
        own = answers[stratum]
        yield stratum, Looked(stratum.population, len(own), sum(answer is Verdict.FAIL for answer in own))


def _marked(judgements: Iterable[Judgement]) -> Iterable[tuple[str, Verdict]]:
    said: defaultdict[tuple[str, str, str, str], list[Verdict]] = defaultdict(list)
    for one in judgements:
        if one.source == "marked":
            said[one.rule_id, one.chat, one.agent, one.hit].append(one.verdict)
    for (rule_id, *_), verdicts in said.items():
        if (answer := majority(verdicts)) is not None:
            yield rule_id, answer


def _appeals(nights: Iterable[NightReviews]) -> dict[str, tuple[int, int, int, int]]:
    summed: dict[str, tuple[int, int, int, int]] = {}
    for night in nights:
        for one in night.appeals:
            a, b, c, d = summed.get(one.rule_id, (0, 0, 0, 0))
            summed[one.rule_id] = (a + one.charged, b + one.appealed, c + one.decided, d + one.upheld)
    return summed


def _quality(
    rule_id: str,
    looked: dict[Verdict, list[Looked]],
    overturned: Interval,
    appeals: tuple[int, int, int, int],
) -> Quality:
    charged, appealed, decided, upheld = appeals
    fails, passes = looked[Verdict.FAIL], looked[Verdict.PASS]
    precision, omission = share_of_fails(fails), share_of_fails(passes)
    failed, passed = sum(one.population for one in fails), sum(one.population for one in passes)
    share = failed / (failed + passed) if failed + passed else 0.0
    return Quality(
        rule_id,
        reviewed=precision.n + omission.n,
        precision=precision,
        miss_rate=_carried(precision, omission, lambda p, q: _missed(share, p, q), low=0.0),
        omission=omission,
        kappa=_carried(precision, omission, lambda p, q: _kappa(share, p, q), low=-1.0),
        overturned=overturned,
        appeals=rate_interval(appealed, charged),
        upheld=rate_interval(upheld, decided),
    )


def share_of_fails(strata: Sequence[Looked]) -> Interval:
    """The share of a group's verdicts that people call fails; n is how many they judged."""
    weights = [(one.population / one.judged, one) for one in strata if one.judged]
    if not weights:
        return NOTHING
    whole = sum(weight * one.judged for weight, one in weights)
    rate = sum(weight * one.fails for weight, one in weights) / whole
    effective = whole**2 / sum(weight**2 * one.judged for weight, one in weights)
    return weighted_rate(rate, effective, sum(one.judged for _, one in weights))


def _missed(share: float, p: float, q: float) -> float | None:
    missed, found = (1 - share) * q, share * p
    return missed / (missed + found) if missed + found else None


def _kappa(share: float, p: float, q: float) -> float | None:
    true = share * p + (1 - share) * q  # the share of fails by people
    by_chance = share * (1 - true) + (1 - share) * true
    return 2 * share * (1 - share) * (p - q) / by_chance if by_chance and 0 < share < 1 else None


def _carried(
    precision: Interval, omission: Interval, figure: Callable[[float, float], float | None], *, low: float
) -> Interval:
    """A figure of p and q with the interval that follows from theirs: each end by the squares of what either adds."""
    n = precision.n + omission.n
    p, q = precision.value, omission.value
    if p is None or q is None or (value := figure(p, q)) is None:
        return Interval(None, None, None, n)
    ends = [
        value if (moved := figure(*at)) is None else moved
        for at in ((precision.low, q), (precision.high, q), (p, omission.low), (p, omission.high))
        if at[0] is not None and at[1] is not None
    ]
    below = sqrt(sum(min(end - value, 0.0) ** 2 for end in ends))
    above = sqrt(sum(max(end - value, 0.0) ** 2 for end in ends))
    return Interval(value, max(low, value - below), min(1.0, value + above), n)
