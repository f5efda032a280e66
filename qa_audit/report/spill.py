"""Rows put into another order than the one in which they are made, outside memory."""

from __future__ import annotations

import pickle
import tempfile
from array import array
from collections.abc import Iterable, Iterator

from qa_audit.report.table import Row

IN_MEMORY = 4 << 20  # bytes of rows; more are written to a file that no one else can open


def in_order(rows: Iterable[tuple[int, Row]], count: int) -> Iterator[Row]:
    """The ``count`` rows by their numbers 0, 1, 2 …, each of which comes once; 8 bytes a row stay in memory."""
    offsets = array("Q", bytes(8 * count))
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        for number, row in rows:
            offsets[number] = file.tell()
            pickle.dump(row, file, pickle.HIGHEST_PROTOCOL)
        for offset in offsets:
            file.seek(offset)
            row = pickle.load(file)  # noqa: S301 - our own rows, written a moment ago
            yield row
