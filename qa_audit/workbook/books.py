"""The kinds of workbook, written whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qa_audit.report.agent import AgentBook
from qa_audit.report.outcome import OutcomeBook
from qa_audit.report.review import GUIDE, ReviewBook
from qa_audit.report.table import OVERVIEW, Table
from qa_audit.report.team import TeamBook
from qa_audit.workbook.overview import CARD_ROW, card_rows, title_rows, write_chart_data, write_overview
from qa_audit.workbook.package import OUTCOME_RUN, Package
from qa_audit.workbook.panel import GRID, Panel
from qa_audit.workbook.sheets import write_table
from qa_audit.workbook.team import write_team_data, write_team_overview


def write_agent_book(path: Path, book: AgentBook) -> None:
    """One agent's workbook at ``path``: 总览, 逐通评分, 扣分明细, 会话全文, 规则说明."""
    header = f"{book.agent}　{book.night}"
    with Package(book.run_id, f"{book.agent} 服务质检报告 {book.night}") as package:
        write_overview(package, book.overview, header=header)
        _write_tables(package, book.tables, header=header)
        write_chart_data(package, book.overview)
        package.save(path)


def write_team_book(path: Path, book: TeamBook) -> None:
    """The team's workbook at ``path``."""
    header = f"{book.overview.title}　{book.night}"
    with Package(book.run_id, header) as package:
        write_team_overview(package, book.overview, header=header)
        _write_tables(package, book.tables, header=header)
        write_team_data(package, book.overview)
        package.save(path)


def write_review_book(path: Path, book: ReviewBook) -> None:
    """The review workbook at ``path``; the machine's verdicts on the sample are in a sheet that is not shown."""
    header = f"{book.title}　{book.night}"
    with Package(book.run_id, header) as package:
        panel = Panel()
        title_rows(panel, book.title, book.subtitle)
        _guide_rows(panel, book.guide, top=4)
        panel.write(package, GUIDE, header=header)
        _write_tables(package, book.tables, header=header)
        package.save(path)


def write_outcome_book(path: Path, book: OutcomeBook) -> None:
    """What came of the reviews, at ``path``; it is of no single run, and nothing in it is to be collected."""
    with Package(OUTCOME_RUN, book.title) as package:
        panel = Panel()
        title_rows(panel, book.title, book.subtitle)
        card_rows(panel, book.figures)
        panel.height(CARD_ROW + 3, 8)
        _guide_rows(panel, book.guide, top=CARD_ROW + 4)
        panel.write(package, OVERVIEW, header=book.title)
        _write_tables(package, book.tables, header=book.title)
        package.save(path)


def _guide_rows(panel: Panel, guide: Sequence[tuple[str, str]], *, top: int) -> None:
    for row, (sheet, text) in enumerate(guide, start=top):
        panel.put(row, 1, 4, sheet, "cell_bold")
        panel.put(row, 5, GRID, text, "cell")
        panel.height(row, 30)


def _write_tables(package: Package, tables: Sequence[Table], *, header: str) -> None:
    for table in tables:
        write_table(package, table, header=header)
