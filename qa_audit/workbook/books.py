"""The three kinds of workbook, written whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qa_audit.report.agent import AgentBook
from qa_audit.report.review import GUIDE, ReviewBook
from qa_audit.report.table import Table
from qa_audit.report.team import TeamBook
from qa_audit.workbook.overview import title_rows, write_overview, write_trend
from qa_audit.workbook.package import Package
from qa_audit.workbook.panel import GRID, Panel
from qa_audit.workbook.sheets import write_table
from qa_audit.workbook.team import write_team_overview


def write_agent_book(path: Path, book: AgentBook) -> None:
    """One agent's workbook at ``path``: 总览, 逐通评分, 扣分明细, 会话全文, 规则说明."""
    header = f"{book.agent}　{book.night}"
    with Package(book.run_id, f"{book.agent} 服务质检报告 {book.night}") as package:
        write_overview(package, book.overview, header=header)
        _write_tables(package, book.tables, header=header)
        write_trend(package, book.overview)
        package.save(path)


def write_team_book(path: Path, book: TeamBook) -> None:
    """The team's workbook at ``path``."""
    header = f"{book.overview.title}　{book.night}"
    with Package(book.run_id, header) as package:
        write_team_overview(package, book.overview, header=header)
        _write_tables(package, book.tables, header=header)
        package.save(path)


def write_review_book(path: Path, book: ReviewBook) -> None:
    """The review workbook at ``path``; the machine's verdicts on the sample are in a sheet that is not shown."""
    header = f"{book.title}　{book.night}"
    with Package(book.run_id, header) as package:
        panel = Panel()
        title_rows(panel, book.title, book.subtitle)
        for row, (sheet, text) in enumerate(book.guide, start=4):
            panel.put(row, 1, 4, sheet, "cell_bold")
            panel.put(row, 5, GRID, text, "cell")
            panel.height(row, 30)
        panel.write(package, GUIDE, header=header)
        _write_tables(package, book.tables, header=header)
        package.save(path)


def _write_tables(package: Package, tables: Sequence[Table], *, header: str) -> None:
    for table in tables:
        write_table(package, table, header=header)
