"""A Table → one worksheet: its rows as XML, and around them widths, filters, drop-downs, colours and print set-up."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import groupby, islice

from openpyxl.formatting.rule import ColorScale, DataBar, FormatObject, Rule
from openpyxl.styles import Border, Color, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableColumn, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from qa_audit.report.table import FIRST_ROW, LAST_ROW, Column, Row, Table, column_letter, letter_of
from qa_audit.workbook import styles
from qa_audit.workbook.cells import Links, RowXml
from qa_audit.workbook.package import Package
from qa_audit.workbook.text import display_width, print_text

LINE_HEIGHT = 16.5  # points, one line of the 10-point font
TALLEST = 409.0  # points, Excel's limit
HEAD_HEIGHT = 36.0
WIDEST_PAGE = 250.0  # half-width characters on one page, still readable in print
TOO_MANY = (
    "从这一行起另有 {:,} 行超出 Excel 一张表的行数上限，未列出；请用 qa-audit report 按更短的日期另出报表。"
)


def write_table(package: Package, table: Table, *, header: str) -> None:
    """One worksheet of ``package`` with all of this table; ``header`` stands on every printed page."""
    links = Links()
    sheet, last_row = package.add(
        table.title, _row_elements(package, table, links), links, columns=len(table.columns)
    )
    last_row = max(last_row, FIRST_ROW)
    for index, column in enumerate(table.columns):
        dimension = sheet.column_dimensions[column_letter(index)]
        dimension.width = column.width + 0.7  # Excel keeps five pixels of a cell for itself
        dimension.hidden = column.hidden
        _column_rules(sheet, table, index, last_row)
    if table.grouped:
        _faint_rule(sheet, table, last_row)
    if table.dimmed:  # before the colours that it takes away
        _dim_rule(sheet, table, table.dimmed, last_row)
    _shade_rule(sheet, table, last_row)
    _tone_rules(sheet, table, last_row)
    if table.grouped:  # after the colours: where two rules hold LibreOffice shows the first one only
        _line_rule(sheet, table, last_row)
    if table.speech:
        _speech_rules(sheet, table, last_row)
    sheet.freeze_panes = f"{column_letter(table.frozen)}{FIRST_ROW}"
    sheet.sheet_view.showGridLines = False
    sheet.sheet_view.zoomScale = 90
    sheet.add_table(_excel_table(table, last_row))
    _print(sheet, table, last_row, header=header)
    if table.secret:
        sheet.sheet_state = "veryHidden"


def _print(sheet: Worksheet, table: Table, last_row: int, *, header: str) -> None:
    """All that a person sees is printed, the heading on every page, on one page's width as far as it can be read so.

    What a reviewer fills in is printed too: reviews are also done on paper.
    """
    last = max(i for i, column in enumerate(table.columns) if column.title[:1] != "_")
    pages_wide = math.ceil(sum(column.width for column in table.columns if not column.hidden) / WIDEST_PAGE)
    print_setup(sheet, header=header, pages_wide=pages_wide)
    sheet.print_title_rows = "1:1"
    if pages_wide > 1:
        sheet.print_title_cols = f"A:{column_letter(table.frozen - 1)}"
    sheet.print_area = f"A1:{column_letter(last)}{last_row}"


def print_setup(sheet: Worksheet, *, header: str, pages_wide: int = 1, pages_high: int = 0) -> None:
    """A4 landscape, as many pages wide as said, any number high (0); page numbers below."""
    sheet.page_setup.paperSize = 9
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth = pages_wide
    sheet.page_setup.fitToHeight = pages_high
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.55, bottom=0.5, header=0.25, footer=0.25)
    above, below = sheet.oddHeader, sheet.oddFooter
    assert above is not None
    assert below is not None
    above.left.text, above.right.text = print_text(header), "&A"
    below.center.text = "第 &P 页，共 &N 页"


def _row_elements(package: Package, table: Table, links: Links) -> Iterator[str]:
    heads = [_head_style(column) for column in table.columns]
    head_row = RowXml(heads, package.styles, links).cells(1, tuple(column.title for column in table.columns))
    yield f'<row r="1" ht="{_head_height(table)}" customHeight="1">{head_row}</row>'
    writer = RowXml([column.style for column in table.columns], package.styles, links)
    wrapped = [
        (index, column.width) for index, column in enumerate(table.columns) if column.style.endswith("wrap")
    ]
    number = FIRST_ROW - 1
    for number, row in enumerate(_as_fits(table), start=FIRST_ROW):
        # a height without customHeight is what the program would find itself: it may grow when the row is edited
        yield f'<row r="{number}" ht="{_height(row, wrapped)}">{writer.cells(number, row)}</row>'
    if number < FIRST_ROW:
        yield f'<row r="{FIRST_ROW}" ht="{LINE_HEIGHT + 4}">{writer.cells(FIRST_ROW, _line(table, table.empty))}</row>'


def _as_fits(table: Table) -> Iterator[Row]:
    """The rows of a table; the last that a sheet can hold says how many there would be from there on."""
    rows = iter(table.rows())
    yield from islice(rows, LAST_ROW - FIRST_ROW)
    last = next(rows, None)
    if last is None:
        return
    beyond = sum(1 for _ in rows)
    yield last if not beyond else _line(table, TOO_MANY.format(beyond + 1))


def _line(table: Table, text: str) -> Row:
    return (None, text, *(None,) * (len(table.columns) - 2))


def _head_style(column: Column) -> str:
    if column.review:
        return "head_review"
    return "head_upright" if column.upright else "head"


def _head_height(table: Table) -> float:
    upright = [display_width(column.title) for column in table.columns if column.upright]
    return min(max(HEAD_HEIGHT, 5.6 * max(upright, default=0) + 12), TALLEST)


def _height(row: Row, wrapped: list[tuple[int, float]]) -> float:
    lines = 1
    for index, width in wrapped:
        value = row[index]
        if value is not None:
            lines = max(lines, lines_of(str(value), width))
    return min(lines * LINE_HEIGHT + 4, TALLEST)


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a cell of this width (half-width characters)."""
    if "\n" not in text and 2 * len(text) <= width:
        return 1
    return sum(max(1, math.ceil(display_width(line) / width)) for line in text.split("\n"))


def _excel_table(table: Table, last_row: int) -> ExcelTable:
    reference = f"A1:{column_letter(len(table.columns) - 1)}{last_row}"
    made = ExcelTable(displayName=table.name, name=table.name, ref=reference)
    made.tableColumns = [
        TableColumn(id=i, name=column.title) for i, column in enumerate(table.columns, start=1)
    ]
    made.autoFilter = AutoFilter(ref=reference)
    made.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    return made


def _column_rules(sheet: Worksheet, table: Table, index: int, last_row: int) -> None:
    column = table.columns[index]
    letter = column_letter(index)
    reference = f"{letter}{FIRST_ROW}:{letter}{last_row}"
    if column.heat:
        scale = 1 if column.style == "percent" else 100
        sheet.conditional_formatting.add(reference, _heat(scale))
    if column.bar:
        sheet.conditional_formatting.add(reference, _bar())
    if column.choices:
        sheet.add_data_validation(_choice(column.choices, reference))
    if column.between:
        sheet.add_data_validation(_range(column.between, reference))


def _shade_rule(sheet: Worksheet, table: Table, last_row: int) -> None:
    """One scale for all shaded columns, which stand side by side: white to blue at the largest number of them all."""
    shaded = [column_letter(i) for i, column in enumerate(table.columns) if column.shade]
    if shaded:
        ends = [FormatObject(type="num", val=0), FormatObject(type="max")]
        colours = [Color(rgb=f"FF{styles.WHITE}"), Color(rgb=f"FF{styles.BLUE}")]
        reference = f"{shaded[0]}{FIRST_ROW}:{shaded[-1]}{last_row}"
        scale = Rule(type="colorScale", colorScale=ColorScale(cfvo=ends, color=colours))
        sheet.conditional_formatting.add(reference, scale)


def _tone_rules(sheet: Worksheet, table: Table, last_row: int) -> None:
    """The colours of texts; columns side by side that have the same, as those of the rules do, share them."""
    first = 0
    for tones, columns in groupby(table.columns, key=lambda column: column.tones):
        last = first + len(list(columns)) - 1
        reference = f"{column_letter(first)}{FIRST_ROW}:{column_letter(last)}{last_row}"
        for text, name in tones:
            sheet.conditional_formatting.add(reference, _equals(text, styles.tone(name)))
        first = last + 1


def _equals(text: str, look: DifferentialStyle) -> Rule:
    quoted = text.replace('"', '""')
    return Rule(type="cellIs", operator="equal", formula=[f'"{quoted}"'], dxf=look)


def _heat(scale: float) -> Rule:
    """Red below 60 % of the scale, through yellow at 85 %, to green at its end."""
    points = [FormatObject(type="num", val=share * scale) for share in (0.6, 0.85, 1)]
    colours = [Color(rgb=f"FF{colour}") for colour in ("F8C9C4", "FFF6DF", "CDE8D6")]
    return Rule(type="colorScale", colorScale=ColorScale(cfvo=points, color=colours))


def _bar() -> Rule:
    ends = [FormatObject(type="num", val=0), FormatObject(type="max")]
    return Rule(type="dataBar", dataBar=DataBar(cfvo=ends, color=Color(rgb=f"FF{styles.GREY}")))


def _speech_rules(sheet: Worksheet, table: Table, last_row: int) -> None:
    """The customer's lines tinted, those of machines greyed, a line above each new chat."""
    reference = f"A{FIRST_ROW}:{column_letter(len(table.columns) - 1)}{last_row}"
    above = DifferentialStyle(border=Border(top=Side(style="thin", color=f"FF{styles.NAVY}")))
    tint = DifferentialStyle(fill=PatternFill(bgColor=f"FF{styles.PALE}", fill_type="solid"))
    grey = DifferentialStyle(font=Font(color=f"FF{styles.MUTED}", i=True))
    for formula, look in (
        (f"$A{FIRST_ROW}<>$A{FIRST_ROW - 1}", above),
        (f'$D{FIRST_ROW}="客户"', tint),
        (f'OR($D{FIRST_ROW}="机器人",$D{FIRST_ROW}="系统",RIGHT($D{FIRST_ROW},4)="（自动）")', grey),
    ):
        sheet.conditional_formatting.add(reference, Rule(type="expression", formula=[formula], dxf=look))


def _dim_rule(sheet: Worksheet, table: Table, dimmed: tuple[str, tuple[str, ...]], last_row: int) -> None:
    """Rows that a reader may pass over, greyed."""
    title, texts = dimmed
    letter = letter_of(table.columns, title)
    formula = "OR(" + ",".join(f'${letter}{FIRST_ROW}="{text}"' for text in texts) + ")"
    reference = f"A{FIRST_ROW}:{column_letter(len(table.columns) - 1)}{last_row}"
    look = styles.tone("muted")
    sheet.conditional_formatting.add(
        reference, Rule(type="expression", formula=[formula], dxf=look, stopIfTrue=True)
    )


def _faint_rule(sheet: Worksheet, table: Table, last_row: int) -> None:
    """What the row above says already, of the same key, is faint; sorted anew it follows."""
    reference = f"A{FIRST_ROW}:{column_letter(table.grouped - 1)}{last_row}"
    formula = f"AND({_same_key(table)},A{FIRST_ROW}=A{FIRST_ROW - 1})"
    faint = DifferentialStyle(font=Font(color=f"FF{styles.GREY}", b=False))
    sheet.conditional_formatting.add(
        reference, Rule(type="expression", formula=[formula], dxf=faint, stopIfTrue=True)
    )


def _line_rule(sheet: Worksheet, table: Table, last_row: int) -> None:
    """A line above each new key."""
    reference = f"A{FIRST_ROW}:{column_letter(len(table.columns) - 1)}{last_row}"
    above = DifferentialStyle(border=Border(top=Side(style="thin", color=f"FF{styles.NAVY}")))
    rule = Rule(type="expression", formula=[f"NOT({_same_key(table)})"], dxf=above)
    sheet.conditional_formatting.add(reference, rule)


def _same_key(table: Table) -> str:
    letter = letter_of(table.columns, "_key")
    return f"${letter}{FIRST_ROW}=${letter}{FIRST_ROW - 1}"


def _choice(choices: tuple[str, ...], reference: str) -> DataValidation:
    listed = DataValidation(
        type="list", formula1=f'"{",".join(choices)}"', allow_blank=True, showErrorMessage=True
    )
    listed.errorTitle, listed.error = "请从列表中选择", f"只能填写：{'、'.join(choices)}"
    listed.add(reference)
    return listed


def _range(between: tuple[float, float], reference: str) -> DataValidation:
    low, high = between
    bounded = DataValidation(
        type="decimal",
        operator="between",
        formula1=str(low),
        formula2=str(high),
        allow_blank=True,
        showErrorMessage=True,
    )
    bounded.errorTitle, bounded.error = "分数超出范围", f"请填写 {low} 到 {high} 之间的数字"
    bounded.add(reference)
    return bounded
