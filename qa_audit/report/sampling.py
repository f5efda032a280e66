"""The nightly review sample: per rule from machine-fail and machine-pass, with known probabilities, the same for any order.

Each chat has one number from a keyed hash; a stratum's sample are its lowest numbers (Ohlsson 1995, permanent random
numbers). As every stratum uses the same numbers the samples overlap, and a reviewer reads few transcripts. A chat drawn
for fewer than three rules gets others as decoys, else a lone rule would mostly mean that the machine failed it.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from qa_audit.records import AgentReport, Scorecard, Severity, Verdict
from qa_audit.report.places import key
from qa_audit.rule import Standard

Stratum = tuple[str, Verdict]
DECIDED = (Verdict.PASS, Verdict.FAIL)
FEWEST_RULES = 3  # asked of each sampled chat


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is looked at: ``share`` of each stratum, between ``at_least`` and ``at_most``; ``queue`` chats that must be."""

    seed: int
    share: float = 0.05
    at_least: int = 3
    at_most: int = 20
    queue: int = 500

    def size(self, population: int) -> int:
        """The sample drawn from a stratum of this many verdicts."""
        return min(population, self.at_most, max(self.at_least, round(self.share * population)))


@dataclass(frozen=True, slots=True)
class Drawn:
    """One verdict of the sample; its probability is ``sampled`` / ``population`` of its stratum.

    Both are 0 for a decoy: asked so that a chat drawn for one rule alone does not betray its verdict, never weighed.
    """

    card: Scorecard
    rule_id: str
    verdict: Verdict
    sampled: int
    population: int
    number: int


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A card with its random number; ordered by it alone, largest first, for a bounded heap."""

    number: int
    card: Scorecard

    def __lt__(self, other: _Numbered) -> bool:
        return self.number > other.number


@dataclass(frozen=True, slots=True)
class _AtRisk:
    """A card that must be checked; the least urgent sorts first, for a bounded heap."""

    urgency: tuple[int, int, float, str]
    card: Scorecard

    def __lt__(self, other: _AtRisk) -> bool:
        return self.urgency > other.urgency


@dataclass(slots=True)
class Picks:
    """What of a night goes into the review workbook; add reports in any order, merge those of several processes."""

    plan: Plan
    standard: Standard
    population: dict[Stratum, int] = field(default_factory=dict)
    must_check: int = 0
    _lowest: dict[Stratum, list[_Numbered]] = field(default_factory=dict)
    _riskiest: list[_AtRisk] = field(default_factory=list)

    def add(self, report: AgentReport) -> None:
        """One agent's chats."""
        live = {rule.id for rule in self.standard.rules if rule.per != "agent"}
        for card in report.scorecards:
            number = _number(self.plan.seed, card)
            for result in card.results:
                if result.rule_id in live and result.verdict in DECIDED:
                    stratum = (result.rule_id, result.verdict)
                    self.population[stratum] = self.population.get(stratum, 0) + 1
                    _keep(self._lowest.setdefault(stratum, []), _Numbered(number, card), self.plan.at_most)
            if is_at_risk(card, self.standard):
                self.must_check += 1
                _keep(self._riskiest, _AtRisk(urgency(card), card), self.plan.queue)

    def merge(self, other: Picks) -> None:
        """The picks of another process."""
        self.must_check += other.must_check
        for stratum, count in other.population.items():
            self.population[stratum] = self.population.get(stratum, 0) + count
        for stratum, cards in other._lowest.items():
            for numbered in cards:
                _keep(self._lowest.setdefault(stratum, []), numbered, self.plan.at_most)
        for at_risk in other._riskiest:
            _keep(self._riskiest, at_risk, self.plan.queue)

    def queue(self) -> tuple[Scorecard, ...]:
        """The chats that must be checked, the most urgent first."""
        return tuple(at_risk.card for at_risk in sorted(self._riskiest, key=lambda at_risk: at_risk.urgency))

    def sample(self) -> tuple[Drawn, ...]:
        """The sample, chat by chat in random order, its rules in the order of the standard: no order tells a verdict."""
        order = {rule.id: index for index, rule in enumerate(self.standard.rules)}
        drawn = [
            Drawn(one.card, rule_id, verdict, size, self.population[rule_id, verdict], one.number)
            for (rule_id, verdict), cards in self._lowest.items()
            for size in [self.plan.size(self.population[rule_id, verdict])]
            for one in sorted(cards, key=lambda numbered: numbered.number)[:size]
        ]
        drawn += list(_decoys(drawn, order))
        return tuple(sorted(drawn, key=lambda one: (one.number, one.card.transcript.id, order[one.rule_id])))


T = TypeVar("T", _Numbered, _AtRisk)


def _keep(heap: list[T], item: T, at_most: int) -> None:
    heapq.heappush(heap, item)
    if len(heap) > at_most:
        heapq.heappop(heap)


def _decoys(drawn: Iterable[Drawn], order: Mapping[str, int]) -> Iterator[Drawn]:
    """Further verdicts of chats that were drawn for few rules, chosen by the chat's own number."""
    of_chat: dict[int, list[Drawn]] = {}
    for one in drawn:
        of_chat.setdefault(one.number, []).append(one)
    for number, own in of_chat.items():
        asked = {one.rule_id for one in own}
        others = [
            r
            for r in own[0].card.results
            if r.rule_id in order and r.rule_id not in asked and r.verdict in DECIDED
        ]
        shift = number % max(len(others), 1)
        for result in (others[shift:] + others[:shift])[: max(FEWEST_RULES - len(own), 0)]:
            yield Drawn(own[0].card, result.rule_id, result.verdict, 0, 0, number)


def _number(seed: int, card: Scorecard) -> int:
    text = key(str(seed), card.transcript.id, card.agent)
    return int.from_bytes(
        hashlib.blake2b(text.encode("utf-8", errors="surrogatepass"), digest_size=8).digest()
    )


def is_at_risk(card: Scorecard, standard: Standard) -> bool:
    """Whether a person must look: a fatal, an alert, or a score in the lowest grade."""
    lowest = min(standard.grades, key=lambda grade: grade.at_least).name
    return card.grade in (standard.fatal_grade, lowest) or bool(card.alerts)


def urgency(card: Scorecard) -> tuple[int, int, float, str]:
    """Order of the queue: more fatal rules first, then more alerts, then the lower score."""
    fatal = len({d.rule_id for d in card.deductions if d.severity is Severity.CRITICAL and not d.waived})
    before = card.score_before_fatal if card.score_before_fatal is not None else 100.0
    return (-fatal, -len(card.alerts), before, key(card.transcript.id, card.agent))


def picks_of(reports: Iterable[AgentReport], standard: Standard, plan: Plan) -> Picks:
    """The picks of all these reports, read once."""
    picks = Picks(plan, standard)
    for report in reports:
        picks.add(report)
    return picks
