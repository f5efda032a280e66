"""总览 of an agent: one page and one screen with cards, sections beside the team's, trend, mood, and what to coach."""

from __future__ import annotations

import math

from openpyxl.chart import BarChart, LineChart

from qa_audit.report.coaching import Coaching
from qa_audit.report.overview import Figure, MoodCourse, Overview
from qa_audit.report.rank import FEWEST_CHATS
from qa_audit.report.table import CHATS, OVERVIEW
from qa_audit.report.wording import BOUNDS_NOTE, MARKS_NOTE
from qa_audit.workbook import styles
from qa_audit.workbook.charts import Data, Line, bars, labelled, lines
from qa_audit.workbook.package import Package
from qa_audit.workbook.panel import GRID, GRID_WIDTH, Panel, place
from qa_audit.workbook.sheets import lines_of
from qa_audit.workbook.text import wrapped

CARD_ROW = 4
FEWEST_BODY_ROWS = 8  # so that the charts keep their height where few sections were decided
BODY_HEIGHT = 15.0  # points
MOST_LABELS = 8  # values written in the trend
DATA = "_图表"
GAP_NOTE = f"n：有判定的会话数；差距超出双方误差范围且 n≥{FEWEST_CHATS} 时着色。"
# first and last column of the four parts in the middle: the table of sections, its chart, the nights, the mood
TENTHS = ("开头", *(str(tenth) for tenth in range(2, 10)), "结尾")
TABLE, BARS, TREND, MOOD = (1, 7), (8, 13), (14, 19), (20, GRID)
# first and last column of each part of a coaching line, and its heading
COACHING = (
    (1, 2, "规则"), (3, 3, "通数"), (4, 4, "扣分"), (5, 11, "典型依据（红：坐席　蓝：客户的话）"), (12, 12, "证据"),
    (13, 17, "推荐话术"), (18, 23, "好例子"), (24, 24, "原文"),
)  # fmt: skip


def write_overview(package: Package, overview: Overview, *, header: str) -> None:
    """The first sheet; its charts of trend and mood read what ``write_chart_data`` puts on the last one."""
    panel = Panel()
    title_rows(panel, f"{overview.agent}　服务质检报告", overview.subtitle)
    card_rows(panel, overview.figures)
    panel.height(CARD_ROW + 3, 18 if overview.alerts else 4)
    if overview.alerts:
        panel.put(CARD_ROW + 3, 1, GRID, overview.alerts, "alert")
    top = CARD_ROW + 5
    body = max(len(overview.sections), FEWEST_BODY_ROWS)
    _section_rows(panel, overview, top)
    after = top + body + 1
    panel.put(after, 1, TREND[0] - 1, GAP_NOTE, "note")
    panel.put(after, TREND[0], GRID, overview.trend_note, "note")
    panel.height(after, 13)
    marks = after + 1 + _coaching_rows(panel, overview, after + 1)
    panel.put(marks, 1, GRID, f"{BOUNDS_NOTE}　“{CHATS}”中的符号：{MARKS_NOTE}", "note")
    sheet = panel.write(package, OVERVIEW, header=header)
    rows = (top, top + body)
    if overview.sections:
        place(sheet, _section_chart(overview, top), columns=BARS, rows=rows)
    if overview.trend:
        place(sheet, _trend_chart(overview), columns=TREND, rows=rows)
    if overview.mood.own:
        place(sheet, mood_chart(overview.mood), columns=MOOD, rows=rows)


def title_rows(panel: Panel, title: str, subtitle: str) -> None:
    """The dark band on top."""
    panel.put(1, 1, GRID, title, "title")
    panel.put(2, 1, GRID, subtitle, "subtitle")
    for row, points in ((1, 28), (2, 18), (3, 5)):
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
    for offset, points in enumerate((16, 26, 24)):
        panel.height(row + offset, points)


def _section_rows(panel: Panel, overview: Overview, top: int) -> None:
    panel.height(top - 1, 19)
    nights = sum(night.chats > 0 for night in overview.trend)
    mood = (
        f"客户情绪走势（会话十等分，n={overview.mood.chats}）"
        if overview.mood.own
        else "客户情绪走势：没有情绪数据"
    )
    for (first, last), text in (
        (TABLE, "一级指标得分（满分 100）"),
        (BARS, "与团队对比"),
        (TREND, f"近 {nights} 晚平均得分" if nights else ""),
        (MOOD, mood),
    ):
        panel.put(top - 1, first, last, text, "heading")
    for first, last, text in (
        (1, 3, "一级指标"),
        (4, 4, "本人"),
        (5, 5, "n"),
        (6, 6, "团队"),
        (7, 7, "差距"),
    ):
        panel.put(top, first, last, text, "small_head")
    panel.height(top, BODY_HEIGHT)
    for offset, section in enumerate(overview.sections, start=1):
        panel.put(top + offset, 1, 3, section.section, "cell")
        panel.put(top + offset, 4, 4, section.own.value, "cell_decimal")
        panel.put(top + offset, 5, 5, section.own.n, "cell_count")
        panel.put(top + offset, 6, 6, section.team.value, "cell_decimal")
        panel.put(top + offset, 7, 7, section.gap, f"cell_signed_{section.tone or 'muted'}")
    for offset in range(1, max(len(overview.sections), FEWEST_BODY_ROWS) + 1):
        panel.height(top + offset, BODY_HEIGHT)


def _coaching_rows(panel: Panel, overview: Overview, top: int) -> int:
    """What to coach from row ``top`` on; returns how many rows it takes."""
    panel.put(top, 1, GRID, "辅导重点（扣分最多的三条规则）", "heading")
    panel.height(top, 19)
    if not overview.coaching:
        panel.put(top + 1, 1, GRID, "本期没有需要辅导的扣分，请继续保持。", "cell")
        panel.height(top + 1, 24)
        return 2
    for first, last, text in COACHING:
        panel.put(top + 1, first, last, text, "small_head")
    panel.height(top + 1, 16)
    for row, line in enumerate(overview.coaching, start=top + 2):
        _coaching_row(panel, row, line)
    return 2 + len(overview.coaching)


def _coaching_row(panel: Panel, row: int, line: Coaching) -> None:
    advice, good = (
        "\n".join(wrapped(text, _room(title)))
        for text, title in ((line.advice, "推荐话术"), (line.good, "好例子"))
    )
    texts = (f"{line.title}\n{line.rule_id}", line.quote, advice, good)
    values = (
        texts[0],
        line.count,
        line.points or "致命",
        line.quote,
        line.evidence,
        advice,
        good,
        line.good_evidence or "—",
    )
    good_look = "cell_link" if line.good_evidence else "cell_center"
    looks = ("cell_bold", "cell_integer", "cell_decimal", "cell", "cell_link", "cell", "cell", good_look)
    for (first, last, _), value, style in zip(COACHING, values, looks, strict=True):
        panel.put(row, first, last, value, style)
    spans = [last - first + 1 for first, last, _ in COACHING if last > first]
    tallest = max(lines_of(str(text), GRID_WIDTH * span - 2) for text, span in zip(texts, spans, strict=True))
    # merged cells do not grow by themselves
    panel.height(row, min(max(tallest, 2) * 14.5 + 4, 62))


def _room(title: str) -> int:
    """How many half-width characters a line of this part of a coaching row holds."""
    first, last = next((first, last) for first, last, name in COACHING if name == title)
    return int(GRID_WIDTH * (last - first + 1)) - 2


def _section_chart(overview: Overview, top: int) -> BarChart:
    first, last = top + 1, top + len(overview.sections)

    def column(letter: str, values: list[str | float | None]) -> Data:
        return Data(f"'{OVERVIEW}'!${letter}${first}:${letter}${last}", values)

    own = Line("本人", column("D", [s.own.value for s in overview.sections]), styles.BLUE)
    team = Line("团队", column("F", [s.team.value for s in overview.sections]), styles.GREY)
    return bars(
        column("A", [s.section for s in overview.sections]),
        (own, team),
        sideways=True,
        label_format="0.0",
        highest=100,
    )


def write_chart_data(package: Package, overview: Overview) -> None:
    """The hidden sheet that the charts of trend and mood read; none without both."""
    if not overview.trend and not overview.mood.own:
        return
    panel = Panel()
    for row, night in enumerate(overview.trend, start=1):
        panel.put(row, 1, 1, night.label, "text")
        panel.put(row, 2, 2, night.mean, "decimal")
        panel.put(row, 3, 3, night.chats, "integer")
    mood_rows(panel, overview.mood)
    panel.write(package, DATA, header="").sheet_state = "hidden"


def mood_rows(panel: Panel, mood: MoodCourse) -> None:
    """What the chart of the mood reads, in columns E to G of its sheet."""
    for row, label in enumerate(TENTHS, start=1):
        own, team = (values[row - 1] if values else None for values in (mood.own, mood.team))
        panel.put(row, 5, 5, label, "text")
        panel.put(row, 6, 6, own, "decimal")
        panel.put(row, 7, 7, team, "decimal")


def _trend_chart(overview: Overview) -> LineChart:
    last = len(overview.trend)
    means = [night.mean for night in overview.trend]
    lowest = min((mean for mean in means if mean is not None), default=0)
    labels = Data(f"'{DATA}'!$A$1:$A${last}", [night.label for night in overview.trend])
    line = Line("平均得分", Data(f"'{DATA}'!$B$1:$B${last}", means), styles.BLUE)
    changed = [index for index, night in enumerate(overview.trend) if night.label.endswith("*")]
    chart = lines(
        labels, (line,), lowest=max(math.floor(lowest / 10) * 10 - 10, 0), highest=100, marked=changed
    )
    # every value where there is room for it, else those that a reader compares
    known = [index for index, night in enumerate(overview.trend) if night.chats]
    points = range(last) if last <= MOST_LABELS else sorted({*known[:1], *known[-2:], *changed})
    return labelled(chart, number_format="0.0", points=points)


def mood_chart(mood: MoodCourse) -> LineChart:
    """The mood from the beginning to the end of the chats, beside the team's where there is one."""
    labels = Data(f"'{DATA}'!$E$1:$E$10", TENTHS)
    own = Line("本人" if mood.team else "团队", Data(f"'{DATA}'!$F$1:$F$10", mood.own), styles.BLUE)
    team = (Line("团队", Data(f"'{DATA}'!$G$1:$G$10", mood.team), styles.GREY),) if mood.team else ()
    known = (0.0, *mood.own, *mood.team)
    return lines(
        labels,
        (own, *team),
        lowest=math.floor(min(known) / 20) * 20,
        highest=max(math.ceil(max(known) / 20) * 20, 20),
    )
