"""Results laid out agent by agent: each agent's scorecards in order of time, read one by one.

Results files are sorted by chat, and an agent's chats lie in all of them. One pass writes every row that counts into one
file, a compressed record each; only where each lies is sorted, by (agent, time, chat). Memory is that of some rows when
writing and of one card when reading, and 24 bytes a chat, 80 while sorted, however large the night is.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qa_audit.history import Key, Night, counting
from qa_audit.packed import Packed
from qa_audit.records import Scorecard
from qa_audit.store import read_tables, scorecards_in

BLOCK = 64  # rows of a results file that are read together: what bounds the memory of the pass
# cards of an agent that are kept once they are read; those of a larger one are read anew each time
KEPT = 256
FOLDER = ".by-agent"
KEYS = pa.schema(
    [
        ("agent", pa.string()),
        ("opened_s", pa.float64()),
        ("chat", pa.string()),
        ("offset", pa.int64()),
        ("length", pa.int64()),
        ("whole", pa.int64()),
    ]
)
Change = Callable[[Scorecard], Scorecard]
Where = np.ndarray[tuple[int, int], np.dtype[np.int64]]  # of each row: offset, length, length uncompressed


@dataclass(frozen=True, slots=True)
class ByAgent:
    """Where each agent's cards lie in a file, agents in order of their names.

    ``rows`` are the first and the last row of each agent, end exclusive; ``where``: of each row the offset of its record,
    its length, and that of what it is compressed from.
    """

    file: Path
    rows: Mapping[str, tuple[int, int]]
    where: Where

    @property
    def agents(self) -> tuple[str, ...]:
        """The names of all agents."""
        return tuple(self.rows)

    def cards(self, agent: str, change: Change | None = None) -> Cards:
        """One agent's scorecards; ``change``: what is made of each when it is read."""
        first, stop = self.rows[agent]
        return Cards(self.file, self.where[first:stop], change)


@contextmanager
def laid_out(nights: Iterable[Night], latest: Mapping[Key, str], beside: Path) -> Iterator[ByAgent]:
    """The rows of some nights that count (``history.latest_of``), in a folder ``beside`` that is removed in the end.

    Raises:
        InputError: a file is no results file of a version that can be read.
    """
    folder = beside / FOLDER
    shutil.rmtree(folder, ignore_errors=True)  # of a night that crashed
    folder.mkdir(mode=0o700)
    try:
        yield _lay_out(nights, latest, folder / "cards")
    finally:
        shutil.rmtree(folder)


def _lay_out(nights: Iterable[Night], latest: Mapping[Key, str], path: Path) -> ByAgent:
    with path.open("wb") as file:
        keys = [KEYS.empty_table(), *(_write(file, cards) for cards in _counting(nights, latest))]
    pa.default_memory_pool().release_unused()
    sorted_keys = pa.concat_tables(keys).sort_by(
        [(name, "ascending") for name in ("agent", "opened_s", "chat")]
    )
    where = np.stack([sorted_keys.column(name).to_numpy() for name in ("offset", "length", "whole")], axis=1)
    return ByAgent(path, dict(_runs(sorted_keys.column("agent"))), where)


def _counting(nights: Iterable[Night], latest: Mapping[Key, str]) -> Iterator[list[Scorecard]]:
    """The cards that count, some at a time."""
    for night in nights:
        for table in read_tables(night.results, at_most=BLOCK):
            yield scorecards_in(counting(table, night.name, latest))


def _write(file: IO[bytes], cards: Sequence[Scorecard]) -> pa.Table:
    """Appends some cards to the file; what they are sorted by, and where they lie."""
    rows = []
    for card in cards:
        packed = Packed.of(card)
        opened = card.transcript.opened_at
        rows.append(
            {
                "agent": card.agent,
                "opened_s": None if opened is None else opened.timestamp(),
                "chat": card.transcript.id,
                "offset": file.tell(),
                "length": len(packed.record),
                "whole": packed.size,
            }
        )
        file.write(packed.record)
    return pa.Table.from_pylist(rows, KEYS)


def _runs(agents: pa.ChunkedArray) -> Iterator[tuple[str, tuple[int, int]]]:
    """Each agent's first row and last row, end exclusive."""
    ends = pc.run_end_encode(agents.combine_chunks())
    start = 0
    for agent, stop in zip(ends.values.to_pylist(), ends.run_ends.to_pylist(), strict=True):
        yield agent, (start, stop)
        start = stop


class Cards(Sequence[Scorecard]):
    """One agent's scorecards in order of time, those without a time last.

    Up to 256 are kept once they are read; more are read anew, one by one, whenever they are asked for.
    """

    def __init__(self, file: Path, where: Where, change: Change | None = None) -> None:
        self._file = file
        self._where = where
        self._change = change
        self._kept: list[Scorecard] | None = None

    def __len__(self) -> int:
        return len(self._where)

    @overload
    def __getitem__(self, index: int) -> Scorecard: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Scorecard]: ...
    def __getitem__(self, index: int | slice) -> Scorecard | Sequence[Scorecard]:
        if isinstance(index, slice):
            return tuple(self._read(self._where[index]))
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return next(self._read(self._where[[index]]))

    def __iter__(self) -> Iterator[Scorecard]:
        if self._kept is None and len(self) <= KEPT:
            self._kept = list(self._read(self._where))
        return self._read(self._where) if self._kept is None else iter(self._kept)

    def _read(self, where: Where) -> Iterator[Scorecard]:
        with self._file.open("rb") as file:
            for offset, length, whole in where:
                file.seek(offset)
                card = Packed(file.read(length), whole).unpack()
                yield card if self._change is None else self._change(card)
