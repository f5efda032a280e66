"""The workbooks of a large night: time, peak memory of each process, and the size of the largest workbook.

    python benchmarks/large_night.py NIGHT [--agents 200] [--chats 250] [--workers 1] [--buckets 256]

NIGHT is the folder of an audited night. Its results are multiplied under new ids, names and times, so that nothing is
audited; the workbooks are then written by `qa-audit report`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from qa_audit.records import Scorecard
from qa_audit.store import MANIFEST, read_manifest, read_results, read_run, write_manifest, write_results

OPENED = datetime(2026, 11, 20, 0, 0, 0, tzinfo=timezone(timedelta(hours=8)))
DAY_S = 86_400


def clone(card: Scorecard, agent: int, number: int, chats: int) -> Scorecard:
    """The card as that of another agent's chat; chats are spread over the day so that no two of one origin meet."""
    name = f"{3000 + agent}_坐席{agent:03}"
    opened = OPENED + timedelta(seconds=DAY_S * number / chats)
    first = card.transcript.began_at
    shift = opened - first if first is not None else timedelta()
    messages = tuple(
        replace(m, agent=name if m.agent == card.agent else m.agent, at=m.at + shift if m.at else None)
        for m in card.transcript.messages
    )
    transcript = replace(
        card.transcript,
        id=f"{card.transcript.id}-{agent:03}-{number:05}",
        messages=messages,
        opened_at=opened,
        closed_at=None,
    )
    return replace(card, agent=name, transcript=transcript)


def bucket(cards: list[Scorecard], number: int, options: argparse.Namespace) -> Iterator[Scorecard]:
    """The cards that fall into one bucket: an agent's chats are spread over all of them."""
    for index in range(number, options.agents * options.chats, options.buckets):
        agent, chat = divmod(index, options.chats)
        yield clone(cards[(chat + 7 * agent) % len(cards)], agent, chat, options.chats)


def multiply(source: Path, target: Path, options: argparse.Namespace) -> None:
    """A large night's results and manifest."""
    files = sorted((source / "results").glob("*.parquet"))
    cards = list(read_results(files))
    run = next(run for path in files if (run := read_run(path)))
    for number in range(options.buckets):
        path = target / "results" / f"bucket-{number:03}.parquet"
        write_results(path, list(bucket(cards, number, options)), run=run)
    write_manifest(target / MANIFEST, read_manifest(source / MANIFEST))


def peak_mib(process: subprocess.Popen[bytes], seen: dict[int, float]) -> None:
    """The peak memory of a process and its children while they run, by process."""
    while process.poll() is None:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        try:
            for pid in (process.pid, *map(int, children.read_text().split())):
                status = Path(f"/proc/{pid}/status").read_text()
                peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
                seen[pid] = int(peak.split()[1]) / 1024
        except (OSError, StopIteration):
            pass  # it has just ended
        time.sleep(0.05)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("night", type=Path)
    for name, default in (("agents", 200), ("chats", 250), ("workers", 1), ("buckets", 256)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--keep", type=Path, help="Write the night there and keep it.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        night = (options.keep or Path(name)) / "2026-11-20"
        if not night.exists():
            multiply(options.night, night, options)
        out = Path(name) / "again"
        command = [sys.executable, "-m", "qa_audit", "report", "--from", str(night), "--out", str(out)]
        started, before = time.perf_counter(), os.times()
        process = subprocess.Popen([*command, "--workers", str(options.workers)], stdout=subprocess.DEVNULL)
        peaks: dict[int, float] = {}
        watch = threading.Thread(target=peak_mib, args=(process, peaks))
        watch.start()
        code = process.wait()
        watch.join()
        wall, after = time.perf_counter() - started, os.times()
        processor = (
            after.children_user + after.children_system - before.children_user - before.children_system
        )
        books = sorted(out.rglob("*.xlsx"), key=lambda path: path.stat().st_size)
        figures = {
            "exit": code,
            "agents": options.agents,
            "chats": options.agents * options.chats,
            "workers": options.workers,
            "wall_s": round(wall, 1),
            "processor_s": round(processor, 1),
            "processor_ms_a_chat": round(1000 * processor / (options.agents * options.chats), 2),
            "peak_mib": sorted((round(peak) for peak in peaks.values()), reverse=True),
            "books": len(books),
            "largest": f"{books[-1].name} {books[-1].stat().st_size / 1e6:.1f} MB" if books else "",
        }
        print(json.dumps(figures, ensure_ascii=False))


if __name__ == "__main__":
    main()
