"""Where each chat stands in each sheet of an agent's workbook, so that links can be written before the rows are."""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import overload

from qa_audit.records import Scorecard, Severity
from qa_audit.report.table import FIRST_ROW, LAST_ROW

MOST_MESSAGES = 200_000  # rows of 会话全文: about 11 MB of a workbook that must stay under 20
MUST = 2  # how much a transcript is wanted: 0 not at all, 1 if there is room


@dataclass(frozen=True, slots=True)
class Place:
    """One chat: its number in 逐通评分, its first rows in 会话全文 (None: not shown there) and in 扣分明细."""

    number: int
    transcript_row: int | None
    deduction_row: int

    def message_row(self, message: int) -> int | None:
        """The row of a message in 会话全文."""
        return self.transcript_row + message if self.transcript_row is not None else None


class Sizes:
    """How many rows each chat takes: messages, deductions, and how much its transcript is wanted; 9 bytes a chat."""

    def __init__(self) -> None:
        self.messages = array("I")
        self.deductions = array("I")
        self.wanted = bytearray()

    def __len__(self) -> int:
        return len(self.wanted)

    def add(self, card: Scorecard) -> None:
        """The next chat; transcripts of chats with a deduction are wanted, with a fatal or an alert they must be there."""
        self.messages.append(len(card.transcript.messages))
        self.deductions.append(len(card.deductions))
        grave = card.alerts or any(one.severity is Severity.CRITICAL for one in card.deductions)
        self.wanted.append(MUST if grave else bool(card.deductions))


def sizes_of(cards: Iterable[Scorecard]) -> Sizes:
    """The sizes of these chats."""
    sizes = Sizes()
    for card in cards:
        sizes.add(card)
    return sizes


class Places(Sequence[Place]):
    """The place of each chat; ``deductions``: how many rows all of them take in 扣分明细."""

    def __init__(self, transcript_rows: array[int], deduction_rows: array[int], deductions: int) -> None:
        self._transcript_rows = transcript_rows
        self._deduction_rows = deduction_rows
        self.deductions = deductions

    def __len__(self) -> int:
        return len(self._deduction_rows)

    @overload
    def __getitem__(self, index: int) -> Place: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Place]: ...
    def __getitem__(self, index: int | slice) -> Place | Sequence[Place]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(len(self))))
        row = self._transcript_rows[index]
        return Place(index % len(self) + 1, row or None, self._deduction_rows[index])


def places(sizes: Sizes, *, shown: Container[int] = frozenset()) -> Places:
    """The place of each chat; the transcripts that are wanted are written, and those of chats whose index is in ``shown``.

    A workbook holds ``MOST_MESSAGES``: first the transcripts that must be there, then as many of the others as fit.
    """
    transcript_rows, deduction_rows = array("I"), array("I")
    transcript_row = deduction_row = FIRST_ROW
    must = [gravity == MUST or index in shown for index, gravity in enumerate(sizes.wanted)]
    room = MOST_MESSAGES - sum(n for n, first in zip(sizes.messages, must, strict=True) if first)
    for index, (messages, deductions) in enumerate(zip(sizes.messages, sizes.deductions, strict=True)):
        written = transcript_row + messages - 1 <= LAST_ROW and (
            must[index] or (sizes.wanted[index] > 0 and messages <= room)
        )
        transcript_rows.append(transcript_row if written else 0)
        deduction_rows.append(deduction_row)
        if written:
            transcript_row += messages
            room -= 0 if must[index] else messages
        deduction_row += deductions
    return Places(transcript_rows, deduction_rows, deduction_row - FIRST_ROW)


def key(*parts: str) -> str:
    """The hidden key of a row: parts joined by |, any | or % inside a part written as %7C, %25."""
    return "|".join(part.replace("%", "%25").replace("|", "%7C") for part in parts)


def parts_of(joined: str) -> list[str]:
    """The parts of a key."""
    return [part.replace("%7C", "|").replace("%25", "%") for part in joined.split("|")]
