"""The three kinds of workbook of the factory's night, written for the tests that open them."""

from __future__ import annotations

from pathlib import Path

import factory

from qa_audit.report.agent import agent_sheets
from qa_audit.report.review import review_sheets
from qa_audit.report.sampling import Plan, picks_of
from qa_audit.report.tally import tally
from qa_audit.report.team import team_sheets
from qa_audit.workbook import write_agent_book, write_review_book, write_team_book

NAMES = ("agent", "team", "review")


def write_books(folder: Path) -> dict[str, Path]:
    """Writes agent.xlsx, team.xlsx and review.xlsx."""
    standard, night, run_id = factory.STANDARD, factory.NIGHT, factory.RUN_ID
    paths = {name: folder / f"{name}.xlsx" for name in NAMES}
    reports = factory.reports(chats=24)
    write_agent_book(paths["agent"], agent_sheets(reports[0], standard))
    tallies = [tally(report, standard) for report in reports]
    team = team_sheets(tallies, reports[0].team, standard, night=night, run_id=run_id, unanswered=2)
    write_team_book(paths["team"], team)
    picks = picks_of(reports, standard, Plan(seed=7))
    review = review_sheets(
        picks, factory.unanswered(), factory.problems(), standard, night=night, run_id=run_id
    )
    write_review_book(paths["review"], review)
    return paths
