"""What one or more workbooks of a night say, every record with its place, and what they are checked against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic

from qa_audit.records import Scorecard, Unanswered
from qa_audit.review.records import (
    ChatReview,
    FollowUp,
    Judgement,
    MoodFix,
    Record,
    ReviewProblem,
    StratumSize,
)
from qa_audit.rule import Standard


@dataclass(frozen=True, slots=True)
class Said(Generic[Record]):
    """A record and where it stands, as a problem would name it."""

    record: Record
    file: str
    sheet: str
    cell: str


@dataclass(frozen=True, slots=True)
class TypedFinal:
    """A figure that stands where the formula of 最终得分 was."""

    key: str
    value: float
    file: str
    sheet: str
    cell: str


@dataclass(slots=True)
class Gathered:
    """What one or more workbooks of a night say."""

    judgements: list[Said[Judgement]] = field(default_factory=list)
    chats: list[Said[ChatReview]] = field(default_factory=list)
    moods: list[Said[MoodFix]] = field(default_factory=list)
    follow_ups: list[Said[FollowUp]] = field(default_factory=list)
    strata: set[StratumSize] = field(default_factory=set)
    finals: list[TypedFinal] = field(default_factory=list)
    problems: list[ReviewProblem] = field(default_factory=list)

    def add(self, other: Gathered) -> None:
        """What another workbook says as well."""
        for name in ("judgements", "chats", "moods", "follow_ups", "finals", "problems"):
            getattr(self, name).extend(getattr(other, name))
        self.strata |= other.strata


@dataclass(frozen=True, slots=True)
class Night:
    """What a workbook is checked against: the run's standard, its chats and unanswered chats by their key.

    ``corrected``: the chats that people had reviewed already, as a workbook written since shows them.
    """

    run_id: str
    standard: Standard
    cards: Mapping[str, Scorecard]
    unanswered: Mapping[str, Unanswered]
    corrected: Mapping[str, Scorecard] = field(default_factory=dict)
