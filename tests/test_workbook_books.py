from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import factory
import pytest
from lxml import etree
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.worksheet.worksheet import Worksheet

from qa_audit.report.agent import AgentBook, agent_sheets
from qa_audit.report.changes import Counted
from qa_audit.report.review import review_sheets
from qa_audit.report.sampling import Plan, picks_of
from qa_audit.report.table import Formula, Link, Rich, Table, Value, column_letter, letter_of
from qa_audit.report.tally import tally
from qa_audit.report.team import Beside, team_sheets
from qa_audit.report.wording import BOUNDS_NOTE
from qa_audit.workbook import write_agent_book, write_review_book, write_team_book
from qa_audit.workbook.sheets import lines_of
from qa_audit.workbook.text import clean

STANDARD = factory.STANDARD
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# the order that ECMA-376, 18.3.1.99 prescribes for what follows the rows; Excel repairs a file that breaks it
ORDER = (
    "sheetData", "autoFilter", "mergeCells", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins",
    "pageSetup", "headerFooter", "drawing", "tableParts",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night's three kinds of workbook."""
    made = tmp_path_factory.mktemp("books")
    reports = factory.reports(chats=24)
    write_agent_book(made / "agent.xlsx", agent_sheets(reports[0], STANDARD))
    team = team_sheets(
        [tally(report, STANDARD) for report in reports], reports[0].team, STANDARD, night=factory.NIGHT, run_id=factory.RUN_ID, unanswered=2
    )  # fmt: skip
    write_team_book(made / "team.xlsx", team)
    picks = picks_of(reports, STANDARD, Plan(seed=7))
    review = review_sheets(
        picks, factory.unanswered(), factory.problems(), STANDARD, night=factory.NIGHT, run_id=factory.RUN_ID
    )
    write_review_book(made / "review.xlsx", review)
    return made


def agent_book() -> AgentBook:
    return agent_sheets(factory.report(chats=24), STANDARD)


def sheets_with_tables(book: Workbook) -> list[Worksheet]:
    return [sheet for sheet in book.worksheets if sheet.tables]


def plain(value: Value) -> object:
    """A value as openpyxl reads it back."""
    if isinstance(value, Rich):
        return clean(str(value))
    if isinstance(value, Link):
        return value.text
    if isinstance(value, Formula):
        return f"={value.text}"
    if isinstance(value, timedelta):
        return value
    return None if value == "" else value


BOOKS = ["agent.xlsx", "team.xlsx", "review.xlsx"]


def test_the_sheets_are_those_of_the_design(folder: Path) -> None:
    found = {
        name: [(s.title, s.sheet_state) for s in load_workbook(folder / name).worksheets] for name in BOOKS
    }
    shown = {name: [title for title, state in sheets if state == "visible"] for name, sheets in found.items()}
    assert shown == {
        "agent.xlsx": ["总览", "逐通评分", "扣分明细", "会话全文", "规则说明"],
        "team.xlsx": [
            "总览",
            "坐席对比",
            "一级指标",
            "规则命中",
            "分数分布",
            "时段分布",
            "主题分布",
            "解决情况",
            "客户情绪",
            "规则说明",
        ],
        "review.xlsx": ["使用说明", "必查队列", "无人应答", "随机抽检", "会话全文", "未能质检", "规则说明"],
    }
    assert found["agent.xlsx"][-1] == ("_图表", "hidden")
    assert found["review.xlsx"][-1] == ("_抽样", "veryHidden")


@pytest.mark.parametrize("name", BOOKS)
def test_the_run_is_in_the_custom_properties(folder: Path, name: str) -> None:
    assert load_workbook(folder / name).custom_doc_props["qa_audit_run"].value == "2025-11-20-7f3a"


def test_every_cell_of_every_table_comes_back(folder: Path) -> None:
    book = load_workbook(folder / "agent.xlsx")
    for table in agent_book().tables:
        sheet = book[table.title]
        read = [[cell.value for cell in row] for row in sheet.iter_rows()]
        built = [[c.title for c in table.columns], *([plain(value) for value in row] for row in table.rows())]
        assert read == built


@pytest.mark.parametrize("name", BOOKS)
def test_every_table_is_an_excel_table_with_a_filter_and_no_merged_cells(folder: Path, name: str) -> None:
    for sheet in sheets_with_tables(load_workbook(folder / name)):
        (table,) = sheet.tables.values()
        last = f"{column_letter(sheet.max_column - 1)}{sheet.max_row}"
        assert table.ref == f"A1:{last}"
        assert table.autoFilter.ref == f"A1:{last}"
        assert [column.name for column in table.tableColumns] == [cell.value for cell in sheet[1]]
        assert not sheet.merged_cells.ranges


@pytest.mark.parametrize("name", BOOKS)
def test_table_names_are_unique_in_a_workbook(folder: Path, name: str) -> None:
    names = [table for sheet in load_workbook(folder / name).worksheets for table in sheet.tables]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", BOOKS)
def test_headers_are_frozen_and_print_on_every_page(folder: Path, name: str) -> None:
    for sheet in sheets_with_tables(load_workbook(folder / name)):
        assert re.fullmatch(r"[BCD]2", str(sheet.freeze_panes))
        assert sheet.print_title_rows == "$1:$1"
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
        assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"


def test_the_first_sheet_prints_on_one_page(folder: Path) -> None:
    for name in BOOKS:
        setup = load_workbook(folder / name).worksheets[0].page_setup
        assert (setup.orientation, setup.fitToWidth, setup.fitToHeight) == ("landscape", 1, 1)


@pytest.mark.parametrize(
    ("name", "title", "last"),
    [
        ("agent.xlsx", "逐通评分", "最终得分"),
        ("agent.xlsx", "扣分明细", "复核说明"),
        ("review.xlsx", "必查队列", "意见"),
        ("review.xlsx", "无人应答", "意见"),
        ("review.xlsx", "随机抽检", "意见"),
    ],
)
def test_all_that_is_seen_is_printed(folder: Path, name: str, title: str, last: str) -> None:
    sheet = load_workbook(folder / name)[title]
    letter = next(cell.column_letter for cell in sheet[1] if cell.value == last)
    assert sheet.print_area == f"'{title}'!$A$1:${letter}${sheet.max_row}"


def test_all_scores_print_as_large_as_can_be_read_with_the_chats_on_each_page(folder: Path) -> None:
    sheet = load_workbook(folder / "agent.xlsx")["逐通评分"]
    setup = sheet.page_setup
    assert (setup.orientation, setup.fitToWidth, setup.fitToHeight) == ("landscape", 2, 0)
    assert sheet.print_title_cols == "$A:$B"


@pytest.mark.parametrize("title", ["必查队列", "无人应答", "随机抽检", "会话全文", "未能质检"])
def test_what_a_reviewer_fills_in_is_beside_what_it_is_about(folder: Path, title: str) -> None:
    setup = load_workbook(folder / "review.xlsx")[title].page_setup
    assert (setup.fitToWidth, setup.fitToHeight) == (1, 0)


def test_hits_are_bold_and_red_in_rich_text(folder: Path) -> None:
    sheet = load_workbook(folder / "agent.xlsx", rich_text=True)["扣分明细"]
    values = [cell.value for cell in sheet["K"] if isinstance(cell.value, CellRichText)]
    runs = [
        [(part.text, bool(part.font.b), part.font.color.rgb) for part in value if isinstance(part, TextBlock)]
        for value in values
    ]
    assert [
        ("这张券昨天到期了，这是", False, "FF1F2937"),
        ("您自己没看清时间", True, "FFC00000"),
        ("，跟我们没有关系。", False, "FF1F2937"),
    ] in runs


def test_final_scores_are_formulas_with_their_values(folder: Path) -> None:
    table = agent_book().tables[0]
    letter = letter_of(table.columns, "最终得分")
    formulas, values = (
        load_workbook(folder / "agent.xlsx", data_only=only)["逐通评分"][letter][1:] for only in (False, True)
    )
    assert all(str(cell.value).startswith("=IF(") for cell in formulas)
    scores = [row[6] for row in table.rows()]
    assert [cell.value for cell in values] == scores
    assert {0.0, 60.0, 100.0} <= set(scores)


def test_drop_downs_and_bounds_cover_every_row(folder: Path) -> None:
    book = load_workbook(folder / "agent.xlsx")
    chats, deductions = book["逐通评分"], book["扣分明细"]
    tables: dict[str, Table] = {table.title: table for table in agent_book().tables}

    def validations(sheet: Worksheet) -> dict[str, tuple[str, str | None, str | None]]:
        return {str(v.sqref): (v.type, v.formula1, v.formula2) for v in sheet.data_validations.dataValidation}

    def column(sheet: Worksheet, title: str) -> str:
        letter = letter_of(tables[sheet.title].columns, title)
        return f"{letter}2:{letter}{sheet.max_row}"

    assert validations(chats) == {
        column(chats, "复核得分"): ("decimal", "0", "100"),
        column(chats, "申诉"): ("list", '"是,否"', None),
        column(chats, "申诉结果"): ("list", '"成立,部分成立,不成立"', None),
    }
    assert validations(deductions) == {column(deductions, "复核判定"): ("list", '"通过,违规,不适用"', None)}


def test_grades_and_marks_are_coloured_by_conditional_formats(folder: Path) -> None:
    sheet = load_workbook(folder / "agent.xlsx")["逐通评分"]
    formats = {str(f.sqref): [rule.formula[0] for rule in f.rules] for f in sheet.conditional_formatting}
    grade = letter_of(agent_book().tables[0].columns, "等级")
    assert formats[f"{grade}2:{grade}{sheet.max_row}"] == ['"优秀"', '"良好"', '"合格"', '"待改进"', '"致命"']
    marks = [index for index, column in enumerate(agent_book().tables[0].columns) if column.style == "mark"]
    first, last = column_letter(marks[0]), column_letter(marks[-1])
    # the rules stand side by side and share their colours
    assert formats[f"{first}2:{last}{sheet.max_row}"] == ['"×"', '"√"', '"○"', '"?"', '"—"']


def test_links_lead_both_ways(folder: Path) -> None:
    book = load_workbook(folder / "agent.xlsx")
    expected = {
        (table.title, f"{column_letter(i)}{number}", f"'{value.sheet}'!A{value.row}")
        for table in agent_book().tables
        for number, row in enumerate(table.rows(), start=2)
        for i, value in enumerate(row)
        if isinstance(value, Link)
    }
    found = {
        (sheet.title, cell.coordinate, cell.hyperlink.location)
        for sheet in book.worksheets[1:]
        for row in sheet.iter_rows()
        for cell in row
        if cell.hyperlink
    }
    assert found == expected
    assert {title for title, _, _ in found} == {"逐通评分", "扣分明细", "会话全文"}


def test_keys_are_hidden(folder: Path) -> None:
    for name in ("agent.xlsx", "review.xlsx"):
        for sheet in load_workbook(folder / name).worksheets:
            hidden = [cell.value for cell in sheet[1] if str(cell.value).startswith("_")]
            if sheet.sheet_state == "visible":
                assert all(
                    sheet.column_dimensions[cell.column_letter].hidden
                    for cell in sheet[1]
                    if cell.value in hidden
                )


def test_charts_are_native_and_cache_their_values(folder: Path) -> None:
    counts = {}
    for name in BOOKS:
        with zipfile.ZipFile(folder / name) as package:
            charts = [n for n in package.namelist() if re.fullmatch(r"xl/charts/chart\d+\.xml", n)]
            counts[name] = len(charts)
            for chart in charts:
                tree = etree.fromstring(package.read(chart))
                caches = tree.findall(".//{*}numCache")
                assert caches
                assert all(cache.find("{*}ptCount").get("val") for cache in caches)
    assert counts == {"agent.xlsx": 3, "team.xlsx": 4, "review.xlsx": 0}


def test_chart_ranges_hold_what_the_caches_say(folder: Path) -> None:
    for name in ("agent.xlsx", "team.xlsx"):
        book = load_workbook(folder / name, data_only=True)
        with zipfile.ZipFile(folder / name) as package:
            for chart in (n for n in package.namelist() if n.startswith("xl/charts/chart")):
                tree = etree.fromstring(package.read(chart))
                for reference in (*tree.findall(".//{*}numRef"), *tree.findall(".//{*}strRef")):
                    sheet, cells = reference.find("{*}f").text.replace("'", "").split("!")
                    values = [cell.value for (cell,) in book[sheet][cells.replace("$", "")]]
                    cached = {int(p.get("idx")): p.find("{*}v").text for p in reference.findall(".//{*}pt")}
                    assert {
                        i: str(value) for i, value in enumerate(values) if value is not None
                    } == pytest.approx(cached) or [
                        float(v) for v in values if v is not None
                    ] == pytest.approx([float(v) for v in cached.values()])


@pytest.mark.parametrize("name", BOOKS)
def test_elements_stand_in_the_order_of_the_schema(folder: Path, name: str) -> None:
    with zipfile.ZipFile(folder / name) as package:
        assert package.testzip() is None
        for entry in package.namelist():
            if not entry.startswith("xl/worksheets/sheet"):
                continue
            tags = [str(element.tag).removeprefix(MAIN) for element in etree.fromstring(package.read(entry))]
            after = [ORDER.index(tag) for tag in tags[tags.index("sheetData") :]]
            assert after == sorted(after)


@pytest.mark.parametrize("name", BOOKS)
def test_only_named_styles_are_used(folder: Path, name: str) -> None:
    book = load_workbook(folder / name)
    used = {
        c.style
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for c in row
        if not isinstance(c, MergedCell)
    }
    assert all(style.startswith("qa_") for style in used)


def test_times_are_dates_and_scores_are_numbers(folder: Path) -> None:
    sheet = load_workbook(folder / "agent.xlsx")["逐通评分"]
    row = {head.value: cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert row["时间"].value == datetime(2025, 11, 20, 9, 5, 12)  # noqa: DTZ001 - Excel holds local times
    assert row["时间"].number_format == "yyyy-mm-dd hh:mm:ss"
    assert row["得分"].data_type == "n"


def test_hostile_text_is_text_in_every_sheet(folder: Path) -> None:
    book = load_workbook(folder / "agent.xlsx")
    said = [cell for cell in book["会话全文"]["E"] if str(cell.value).startswith("=SUM(1,2)")]
    assert said
    assert {cell.data_type for cell in said} == {"s"}
    formulas = {
        (sheet.title, cell.column_letter)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }
    assert formulas == {("逐通评分", letter_of(agent_book().tables[0].columns, "最终得分"))}


def test_a_quote_on_the_overview_that_starts_like_a_formula_is_text(tmp_path: Path) -> None:
    book = agent_book()
    lines = tuple(replace(line, quote="=1+1", advice="+cmd", good="@x") for line in book.overview.coaching)
    write_agent_book(tmp_path / "a.xlsx", replace(book, overview=replace(book.overview, coaching=lines)))
    sheet = load_workbook(tmp_path / "a.xlsx")["总览"]
    assert {
        cell.data_type for row in sheet.iter_rows() for cell in row if cell.value in ("=1+1", "+cmd", "@x")
    } == {"s"}


def test_a_good_example_that_no_link_leads_to_has_a_dash(tmp_path: Path) -> None:
    book = agent_book()
    lines = tuple(replace(line, good_evidence=None) for line in book.overview.coaching)
    write_agent_book(tmp_path / "a.xlsx", replace(book, overview=replace(book.overview, coaching=lines)))
    sheet = load_workbook(tmp_path / "a.xlsx")["总览"]
    head = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "原文")
    below = [sheet.cell(head.row + offset, head.column) for offset in range(1, len(lines) + 1)]
    assert [(cell.value, cell.style) for cell in below] == [("—", "qa_cell_center")] * len(lines)


def test_the_overview_fits_and_says_everything(folder: Path) -> None:
    sheet = load_workbook(folder / "agent.xlsx")["总览"]
    shown = [cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None]
    for text in (
        "1024 王小雨　服务质检报告",
        "平均得分",
        "一级指标得分（满分 100）",
        "近 14 晚平均得分",
        "辅导重点（扣分最多的三条规则）",
        "推荐话术",
        "客户情绪走势（会话十等分，n=24）",
        "好例子",
        "n：有判定的会话数；差距超出双方误差范围且 n≥20 时着色。",
        f"{BOUNDS_NOTE}　“逐通评分”中的符号：√ 通过　× 违规　○ 违规但免扣　? 无法判定　— 不适用",
    ):
        assert text in shown
    assert len(sheet.merged_cells.ranges) > 20


@pytest.mark.parametrize("name", ["agent.xlsx", "team.xlsx"])
def test_a_first_sheet_is_seen_whole_on_a_small_screen(folder: Path, name: str) -> None:
    sheet = load_workbook(folder / name)["总览"]
    scale = sheet.sheet_view.zoomScale / 100
    # whom to coach first stands below the team's screen, on the same page
    below = [
        row for row in range(1, sheet.max_row + 1) if str(sheet.cell(row, 1).value).startswith("先辅导谁")
    ]
    last = below[0] - 1 if below else sheet.max_row
    points = sum(sheet.row_dimensions[row].height or 15 for row in range(1, last + 1))
    characters = sum(sheet.column_dimensions[column_letter(index)].width for index in range(24))
    # of 768 pixels Excel's ribbon, bars and tabs and the system's own bar take 280
    assert points * 96 / 72 * scale <= 768 - 280
    assert characters * 7.5 * scale <= 1366 - 40


def test_a_row_is_as_high_as_what_its_link_shows() -> None:
    """Not as what the link is made of: a link of one word takes one line."""
    assert lines_of(str(Link("RESP-01", "扣分明细", 1_000)), 22) == 1


def test_an_agent_without_chats_gets_a_workbook_that_says_so(tmp_path: Path) -> None:
    report = factory.report()
    empty = replace(report, scorecards=(), trend=(), statistics=factory.statistics(factory.AGENTS[0], ()))
    write_agent_book(tmp_path / "空.xlsx", agent_sheets(empty, STANDARD))
    book = load_workbook(tmp_path / "空.xlsx")
    assert book["扣分明细"]["B2"].value == "本期没有扣分。"
    assert (
        book["扣分明细"].tables["deductions"].ref == f"A1:{column_letter(book['扣分明细'].max_column - 1)}2"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["空.xlsx"]


def test_a_book_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    book = agent_book()
    broken = replace(book.tables[0], rows=lambda: iter([(float("nan"),) * len(book.tables[0].columns)]))
    with pytest.raises(ValueError, match="no number that a cell can hold"):
        write_agent_book(tmp_path / "a.xlsx", replace(book, tables=(broken,)))
    assert list(tmp_path.iterdir()) == []


def test_the_same_book_written_twice_has_the_same_sheets(tmp_path: Path) -> None:
    def parts(name: str) -> dict[str, bytes]:
        write_agent_book(tmp_path / name, agent_book())
        with zipfile.ZipFile(tmp_path / name) as package:
            return {n: package.read(n) for n in package.namelist() if n != "docProps/core.xml"}

    assert parts("a.xlsx") == parts("b.xlsx")


def test_a_share_changes_by_percentage_points(tmp_path: Path) -> None:
    reports = factory.reports(chats=24)
    earlier = (Counted("上一晚 11-19", 40, 40, 90.0, 40, 1, 30, 40),)
    team = team_sheets(
        [tally(report, STANDARD) for report in reports], reports[0].team, STANDARD, night=factory.NIGHT, run_id=factory.RUN_ID, unanswered=2,
        beside=Beside(earlier=earlier),
    )  # fmt: skip
    write_team_book(tmp_path / "team.xlsx", team)
    sheet = load_workbook(tmp_path / "team.xlsx")["总览"]
    label = next(c for row in sheet.iter_rows() for c in row if c.value == "致命（待复核）占比")
    now, before, step = (sheet.cell(label.row, label.column + offset) for offset in (3, 4, 5))
    assert step.value == pytest.approx(100 * (now.value - before.value))
    assert step.number_format == '▲0.0" 个百分点";▼0.0" 个百分点";0.0" 个百分点"'
