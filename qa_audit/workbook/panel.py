"""A sheet laid out freely on a grid of narrow columns: title, cards, small tables, charts. Not for data to be sorted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from openpyxl.chart._chart import ChartBase
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.worksheet.worksheet import Worksheet

from qa_audit.report.table import Value, column_letter
from qa_audit.workbook.cells import Links, RowXml
from qa_audit.workbook.package import Package
from qa_audit.workbook.sheets import print_setup

GRID = 24  # columns
GRID_WIDTH = 7.0  # half-width characters
ZOOM = 75  # percent: the whole of a first sheet on a screen of 1366 x 768


@dataclass(slots=True)
class Panel:
    """The cells of one such sheet; rows and columns are 1-based, last ones included."""

    _cells: dict[tuple[int, int], tuple[Value, str]] = field(default_factory=dict)
    _merges: list[str] = field(default_factory=list)
    _heights: dict[int, float] = field(default_factory=dict)

    def height(self, row: int, points: float) -> None:
        """The height of one row."""
        self._heights[row] = points

    def put(self, row: int, first: int, last: int, value: Value, style: str) -> None:
        """A value over the columns ``first`` to ``last`` of one row."""
        for column in range(first, last + 1):
            self._cells[row, column] = (value if column == first else None, style)
        if last > first:
            self._merges.append(f"{column_letter(first - 1)}{row}:{column_letter(last - 1)}{row}")

    def write(self, package: Package, title: str, *, header: str) -> Worksheet:
        """The panel as a worksheet that prints on one page."""
        links = Links()
        sheet, _ = package.add(title, self._rows(package, links), links, columns=GRID)
        for index in range(GRID):
            sheet.column_dimensions[column_letter(index)].width = GRID_WIDTH
        for reference in self._merges:
            # merge_cells() would make a cell object for each corner, and the rows are ours
            sheet.merged_cells.add(reference)
        sheet.sheet_view.showGridLines = False
        sheet.sheet_view.showRowColHeaders = False
        sheet.sheet_view.zoomScale = ZOOM
        print_setup(sheet, header=header, pages_high=1)
        sheet.print_options.horizontalCentered = True
        return sheet

    def _rows(self, package: Package, links: Links) -> Iterator[str]:
        last = max(*(row for row, _ in self._cells), *self._heights)
        empty: tuple[Value, str] = (None, "blank")
        for row in range(1, last + 1):
            cells = [self._cells.get((row, column), empty) for column in range(1, GRID + 1)]
            height = f' ht="{self._heights[row]}" customHeight="1"' if row in self._heights else ""
            xml = RowXml([style for _, style in cells], package.styles, links).cells(
                row, tuple(value for value, _ in cells)
            )
            yield f'<row r="{row}"{height}>{xml}</row>'


def place(sheet: Worksheet, chart: ChartBase, *, columns: tuple[int, int], rows: tuple[int, int]) -> None:
    """A chart over these columns and rows (1-based, last ones included), whatever their sizes are."""
    start = AnchorMarker(col=columns[0] - 1, row=rows[0] - 1)
    end = AnchorMarker(col=columns[1], row=rows[1])
    chart.anchor = TwoCellAnchor(editAs="oneCell", _from=start, to=end)  # type: ignore[assignment] # the stubs know the short form only
    sheet.add_chart(chart)
