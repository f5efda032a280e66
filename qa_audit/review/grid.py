"""A returned sheet as a table again: columns by their heading, wherever they stand now, rows by their key."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from qa_audit.report.table import column_letter
from qa_audit.workbook.returned import CellValue, ReturnedSheet

HEADER_WITHIN = 30  # rows: people put titles and notes above a table
KEY, HIT = "_key", "_hit"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of sheet: its usual title, the headings that tell it apart, and those that people fill in."""

    title: str
    marks: tuple[str, ...]
    filled: tuple[str, ...]


CHATS = Kind("逐通评分", ("最终得分",), ("复核得分", "复核人", "意见", "申诉", "申诉理由", "申诉结果"))
DEDUCTIONS = Kind("扣分明细", ("扣分", "计分"), ("复核判定", "复核说明"))
QUEUE = Kind("必查队列", ("优先级", "依据"), ("复核判定", "复核得分", "复核人", "意见"))
UNANSWERED = Kind("无人应答", ("首响判定", "客户发言数"), ("跟进情况", "跟进人", "意见"))
SAMPLE = Kind("随机抽检", ("判定要点",), ("判定", "复核人", "意见"))
TRANSCRIPTS = Kind("会话全文", ("角色", "内容"), ("情绪更正",))
STRATA = Kind("_抽样", ("层内总数", "抽取数"), ())
KINDS = (CHATS, DEDUCTIONS, QUEUE, UNANSWERED, SAMPLE, TRANSCRIPTS, STRATA)
# what a workbook of each sort must bring back, told by a sheet that only it has
BOOKS = ((CHATS, DEDUCTIONS, TRANSCRIPTS), (QUEUE, UNANSWERED, SAMPLE, TRANSCRIPTS, STRATA))


@dataclass(frozen=True, slots=True)
class Line:
    """One row below the heading; ``number`` is its row in the sheet as it is now."""

    number: int
    values: list[CellValue]
    columns: Mapping[str, tuple[int, ...]]

    def all(self, title: str) -> tuple[CellValue, ...]:
        """What stands under a heading, once for each column that has it; nothing where no column has."""
        return tuple(self.values[i] if i < len(self.values) else "" for i in self.columns.get(title, ()))

    def value(self, title: str) -> CellValue:
        """What stands under a heading: in its first column that is not empty there."""
        return next((value for value in self.all(title) if value != ""), "")

    def text(self, title: str) -> str:
        """The value as text, without blanks around it; whole numbers without a point."""
        return as_text(self.value(title))

    def cell(self, title: str) -> str:
        """The name of the cell under a heading: M14; the row alone where there is none."""
        where = self.columns.get(title, ())
        filled = [i for i in where if i < len(self.values) and self.values[i] != ""]
        return f"{column_letter((filled or where)[0])}{self.number}" if where else f"第{self.number}行"

    @property
    def key(self) -> str:
        """The hidden key of the row."""
        return self.text(KEY)

    def filled(self, kind: Kind) -> bool:
        """Whether a person wrote anything in it."""
        return any(self.text(title) for title in kind.filled)


@dataclass(frozen=True, slots=True)
class Grid:
    """One returned table: its kind, the title its sheet has now, where each heading stands, the rows below."""

    kind: Kind
    title: str
    header_row: int
    columns: Mapping[str, tuple[int, ...]]
    sheet: ReturnedSheet

    def lines(self) -> Iterator[Line]:
        """The rows below the heading in which anything stands."""
        for number, values in enumerate(self.sheet.rows[self.header_row :], start=self.header_row + 1):
            if any(value != "" for value in values):
                yield Line(number, values, self.columns)

    @property
    def missing(self) -> tuple[str, ...]:
        """The headings without which something is lost: the key, and all that people fill in."""
        return tuple(
            title
            for title in (KEY, *((HIT,) if self.kind in HIT_KINDS else ()), *self.kind.filled)
            if title not in self.columns
        )


HIT_KINDS = (DEDUCTIONS, QUEUE, SAMPLE, STRATA)


def grid_of(sheet: ReturnedSheet) -> Grid | None:
    """The table in a sheet, told by its headings, not by its title; None: it is none of ours."""
    best: tuple[int, Grid] | None = None
    for row, values in enumerate(sheet.rows[:HEADER_WITHIN], start=1):
        columns: dict[str, tuple[int, ...]] = {}
        for index, value in enumerate(values):
            if isinstance(value, str) and (title := heading(value)):
                columns[title] = (*columns.get(title, ()), index)
        for kind in KINDS:
            known = sum(title in columns for title in (KEY, *kind.marks, *kind.filled))
            if (
                any(mark in columns for mark in kind.marks)
                and known * 2 > len(kind.marks) + len(kind.filled) + 1
            ):
                score = 2 * known + (kind.title == sheet.title.strip())
                if best is None or score > best[0]:
                    best = (score, Grid(kind, sheet.title, row, columns, sheet))
    return best[1] if best else None


@lru_cache(maxsize=4096)  # the same headings for every row
def heading(text: str) -> str:
    """A heading without blanks, line ends and widths."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def as_text(value: CellValue) -> str:
    """A value as a person reads it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
