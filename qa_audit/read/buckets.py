"""Two steps that bring a chat together however its rows lie: spill to buckets by chat, load one bucket.

Memory does not grow with the input: spilling keeps a bounded buffer, loading one bucket.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec

from qa_audit.read import chat_text, csv_rows, jsonl, parquet, xlsx
from qa_audit.read.chats import ChatReader, Row
from qa_audit.read.inputs import InputFile, described, find_files
from qa_audit.read.piece import Piece
from qa_audit.records import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from qa_audit.config import Config
    from qa_audit.records import Transcript

FORMATS: dict[str, Callable[..., Iterator[Piece | Problem]]] = {
    ".jsonl": jsonl.read,
    ".ndjson": jsonl.read,
    ".csv": csv_rows.read,
    ".tsv": csv_rows.read,
    ".xlsx": xlsx.read,
    ".xlsm": xlsx.read,
    ".xls": xlsx.read,
    ".parquet": parquet.read,
    ".txt": chat_text.read,
}
# Compressed formats hold about this many times their size; only the number of buckets depends on it.
EXPANSION = {".xlsx": 6, ".xlsm": 6, ".parquet": 5}
BUCKET_BYTES = 4 << 20
MOST_BUCKETS = 256
BUFFER_BYTES = 16 << 20

encode = msgspec.json.Encoder().encode
decode_piece = msgspec.json.Decoder(Piece).decode
decode_row = msgspec.json.Decoder(dict[str, object]).decode


@dataclass(frozen=True, slots=True)
class Spilled:
    """The input, spilled: bucket files, the rows that belong to no chat, and the files read."""

    buckets: tuple[Path, ...]
    problems: tuple[Problem, ...]
    inputs: tuple[InputFile, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The chats of one bucket, by id, and what in them could not be read."""

    transcripts: tuple[Transcript, ...]
    problems: tuple[Problem, ...]


class _Buckets:
    """Bucket files, written by appending: no more than BUFFER_BYTES wait in memory, no file stays open."""

    def __init__(self, directory: Path, count: int) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.paths = tuple(directory / f"bucket-{number:03}.jsonl" for number in range(count))
        self._waiting: list[list[bytes]] = [[] for _ in range(count)]
        self._bytes = 0
        for path in self.paths:
            path.write_bytes(b"")

    def add(self, piece: Piece) -> None:
        line = encode(piece)
        self._waiting[bucket_of(piece.chat_id, len(self.paths))].append(line)
        self._bytes += len(line)
        if self._bytes > BUFFER_BYTES:
            self.flush()

    def flush(self) -> None:
        for path, lines in zip(self.paths, self._waiting, strict=True):
            if lines:
                with path.open("ab") as file:
                    file.write(b"\n".join(lines) + b"\n")
                lines.clear()
        self._bytes = 0


@lru_cache(maxsize=4096)  # the rows of a chat lie close together
def bucket_of(chat_id: str, count: int) -> int:
    """The bucket of a chat, the same on every machine and run."""
    return int.from_bytes(hashlib.blake2b(chat_id.encode(), digest_size=8).digest(), "big") % count


def spill(inputs: Sequence[str], directory: Path, *, config: Config) -> Spilled:
    """Every row and chat of the inputs, written to its bucket in ``directory``; older buckets there are replaced.

    Raises:
        InputError: an input does not exist or holds no file of a known format.
    """
    paths, problems = find_files(inputs, FORMATS.keys())
    files = tuple(described(path) for path in paths)
    size = sum(
        file.bytes * EXPANSION.get(path.suffix.lower(), 1) for path, file in zip(paths, files, strict=True)
    )
    for old in directory.glob("bucket-*.jsonl"):
        old.unlink()
    buckets = _Buckets(directory, min(MOST_BUCKETS, max(1, -(-size // BUCKET_BYTES))))
    for path in paths:
        for piece in FORMATS[path.suffix.lower()](path, str(path), config=config):
            if isinstance(piece, Problem):
                problems.append(piece)
            else:
                buckets.add(piece)
    buckets.flush()
    return Spilled(buckets.paths, tuple(problems), files)


def load_bucket(path: Path, *, config: Config) -> Loaded:
    """The chats of a bucket, sorted by id; the order of the input files makes no difference."""
    with path.open("rb") as file:
        pieces = [decode_piece(line) for line in file]
    pieces.sort(key=lambda piece: (piece.chat_id, piece.source, piece.line))
    reader = ChatReader(config)
    whole = jsonl.TranscriptReader(config, reader)
    transcripts = []
    for chat_id, group in groupby(pieces, key=lambda piece: piece.chat_id):
        versions = _versions(chat_id, list(group), reader, whole)
        transcripts += versions[:1]
        reader.problems += [_second(versions[0], version) for version in versions[1:]]
    return Loaded(tuple(transcripts), tuple(reader.problems))


def _versions(
    chat_id: str, pieces: list[Piece], reader: ChatReader, whole: jsonl.TranscriptReader
) -> list[Transcript]:
    """Everything the files give under one id, in the order of the files: whole chats, and one made of all rows."""
    read = [
        whole.transcript(piece.data, source=piece.source, line_number=piece.line, chat_id=chat_id)
        for piece in pieces
        if piece.whole
    ]
    rows = [Row(piece.source, piece.line, decode_row(piece.data)) for piece in pieces if not piece.whole]
    if rows:
        read.append(reader.transcript(chat_id, _without_copies(chat_id, rows, reader.problems)))
    versions = [transcript for transcript in read if transcript is not None]
    return sorted(versions, key=lambda transcript: (transcript.source, transcript.line))


def _second(kept: Transcript, other: Transcript) -> Problem:
    where = f"{kept.source} 第 {kept.line} 行"
    if replace(other, source=kept.source, line=kept.line, extra=kept.extra) == kept:
        reason, remedy = f"与 {where}是同一会话且内容相同，已去重", "每个会话只导出一次"
    else:
        reason, remedy = f"会话编号与 {where}相同但内容不同，保留先出现的", "给不同的会话不同的编号"
    return Problem(other.source, other.line, other.id, reason, remedy)


def _without_copies(chat_id: str, rows: list[Row], problems: list[Problem]) -> list[Row]:
    """The rows of all files that have the chat, without a file that repeats another row for row."""
    kept: dict[str, list[Row]] = {}
    for source, group in groupby(rows, key=lambda row: row.source):
        again = list(group)
        values = [row.values for row in again]
        same = next((other for other, own in kept.items() if [row.values for row in own] == values), None)
        if same is None:
            kept[source] = again
        else:
            where = f"{same} 第 {kept[same][0].line} 行"
            reason = f"与 {where}是同一会话且内容相同，已去重"
            problems.append(Problem(source, again[0].line, chat_id, reason, "每个会话只导出一次"))
    return [row for own in kept.values() for row in own]
