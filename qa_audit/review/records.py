"""What people said about a night, one record per cell or row that counts; what is kept beside the nights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

from qa_audit.records import Mood, Verdict

Source = Literal["blind", "marked"]
AppealResult = Literal["成立", "部分成立", "不成立"]


@dataclass(frozen=True, slots=True)
class ReviewProblem:
    """A cell, row or file that could not be collected: where, what is wrong, what to do."""

    file: str
    sheet: str
    cell: str
    what: str
    remedy: str

    @property
    def place(self) -> str:
        """Where it stands, as one text."""
        return " ".join(part for part in (self.file, self.sheet, self.cell) if part)


@dataclass(frozen=True, slots=True)
class Judgement:
    """One verdict of one reviewer: on a rule of a chat (``blind``, ``hit`` is the rule) or on one marked finding.

    ``machine`` is what the run had said. A blind verdict drawn at random carries its stratum: ``sampled`` of
    ``population`` verdicts, of a ``new`` agent or not; both are 0 where it was asked for another reason.
    """

    chat: str
    agent: str
    rule_id: str
    hit: str
    source: Source
    reviewer: str
    verdict: Verdict
    machine: Verdict
    note: str
    run_id: str
    sampled: int = 0
    population: int = 0
    new: bool = False


@dataclass(frozen=True, slots=True)
class ChatReview:
    """One reviewer on one whole chat; None and empty where they said nothing."""

    chat: str
    agent: str
    reviewer: str
    score: float | None
    note: str
    appeal: bool | None
    appeal_reason: str
    appeal_result: AppealResult | None


@dataclass(frozen=True, slots=True)
class MoodFix:
    """A reviewer's mood of one round of the customer; ``message`` is the round's first (0-based)."""

    chat: str
    agent: str
    message: int
    reviewer: str
    mood: Mood


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What came of a chat that nobody had answered."""

    chat: str
    agent: str
    reviewer: str
    state: str
    note: str


@dataclass(frozen=True, slots=True)
class StratumSize:
    """What was drawn from one stratum of a run's sample, looked at or not."""

    run_id: str
    rule_id: str
    verdict: Verdict
    new: bool
    sampled: int
    population: int


@dataclass(frozen=True, slots=True)
class RuleAppeals:
    """One rule in the chats of the agents whose workbooks came back: charged, appealed against, decided, granted."""

    rule_id: str
    charged: int
    appealed: int
    decided: int
    upheld: int


@dataclass(frozen=True, slots=True)
class NightReviews:
    """Everything collected for one night, each part sorted by what it is about and by whom."""

    night: str
    judgements: tuple[Judgement, ...] = ()
    chats: tuple[ChatReview, ...] = ()
    moods: tuple[MoodFix, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    strata: tuple[StratumSize, ...] = ()
    appeals: tuple[RuleAppeals, ...] = ()


Record = TypeVar("Record", bound=Judgement | ChatReview | MoodFix | FollowUp | StratumSize)


def subject(record: Judgement | ChatReview | MoodFix | FollowUp | StratumSize) -> tuple[str, ...]:
    """What a record is about and who said it: of two with the same subject only one can hold."""
    if isinstance(record, StratumSize):
        # a night drawn again has other sizes, and is a sample of its own
        drawn = (str(record.new), str(record.population), str(record.sampled))
        return (record.run_id, record.rule_id, record.verdict, *drawn)
    if isinstance(record, Judgement):
        return (record.chat, record.agent, record.rule_id, record.hit, record.source, record.reviewer)
    if isinstance(record, MoodFix):
        return (record.chat, record.agent, f"{record.message:09d}", record.reviewer)
    return (record.chat, record.agent, record.reviewer)


def merged(before: Iterable[Record], now: Iterable[Record]) -> tuple[Record, ...]:
    """Both, the later one where they speak of the same; sorted."""
    by_subject = {subject(record): record for record in (*before, *now)}
    return tuple(by_subject[key] for key in sorted(by_subject))
