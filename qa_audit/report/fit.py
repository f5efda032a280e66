"""Columns fitted to what this night has to show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from qa_audit.records import ReviewedCard, Scorecard, Transcript, Verdict
from qa_audit.report import feared
from qa_audit.report.table import Column

NARROWEST_ID, WIDEST_ID = (
    9.0,
    26.0,
)  # half-width characters; a longer id is cut by its neighbour and stays whole in the cell


@dataclass(slots=True)
class Shown:
    """What some chats have to show, seen in one reading; ``decided``: the rules that say more than “does not apply”."""

    longest_id: int = 0
    decided: set[str] = field(default_factory=set)
    times: bool = False
    reviews: bool = False
    topics: bool = False
    customers: bool = False
    emotion_evidence: bool = False
    dissatisfied: bool = False
    escalation: bool = False
    escalation_evidence: bool = False

    def add(self, card: Scorecard) -> None:
        """One more chat."""
        self.add_transcript(card.transcript)
        self.reviews = self.reviews or isinstance(card, ReviewedCard)
        self.decided.update(r.rule_id for r in card.results if r.verdict is not Verdict.NOT_APPLICABLE)
        self.topics = self.topics or bool(card.topic)
        self.customers = self.customers or bool(card.transcript.customer)
        self.emotion_evidence = self.emotion_evidence or bool(card.emotion_evidence)
        self.dissatisfied = self.dissatisfied or card.dissatisfied is not None
        self.escalation = self.escalation or card.escalation is not None
        self.escalation_evidence = self.escalation_evidence or bool(feared.escalation_reasons(card))

    def add_transcript(self, transcript: Transcript) -> None:
        """A chat of which nothing but what was said is shown."""
        self.longest_id = max(self.longest_id, len(transcript.id))
        self.times = self.times or any(m.at or m.start_s is not None for m in transcript.messages)

    @property
    def id_width(self) -> float:
        """The width of a column of chat ids."""
        return min(max(1.1 * self.longest_id + 2, NARROWEST_ID), WIDEST_ID)


def shown_of(cards: Iterable[Scorecard]) -> Shown:
    """What these chats have to show."""
    shown = Shown()
    for card in cards:
        shown.add(card)
    return shown


def fitted(columns: Sequence[Column], shown: Shown) -> tuple[Column, ...]:
    """The columns with 会话ID as wide as the ids and 时间 hidden where there is none."""
    return tuple(_fit(column, shown) for column in columns)


def _fit(column: Column, shown: Shown) -> Column:
    if column.title == "会话ID":
        return replace(column, width=shown.id_width)
    return replace(column, hidden=not shown.times) if column.title == "时间" else column
