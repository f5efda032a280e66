"""总览 of an agent: one A4 page with cards, sections beside the team's, the trend, and what to coach."""

from __future__ import annotations

import math

from openpyxl.chart import BarChart, LineChart

from qa_audit.report.coaching import Coaching
from qa_audit.report.overview import Figure, Overview
from qa_audit.report.table import OVERVIEW
from qa_audit.workbook import styles
from qa_audit.workbook.charts import Data, Line, bars, lines
from qa_audit.workbook.package import Package
from qa_audit.workbook.panel import GRID, Panel, place
from qa_audit.workbook.sheets import lines_of

CARD_ROW = 4
FEWEST_BODY_ROWS = 9  # so that the charts keep their height where few sections were decided
DATA = "_图表"
# first and last column of each part of a coaching line, and its heading
COACHING = (
    (1, 3, "规则"), (4, 4, "次数"), (5, 5, "扣分"), (6, 11, "典型依据"), (12, 12, "证据"),
    (13, 17, "推荐话术"), (18, 23, "本人好例子"), (24, 24, "原文"),
)  # fmt: skip


def write_overview(package: Package, overview: Overview, *, header: str) -> None:
    """The first sheet; its trend chart reads what ``write_trend`` puts on the last one."""
    panel = Panel()
    title_rows(panel, f"{overview.agent}　服务质检报告", overview.subtitle)
    card_rows(panel, overview.figures)
    panel.height(CARD_ROW + 3, 20 if overview.alerts else 6)
    if overview.alerts:
        panel.put(CARD_ROW + 3, 1, GRID, overview.alerts, "alert")
    top = CARD_ROW + 5
    body = max(len(overview.sections), FEWEST_BODY_ROWS)
    _section_rows(panel, overview, top)
    after = top + body + 1
    panel.put(after, 17, GRID, overview.trend_note, "note")
    panel.height(after, 12)
    _coaching_rows(panel, overview, after + 1)
    sheet = panel.write(package, OVERVIEW, header=header)
    if overview.sections:
        place(sheet, _section_chart(overview, top), columns=(9, 16), rows=(top, top + body))
    if overview.trend:
        place(sheet, _trend_chart(overview), columns=(17, GRID), rows=(top, top + body))


def title_rows(panel: Panel, title: str, subtitle: str) -> None:
    """The dark band on top."""
    panel.put(1, 1, GRID, title, "title")
    panel.put(2, 1, GRID, subtitle, "subtitle")
    for row, points in ((1, 34), (2, 20), (3, 8)):
        panel.height(row, points)


def card_rows(panel: Panel, figures: tuple[Figure, ...], *, row: int = CARD_ROW) -> None:
    """The figures side by side: label, value, note."""
    span = GRID // len(figures)
    for index, figure in enumerate(figures):
        first, last = index * span + 1, (index + 1) * span
        style = (
            f"card_{figure.tone or figure.style}"
            if isinstance(figure.value, str | int) or figure.tone
            else f"card_{figure.style}"
        )
        if isinstance(figure.value, str) and not figure.tone:
            style = "card_text"
        panel.put(row, first, last, figure.label, "card_label")
        panel.put(row + 1, first, last, figure.value, style)
        panel.put(row + 2, first, last, figure.note, "card_note")
    for offset, points in enumerate((18, 30, 26)):
        panel.height(row + offset, points)


def _section_rows(panel: Panel, overview: Overview, top: int) -> None:
    panel.height(top - 1, 22)
    panel.put(top - 1, 1, 8, "一级指标得分（满分 100）", "heading")
    panel.put(top - 1, 9, 16, "与团队对比", "heading")
    panel.put(top - 1, 17, GRID, f"近 {len(overview.trend)} 晚平均得分" if overview.trend else "", "heading")
    for first, last, text in ((1, 4, "一级指标"), (5, 5, "本人"), (6, 6, "团队"), (7, 8, "差距")):
        panel.put(top, first, last, text, "small_head")
    panel.height(top, 18)
    for offset, section in enumerate(overview.sections, start=1):
        gap = section.own - section.team if section.own is not None and section.team is not None else None
        panel.put(top + offset, 1, 4, section.section, "cell")
        panel.put(top + offset, 5, 5, section.own, "cell_decimal")
        panel.put(top + offset, 6, 6, section.team, "cell_decimal")
        panel.put(top + offset, 7, 8, gap, "cell_signed")
    for offset in range(1, max(len(overview.sections), FEWEST_BODY_ROWS) + 1):
        panel.height(top + offset, 18)


def _coaching_rows(panel: Panel, overview: Overview, top: int) -> None:
    panel.put(top, 1, GRID, "辅导重点（扣分最多的三条规则）", "heading")
    panel.height(top, 22)
    if not overview.coaching:
        panel.put(top + 1, 1, GRID, "本期没有需要辅导的扣分，请继续保持。", "cell")
        panel.height(top + 1, 24)
        return
    for first, last, text in COACHING:
        panel.put(top + 1, first, last, text, "small_head")
    panel.height(top + 1, 18)
    for row, line in enumerate(overview.coaching, start=top + 2):
        _coaching_row(panel, row, line)


def _coaching_row(panel: Panel, row: int, line: Coaching) -> None:
    texts = (f"{line.title}\n{line.rule_id}　{line.severity}", line.quote, line.advice, line.good)
    values = (
        texts[0],
        line.count,
        line.points or "致命",
        line.quote,
        line.evidence,
        line.advice,
        line.good,
        line.good_evidence,
    )
    looks = ("cell_bold", "cell_integer", "cell_decimal", "cell", "cell_link", "cell", "cell", "cell_link")
    for (first, last, _), value, style in zip(COACHING, values, looks, strict=True):
        panel.put(row, first, last, value, style)
    spans = [last - first + 1 for first, last, _ in COACHING if last - first > 1]
    tallest = max(lines_of(str(text), 5.2 * span) for text, span in zip(texts, spans, strict=True))
    # merged cells do not grow by themselves
    panel.height(row, min(max(tallest, 3) * 16.5 + 6, 90))


def _section_chart(overview: Overview, top: int) -> BarChart:
    first, last = top + 1, top + len(overview.sections)

    def column(letter: str, values: list[str | float | None]) -> Data:
        return Data(f"'{OVERVIEW}'!${letter}${first}:${letter}${last}", values)

    own = Line("本人", column("E", [s.own for s in overview.sections]), styles.BLUE)
    team = Line("团队", column("F", [s.team for s in overview.sections]), styles.GREY)
    return bars(
        column("A", [s.section for s in overview.sections]),
        (own, team),
        sideways=True,
        label_format="0.0",
        highest=100,
    )


def write_trend(package: Package, overview: Overview) -> None:
    """The hidden sheet that the trend chart reads; none without a trend."""
    if not overview.trend:
        return
    panel = Panel()
    for row, night in enumerate(overview.trend, start=1):
        panel.put(row, 1, 1, night.label, "text")
        panel.put(row, 2, 2, night.mean, "decimal")
        panel.put(row, 3, 3, night.chats, "integer")
    panel.write(package, DATA, header="").sheet_state = "hidden"


def _trend_chart(overview: Overview) -> LineChart:
    last = len(overview.trend)
    means = [night.mean for night in overview.trend]
    lowest = min((mean for mean in means if mean is not None), default=0)
    labels = Data(f"'{DATA}'!$A$1:$A${last}", [night.label for night in overview.trend])
    line = Line("平均得分", Data(f"'{DATA}'!$B$1:$B${last}", means), styles.BLUE)
    return lines(labels, (line,), lowest=max(math.floor(lowest / 10) * 10 - 10, 0), highest=100)
