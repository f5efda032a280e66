"""CSV with one message a row: UTF-8 with or without BOM, or GB18030; comma, semicolon or tab."""

from __future__ import annotations

import codecs
import csv
import itertools
import re
from typing import TYPE_CHECKING, Literal, TextIO

from qa_audit.read.columns import HEADER_ROWS, Header, find_header, header_of, no_header
from qa_audit.read.piece import Piece, piece_of_row
from qa_audit.records import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qa_audit.config import Config

Encoding = Literal["utf-8-sig", "gb18030"]
DELIMITERS = (",", ";", "\t")
CHUNK = 1 << 20
UNDECODABLE = re.compile("[\udc80-\udcff]")  # what surrogateescape makes of a byte that is no character
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(path: Path, source: str, *, config: Config) -> Iterator[Piece | Problem]:
    """The rows of a table with a recognisable header; the line of a row is the one it begins in."""
    encoding, clean = encoding_of(path)
    if encoding is None:
        yield Problem(source, 1, "", "文件编码是 UTF-16", "另存为“CSV UTF-8”")
        return
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
        delimiter, head = _head(file, config)
        found = find_header(head, config)
        if found is None:
            yield Problem(source, 1, "", *no_header(head, config))
            return
        file.seek(0)
        for line, row in itertools.islice(_rows(file, delimiter), found[0] + 1, None):
            if isinstance(row, str):
                yield Problem(
                    source, line, "", row, "含引号、换行或分隔符的单元格整格加引号，其中的引号写两个"
                )
            elif any(row):
                yield _piece(row, found[1], source, line, clean=clean)


def encoding_of(path: Path) -> tuple[Encoding | None, bool]:
    """(encoding, whether every byte can be decoded), from all the bytes of the file; None for UTF-16."""
    with path.open("rb") as file:
        if file.read(2) in UTF_16:
            return None, False
    broken = _first_broken(path, "utf-8")
    if broken is None:
        return "utf-8-sig", True
    # GB18030 read as UTF-8 breaks at nearly every character, damaged UTF-8 only here and there
    bad = len(UNDECODABLE.findall(broken.decode("utf-8", "surrogateescape")))
    if bad * 4 < sum(byte >= 0x80 for byte in broken):
        return "utf-8-sig", False
    return "gb18030", _first_broken(path, "gb18030") is None


def _first_broken(path: Path, encoding: str) -> bytes | None:
    """The first piece of the file that is not in this encoding, None if all of it is."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                return chunk
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            return error.object
    return None


def _head(file: TextIO, config: Config) -> tuple[str, list[list[str]]]:
    """The delimiter by which a row of the head names the most fields, and the head split by it."""
    heads: dict[str, list[list[str]]] = {}
    for delimiter in DELIMITERS:
        file.seek(0)
        rows = itertools.islice(_rows(file, delimiter), HEADER_ROWS)
        heads[delimiter] = [[] if isinstance(row, str) else row for _, row in rows]

    def named(delimiter: str) -> int:
        rows = heads[delimiter]
        return max(
            (sum(field is not None for field in header_of(row, config).fields) for row in rows), default=0
        )

    best = max(DELIMITERS, key=named)
    return best, heads[best]


def _rows(file: TextIO, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """(1-based line, cells) of each row, or (line, reason) of one that is no CSV."""
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            upto = f"第 {line} 至 {reader.line_num} 行" if reader.line_num > line else "该行"
            yield line, f"{upto}不是有效的 CSV（{error}）"


def _piece(row: list[str], header: Header, source: str, line: int, *, clean: bool) -> Piece | Problem:
    if not clean and any(UNDECODABLE.search(cell) for cell in row):
        return Problem(source, line, "", "该行含有无法解码的字节", "以 UTF-8 或 GB18030 重新导出")
    if any(cell.strip() for cell in row[len(header.fields) :]):
        return Problem(
            source,
            line,
            "",
            f"有 {len(row)} 格，表头只有 {len(header.fields)} 列",
            "内容含分隔符时整格加引号",
        )
    return piece_of_row(header.row(row), source, line)
