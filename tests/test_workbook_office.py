from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import factory
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from written_books import write_books

from qa_audit.report.agent import agent_sheets
from qa_audit.report.table import letter_of
from qa_audit.workbook import write_agent_book

SOFFICE = shutil.which("soffice")
pytestmark = pytest.mark.skipif(
    SOFFICE is None,
    reason="LibreOffice (soffice) is not installed: nothing here was opened by an office program",
)


def converted(path: Path, *, to: str, folder: Path) -> Path:
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", to, "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder / f"{path.stem}.{to}"


def links(sheet: Worksheet) -> set[tuple[str, str | None]]:
    return {
        (cell.coordinate, cell.hyperlink.location)
        for row in sheet.iter_rows()
        for cell in row
        if cell.hyperlink
    }


def test_libreoffice_opens_calculates_and_saves_without_loss(tmp_path: Path) -> None:
    book = agent_sheets(factory.report(), factory.STANDARD)
    original = tmp_path / "坐席.xlsx"
    write_agent_book(original, book)

    # a reviewer overturns the fatal of chat 4, judges one deduction of chat 1 away, and sets the score of chat 2
    edited = load_workbook(original, rich_text=True)
    chats, deductions = edited["逐通评分"], edited["扣分明细"]
    judged = letter_of(book.tables[1].columns, "复核判定")
    for row in deductions.iter_rows(min_row=2):
        if (row[0].value, row[4].value) in {(4, "ATT-01"), (1, "ATT-03")}:
            deductions[f"{judged}{row[0].row}"] = "通过"
    chats[f"{letter_of(book.tables[0].columns, '复核得分')}3"] = 88
    (tmp_path / "in").mkdir()
    edited.save(tmp_path / "in" / "坐席.xlsx")

    saved = converted(tmp_path / "in" / "坐席.xlsx", to="xlsx", folder=tmp_path / "out")
    calculated = load_workbook(saved, data_only=True)
    letter = letter_of(book.tables[0].columns, "最终得分")
    before = [card.score for card in factory.report().scorecards]
    after = [calculated["逐通评分"][f"{letter}{row}"].value for row in range(2, len(before) + 2)]
    assert before[:4] == [60.0, 100.0, 100.0, 0.0]
    assert after == [68.0, 88.0, 100.0, 94.0, *before[4:]]

    resaved = load_workbook(saved)
    first = load_workbook(original)
    for sheet in first.worksheets:
        other = resaved[sheet.title]
        assert {str(v.sqref) for v in other.data_validations.dataValidation} == {
            str(v.sqref) for v in sheet.data_validations.dataValidation
        }
        assert len(other._charts) == len(sheet._charts)
        assert list(other.tables) == list(sheet.tables)
        assert len(other.conditional_formatting) == len(sheet.conditional_formatting)
        assert links(other) == links(sheet)


def features(path: Path) -> dict[str, dict[str, object]]:
    """What of each sheet a program might drop: charts, drop-downs and limits, links, tables, conditional formats."""
    return {
        sheet.title: {
            "charts": len(sheet._charts),
            "validations": {
                (str(v.sqref), v.type, v.formula1) for v in sheet.data_validations.dataValidation
            },
            "links": links(sheet),
            "tables": dict(sheet.tables.items()),
            "formats": sum(len(one.rules) for one in sheet.conditional_formatting),
        }
        for sheet in load_workbook(path).worksheets
    }


# LibreOffice adds extensions to its data bars, which openpyxl does not read; the bars themselves it does
@pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
def test_libreoffice_saves_every_kind_of_workbook_without_loss(tmp_path: Path) -> None:
    written = write_books(tmp_path)
    before = {name: features(path) for name, path in written.items()}
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "out")]
    subprocess.run([*command, *map(str, written.values())], check=True, capture_output=True, timeout=180)
    assert {name: features(tmp_path / "out" / path.name) for name, path in written.items()} == before
    everything = [sheet for sheets in before.values() for sheet in sheets.values()]
    for feature in ("charts", "validations", "links", "tables", "formats"):
        assert any(sheet[feature] for sheet in everything)


def test_libreoffice_prints_the_overview_on_one_page(tmp_path: Path) -> None:
    path = tmp_path / "坐席.xlsx"
    write_agent_book(path, agent_sheets(factory.report(), factory.STANDARD))
    pdf = converted(path, to="pdf", folder=tmp_path / "out")
    assert pdf.read_bytes().startswith(b"%PDF-")
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed: the pages were made but not read")
    first, second = (
        subprocess.run(
            ["pdftotext", "-f", n, "-l", n, str(pdf), "-"], check=True, capture_output=True, text=True
        ).stdout
        for n in "12"
    )
    assert "辅导重点" in first
    assert "请问还有其他可以帮您的吗" in first
    assert "逐通评分" in second
