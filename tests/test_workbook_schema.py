"""Every part of every workbook against the content models of ECMA-376, as the Open XML SDK has them."""

from __future__ import annotations

import zipfile
from collections import Counter
from pathlib import Path

import factory
import pytest

from qa_audit.report.agent import agent_sheets
from qa_audit.report.review import review_sheets
from qa_audit.report.sampling import Plan, picks_of
from qa_audit.report.tally import tally
from qa_audit.report.team import team_sheets
from qa_audit.workbook import write_agent_book, write_review_book, write_team_book

audit = pytest.importorskip(
    "openxml_audit", reason="openxml-audit is not installed: no workbook was held against the schemas"
)
STANDARD = factory.STANDARD


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = tmp_path_factory.mktemp("books")
    reports = factory.reports(chats=24)
    names = {name: made / f"{name}.xlsx" for name in ("agent", "team", "review")}
    write_agent_book(names["agent"], agent_sheets(reports[0], STANDARD))
    team = team_sheets(
        [tally(report, STANDARD) for report in reports], reports[0].team, STANDARD, night=factory.NIGHT, run_id=factory.RUN_ID, unanswered=2
    )  # fmt: skip
    write_team_book(names["team"], team)
    picks = picks_of(reports, STANDARD, Plan(seed=7))
    review = review_sheets(
        picks, factory.unanswered(), factory.problems(), STANDARD, night=factory.NIGHT, run_id=factory.RUN_ID
    )
    write_review_book(names["review"], review)
    return names


def faults(path: Path) -> Counter[tuple[str, str, str]]:
    """Part, element and message of everything that the schemas forbid; advice about Excel's habits is left out."""
    found = audit.OpenXmlValidator(max_errors=0).validate(path)
    return Counter((e.part_uri, e.path, e.description) for e in found.errors if e.severity.name == "ERROR")


@pytest.mark.parametrize("name", ["agent", "team", "review"])
def test_every_part_is_valid(books: dict[str, Path], name: str) -> None:
    assert faults(books[name]) == {}


def test_a_fault_would_be_seen(books: dict[str, Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(books["agent"]) as source, zipfile.ZipFile(broken, "w") as target:
        for part in source.namelist():
            text = source.read(part)
            if part == "xl/worksheets/sheet2.xml":
                text = text.replace(b"<pageMargins", b"<pageMargin", 1)
            target.writestr(part, text)
    assert faults(broken)
