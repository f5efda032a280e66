"""总览 of the team: one A4 page with cards, the distribution of scores, load by hour, the costliest rules, the agents."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.chart import BarChart

from qa_audit.report.table import FIRST_ROW, OVERVIEW
from qa_audit.report.team import AGENTS, HOURS, SCORES, RuleLine, TeamOverview
from qa_audit.workbook import styles
from qa_audit.workbook.charts import Data, Line, bars
from qa_audit.workbook.overview import CARD_ROW, card_rows, title_rows
from qa_audit.workbook.package import Package
from qa_audit.workbook.panel import GRID, Panel, place

TOP = CARD_ROW + 4
CHART_ROWS = 10
MOST_BARS = 15  # agents in the chart; all of them are in 坐席对比
RULE_COLUMNS = ((1, 5, "规则"), (6, 6, "违规"), (7, 8, "违规率"), (9, 10, "95% 区间"), (11, 12, "扣分合计"))


def write_team_overview(package: Package, overview: TeamOverview, *, header: str) -> None:
    """The first sheet; its charts read 坐席对比, 分数分布 and 时段分布."""
    panel = Panel()
    title_rows(panel, overview.title, overview.subtitle)
    card_rows(panel, overview.figures)
    panel.height(TOP - 1, 6)
    middle = TOP + CHART_ROWS + 1
    for row, left, right in (
        (TOP, "得分分布（通）", "进线时段（通）"),
        (middle, "扣分最多的规则（违规含免扣）", _agents_heading(overview)),
    ):
        panel.put(row, 1, 12, left, "heading")
        panel.put(row, 13, GRID, right, "heading")
        panel.height(row, 19)
    for row in range(TOP + 1, middle):
        panel.height(row, 15)
    if not any(count for _, count in overview.hours):
        panel.put(TOP + 1, 13, GRID, "会话没有时间，无法统计时段。", "note")
    _rule_rows(panel, overview.costliest, middle + 1)
    sheet = panel.write(package, OVERVIEW, header=header)
    scores, hours = overview.scores, overview.hours
    place(sheet, _columns(SCORES, scores), columns=(1, 12), rows=(TOP + 1, middle - 1))
    if any(count for _, count in hours):
        by_hour = _columns(HOURS, [(f"{hour:02d}:00", count) for hour, count in hours])
        place(sheet, by_hour, columns=(13, GRID), rows=(TOP + 1, middle - 1))
    if overview.means:
        place(
            sheet, _agent_chart(overview.means[:MOST_BARS]), columns=(13, GRID), rows=(middle + 1, middle + 7)
        )


def _agents_heading(overview: TeamOverview) -> str:
    shown = f"（前 {MOST_BARS} 名，全部见“{AGENTS}”）" if len(overview.means) > MOST_BARS else ""
    return f"坐席平均得分{shown}"


def _rule_rows(panel: Panel, lines: Sequence[RuleLine], top: int) -> None:
    for first, last, text in RULE_COLUMNS:
        panel.put(top, first, last, text, "small_head")
    panel.height(top, 20)
    for offset in range(1, 7):
        panel.height(top + offset, 21)
    for row, line in enumerate(lines, start=top + 1):
        rate = line.rate
        span = f"{rate.low:.0%}–{rate.high:.0%}" if rate.low is not None and rate.high is not None else "—"
        values = (
            f"{line.rule.id} {line.rule.title}",
            line.counts.fails,
            rate.value,
            span,
            line.counts.points,
        )
        looks = ("cell", "cell_integer", "cell_percent", "cell_center", "cell_decimal")
        for (first, last, _), value, style in zip(RULE_COLUMNS, values, looks, strict=True):
            panel.put(row, first, last, value, style)


def _columns(sheet: str, counts: Sequence[tuple[str, int]]) -> BarChart:
    last = FIRST_ROW + len(counts) - 1
    labels = Data(f"'{sheet}'!$A${FIRST_ROW}:$A${last}", [name for name, _ in counts])
    values = Data(f"'{sheet}'!$B${FIRST_ROW}:$B${last}", [count for _, count in counts])
    return bars(
        labels, (Line("会话数", values, styles.BLUE),), sideways=False, label_format="0;;"
    )  # no label where there is nothing


def _agent_chart(means: Sequence[tuple[str, float | None]]) -> BarChart:
    last = FIRST_ROW + len(means) - 1
    labels = Data(f"'{AGENTS}'!$B${FIRST_ROW}:$B${last}", [agent for agent, _ in means])
    values = Data(f"'{AGENTS}'!$D${FIRST_ROW}:$D${last}", [mean for _, mean in means])
    return bars(
        labels, (Line("平均得分", values, styles.BLUE),), sideways=True, label_format="0.0", highest=100
    )
