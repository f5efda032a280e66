from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock

from qa_audit.report.table import FIRST_ROW, LAST_ROW, Column, Formula, Link, Rich, Row, Run, Style, Table
from qa_audit.workbook import sheets
from qa_audit.workbook.cells import MOST_LINKS, Links, RowXml
from qa_audit.workbook.package import Package
from qa_audit.workbook.sheets import lines_of, write_table
from qa_audit.workbook.text import clean

NUMBERS = {"text": 1, "wrap": 2, "link": 3, "date_time": 4, "elapsed": 5, "decimal": 6, "final": 7}
LOCAL = datetime(2025, 11, 20, 9, 5, 12)  # noqa: DTZ001 - Excel holds local times
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def written(*rows: Row, style: Style = "text") -> io.BytesIO:
    columns = tuple(Column(f"列{i}", 20, style) for i in range(len(rows[0])))
    table = Table("表", "t", columns, lambda: iter(rows), empty="空")
    file = io.BytesIO()
    with Package("run-1", "测试") as package:
        write_table(package, table, header="页眉")
        package.write(file)
    file.seek(0)
    return file


def reread(*rows: Row) -> list[object]:
    sheet = load_workbook(written(*rows), rich_text=True)["表"]
    return [cell.value for cell in sheet[2]]


@pytest.mark.parametrize(
    ("value", "xml"),
    [
        ("您好", '<c r="A7" s="1" t="inlineStr"><is><t>您好</t></is></c>'),
        ("=1+1", '<c r="A7" s="1" t="inlineStr"><is><t>=1+1</t></is></c>'),
        (" 前后 ", '<c r="A7" s="1" t="inlineStr"><is><t xml:space="preserve"> 前后 </t></is></c>'),
        ("<b> & ]]>", '<c r="A7" s="1" t="inlineStr"><is><t>&lt;b&gt; &amp; ]]&gt;</t></is></c>'),
        ("_x0041_", '<c r="A7" s="1" t="inlineStr"><is><t>_x005F_x0041_</t></is></c>'),
        ("a_b_x12", '<c r="A7" s="1" t="inlineStr"><is><t>a_b_x12</t></is></c>'),
        (None, '<c r="A7" s="1"/>'),
        ("", '<c r="A7" s="1"/>'),
        (3, '<c r="A7" s="1"><v>3</v></c>'),
        (0.5, '<c r="A7" s="1"><v>0.5</v></c>'),
        (True, '<c r="A7" s="1" t="b"><v>1</v></c>'),
        (LOCAL, '<c r="A7" s="1"><v>45981.378611111111</v></c>'),
        (datetime(1899, 12, 31, 1, 2, 3), '<c r="A7" s="1" t="inlineStr"><is><t>1899-12-31 01:02:03</t></is></c>'),  # noqa: DTZ001 - as above
        (timedelta(seconds=90), '<c r="A7" s="5"><v>0.0010416666666666667</v></c>'),
        (Formula('IF(A1<>"",1,2)', 2.5), '<c r="A7" s="1"><f>IF(A1&lt;&gt;"",1,2)</f><v>2.5</v></c>'),
        (Formula("A1", None), '<c r="A7" s="1" t="str"><f>A1</f><v></v></c>'),
    ],
)  # fmt: skip
def test_a_value_becomes_its_cell(value: Row, xml: str) -> None:
    made = RowXml(["text"], NUMBERS, Links()).cells(7, (value,))  # type: ignore[arg-type] # one value of a row
    if isinstance(value, datetime) and value.year > 1900:
        assert float(made.split("<v>")[1].split("<")[0]) == pytest.approx(45981.378611111111, abs=1e-9)
    else:
        assert made == xml


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused_with_its_place(value: float) -> None:
    with pytest.raises(ValueError, match='at "B7 is no number that a cell can hold'):
        RowXml(["text", "text"], NUMBERS, Links()).cells(7, (None, value))


def test_links_beyond_the_limit_stay_plain_text() -> None:
    links = Links()
    writer = RowXml(["link"], NUMBERS, links)
    for number in range(2, MOST_LINKS + 2):
        writer.cells(number, (Link("S1", "会话全文", 2),))
    assert (
        writer.cells(9, (Link("S<1>", "会话全文", 2),))
        == '<c r="A9" s="1" t="inlineStr"><is><t>S&lt;1&gt;</t></is></c>'
    )
    references = re.findall(rb'<hyperlink ref="A(\d+)"', b"".join(links.xml()))
    assert list(map(int, references)) == list(range(2, MOST_LINKS + 2))


def test_a_link_names_sheet_and_cell() -> None:
    links = Links()
    RowXml(["link"], NUMBERS, links).cells(2, (Link('a"b', "会话全文", 17),))
    assert b"".join(links.xml()).decode() == (
        '<hyperlinks><hyperlink ref="A2" location="\'会话全文\'!A17" display=\'a"b\'/></hyperlinks>'
    )
    assert list(Links().xml()) == []


@pytest.mark.parametrize(
    ("row", "target"), [(LAST_ROW, LAST_ROW), (LAST_ROW + 1, LAST_ROW), (3_000_000, LAST_ROW)]
)
def test_a_link_to_a_row_left_out_leads_to_the_line_that_says_so(row: int, target: int) -> None:
    links = Links()
    RowXml(["link"], NUMBERS, links).cells(2, (Link("查看", "扣分明细", row),))
    assert f"'扣分明细'!A{target}\"" in b"".join(links.xml()).decode()


ANY_TEXT = st.text(
    st.characters() | st.sampled_from("=+-@\t\r\n\x00\x07_x005F<>&'\" \ud800\uffff😀您"), min_size=1
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ANY_TEXT, min_size=1, max_size=40))
@example(
    ['=HYPERLINK("http://x","点我")', "+86", "-1", "@SUM(1)", "_x0041_", "\ud83d", "a\r\nb", " 空格 ", "]]>"]
)
def test_any_text_comes_back_equal_and_never_as_a_formula(texts: list[str]) -> None:
    sheet = load_workbook(written(tuple(texts)))["表"]
    for cell, text in zip(sheet[2], texts, strict=True):
        assert cell.data_type == "s"
        # openpyxl does not decode Excel's own escape, so what was escaped is seen escaped
        assert str(cell.value).replace("_x005F_", "_") == clean(text).replace("_x005F_", "_")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.text("您好=<&_ x\n", min_size=1), st.booleans()), min_size=1, max_size=5))
def test_rich_text_comes_back_with_its_runs(parts: list[tuple[str, bool]]) -> None:
    (value,) = reread((Rich(tuple(Run(text, hit=hit) for text, hit in parts)),))
    assert isinstance(value, CellRichText)
    runs = [(part.text, bool(part.font.b)) for part in value if isinstance(part, TextBlock)]
    assert runs == parts


@settings(max_examples=50, deadline=None)
@given(st.datetimes(min_value=datetime(1900, 3, 1), max_value=datetime(2999, 1, 1)), st.integers(-12, 14))  # noqa: DTZ001 - hypothesis adds the zone below
def test_an_aware_time_is_the_local_time_of_its_own_offset(at: datetime, hours: int) -> None:
    at = at.replace(microsecond=0)
    sheet = load_workbook(written((at.replace(tzinfo=timezone(timedelta(hours=hours))),), style="date_time"))[
        "表"
    ]
    assert sheet["A2"].value == at


def test_texts_are_valid_xml_whatever_they_hold() -> None:
    file = written(tuple(chr(i) for i in range(0x250)))
    with zipfile.ZipFile(file) as package:
        tree = etree.fromstring(package.read("xl/worksheets/sheet1.xml"))
    assert len(tree.findall(f".//{SHEET}c")) == 2 * 0x250


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [("您好", 4, 1), ("您好吗", 4, 2), ("a\nb", 10, 2), ("", 5, 1), ("您" * 20, 10, 4), ("\n\n", 9, 3)],
)
def test_lines_are_counted_by_display_width(text: str, width: float, lines: int) -> None:
    assert lines_of(text, width) == lines


@pytest.mark.parametrize(
    ("rows", "shown"), [(3, ["行0", "行1", "行2"]), (4, ["行0", "行1"]), (9, ["行0", "行1"])]
)
def test_rows_past_the_last_of_a_sheet_are_counted_in_its_last_row(
    monkeypatch: pytest.MonkeyPatch, rows: int, shown: list[str]
) -> None:
    monkeypatch.setattr("qa_audit.workbook.sheets.LAST_ROW", FIRST_ROW + 2)
    sheet = load_workbook(written(*((f"行{i}", "甲") for i in range(rows))))["表"]
    below = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert sheet.max_row == FIRST_ROW + 2
    assert [first for first, _ in below if first is not None] == shown
    left_out = [second for first, second in below if first is None]
    assert left_out == ([sheets.TOO_MANY.format(rows - 2)] if rows > 3 else [])
