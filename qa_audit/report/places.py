"""Where each chat stands in each sheet of an agent's workbook, so that links can be written before the rows are."""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from qa_audit.records import Deduction, Scorecard, Severity
from qa_audit.report.table import FIRST_ROW, LAST_ROW

MOST_MESSAGES = (
    200_000  # rows of 会话全文, about 16 MB of a workbook that must stay under 20, were it all there is
)
MESSAGES_A_CHAT, MESSAGES_A_DEDUCTION = 5, 2  # how many of them take the space of one row of the other sheets
MUST = 2  # how much a transcript is wanted: 0 not at all, 1 if there is room


@dataclass(frozen=True, slots=True)
class Place:
    """One chat: its number in 逐通评分, its first row in 会话全文 (None: not shown there), the row of each deduction in 扣分明细."""

    number: int
    transcript_row: int | None
    deduction_rows: tuple[int, ...]

    def message_row(self, message: int) -> int | None:
        """The row of a message in 会话全文."""
        return self.transcript_row + message if self.transcript_row is not None else None


FATAL, CHARGED, ALERT, FREE = range(4)  # the order of 扣分明细


def gravity(deduction: Deduction, *, on_trial: bool) -> tuple[int, float]:
    """Where a deduction stands in 扣分明细: fatal ones first, what costs most, alerts, what is waived or on trial."""
    if deduction.waived or on_trial:
        return FREE, 0.0
    if deduction.severity is Severity.CRITICAL:
        return FATAL, 0.0
    return (ALERT, 0.0) if deduction.severity is Severity.ALERT else (CHARGED, -deduction.points)


class Sizes:
    """How many rows each chat takes: messages, deductions, and how much its transcript is wanted; 9 bytes a chat.

    ``trials``: the rules on trial. Of each deduction 9 bytes tell where it stands in 扣分明细.
    """

    def __init__(self, trials: Container[str] = frozenset()) -> None:
        self.trials = trials
        self.messages = array("I")
        self.deductions = array("I")
        self.wanted = bytearray()
        self.kinds = bytearray()
        self.minus_points = array("d")

    def __len__(self) -> int:
        return len(self.wanted)

    def add(self, card: Scorecard) -> None:
        """The next chat; transcripts of chats with a deduction are wanted, with a fatal or an alert they must be there."""
        self.messages.append(len(card.transcript.messages))
        self.deductions.append(len(card.deductions))
        grave = card.alerts or any(one.severity is Severity.CRITICAL for one in card.deductions)
        self.wanted.append(MUST if grave else bool(card.deductions))
        for deduction in card.deductions:
            kind, minus_points = gravity(deduction, on_trial=deduction.rule_id in self.trials)
            self.kinds.append(kind)
            self.minus_points.append(minus_points)

    def rows(self) -> array[int]:
        """The row of each deduction in 扣分明细, chat by chat; of equals the earlier chat comes first."""
        order = np.lexsort((np.asarray(self.minus_points), np.frombuffer(self.kinds, np.uint8)))
        rows = np.empty(len(order), np.uint32)
        rows[order] = np.arange(FIRST_ROW, FIRST_ROW + len(order), dtype=np.uint32)
        return array("I", rows.tobytes())


def sizes_of(cards: Iterable[Scorecard], trials: Container[str] = frozenset()) -> Sizes:
    """The sizes of these chats."""
    sizes = Sizes(trials)
    for card in cards:
        sizes.add(card)
    return sizes


class Places(Sequence[Place]):
    """The place of each chat; ``deductions``: how many rows all of them take in 扣分明细."""

    def __init__(self, transcript_rows: array[int], first: array[int], deduction_rows: array[int]) -> None:
        self._transcript_rows = transcript_rows
        self._first = first  # deduction of each chat, and one more: how many there are
        self._deduction_rows = deduction_rows
        self.deductions = len(deduction_rows)

    def __len__(self) -> int:
        return len(self._transcript_rows)

    @overload
    def __getitem__(self, index: int) -> Place: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Place]: ...
    def __getitem__(self, index: int | slice) -> Place | Sequence[Place]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(len(self))))
        row, at = self._transcript_rows[index], index % len(self)
        own = self._deduction_rows[self._first[at] : self._first[at + 1]]
        return Place(at + 1, row or None, tuple(own))


def places(sizes: Sizes, *, shown: Container[int] = frozenset()) -> Places:
    """The place of each chat; the transcripts that are wanted are written, and those of chats whose index is in ``shown``.

    A workbook holds ``MOST_MESSAGES``, fewer where its other sheets are long: first the transcripts that must be there,
    then as many of the others as fit.
    """
    transcript_rows, first = array("I"), array("I", [0])
    transcript_row = FIRST_ROW
    must = [wanted == MUST or index in shown for index, wanted in enumerate(sizes.wanted)]
    others = MESSAGES_A_CHAT * len(sizes) + MESSAGES_A_DEDUCTION * sum(sizes.deductions)
    needed = sum(n for n, is_must in zip(sizes.messages, must, strict=True) if is_must)
    room = MOST_MESSAGES - others - needed
    for index, (messages, deductions) in enumerate(zip(sizes.messages, sizes.deductions, strict=True)):
        written = transcript_row + messages - 1 <= LAST_ROW and (
            must[index] or (sizes.wanted[index] > 0 and messages <= room)
        )
        transcript_rows.append(transcript_row if written else 0)
        first.append(first[-1] + deductions)
        if written:
            transcript_row += messages
            room -= 0 if must[index] else messages
    return Places(transcript_rows, first, sizes.rows())


def key(*parts: str) -> str:
    """The hidden key of a row: parts joined by |, any | or % inside a part written as %7C, %25."""
    return "|".join(part.replace("%", "%25").replace("|", "%7C") for part in parts)


def parts_of(joined: str) -> list[str]:
    """The parts of a key."""
    return [part.replace("%7C", "|").replace("%25", "%") for part in joined.split("|")]
