"""A workbook in the making: sheets whose rows were streamed aside, and the template that they are spliced into."""

from __future__ import annotations

import io
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.worksheet.worksheet import Worksheet

from qa_audit.report.table import column_letter
from qa_audit.workbook.cells import Links
from qa_audit.workbook.styles import register

RUN_PROPERTY = "qa_audit_run"
OUTCOME_RUN = "outcome"  # stands for the run in a workbook that sums up what was collected
NO_ROWS = re.compile(rb"<sheetData\s*/>|<sheetData>\s*</sheetData>")
DIMENSION = re.compile(rb'<dimension ref="[^"]*"')
AFTER_LINKS = re.compile(rb"<(?:printOptions|pageMargins)\b")
STYLES = "xl/styles.xml"
FONT = re.compile(rb"(?<=<font>).*?(?=</font>)", re.DOTALL)
PART_OF_FONT = re.compile(rb"<(\w+)[^>]*/>")
# as Excel writes them (ECMA-376, 18.8.22); openpyxl has an order of its own
ORDER_IN_FONT = (
    b"b", b"i", b"strike", b"condense", b"extend", b"outline", b"shadow", b"u", b"vertAlign", b"sz", b"color", b"name", b"family",
    b"charset", b"scheme",
)  # fmt: skip
COMPRESSION = 5  # of zlib: within 4 % of the size of its default, in less time
CHUNK = 500  # rows that are joined and written at once


def _in_order(font: re.Match[bytes]) -> bytes:
    """The parts of one font in the order of the schema."""
    parts = sorted(PART_OF_FONT.finditer(font[0]), key=lambda part: ORDER_IN_FONT.index(part[1]))
    return b"".join(part[0] for part in parts)


@dataclass(frozen=True, slots=True)
class Streamed:
    """The rows of one sheet, waiting in a file outside memory, the links that follow them, and the range they fill."""

    rows: IO[bytes]
    links: Links
    dimension: str


class Package:
    """One .xlsx file being made; use as a context manager, ``save`` writes it whole or not at all."""

    def __init__(self, run_id: str, title: str) -> None:
        self.book = Workbook()
        self.book.remove(self.book.worksheets[0])
        self.styles: Mapping[str, int] = register(self.book)
        self.book.properties.title = title
        self.book.properties.creator = "qa-audit"
        self.book.custom_doc_props.append(StringProperty(name=RUN_PROPERTY, value=run_id))  # type: ignore[attr-defined] # newer than the stubs
        self._streamed: dict[str, Streamed] = {}
        self._files = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    def add(self, title: str, rows: Iterable[str], links: Links, *, columns: int) -> tuple[Worksheet, int]:
        """A new sheet with these ``<row>`` elements; returns its template and the number of its last row."""
        file = self._files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - closed with the package
        count = 0
        waiting: list[str] = []
        for row in rows:
            waiting.append(row)
            count += 1
            if len(waiting) == CHUNK:
                file.write("".join(waiting).encode())
                waiting.clear()
        file.write("".join(waiting).encode())
        self._streamed[title] = Streamed(file, links, f"A1:{column_letter(columns - 1)}{count}")
        return self.book.create_sheet(title), count

    def save(self, path: Path) -> None:
        """The finished file at ``path``, written aside and renamed."""
        aside = path.with_name(f".{path.name}.part")
        try:
            with aside.open("wb") as file:
                self.write(file)
            os.replace(aside, path)  # noqa: PTH105 - the same call, and it says that it replaces
        finally:
            aside.unlink(missing_ok=True)

    def write(self, file: IO[bytes]) -> None:
        """The finished workbook into an open file."""
        template = io.BytesIO()
        self.book.save(template)
        names = (f"xl/worksheets/sheet{i}.xml" for i in range(1, len(self.book.worksheets) + 1))
        sheets = {
            name: self._streamed[sheet.title] for name, sheet in zip(names, self.book.worksheets, strict=True)
        }
        with (
            zipfile.ZipFile(template) as source,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as target,
        ):
            for name in source.namelist():
                if name in sheets:
                    self._splice(source.read(name), sheets[name], target, name)
                elif name == STYLES:
                    target.writestr(name, FONT.sub(_in_order, source.read(name)))
                else:
                    target.writestr(name, source.read(name))

    def _splice(self, template: bytes, sheet: Streamed, target: zipfile.ZipFile, name: str) -> None:
        template = DIMENSION.sub(f'<dimension ref="{sheet.dimension}"'.encode(), template, count=1)
        (gap,) = NO_ROWS.finditer(template)
        tail = template[gap.end() :]
        links = AFTER_LINKS.search(tail)
        assert links is not None  # openpyxl always writes page margins
        sheet.rows.seek(0)
        with target.open(name, "w", force_zip64=sheet.rows.seek(0, os.SEEK_END) > 2**31) as out:
            sheet.rows.seek(0)
            out.write(template[: gap.start()] + b"<sheetData>")
            shutil.copyfileobj(sheet.rows, out, 1 << 20)
            out.write(b"</sheetData>" + tail[: links.start()])
            for piece in sheet.links.xml():
                out.write(piece)
            out.write(tail[links.start() :])
