"""What a sheet is made of, before any Excel: values, columns, tables.

Row numbers are those of the sheet as a person sees it: the header is row 1, the first data row is row 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

FIRST_ROW = 2  # of the data; row 1 is the header
LAST_ROW = 1_048_576  # of any Excel sheet

OVERVIEW, CHATS, DEDUCTIONS, TRANSCRIPTS, RULES = "总览", "逐通评分", "扣分明细", "会话全文", "规则说明"

Tone = Literal["good", "fair", "warn", "bad", "fatal", "muted"]
Style = Literal[
    "text", "wrap", "center", "mark", "integer", "decimal", "two_decimals", "signed", "percent", "seconds", "date_time", "elapsed", "link", "link_wrap",
    "input", "input_wrap", "input_decimal", "final",
]  # fmt: skip


Look = Literal["agent", "customer", "free"]


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text of one look.

    ``hit``: bold, red where it is the ``agent``'s words or what they left out, blue where it is the ``customer``'s, grey
    where it is ``free``: it costs nothing.
    """

    text: str
    hit: bool = False
    look: Look = "agent"


@dataclass(frozen=True, slots=True)
class Rich:
    """Text in one cell with some stretches marked."""

    runs: tuple[Run, ...]

    def __str__(self) -> str:
        """The text without its looks."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Link:
    """Text that leads to the row of another sheet of the same workbook."""

    text: str
    sheet: str
    row: int

    def __str__(self) -> str:
        """What the cell shows."""
        return self.text


@dataclass(frozen=True, slots=True)
class Formula:
    """An Excel formula (without =) and the value it has now, which viewers that do not calculate show."""

    text: str
    value: float | str | None


Value = str | int | float | bool | datetime | timedelta | Rich | Link | Formula | None
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``width`` in half-width characters; ``tones`` colour cells that hold these texts.

    ``choices`` become a drop-down, ``between`` admits numbers of this range only, ``heat`` shades 0–100 (or 0–1 of
    a percentage), columns with ``shade`` are shaded together by their largest number, ``upright`` turns the heading by 90°. ``review`` marks what a person fills in;
    ``hidden`` columns are there for ``review collect``, or have nothing to show this time.
    """

    title: str
    width: float
    style: Style = "text"
    tones: tuple[tuple[str, Tone], ...] = ()
    choices: tuple[str, ...] = ()
    between: tuple[float, float] | None = None
    heat: bool = False
    bar: bool = False
    shade: bool = False
    upright: bool = False
    review: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet that is one table: ``rows()`` starts over at each call, so that rows need not be kept.

    ``name`` is the table's name in formulas; ``frozen`` columns stay in sight; ``empty`` is what the sheet says where
    it has no rows; ``speech``: a transcript, shaded by speaker; ``dimmed``: rows with one of these texts under this
    heading are grey; ``grouped``: so many leading columns are faint where they repeat the row above, of the same key;
    ``secret``: not shown at all.
    """

    title: str
    name: str
    columns: tuple[Column, ...]
    rows: Callable[[], Iterator[Row]]
    empty: str
    frozen: int = 2
    speech: bool = False
    grouped: int = 0
    dimmed: tuple[str, tuple[str, ...]] | None = None
    secret: bool = False


def letter_of(columns: Sequence[Column], title: str) -> str:
    """The letter of the column with this title; StopIteration if there is none."""
    return column_letter(next(i for i, column in enumerate(columns) if column.title == title))


def column_letter(index: int) -> str:
    """The Excel letter of a 0-based column: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
