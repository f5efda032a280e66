"""A night on disk whose workbooks can be filled in, for the tests of the way back."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import factory
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from qa_audit.history import Night
from qa_audit.nights import NightJob, write_night
from qa_audit.snapshot import write_snapshot
from qa_audit.store import MANIFEST, RunInfo, write_manifest, write_results, write_unanswered

RUN = RunInfo(factory.RUN_ID, "a1b2c3", "d4e5f6", "m", masked=True)
FIRST, SECOND, THIRD = ("1024 王小雨.xlsx", "1031 陈立.xlsx", "1057 赵敏.xlsx")
REVIEW = "review.xlsx"


def make_night(out: Path, *, night: str = factory.NIGHT, run: RunInfo = RUN) -> Path:
    """The night of the factory under ``out``, with all its workbooks."""
    folder = out / night
    cards = [card for report in factory.reports() for card in report.scorecards]
    write_results(folder / "results" / "bucket-000.parquet", cards, run=run)
    write_unanswered(folder / "unanswered" / "bucket-000.parquet", factory.unanswered(), run=run)
    write_manifest(folder / MANIFEST, {"run_id": run.run_id, "started_at": "2025-11-21T01:00:00+08:00"})
    write_snapshot(folder, factory.STANDARD)
    job = NightJob(
        folder,
        (Night(folder, night),),
        night,
        run.run_id,
        factory.STANDARD,
        out=out,
        seed=7,
        problems=factory.problems(),
    )
    write_night(job, workers=1)
    return folder


def fetch(night: Path, name: str, to: Path) -> Path:
    """A copy of one of the night's workbooks, to be filled in."""
    target = to if to.suffix else to / name
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(night / name if name == REVIEW else night / "agents" / name, target))


def edit(path: Path, change: Callable[[Mapping[str, Worksheet]], object]) -> Path:
    """The workbook with a change made and saved."""
    book = load_workbook(path, rich_text=True)
    change({sheet.title: sheet for sheet in book.worksheets})
    book.save(path)
    return path


def column(sheet: Worksheet, title: str, *, header: int = 1) -> int:
    """The number of the column with this heading."""
    return next(cell.column for cell in sheet[header] if cell.value == title)


def row_of(sheet: Worksheet, **wanted: object) -> int:
    """The first row whose cells have these values, by heading."""
    where = {column(sheet, title): value for title, value in wanted.items()}
    return next(
        row
        for row in range(2, sheet.max_row + 1)
        if all(sheet.cell(row, number).value == value for number, value in where.items())
    )


def put(sheet: Worksheet, row: int, title: str, value: object) -> str:
    """Writes a value under a heading; returns the cell's name."""
    cell = sheet.cell(row, column(sheet, title))
    cell.value = value  # type: ignore[assignment]  # whatever a person may put there
    return cell.coordinate
