"""Where each chat stands in each sheet of an agent's workbook, so that links can be written before the rows are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa_audit.records import Scorecard
from qa_audit.report.table import FIRST_ROW, LAST_ROW


@dataclass(frozen=True, slots=True)
class Place:
    """One chat: its number in 逐通评分, its first rows in 会话全文 (None: not shown there) and in 扣分明细."""

    number: int
    transcript_row: int | None
    deduction_row: int

    def message_row(self, message: int) -> int | None:
        """The row of a message in 会话全文."""
        return self.transcript_row + message if self.transcript_row is not None else None


def places(cards: Sequence[Scorecard], *, shown: frozenset[int] = frozenset()) -> tuple[Place, ...]:
    """The place of each card; transcripts of cards with a deduction, an alert, or an index in ``shown`` are written.

    A transcript that would pass Excel's last row is left out.
    """
    found = []
    transcript_row = deduction_row = FIRST_ROW
    for index, card in enumerate(cards):
        length = len(card.transcript.messages)
        wanted = bool(card.deductions or card.alerts or index in shown)
        fits = transcript_row + length - 1 <= LAST_ROW
        found.append(Place(index + 1, transcript_row if wanted and fits else None, deduction_row))
        if wanted and fits:
            transcript_row += length
        deduction_row += len(card.deductions)
    return tuple(found)


def key(*parts: str) -> str:
    """The hidden key of a row: parts joined by |, any | or % inside a part written as %7C, %25."""
    return "|".join(part.replace("%", "%25").replace("|", "%7C") for part in parts)


def parts_of(joined: str) -> list[str]:
    """The parts of a key."""
    return [part.replace("%7C", "|").replace("%25", "%") for part in joined.split("|")]
