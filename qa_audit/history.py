"""Several nights side by side: which of their rows count, and what each agent came to in each of them.

A (chat, agent) that several nights have counts where it was decided last: by ``started_at`` of the night's ``run.json``,
or by the night where there is none. Columns are read and grouped as Arrow arrays: a month of nights is a few numbers
for each row, no objects.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from qa_audit.records import Severity
from qa_audit.report.changes import Counted
from qa_audit.store import MANIFEST, NIGHT, STARTED, RunInfo, read_columns, read_manifest, read_run

Key = tuple[str, str]  # chat, agent
COMPARED = ("chat", "agent", "score_before_fatal", "grade", "deductions", "measures", "counts_for_30s")
PROMPT_S = 30


@dataclass(frozen=True)
class Night:
    """One night's folder, and its name."""

    folder: Path
    name: str

    @property
    def results(self) -> tuple[Path, ...]:
        """The results files, in order."""
        return tuple(sorted((self.folder / "results").glob("*.parquet")))

    @property
    def unanswered(self) -> tuple[Path, ...]:
        """The files of chats that nobody answered, in order."""
        return tuple(sorted((self.folder / "unanswered").glob("*.parquet")))

    @cached_property
    def run(self) -> RunInfo | None:
        """The run that decided it; None where it has no rows."""
        return next((run for path in self.results if (run := read_run(path)) is not None), None)

    @property
    def order(self) -> tuple[float, str]:
        """Later runs later; a night without a manifest before those that have one."""
        path = self.folder / MANIFEST
        if not path.exists():
            return 0.0, self.name
        started = read_manifest(path).get(STARTED)
        return datetime.fromisoformat(started).timestamp() if isinstance(started, str) else 0.0, self.name


@dataclass(frozen=True, slots=True)
class NightMean:
    """One agent's night: the mean of the scores before a fatal, over how many, of how many chats."""

    night: str
    mean: float | None
    scored: int
    chats: int
    standard_hash: str


def nights_of(out: Path) -> tuple[Night, ...]:
    """The nights in a folder of nights that are dates, oldest first; ``undated`` is none of them."""
    folders = (path.parent for path in out.glob("*/results"))
    return tuple(Night(f, f.name) for f in sorted(folders) if NIGHT.fullmatch(f.name))


def latest_of(nights: Sequence[Night], *, last: Night | None = None) -> Mapping[Key, str]:
    """Where each (chat, agent) counts that more than one of these nights has: the night's name.

    ``last`` goes before all others, whenever it was decided.
    """
    ordered = sorted(nights, key=lambda night: (night is last, night.order))
    tables = []
    for rank, night in enumerate(ordered if len(ordered) > 1 else ()):
        keys = read_columns(night.results, ("chat", "agent"))
        tables.append(keys.append_column("rank", pa.array([rank] * keys.num_rows, pa.int32())))
    if not tables:
        return {}
    grouped = pa.concat_tables(tables).group_by(["chat", "agent"], use_threads=False)
    found = grouped.aggregate([("rank", "max"), ("rank", "count")])
    several = found.filter(pc.greater(found.column("rank_count"), 1))
    rows = zip(*(several.column(name).to_pylist() for name in ("chat", "agent", "rank_max")), strict=True)
    return {(chat, agent): ordered[rank].name for chat, agent, rank in rows}


def counting(table: pa.Table, night: str, latest: Mapping[Key, str]) -> pa.Table:
    """The rows of a night's table (with ``chat`` and ``agent``) that count, of all that ``latest_of`` was asked about."""
    if not latest:
        return table
    keys = zip(table.column("chat").to_pylist(), table.column("agent").to_pylist(), strict=True)
    return table.filter(pa.array([latest.get(key, night) == night for key in keys], pa.bool_()))


def night_means(nights: Iterable[Night], latest: Mapping[Key, str]) -> dict[str, tuple[NightMean, ...]]:
    """Each agent's nights in the order given; a night in which an agent has no chat that counts is left out."""
    found: dict[str, list[NightMean]] = {}
    for night in nights:
        table = read_columns(night.results, ("chat", "agent", "score_before_fatal"))
        grouped = counting(table, night.name, latest).group_by(["agent"], use_threads=False)
        sums = grouped.aggregate(
            [("score_before_fatal", "mean"), ("score_before_fatal", "count"), ("chat", "count")]
        )
        for row in sums.to_pylist():
            mean = NightMean(
                night.name,
                row["score_before_fatal_mean"],
                row["score_before_fatal_count"],
                row["chat_count"],
                night.run.standard_hash if night.run else "",
            )
            found.setdefault(row["agent"], []).append(mean)
    return {agent: tuple(means) for agent, means in found.items()}


def period_id(runs: Sequence[str]) -> str:
    """The id of a report of several nights, from those of their runs in order: it tells them again."""
    return hashlib.sha256("\n".join(runs).encode()).hexdigest()[:16]


def chats_in(nights: Iterable[Night], latest: Mapping[Key, str]) -> int:
    """How many chats these nights have: one that several agents served counts once."""
    chats: set[str] = set()
    for night in nights:
        table = counting(read_columns(night.results, ("chat", "agent")), night.name, latest)
        chats.update(pc.unique(table.column("chat")).to_pylist())
    return len(chats)


def mean_of(means: Iterable[NightMean]) -> float | None:
    """The mean score over the chats of several nights."""
    scored = [(one.mean, one.scored) for one in means if one.mean is not None]
    count = sum(n for _, n in scored)
    return sum(mean * n for mean, n in scored) / count if count else None


def team_nights(
    label: str, nights: Sequence[Night], latest: Mapping[Key, str], *, now: str, fatal: str
) -> Counted:
    """What the whole team came to in these nights.

    ``now`` is the hash of the standard they are compared with, ``fatal`` the name of its fatal grade.
    """
    sums: Counter[str] = Counter()
    total = 0.0
    for night in nights:
        table = counting(read_columns(night.results, COMPARED), night.name, latest)
        scores = table.column("score_before_fatal")
        total += pc.sum(scores).as_py() or 0.0
        sums.update(chats=table.num_rows, scored=table.num_rows - scores.null_count)
        for batch in table.to_batches():
            sums.update(_compared(batch, fatal))
    hashes = {night.run.standard_hash for night in nights if night.run}
    return Counted(
        label=label,
        chats=sums["chats"],
        scored=sums["scored"],
        mean=total / sums["scored"] if sums["scored"] else None,
        charged=sums["charged"],
        fatal=sums["fatal"],
        prompt=sums["prompt"],
        timed=sums["timed"],
        same_standard=hashes <= {now},
    )


def _compared(batch: pa.RecordBatch, fatal: str) -> dict[str, int]:
    deductions = pc.list_flatten(batch.column("deductions"))
    points, severity, waived = (
        pc.struct_field(deductions, name) for name in ("points", "severity", "waived")
    )
    critical = pc.and_(pc.equal(severity, Severity.CRITICAL.value), pc.equal(waived, ""))
    first = pc.map_lookup(batch.column("measures"), "first_response_s", "first")
    first = pc.if_else(batch.column("counts_for_30s"), first, None)
    return {
        "charged": _true(pc.or_(pc.not_equal(points, 0), critical)),
        "fatal": _true(pc.equal(batch.column("grade"), fatal)),
        "timed": len(first) - first.null_count,
        "prompt": _true(pc.less_equal(first, PROMPT_S)),
    }


def _true(mask: pa.Array) -> int:
    return pc.sum(mask).as_py() or 0
