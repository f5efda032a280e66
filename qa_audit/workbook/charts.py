"""Native Excel charts with their values cached, so that previews draw them too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from openpyxl.chart import BarChart, LineChart
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.data_source import (
    AxDataSource,
    NumData,
    NumDataSource,
    NumRef,
    NumVal,
    StrData,
    StrRef,
    StrVal,
)
from openpyxl.chart.label import DataLabel, DataLabelList
from openpyxl.chart.legend import Legend
from openpyxl.chart.marker import DataPoint, Marker
from openpyxl.chart.series import Series, SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RichTextProperties,
)

from qa_audit.workbook import styles


@dataclass(frozen=True, slots=True)
class Data:
    """One range of a sheet with the values that it holds; ``reference`` like '总览'!$C$12:$C$20."""

    reference: str
    values: Sequence[str | float | None]


@dataclass(frozen=True, slots=True)
class Line:
    """One series of a chart."""

    name: str
    data: Data
    colour: str


def bars(
    labels: Data, series: Sequence[Line], *, sideways: bool, label_format: str, highest: float | None = None
) -> BarChart:
    """Clustered bars; ``sideways`` with the first category on top. Values run from 0 to ``highest`` (None: as needed)."""
    chart = BarChart()
    chart.type = "bar" if sideways else "col"
    chart.gapWidth, chart.overlap = (60 if sideways else 40), (0 if len(series) > 1 else 100)
    if sideways:
        chart.x_axis.scaling.orientation = "maxMin"
    _finish(chart, labels, series, lowest=0, highest=highest)
    for made, line in zip(chart.series, series, strict=True):
        made.graphicalProperties = GraphicalProperties(solidFill=line.colour)
        made.graphicalProperties.line.noFill = True
        made.invertIfNegative = False
    chart.series[0].dLbls = _labels("outEnd", label_format)
    chart.y_axis.delete = sideways  # its values stand at the bars
    return chart


def lines(
    labels: Data, series: Sequence[Line], *, lowest: float, highest: float, marked: Sequence[int] = ()
) -> LineChart:
    """Lines with markers; a night without a score leaves a gap. ``marked`` points of the first line stand out."""
    chart = LineChart()
    _finish(chart, labels, series, lowest=lowest, highest=highest)
    for made, line in zip(chart.series, series, strict=True):
        made.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=line.colour, w=22225))
        made.smooth = False
        made.marker = _marker("circle", 6, line.colour)
    look = GraphicalProperties(solidFill=styles.AMBER, ln=LineProperties(solidFill=series[0].colour, w=22225))
    chart.series[0].dPt = [
        DataPoint(idx=i, marker=_marker("diamond", 10, styles.AMBER), spPr=look) for i in marked
    ]
    chart.x_axis.tickLblPos = "low"  # below the chart, also where values are negative
    return chart


def _marker(symbol: Literal["circle", "diamond"], size: int, colour: str) -> Marker:
    look = GraphicalProperties(solidFill=colour)
    look.line.solidFill = colour
    return Marker(symbol=symbol, size=size, spPr=look)


def labelled(chart: LineChart, *, number_format: str, points: Sequence[int]) -> LineChart:
    """The chart with the values of these points of its first line written, and its labels slanted to make room."""
    common = _labels("t", number_format)
    common.showVal = False
    common.dLbl = [
        DataLabel(
            idx=i,
            dLblPos="t",
            numFmt=number_format,
            txPr=_small_text(),
            showVal=True,
            showSerName=False,
            showCatName=False,
            showLegendKey=False,
            showPercent=False,
        )
        for i in points
    ]
    chart.series[0].dLbls = common
    chart.x_axis.txPr = _small_text(8, slanted=True)
    return chart


def _finish(
    chart: BarChart | LineChart, labels: Data, series: Sequence[Line], *, lowest: float, highest: float | None
) -> None:
    chart.style = 2
    chart.display_blanks = "gap"
    chart.visible_cells_only = False  # data of charts may stand in hidden sheets
    for index, line in enumerate(series):
        made = Series(idx=index, order=index, tx=SeriesLabel(v=line.name))
        made.cat = AxDataSource(strRef=StrRef(f=labels.reference, strCache=_texts(labels.values)))
        made.val = NumDataSource(numRef=NumRef(f=line.data.reference, numCache=_numbers(line.data.values)))
        chart.series.append(made)
    chart.x_axis.delete = chart.y_axis.delete = (
        False  # openpyxl leaves this open, and Excel then shows no axis
    )
    chart.x_axis.txPr = chart.y_axis.txPr = _small_text()
    chart.x_axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=styles.GREY))
    chart.x_axis.majorTickMark = chart.y_axis.majorTickMark = "none"
    chart.y_axis.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    chart.y_axis.majorGridlines = ChartLines(spPr=GraphicalProperties(ln=LineProperties(solidFill="E8ECF1")))
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = lowest, highest
    chart.y_axis.number_format = "0"
    chart.graphical_properties = GraphicalProperties(ln=LineProperties(noFill=True))
    if len(series) > 1:
        chart.legend = Legend(legendPos="b", txPr=_small_text())
    else:
        chart.legend = None


def _texts(values: Sequence[str | float | None]) -> StrData:
    points = [StrVal(idx=i, v=str(value)) for i, value in enumerate(values) if value is not None]
    return StrData(ptCount=len(values), pt=points)


def _numbers(values: Sequence[str | float | None]) -> NumData:
    points = [NumVal(idx=i, v=value) for i, value in enumerate(values) if value is not None]
    return NumData(formatCode="0.0", ptCount=len(values), pt=points)


def _labels(position: str, number_format: str) -> DataLabelList:
    labels = DataLabelList(
        showVal=True, showSerName=False, showCatName=False, showLegendKey=False, showPercent=False
    )
    labels.position, labels.numFmt, labels.txPr = position, number_format, _small_text()
    return labels


def _small_text(size: float = 9, *, slanted: bool = False) -> RichText:
    look = CharacterProperties(
        sz=int(size * 100),
        solidFill=styles.INK,
        latin=Font(typeface=styles.FONT),
        ea=Font(typeface=styles.FONT),
    )
    body = RichTextProperties(rot=-2_700_000) if slanted else None  # 45°, in 60,000ths of a degree
    return RichText(bodyPr=body, p=[Paragraph(pPr=ParagraphProperties(defRPr=look), endParaRPr=look)])
