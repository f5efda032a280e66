"""Workbooks with one message a row: every sheet that has a recognisable header, read by calamine."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TYPE_CHECKING

import python_calamine

from qa_audit.read.columns import HEADER_ROWS, find_header, no_header
from qa_audit.read.piece import Piece, piece_of_row
from qa_audit.records import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qa_audit.config import Config


def read(path: Path, source: str, *, config: Config) -> Iterator[Piece | Problem]:
    """The rows of all sheets; the source names the sheet, the line is Excel's row number.

    One sheet is in memory at a time. Sheets without a header are listed only where no sheet has one: an export
    often carries a sheet of notes.
    """
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            empty: list[Problem] = []
            read_any = False
            for name in book.sheet_names:
                pieces = _sheet(book.get_sheet_by_name(name), f"{source}#{name}", config=config)
                if isinstance(pieces, Problem):
                    empty.append(pieces)
                else:
                    read_any = True
                    yield from pieces
            if not read_any:
                yield from empty
    except python_calamine.PasswordError:
        yield Problem(source, 0, "", "工作簿有密码保护", "去掉密码后重新保存")
    except (python_calamine.CalamineError, OSError) as error:
        yield Problem(source, 0, "", f"工作簿无法打开（{error}）", "用 Excel 另存为 .xlsx")


def _sheet(
    sheet: python_calamine.CalamineSheet, source: str, *, config: Config
) -> Iterator[Piece | Problem] | Problem:
    head = list(itertools.islice(sheet.iter_rows(), HEADER_ROWS))
    found = find_header(head, config)
    first_row = (sheet.start or (0, 0))[0] + 1
    if found is None:
        return Problem(source, first_row, "", *no_header(head, config))
    index, header = found

    def pieces() -> Iterator[Piece | Problem]:
        for line, cells in enumerate(sheet.iter_rows(), start=first_row):
            values = header.row([_plain(cell) for cell in cells]) if line > first_row + index else {}
            if values:
                yield piece_of_row(values, source, line)

    return pieces()


def _plain(cell: object) -> object:
    """A length of time as seconds; all else as calamine gives it."""
    return cell.total_seconds() if isinstance(cell, timedelta) else cell
