"""Results laid out agent by agent: each agent's scorecards in order of time, read piece by piece.

Results files are sorted by chat, and an agent's chats lie in all of them. One pass writes them anew in sorted parts of
bounded size (agent, time, chat), the first half of an external merge sort; an agent's cards are then a slice of each
part, merged while they are read. Memory is that of one part when writing and of one block when reading, however large
the night is.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qa_audit.history import Key, Night, counting
from qa_audit.records import Scorecard
from qa_audit.store import read_tables, scorecards_in

PART_BYTES = 8 << 20  # of Arrow data that is sorted at once
BATCH = 128  # rows of a part that are compressed together
BLOCK = 256  # cards that are decoded together: what bounds the memory of a reader
# cards of an agent that are kept once they are read; those of a larger one are read anew each time
KEPT = 1024
FOLDER = ".by-agent"


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows of one agent in one part: from ``start`` to ``stop``, end exclusive."""

    part: Path
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class ByAgent:
    """Where each agent's rows lie, agents in order of their names."""

    slices: Mapping[str, tuple[Slice, ...]]

    @property
    def agents(self) -> tuple[str, ...]:
        """The names of all agents."""
        return tuple(self.slices)

    def cards(self, agent: str) -> Cards:
        """One agent's scorecards."""
        return Cards(self.slices[agent])


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
        yield _lay_out(nights, latest, folder)
    finally:
        shutil.rmtree(folder)


def _lay_out(nights: Iterable[Night], latest: Mapping[Key, str], folder: Path) -> ByAgent:
    slices: dict[str, list[Slice]] = {}
    for number, tables in enumerate(_parts(nights, latest)):
        part = folder / f"part-{number:04}.arrow"
        for agent, start, stop in _write_sorted(part, tables):
            slices.setdefault(agent, []).append(Slice(part, start, stop))
        pa.default_memory_pool().release_unused()
    return ByAgent({agent: tuple(slices[agent]) for agent in sorted(slices)})


def _parts(nights: Iterable[Night], latest: Mapping[Key, str]) -> Iterator[list[pa.Table]]:
    """The rows that count, as many tables at a time as may be sorted together."""
    waiting: list[pa.Table] = []
    size = 0
    for night in nights:
        for read in read_tables(night.results):
            table = counting(read, night.name, latest)
            if table.num_rows == 0:
                continue
            of_table = table.nbytes
            # results of another version may have other columns
            if waiting and (size + of_table > PART_BYTES or table.schema != waiting[0].schema):
                yield waiting
                waiting, size = [], 0
            waiting.append(table)
            size += of_table
    if waiting:
        yield waiting


def _write_sorted(part: Path, tables: Sequence[pa.Table]) -> Iterator[tuple[str, int, int]]:
    """Writes one sorted part; gives (agent, start, stop) of every agent in it."""
    table = pa.concat_tables(tables)
    opened = [
        None if at is None else datetime.fromisoformat(at).timestamp()
        for at in table.column("opened_at").to_pylist()
    ]
    table = table.append_column("opened_s", pa.array(opened, pa.float64()))
    order = [(name, "ascending") for name in ("agent", "opened_s", "chat")]
    rows = pc.sort_indices(table, sort_keys=order)
    table = table.combine_chunks()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.OSFile(str(part), "wb") as file, pa.ipc.new_file(file, table.schema, options=options) as writer:
        # a batch at a time: the part is never held a second time in its new order
        for start in range(0, len(rows), BATCH):
            writer.write_table(table.take(rows[start : start + BATCH]).combine_chunks())
    ends = pc.run_end_encode(table.column("agent").take(rows).combine_chunks())
    start = 0
    for agent, stop in zip(ends.values.to_pylist(), ends.run_ends.to_pylist(), strict=True):
        yield agent, start, stop
        start = stop


class Cards(Sequence[Scorecard]):
    """One agent's scorecards in order of time, those without a time last.

    Up to 1,024 are kept once they are read; more are decoded anew, 256 at a time, whenever they are asked for.
    """

    def __init__(self, slices: Sequence[Slice]) -> None:
        self._slices = slices
        self._kept: list[Scorecard] | None = None

    def __len__(self) -> int:
        return sum(one.stop - one.start for one in self._slices)

    @overload
    def __getitem__(self, index: int) -> Scorecard: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Scorecard]: ...
    def __getitem__(self, index: int | slice) -> Scorecard | Sequence[Scorecard]:
        if isinstance(index, slice):
            first, last, step = index.indices(len(self))
            return tuple(islice(self._from(first), 0, max(last - first, 0), step))
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return next(self._from(index % len(self)))

    def __iter__(self) -> Iterator[Scorecard]:
        return self._from(0)

    def _from(self, index: int) -> Iterator[Scorecard]:
        """The cards from one on."""
        if self._kept is None and len(self) <= KEPT:
            self._kept = list(self._merged(0))
        return iter(self._kept[index:]) if self._kept is not None else self._merged(index)

    def _merged(self, index: int) -> Iterator[Scorecard]:
        of_slice = _order(self._slices)
        done = np.bincount(of_slice[:index], minlength=len(self._slices)).tolist()
        for first in range(index, len(of_slice), BLOCK):
            block = of_slice[first : first + BLOCK]
            counts = np.bincount(block, minlength=len(done)).tolist()
            # each part is sorted as the whole is: a block takes the next few of each
            waiting = [
                iter(_decoded(one, one.start + begin, one.start + begin + count))
                for one, begin, count in zip(self._slices, done, counts, strict=True)
            ]
            yield from (next(waiting[number]) for number in block.tolist())
            done = [begin + count for begin, count in zip(done, counts, strict=True)]


def _order(slices: Sequence[Slice]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """For each card in order of time the number of the slice that has it."""
    numbers = np.repeat(np.arange(len(slices), dtype=np.int32), [one.stop - one.start for one in slices])
    if len(slices) < 2:
        return numbers
    keys = pa.concat_tables([_rows(one, one.start, one.stop, ("opened_s", "chat")) for one in slices])
    order = [(name, "ascending") for name in ("opened_s", "chat")]
    merged: np.ndarray[tuple[int], np.dtype[np.int32]] = numbers[
        pc.sort_indices(keys, sort_keys=order).to_numpy()
    ]
    return merged


def _decoded(one: Slice, start: int, stop: int) -> list[Scorecard]:
    return scorecards_in(_rows(one, start, stop)) if stop > start else []


def _rows(one: Slice, start: int, stop: int, names: Sequence[str] | None = None) -> pa.Table:
    """Rows ``start`` to ``stop`` of a part, all columns or some; every batch but the last has the same length."""
    with pa.memory_map(str(one.part)) as file:
        reader = pa.ipc.open_file(file)
        if names is not None:
            wanted = [reader.schema.get_field_index(name) for name in names]
            reader = pa.ipc.open_file(file, options=pa.ipc.IpcReadOptions(included_fields=wanted))
        first, last = start // BATCH, (stop - 1) // BATCH
        table = pa.Table.from_batches([reader.get_batch(i) for i in range(first, last + 1)])
        return table.slice(start - first * BATCH, stop - start).select(names or table.schema.names)
