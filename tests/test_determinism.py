"""The same input gives the same results: whatever the machine, the order of files and rows, and who is audited beside."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from qa_audit.audit import Auditor
from qa_audit.config import Config
from qa_audit.evaluation import read_all
from qa_audit.records import Scorecard, Transcript
from qa_audit.store import read_manifest

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
INPUTS = [str(path) for path in sorted(SAMPLES.iterdir()) if path.suffix in (".jsonl", ".csv", ".xlsx")]
# smaller buckets than the samples fill, so that there is something to share out
SCRIPT = """
import sys, warnings
warnings.filterwarnings("error", category=EncodingWarning, module=r"qa_audit\\.")
from qa_audit.read import buckets
buckets.BUCKET_BYTES = 20_000
from qa_audit.cli import main
main(sys.argv[1:])
"""
MACHINES: dict[str, tuple[dict[str, str], int]] = {
    "one": ({"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "TZ": "UTC"}, 1),
    "other": ({"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "America/New_York"}, 2),
    "third": ({"PYTHONHASHSEED": "4242", "LC_ALL": "zh_CN.UTF-8", "LANG": "zh_CN.UTF-8", "TZ": "Asia/Kathmandu"}, 3),
}  # fmt: skip


@cache
def auditor() -> Auditor:
    return Auditor.open(Config())


def night(out: Path, environment: dict[str, str], workers: int, inputs: Sequence[str]) -> Path:
    """A whole night by the command, in a process of its own; nothing is read in the locale's encoding."""
    out.mkdir()
    (out / ".customer_key").write_bytes(b"k" * 32)
    arguments = ["run", *inputs, "--out", str(out), "--workers", str(workers)]
    done = subprocess.run(
        [sys.executable, "-X", "warn_default_encoding", "-c", SCRIPT, *arguments],
        env={**{k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG"))}, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        check=False,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr.decode()  # the samples hold three broken lines
    return out / "2026-11-20"


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("nights")
    orders = (INPUTS, INPUTS[::-1], INPUTS[2:] + INPUTS[:2])
    return {
        name: night(folder / name, *machine, order)
        for (name, machine), order in zip(MACHINES.items(), orders, strict=True)
    }


def result_rows(folder: Path, kind: str) -> bytes:
    """The rows of all files of a kind, sorted, as bytes."""
    rows = [row for file in (folder / kind).glob("*.parquet") for row in pq.read_table(file).to_pylist()]
    return b"\n".join(sorted(json.dumps(row, ensure_ascii=False, default=str).encode() for row in rows))


def cells(path: Path) -> list[tuple[str, list[tuple[object, ...]]]]:
    """The values of all cells of a workbook, sheet by sheet."""
    book = load_workbook(path, read_only=True)
    return [(sheet.title, list(sheet.values)) for sheet in book.worksheets]


@pytest.mark.parametrize("name", list(MACHINES)[1:])
def test_a_night_does_not_depend_on_the_machine(nights: dict[str, Path], name: str) -> None:
    one, other = nights["one"], nights[name]
    assert len(list((one / "results").iterdir())) > 3, "more than one bucket"
    for kind in ("results", "unanswered"):
        assert result_rows(one, kind) == result_rows(other, kind)
    assert (one / "problems.csv").read_bytes() == (other / "problems.csv").read_bytes()
    books = [sorted(path.relative_to(folder) for path in folder.rglob("*.xlsx")) for folder in (one, other)]
    assert books[0] == books[1]
    for book in books[0]:
        assert cells(one / book) == cells(other / book)
    manifests = [read_manifest(folder / "run.json") for folder in (one, other)]
    for manifest in manifests:
        del manifest["started_at"], manifest["finished_at"]
        manifest["inputs"] = sorted(manifest["inputs"], key=lambda file: str(file["path"]))
    assert manifests[0] == manifests[1]


@cache
def samples() -> tuple[Transcript, ...]:
    return tuple(transcript for path in INPUTS for transcript in read_all(Path(path), Config()))


@cache
def alone() -> dict[tuple[str, str], Scorecard]:
    """Each sample chat audited by itself."""
    cards = [card for transcript in samples() for card in auditor().audit([transcript]).scorecards]
    return {(card.transcript.id, card.agent): card for card in cards}


@settings(max_examples=15, deadline=None)
@given(picked=st.lists(st.sampled_from(range(68)), min_size=1, max_size=30, unique=True))
def test_a_chat_does_not_depend_on_its_neighbours(picked: list[int]) -> None:
    chats = [samples()[number] for number in picked if number < len(samples())]
    for card in auditor().audit(chats).scorecards:
        assert card == alone()[card.transcript.id, card.agent]


def rows_of(path: Path) -> tuple[list[str], list[list[str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


def cards_of(path: Path) -> list[Scorecard]:
    """What is decided of a file; the line that a chat begins at is all that may differ."""
    cards = auditor().audit(list(read_all(path, Config()))).scorecards
    return [replace(card, transcript=replace(card.transcript, source="", line=0)) for card in cards]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.randoms(use_true_random=False), files=st.integers(1, 3))
def test_order_of_interleaved_rows(
    tmp_path_factory: pytest.TempPathFactory, order: Random, files: int
) -> None:
    """Rows of chats in any mixture, over one file or more: the order within a chat is all that counts."""
    folder = tmp_path_factory.mktemp("rows")
    header, rows = rows_of(SAMPLES / "night_shift.csv")
    chat = header.index("会话ID")
    queues = [
        list(group)
        for _, group in groupby(sorted(rows, key=lambda row: row[chat]), key=lambda row: row[chat])
    ]
    mixed: list[list[str]] = []
    while queues:
        queue = order.choice(queues)
        mixed.append(queue.pop(0))
        if not queue:
            queues.remove(queue)
    cuts = sorted(order.sample(range(len(mixed)), files - 1))
    (folder / "many").mkdir()
    for number, (low, high) in enumerate(zip([0, *cuts], [*cuts, len(mixed)], strict=True)):
        _write(folder / "many" / f"{number}.csv", header, mixed[low:high])
    _write(folder / "one.csv", header, sorted(rows, key=lambda row: row[chat]))
    assert cards_of(folder / "many") == cards_of(folder / "one.csv")


def _write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def timed_apart(transcript: Transcript) -> bool:
    """Whether no two messages have the same time, so that time alone orders them."""
    times = [message.at for message in transcript.messages]
    return None not in times and len(set(times)) == len(times)


@settings(max_examples=12, deadline=None)
@given(order=st.randoms(use_true_random=False))
def test_messages_with_times_may_come_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, order: Random
) -> None:
    chats = [t for t in samples() if timed_apart(t)][:12]
    assert len(chats) > 5
    folder = tmp_path_factory.mktemp("shuffled")
    for name in ("in order", "shuffled"):
        lines = []
        for chat in chats:
            turns: list[dict[str, Any]] = [
                {"role": m.role, "agent": m.agent, "at": m.at.isoformat(), "auto": m.auto, "kind": m.kind, "text": m.text}
                for m in chat.messages
                if m.at is not None
            ]  # fmt: skip
            if name == "shuffled":
                order.shuffle(turns)
            lines.append(
                json.dumps({"id": chat.id, "channel": chat.channel, "turns": turns}, ensure_ascii=False)
            )
        (folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert cards_of(folder / "shuffled.jsonl") == cards_of(folder / "in order.jsonl")


@pytest.mark.parametrize("days", [1, 27, 365])
def test_verdicts_do_not_depend_on_the_day(days: int) -> None:
    """Nothing reads the clock of today; a chat on another day, at the same hours, is judged alike."""
    step = timedelta(days=days)
    moved = [
        replace(
            t,
            opened_at=t.opened_at and t.opened_at + step,
            closed_at=t.closed_at and t.closed_at + step,
            messages=tuple(replace(m, at=m.at and m.at + step) for m in t.messages),
        )
        for t in samples()
    ]
    for card in auditor().audit(moved).scorecards:
        known = alone()[card.transcript.id, card.agent]
        assert (card.results, card.score, card.measures) == (known.results, known.score, known.measures)
