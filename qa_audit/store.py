"""The results store: what a night decided, as Parquet, one file for each bucket; it is also the history.

``OUT/<night>/results/*.parquet`` has one row for each (chat, agent), with the whole ``Scorecard`` nested in it;
chats that nobody answered lie in a folder beside it, in files of their own, so that every file has one schema. Files hold no clock and are sorted: the same input gives the same bytes for one
version of pyarrow. Each is written aside and renamed, so a file that is there is whole.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qa_audit.arrow import codec_for
from qa_audit.errors import InputError
from qa_audit.records import Scorecard, Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

Record = TypeVar("Record", Scorecard, Unanswered)
FORMAT = b"1"  # raised when a reader of today could not read the file
ROWS_AT_ONCE = 1024  # read and decoded together: what bounds the memory of a reader
NIGHT = re.compile(r"\d{4}-\d{2}-\d{2}")
MANIFEST = "run.json"
STARTED = "started_at"
NOT_AUDITED = "not_audited_by_agent"


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What every row says of its run: what it was decided with, whether its text is masked.

    The night is the folder's name: it is only known when the last chat has been read.
    """

    run_id: str
    standard_hash: str
    lexicon_hash: str
    model_hash: str
    masked: bool


def write_results(path: Path, scorecards: Sequence[Scorecard], *, run: RunInfo) -> None:
    """One bucket's scorecards, sorted by (chat, agent)."""
    ordered = sorted(scorecards, key=lambda card: (card.transcript.id, card.agent))
    keys = {
        "chat": pa.array([card.transcript.id for card in ordered], pa.string()),
        "opened_at": pa.array([_iso(card.transcript.opened_at) for card in ordered], pa.string()),
    }
    _write(path, Scorecard, ordered, keys | _run_columns(run, len(ordered)))


def write_unanswered(path: Path, unanswered: Sequence[Unanswered], *, run: RunInfo) -> None:
    """One bucket's chats that no human answered, sorted by chat."""
    ordered = sorted(unanswered, key=lambda one: one.transcript.id)
    keys = {"chat": pa.array([one.transcript.id for one in ordered], pa.string())}
    _write(path, Unanswered, ordered, keys | _run_columns(run, len(ordered)))


def read_results(paths: Iterable[Path], *, agents: Collection[str] | None = None) -> Iterator[Scorecard]:
    """The scorecards of these files, as they were written; only those of ``agents`` if given.

    Raises:
        InputError: a file is no results file of a version that can be read.
    """
    for path in paths:
        yield from _read(path, Scorecard, agents=agents)


def read_unanswered(paths: Iterable[Path]) -> Iterator[Unanswered]:
    """The unanswered chats of these files, as they were written."""
    for path in paths:
        yield from _read(path, Unanswered)


def read_run(path: Path) -> RunInfo | None:
    """The run that a results file is of; None if it is no results file, or an empty one."""
    try:
        with _opened(path, Scorecard) as file:
            rows = file.read(columns=[field.name for field in fields(RunInfo)]).slice(0, 1).to_pylist()
    except InputError:
        return None
    return RunInfo(**rows[0]) if rows else None


def agents_of(paths: Iterable[Path]) -> dict[str, int]:
    """How many chats each agent has in these files, by name."""
    counts: dict[str, int] = {}
    for path in paths:
        with _opened(path, Scorecard) as file:
            for pair in file.read(columns=["agent"]).column("agent").value_counts().to_pylist():
                counts[pair["values"]] = counts.get(pair["values"], 0) + pair["counts"]
    return dict(sorted(counts.items()))


def read_columns(paths: Iterable[Path], names: Sequence[str]) -> pa.Table:
    """Some columns of all rows of these files; no rows where there is no file."""
    tables = []
    for path in paths:
        with _opened(path, Scorecard) as file:
            tables.append(file.read(columns=list(names)).select(names).replace_schema_metadata())
    kinds = {"score_before_fatal": pa.float64()}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in names])
    return pa.concat_tables(tables) if tables else schema.empty_table()


def read_tables(paths: Iterable[Path], *, at_most: int) -> Iterator[pa.Table]:
    """The rows of these files as Arrow tables, so many rows each at most; ``scorecards_in`` makes records of them."""
    for path in paths:
        with _opened(path, Scorecard) as file:
            for batch in file.iter_batches(batch_size=at_most):
                yield pa.Table.from_batches([batch]).replace_schema_metadata()


def scorecards_in(rows: pa.Table | pa.RecordBatch) -> list[Scorecard]:
    """The scorecards in some rows of ``read_tables``; a field that an older file lacks takes its default."""
    return _decoded(rows, Scorecard)


def rules_in(paths: Iterable[Path]) -> tuple[str, ...]:
    """The ids of all rules that decided something in these files, sorted."""
    found: set[str] = set()
    for path in paths:
        with _opened(path, Scorecard) as file:
            results = file.read(columns=["results.list.element.rule_id"]).column("results")
        ids = pc.struct_field(pc.list_flatten(results), "rule_id")
        found.update(pc.unique(ids).to_pylist())
    return tuple(sorted(found))


def write_manifest(path: Path, manifest: Mapping[str, object]) -> None:
    """A run's manifest as JSON with sorted keys, written aside and renamed."""
    text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    _replaced(path, lambda aside: aside.write_text(text, encoding="utf-8"))


def read_manifest(path: Path) -> dict[str, Any]:
    """A run's manifest.

    Raises:
        InputError: it is not there or is no JSON object.
    """
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: no manifest of a run ({error}); give the folder of a night") from None
    if not isinstance(manifest, dict):
        raise InputError(f"{path}: no manifest of a run; give the folder of a night")
    return manifest


def _write(path: Path, record: type[Record], rows: Sequence[Record], keys: Mapping[str, pa.Array]) -> None:
    values = codec_for(record).encode(rows)
    columns = dict(keys) | {field.name: values.field(number) for number, field in enumerate(values.type)}
    table = pa.table(columns).replace_schema_metadata(
        {b"qa_audit": record.__name__.encode(), b"format": FORMAT}
    )
    _replaced(
        path, lambda aside: pq.write_table(table, aside, compression="zstd", row_group_size=ROWS_AT_ONCE)
    )


def _replaced(path: Path, write: Callable[[Path], object]) -> None:
    """Writes beside the file, flushes to disk, and puts it in place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    write(aside)
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    aside.replace(path)


def _run_columns(run: RunInfo, rows: int) -> dict[str, pa.Array]:
    return {
        name: pa.array([value] * rows, pa.bool_() if name == "masked" else pa.string())
        for name, value in asdict(run).items()
    }


def _opened(path: Path, record: type[Record]) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: cannot be read ({error}); give the results of a finished run") from None
    metadata = file.schema_arrow.metadata or {}
    found = (metadata.get(b"qa_audit", b"").decode(), metadata.get(b"format"))
    if found != (record.__name__, FORMAT):
        file.close()
        raise InputError(
            f"{path}: holds no {record.__name__} rows of this version; give the results of a run"
        )
    return file


def _read(path: Path, record: type[Record], *, agents: Collection[str] | None = None) -> Iterator[Record]:
    wanted = None if agents is None else pa.array(sorted(agents), pa.string())
    with _opened(path, record) as file:
        for group in range(file.num_row_groups):
            if wanted is not None:
                agent = file.read_row_group(group, columns=["agent"]).column("agent")
                chosen = pc.is_in(agent, value_set=wanted)
                if not pc.any(chosen).as_py():
                    continue
            table = file.read_row_group(group)
            yield from _decoded(table if wanted is None else table.filter(chosen), record)


def _decoded(rows: pa.Table | pa.RecordBatch, record: type[Record]) -> list[Record]:
    there = [field.name for field in fields(record) if field.name in rows.schema.names]
    columns = [rows.column(name) for name in there]
    if isinstance(rows, pa.Table):
        columns = [column.combine_chunks() for column in columns]
    records: list[Record] = codec_for(record).decode(pa.StructArray.from_arrays(columns, names=there))
    return records


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
