"""A whole night as a process: chats per second and peak memory, beside merely reading the same chats.

    python benchmarks/night.py CHATS.jsonl [--times 10] [--workers 1 2]

The ratio to reading alone (JSON to records, nothing decided) does not depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def multiplied(chats: Path, times: int, target: Path) -> int:
    """Writes every chat ``times`` times under new ids; returns how many."""
    lines = [json.loads(line) for line in chats.read_text("utf-8").splitlines() if line.strip()]
    with target.open("w", encoding="utf-8") as file:
        for number in range(times):
            for chat in lines:
                file.write(json.dumps(chat | {"id": f"{chat['id']}-{number}"}, ensure_ascii=False) + "\n")
    return len(lines) * times


def reading(chats: Path, folder: Path) -> float:
    """Seconds to read the chats and do nothing with them."""
    from qa_audit.config import Config
    from qa_audit.read.buckets import load_bucket, spill

    started = time.perf_counter()
    for bucket in spill([str(chats)], folder, config=Config()).buckets:
        load_bucket(bucket, config=Config())
    return time.perf_counter() - started


def night(chats: Path, out: Path, workers: int) -> tuple[float, float, float]:
    """(wall seconds, processor seconds, peak MiB of the largest process) of one night."""
    command = [
        sys.executable,
        "-m",
        "qa_audit",
        "run",
        str(chats),
        "--out",
        str(out),
        "--workers",
        str(workers),
    ]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, processor, after.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("chats", type=Path)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, len(os.sched_getaffinity(0))])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        count = multiplied(options.chats, options.times, folder / "chats.jsonl")
        alone = reading(folder / "chats.jsonl", folder / "spill")
        print(f"{count} chats; reading alone {count / alone:,.0f} chats/s")
        for workers in options.workers:
            wall, processor, peak = night(folder / "chats.jsonl", folder / f"out-{workers}", workers)
            print(
                f"{workers} worker(s): {count / wall:,.0f} chats/s, {wall / alone:.1f} times reading alone; "
                f"{1000 * processor / count:.2f} ms of processor a chat; peak {peak:,.0f} MiB"
            )


if __name__ == "__main__":
    main()
