"""The nightly review: what must be looked at, and a sample per rule with known probabilities, the same for any order.

A rule's sample is drawn from four strata: the machine's fails and its passes, of agents known for long and of new ones
(twice as often). Each chat has one number from a keyed hash; a stratum's sample are its lowest numbers (Ohlsson 1995,
permanent random numbers). As every stratum uses the same numbers the samples overlap, and a reviewer reads few
transcripts. How many are drawn depends on how many there are, never on the numbers, so that the probabilities are
exact. A chat drawn for fewer than three rules gets others as decoys, else a lone rule would mostly mean that the
machine failed it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from qa_audit.packed import Packed
from qa_audit.records import AgentReport, Deduction, Scorecard, Severity, Verdict
from qa_audit.report.feared import is_likely
from qa_audit.report.lowest import Lowest, Rank, keep
from qa_audit.report.places import key
from qa_audit.rule import Standard

DECIDED = (Verdict.PASS, Verdict.FAIL)
FEWEST_RULES = 3  # asked of each sampled chat
FEWEST_VERDICTS = 2  # of each stratum: of one alone nobody could say how much they differ
NEW_WEIGHT = 2  # how many times as often a new agent's verdict is drawn
POLICY = "合规"  # the section whose findings somebody must look at


class Stratum(NamedTuple):
    """Verdicts that are drawn with one probability; ``new``: of agents first seen less than 14 nights ago."""

    rule_id: str
    verdict: Verdict
    new: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier nights say: who is new, and the rules that people have judged already, by the key of the chat."""

    new_agents: frozenset[str] = frozenset()
    judged: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is looked at: ``share`` of the chats, ``fewest`` at least; ``at_most`` verdicts of one rule and kind.

    ``queue``: the most chats that are listed as must-check. ``night`` decides which rules are asked about where not all
    can be.
    """

    seed: int
    share: float = 0.05
    fewest: int = 20
    at_most: int = 40
    queue: int = 500
    night: str = ""

    def sizes(self, population: Mapping[Stratum, int], chats: int) -> dict[Stratum, int]:
        """How many verdicts are drawn from each stratum of a night of so many chats.

        It depends on the sizes of the strata and on nothing else. Where even the fewest verdicts of every rule are more
        chats than are looked at, this night asks about some of the rules, other nights about others.
        """
        budget = max(self.fewest, round(self.share * chats))
        rules = sorted({stratum.rule_id for stratum in population}, key=self._turn)
        chosen = rules[:1]
        for rule_id in rules[1:]:
            if _cost(_allotted(population, [*chosen, rule_id], FEWEST_VERDICTS), population) <= budget:
                chosen.append(rule_id)
        each = FEWEST_VERDICTS
        while each < self.at_most and _cost(_allotted(population, chosen, each + 1), population) <= budget:
            each += 1
        drawn = _allotted(population, chosen, each)
        return {stratum: drawn.get(stratum, 0) for stratum in population}

    def _turn(self, rule_id: str) -> bytes:
        """Whose turn it is tonight: another order of the rules for every night."""
        return _hash(key(str(self.seed), self.night, rule_id))


def _allotted(population: Mapping[Stratum, int], rules: Collection[str], each: int) -> dict[Stratum, int]:
    """So many verdicts of each rule and kind, shared between new and known agents."""
    sizes: dict[Stratum, int] = {}
    for rule_id in rules:
        for verdict in DECIDED:
            new, old = Stratum(rule_id, verdict, True), Stratum(rule_id, verdict, False)
            of_new, of_old = population.get(new, 0), population.get(old, 0)
            if of_new + of_old:
                weighed = NEW_WEIGHT * of_new
                sizes[new] = _at_least(round(each * weighed / (weighed + of_old)), of_new)
                sizes[old] = _at_least(each - sizes[new], of_old)
    return sizes


def _at_least(drawn: int, population: int) -> int:
    return min(population, max(drawn, FEWEST_VERDICTS))


def _cost(sizes: Mapping[Stratum, int], population: Mapping[Stratum, int]) -> float:
    """About how many chats such a sample makes people read.

    The chats of fails differ from rule to rule. Those of passes are shared: a rule that passes in few chats is taken to
    pass in some of those in which others do.
    """
    cost = float(sum(size for stratum, size in sizes.items() if stratum.verdict is Verdict.FAIL))
    for new in (False, True):
        passes = [s for s in sizes if s.verdict is Verdict.PASS and s.new is new and population.get(s)]
        inside = 0
        for stratum in sorted(passes, key=lambda one: population[one]):
            outside = population[stratum] - inside
            cost += sizes[stratum] * outside / population[stratum]
            inside = population[stratum]
    return cost


@dataclass(frozen=True, slots=True)
class Drawn:
    """One verdict of the sample, in the chat of this key; its probability is ``sampled`` / ``population`` of its stratum.

    Both are 0 for a decoy: asked so that a chat drawn for one rule alone does not betray its verdict, never weighed.
    """

    chat: str
    card: Packed
    stratum: Stratum
    sampled: int
    population: int
    seed: int

    @property
    def number(self) -> int:
        """The number of the chat, by which it was drawn."""
        return _number(self.seed, self.chat)

    @property
    def rule_id(self) -> str:
        """The rule that is asked about."""
        return self.stratum.rule_id


@dataclass(slots=True)
class Picks:
    """What of a night goes into the review workbook; add reports in any order, merge those of several processes.

    Cards wait packed, since a night has up to 500 in its queue and 40 in each of some 150 strata.
    """

    plan: Plan
    standard: Standard
    known: Known = field(default_factory=Known)
    population: dict[Stratum, int] = field(default_factory=dict)
    chats: int = 0
    must_check: int = 0
    _drawn: dict[Stratum, Lowest] = field(default_factory=dict)
    _riskiest: Lowest = field(init=False)

    def __post_init__(self) -> None:
        self._riskiest = Lowest(self.plan.queue)

    def add(self, report: AgentReport) -> None:
        """One agent's chats; those that people have judged already are not drawn again."""
        live = {rule.id for rule in self.standard.rules if rule.per != "agent"}
        new = report.statistics.agent in self.known.new_agents
        for card in report.scorecards:
            wanted: list[tuple[Lowest, Rank]] = []
            chat = _key(card)
            judged = self.known.judged.get(chat, frozenset())
            if not judged:
                rank = (_number(self.plan.seed, chat),)
                wanted += [(drawn, rank) for drawn in self._strata(card, live, new=new)]
            if is_at_risk(card, self.standard, judged):
                self.must_check += 1
                wanted.append((self._riskiest, urgency(card, self.standard)[:-1]))
            keep(card, chat, wanted)

    def _strata(self, card: Scorecard, live: set[str], *, new: bool) -> Iterator[Lowest]:
        """Counts the card in the strata of its verdicts; what is drawn from each so far."""
        self.chats += 1
        for result in card.results:
            if result.rule_id in live and result.verdict in DECIDED:
                stratum = Stratum(result.rule_id, result.verdict, new)
                self.population[stratum] = self.population.get(stratum, 0) + 1
                yield self._drawn_from(stratum)

    def _drawn_from(self, stratum: Stratum) -> Lowest:
        return self._drawn.setdefault(stratum, Lowest(self.plan.at_most))

    def merge(self, other: Picks) -> None:
        """The picks of another process."""
        self.chats += other.chats
        self.must_check += other.must_check
        for stratum, count in other.population.items():
            self.population[stratum] = self.population.get(stratum, 0) + count
        for stratum, drawn in other._drawn.items():
            for ranked in drawn.in_order():
                self._drawn_from(stratum).add(ranked)
        for ranked in other._riskiest.in_order():
            self._riskiest.add(ranked)

    def queue(self) -> tuple[Packed, ...]:
        """The chats that must be checked, the most urgent first."""
        return tuple(ranked.card for ranked in self._riskiest.in_order())

    def sample(self) -> tuple[Drawn, ...]:
        """The sample, chat by chat in random order, its rules in the order of the standard: no order tells a verdict."""
        order = {rule.id: index for index, rule in enumerate(self.standard.rules)}
        sizes = self.plan.sizes(self.population, self.chats)
        drawn = [
            Drawn(one.chat, one.card, stratum, sizes[stratum], self.population[stratum], self.plan.seed)
            for stratum, lowest in self._drawn.items()
            for one in lowest.in_order()[: sizes[stratum]]
        ]
        drawn += list(_decoys(drawn, order))
        return tuple(sorted(drawn, key=lambda one: (one.number, one.chat, order[one.rule_id])))


def _decoys(drawn: Iterable[Drawn], order: Mapping[str, int]) -> Iterator[Drawn]:
    """Further verdicts of chats that were drawn for few rules, chosen by the chat's own number."""
    of_chat: dict[int, list[Drawn]] = {}
    for one in drawn:
        of_chat.setdefault(one.number, []).append(one)
    for number, own in of_chat.items():
        asked = {one.rule_id for one in own}
        others = [
            r
            for r in own[0].card.unpack().results
            if r.rule_id in order and r.rule_id not in asked and r.verdict in DECIDED
        ]
        shift = number % max(len(others), 1)
        for result in (others[shift:] + others[:shift])[: max(FEWEST_RULES - len(own), 0)]:
            stratum = Stratum(result.rule_id, result.verdict, own[0].stratum.new)
            yield replace(own[0], stratum=stratum, sampled=0, population=0)


def _number(seed: int, chat: str) -> int:
    return int.from_bytes(_hash(f"{seed}|{chat}"))


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", errors="surrogatepass"), digest_size=8).digest()


def _key(card: Scorecard) -> str:
    return key(card.transcript.id, card.agent)


def findings(
    card: Scorecard, standard: Standard, judged: frozenset[str] = frozenset()
) -> tuple[Deduction, ...]:
    """What somebody must look at in a chat: its fatals, its alerts and what touches policy, unless judged already."""
    policy = {rule.id for rule in standard.rules if rule.section == POLICY}
    return tuple(
        d
        for d in card.deductions
        if (d.severity in (Severity.CRITICAL, Severity.ALERT) or d.rule_id in policy)
        and not d.waived
        and d.rule_id not in judged
    )


def is_at_risk(card: Scorecard, standard: Standard, judged: frozenset[str] = frozenset()) -> bool:
    """Whether a person must look: a fatal, an alert, policy, or what nobody has judged: a likely escalation, the lowest grade."""
    lowest = min(standard.grades, key=lambda grade: grade.at_least).name
    return bool(findings(card, standard, judged)) or (
        not judged and (card.grade == lowest or is_likely(card))
    )


def urgency(card: Scorecard, standard: Standard) -> tuple[int, bool, int, float, str]:
    """Order of the queue: more fatal rules first, likely escalations, more alerts and policy findings, the lower score."""
    found = findings(card, standard)
    fatal = {d.rule_id for d in found if d.severity is Severity.CRITICAL}
    others = {d.rule_id for d in found} - fatal
    before = card.score_before_fatal if card.score_before_fatal is not None else 100.0
    calm = not is_likely(card)
    return (-len(fatal), calm, -len(others), before, key(card.transcript.id, card.agent))


def picks_of(
    reports: Iterable[AgentReport], standard: Standard, plan: Plan, known: Known | None = None
) -> Picks:
    """The picks of all these reports, read once."""
    picks = Picks(plan, standard, known or Known())
    for report in reports:
        picks.add(report)
    return picks
