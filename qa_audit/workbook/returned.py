"""A workbook that came back, as values: read by calamine, whatever program saved it; nothing is ever written to it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from xml.sax.saxutils import unescape

import python_calamine

from qa_audit.errors import InputError
from qa_audit.workbook.package import RUN_PROPERTY

CellValue = str | int | float | bool | date | datetime | time | timedelta
ERROR = "#错误!"  # stands for every error value, of which calamine makes an empty cell

_RUN = re.compile(
    rf'<property\b[^>]*\bname="{RUN_PROPERTY}"[^>]*>\s*<(?:\w+:)?lpwstr\b[^>]*>([^<]*)<'.encode()
)
_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b[^>]*>")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_REFERENCE = re.compile(rb'\br="([A-Z]+[0-9]+)"')
_IS_ERROR = re.compile(rb'\bt="e"')


@dataclass(frozen=True, slots=True)
class ReturnedSheet:
    """One sheet: ``rows[i][j]`` is row i + 1, column j + 1, empty text where nothing stands; hidden ones included.

    ``formulas`` are the cells that calculate. An error value reads ``#错误!``.
    """

    title: str
    rows: list[list[CellValue]]
    formulas: frozenset[str]


@dataclass(frozen=True, slots=True)
class Returned:
    """One workbook and the run that its properties name; None: they name none."""

    path: Path
    run_id: str | None
    sheets: tuple[ReturnedSheet, ...]


def read_returned(path: Path) -> Returned:
    """The workbook at ``path``.

    Raises:
        InputError: it is no .xlsx file, is damaged, or has a password; the message is Chinese and has no place.
    """
    try:
        with zipfile.ZipFile(path) as package:
            run_id = _run_id(package)
            parts = _parts(package)
            with python_calamine.CalamineWorkbook.from_path(path) as book:
                sheets = tuple(
                    _sheet(
                        title, book.get_sheet_by_name(title).to_python(skip_empty_area=False), package, parts
                    )
                    for title in book.sheet_names
                )
    except python_calamine.PasswordError:
        raise InputError("工作簿有密码保护；请去掉密码后重新保存") from None
    except zipfile.BadZipFile:
        raise InputError(
            "不是 .xlsx 工作簿，或文件已损坏、有密码；请用 Excel、WPS 或 LibreOffice 另存为 .xlsx"
        ) from None
    except (python_calamine.CalamineError, KeyError, OSError) as error:
        raise InputError(f"工作簿无法打开（{error}）；请另存为 .xlsx 后重新收回") from None
    return Returned(path, run_id, sheets)


def _run_id(package: zipfile.ZipFile) -> str | None:
    if "docProps/custom.xml" not in package.namelist():
        return None
    found = _RUN.search(package.read("docProps/custom.xml"))
    return found[1].decode() if found else None


def _parts(package: zipfile.ZipFile) -> Mapping[str, str]:
    """The part of each sheet by its title."""
    targets = {}
    for relation in _RELATION.findall(package.read("xl/_rels/workbook.xml.rels").decode()):
        target = _attribute(relation, "Target").removeprefix("/")
        targets[_attribute(relation, "Id")] = target if target.startswith("xl/") else f"xl/{target}"
    return {
        unescape(_attribute(sheet, "name"), {"&quot;": '"', "&apos;": "'"}): targets[
            _attribute(sheet, "r:id")
        ]
        for sheet in _SHEET.findall(package.read("xl/workbook.xml").decode())
    }


def _attribute(element: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', element)
    return found[1] if found else ""


def _sheet(
    title: str, rows: list[list[CellValue]], package: zipfile.ZipFile, parts: Mapping[str, str]
) -> ReturnedSheet:
    xml = package.read(parts[title]) if title in parts else b""
    formulas: set[str] = set()
    if b'"e"' in xml or _FORMULA.search(xml):
        for attributes, content in _CELL.findall(xml):
            reference = _REFERENCE.search(attributes)
            if reference is None:
                continue
            if _FORMULA.search(content):
                formulas.add(reference[1].decode())
            if _IS_ERROR.search(attributes):
                _put(rows, reference[1].decode(), ERROR)
    return ReturnedSheet(title, rows, frozenset(formulas))


def _put(rows: list[list[CellValue]], reference: str, value: CellValue) -> None:
    letters = reference.rstrip("0123456789")
    row, column = int(reference[len(letters) :]) - 1, 0
    for letter in letters:
        column = 26 * column + ord(letter) - ord("A") + 1
    while len(rows) <= row:
        rows.append([])
    rows[row] += [""] * (column - len(rows[row]))
    rows[row][column - 1] = value
