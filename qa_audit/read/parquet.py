"""Parquet: one message a row, or the canonical form with a nested list of turns; read batch by batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from qa_audit.read.columns import header_of, no_header
from qa_audit.read.jsonl import id_of
from qa_audit.read.piece import Piece, encode, piece_of_row
from qa_audit.read.values import Unreadable
from qa_audit.records import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qa_audit.config import Config

BATCH = 4096  # rows in memory at a time


def read(path: Path, source: str, *, config: Config) -> Iterator[Piece | Problem]:
    """The rows of a file; the line is the row number, from 1."""
    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            if {"id", "turns"} <= set(names):
                yield from _chats(file, source)
                return
            header = header_of(names, config)
            if header.missing():
                yield Problem(source, 0, "", *no_header([names], config))
                return
            for line, row in _rows(file):
                yield piece_of_row(header.row(list(row.values())), source, line)
    except (pa.ArrowException, OSError) as error:
        yield Problem(source, 0, "", f"Parquet 文件无法读取（{error}）", "检查文件是否完整")


def _rows(file: pq.ParquetFile) -> Iterator[tuple[int, dict[str, object]]]:
    line = 0
    for batch in file.iter_batches(batch_size=BATCH):
        for row in batch.to_pylist():
            line += 1
            yield line, row


def _chats(file: pq.ParquetFile, source: str) -> Iterator[Piece | Problem]:
    for line, row in _rows(file):
        try:
            chat_id = id_of(row["id"])
        except Unreadable as fault:
            yield Problem(source, line, "", fault.reason, fault.remedy)
        else:
            # a column that is null for this chat is not there: no extra keys without a value
            known = {name: value for name, value in row.items() if value is not None}
            yield Piece(chat_id, source, line, whole=True, data=msgspec.Raw(encode(known)))
