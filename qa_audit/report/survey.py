"""What one reading of an agent's chats tells, before a row of the workbook is written: a few numbers a chat is all it keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from qa_audit.records import Deduction, Scorecard
from qa_audit.report.examples import Examples
from qa_audit.report.fit import Shown
from qa_audit.report.places import Sizes
from qa_audit.report.tally import charges
from qa_audit.rule import Standard


class Typical(NamedTuple):
    """The costliest deduction of a rule; of equals the worst measure, the earliest. The lowest is the most typical."""

    minus_points: float
    minus_excess: float
    card: int
    offset: int


@dataclass(slots=True)
class Survey:
    """An agent's chats, added in order of time.

    ``points`` and ``chats``: what each rule cost and in how many chats, of rules that cost points or a whole chat.
    ``first`` and ``last``: the local dates of the first and last chat that has a time. ``index``: which card has a
    good example.
    """

    standard: Standard
    own: Examples
    shown: Shown = field(default_factory=Shown)
    sizes: Sizes = field(default_factory=Sizes)
    points: dict[str, float] = field(default_factory=dict)
    chats: dict[str, int] = field(default_factory=dict)
    typical: dict[str, Typical] = field(default_factory=dict)
    index: dict[str, int] = field(default_factory=dict)
    first: str = ""
    last: str = ""

    def add(self, card: Scorecard) -> None:
        """The next chat."""
        index = len(self.sizes)
        self.sizes.add(card)
        self.shown.add(card)
        if self.own.add(card):
            self.index[card.transcript.id] = index
        if card.transcript.opened_at is not None:
            day = card.transcript.opened_at.date().isoformat()
            self.first, self.last = min(self.first or day, day), max(self.last, day)
        self._add_deductions(card, index)

    def _add_deductions(self, card: Scorecard, index: int) -> None:
        charged = set()
        for offset, deduction in enumerate(card.deductions):
            if charges(deduction):
                charged.add(deduction.rule_id)
                self.points[deduction.rule_id] = self.points.get(deduction.rule_id, 0.0) + deduction.points
            if not deduction.waived:
                found = Typical(-deduction.points, -_excess(card, deduction), index, offset)
                before = self.typical.get(deduction.rule_id)
                self.typical[deduction.rule_id] = found if before is None else min(found, before)
        for rule_id in charged:
            self.chats[rule_id] = self.chats.get(rule_id, 0) + 1

    @property
    def costs(self) -> Mapping[str, tuple[float, int]]:
        """Points and chats of each rule."""
        return {rule_id: (self.points[rule_id], chats) for rule_id, chats in self.chats.items()}

    def period(self, night: str) -> str:
        """The local dates from the first to the last chat; the night's label where no chat has a time."""
        if not self.first:
            return night
        return self.first if self.first == self.last else f"{self.first} 至 {self.last}"


def survey(cards: Iterable[Scorecard], standard: Standard) -> Survey:
    """The survey of these chats; they are read once."""
    trials = frozenset(rule.id for rule in standard.rules if rule.status == "trial")
    made = Survey(standard, Examples(standard), sizes=Sizes(trials))
    for card in cards:
        made.add(card)
    return made


def _excess(card: Scorecard, deduction: Deduction) -> float:
    """How many times its limit a measure came to, 0 for a rule that measures nothing."""
    result = next(result for result in card.results if result.rule_id == deduction.rule_id)
    return result.measured / result.limit if result.measured is not None and result.limit else 0.0
