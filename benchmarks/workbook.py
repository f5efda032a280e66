"""Cells per second of processor time of our writer against openpyxl's write_only with the same styles, interleaved in one process.

The sheet is a transcript: id, round, time, speaker, Chinese text, mood, a link's text. `python benchmarks/workbook.py [ROWS]`.
"""

from __future__ import annotations

import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from qa_audit.report.table import Link, Rich, Row, Run, Table
from qa_audit.report.transcripts import COLUMNS
from qa_audit.workbook import styles
from qa_audit.workbook.package import Package
from qa_audit.workbook.sheets import write_table

SAID = (
    "您好，欢迎光临，请问有什么可以帮您？",
    "我周一买的电饭煲到现在还没动静，你们到底发没发货啊",
    "麻烦您稍等一分钟，我为您核实一下订单 & 物流，可以吗？",
    "好的",
    "让您久等了，已经登记好，今天18点前发出，运费由我们承担，请您放心。",
)
ROUNDS = 3


def rows(count: int) -> Iterator[Row]:
    opened = datetime(2025, 11, 20, 9, 0, 0)  # noqa: DTZ001 - as Excel holds it
    for i in range(count):
        text = f"{SAID[i % len(SAID)]}{i}"  # no two alike, as in life
        said = Rich((Run(text[:4]), Run(text[4:8], hit=True), Run(text[8:]))) if i % 10 == 1 else text
        link = Link("ATT-03", "扣分明细", i + 2) if i % 10 == 1 and i < 600_000 else None
        yield (
            f"S{i // 12:06d}",
            i % 12 + 1,
            opened + timedelta(seconds=7 * i),
            "客户" if i % 2 else "坐席",
            said,
            "中性" if i % 2 else None,
            link,
        )


def ours(path: Path, count: int) -> None:
    table = Table("会话全文", "transcripts", COLUMNS, lambda: rows(count), empty="", speech=True)
    with Package("benchmark", "benchmark") as package:
        write_table(package, table, header="benchmark")
        package.save(path)


def write_only(path: Path, count: int) -> None:
    book = Workbook(write_only=True)
    styles.register(book)
    sheet = book.create_sheet("会话全文")
    red, plain = (
        InlineFont(b=True, color=f"FF{styles.RED}", sz=10, rFont=styles.FONT),
        InlineFont(sz=10, rFont=styles.FONT),
    )
    names = [f"qa_{column.style}" for column in COLUMNS]
    for row in rows(count):
        cells = []
        for name, value in zip(names, row, strict=True):
            if isinstance(value, Rich):
                value = CellRichText(*(TextBlock(red if run.hit else plain, run.text) for run in value.runs))  # noqa: PLW2901 - as openpyxl wants it
            elif isinstance(value, Link):
                value = value.text  # noqa: PLW2901 - write_only has no cheap links; ours are written besides
            cell = WriteOnlyCell(sheet, value=value)
            cell.style = name
            cells.append(cell)
        sheet.append(cells)
    book.save(path)


def measured(write: Callable[[Path, int], None], count: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        write(Path(folder) / "book.xlsx", count)
        return time.process_time() - started


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    cells = count * len(COLUMNS)
    times: dict[str, list[float]] = {"ours": [], "write_only": []}
    for _ in range(ROUNDS):
        times["ours"].append(measured(ours, count))
        times["write_only"].append(measured(write_only, count))
    best = {name: min(seconds) for name, seconds in times.items()}
    for name, seconds in best.items():
        print(f"{name:10} {cells:>9,} cells {seconds:7.2f} s {cells / seconds:>11,.0f} cells/s")
    print(f"ratio {best['write_only'] / best['ours']:.1f}")
    for size in (count, 4 * count):
        tracemalloc.start()
        measured(ours, size)
        print(f"peak memory of ours at {size:,} rows: {tracemalloc.get_traced_memory()[1] / 2**20:.1f} MiB")
        tracemalloc.stop()


if __name__ == "__main__":
    main()
