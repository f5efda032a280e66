"""总览 of the team: one page: a screen with cards, targets, changes, scores, agents, mood, costliest rules, load; below it whom to coach."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.chart import BarChart

from qa_audit.report.agents import AGENTS
from qa_audit.report.changes import Change
from qa_audit.report.coach_first import MOST_AGENTS, CoachFirst
from qa_audit.report.hits import RuleLine
from qa_audit.report.spread import HOURS, SCORES
from qa_audit.report.table import FIRST_ROW, OVERVIEW, Value
from qa_audit.report.targets import Target
from qa_audit.report.team import COSTLIEST, TeamOverview
from qa_audit.report.wording import BOUNDS_NOTE
from qa_audit.workbook import styles
from qa_audit.workbook.charts import Data, Line, bars
from qa_audit.workbook.overview import CARD_ROW, DATA, card_rows, mood_chart, mood_rows, title_rows
from qa_audit.workbook.package import Package
from qa_audit.workbook.panel import GRID, Panel, place

ROW, HEADING = 15.0, 17.0  # points
TABLE_ROWS = 6  # of the changes
CHART_ROWS = 8
MOST_BARS = 15  # agents in the chart; all of them are in 坐席对比
TOP = CARD_ROW + 4
MIDDLE = TOP + TABLE_ROWS + 2
BOTTOM = MIDDLE + CHART_ROWS + 1
FIRST = BOTTOM + COSTLIEST + 2
# first and last columns of what stands side by side
TARGETS, CHANGES = (1, 11), (13, GRID)
SPREAD, MEANS, MOOD = (1, 7), (8, 16), (17, GRID)
RULES, LOAD = (1, 13), (14, GRID)
TARGET_COLUMNS = (
    (1, 4, "指标"),
    (5, 5, "目标"),
    (6, 6, "实际"),
    (7, 8, "误差范围"),
    (9, 9, "n"),
    (10, 11, "结论"),
)
RULE_COLUMNS = (
    (1, 5, "规则"), (6, 6, "违规通数"), (7, 8, "违规率"), (9, 10, "误差范围"), (11, 11, "n"), (12, 13, "扣分合计"),
)  # fmt: skip
FIRST_COLUMNS = (
    (1, 5, "坐席"), (6, 7, "致命（待复核）"), (8, 9, "预警会话"), (10, 11, "平均得分"), (12, 12, "n"), (13, GRID, "首要问题"),
)  # fmt: skip
FIGURE, STRETCH = (13, 15), 4  # the columns of a figure's name, and those of each earlier stretch


def write_team_overview(package: Package, overview: TeamOverview, *, header: str) -> None:
    """The first sheet; its charts read 坐席对比, 分数分布, 时段分布 and what ``write_team_data`` puts on the last one."""
    panel = Panel()
    title_rows(panel, overview.title, overview.subtitle)
    card_rows(panel, overview.figures)
    panel.height(TOP - 1, 4)
    for row in range(TOP + 1, BOTTOM + COSTLIEST + 2):
        panel.height(row, ROW)
    for row, parts in (
        (TOP, ((TARGETS, "目标达成（标准来源：售后客服培训）"), (CHANGES, f"与此前相比　{overview.changes_note}"))),
        (MIDDLE, ((SPREAD, "得分分布（通）"), (MEANS, _agents_heading(overview)), (MOOD, _mood_heading(overview)))),
        (BOTTOM, ((RULES, "扣分最多的规则（违规含免扣）"), (LOAD, "进线时段（通）"))),
    ):  # fmt: skip
        panel.height(row, HEADING)
        for (first, last), text in parts:
            panel.put(row, first, last, text, "heading")
    _target_rows(panel, overview.targets)
    _change_rows(panel, overview.changes, overview.stretches)
    _rule_rows(panel, overview.costliest)
    _first_rows(panel, overview)
    panel.put(FIRST + 2 + len(overview.first), 1, GRID, BOUNDS_NOTE, "note")
    timed = any(count for _, count in overview.hours)
    if not timed:
        panel.put(BOTTOM + 1, *LOAD, "会话没有时间，无法统计时段。", "note")
    sheet = panel.write(package, OVERVIEW, header=header)
    rows = (MIDDLE + 1, BOTTOM - 1)
    place(sheet, _columns(SCORES, overview.scores), columns=SPREAD, rows=rows)
    if overview.means:
        place(sheet, _agent_chart(overview.means[:MOST_BARS]), columns=MEANS, rows=rows)
    if overview.mood.own:
        place(sheet, mood_chart(overview.mood), columns=MOOD, rows=rows)
    if timed:
        by_hour = _columns(HOURS, [(str(hour), count) for hour, count in overview.hours])
        place(sheet, by_hour, columns=LOAD, rows=(BOTTOM + 1, BOTTOM + COSTLIEST + 1))


def write_team_data(package: Package, overview: TeamOverview) -> None:
    """The hidden sheet that the chart of the mood reads; none without moods."""
    if overview.mood.own:
        panel = Panel()
        mood_rows(panel, overview.mood)
        panel.write(package, DATA, header="").sheet_state = "hidden"


def _agents_heading(overview: TeamOverview) -> str:
    shown = f"（前 {MOST_BARS} 名，全部见“{AGENTS}”）" if len(overview.means) > MOST_BARS else ""
    return f"坐席平均得分{shown}"


def _mood_heading(overview: TeamOverview) -> str:
    return (
        f"客户情绪走势（会话十等分，n={overview.mood.chats}）"
        if overview.mood.own
        else "客户情绪走势：没有情绪数据"
    )


def _target_rows(panel: Panel, targets: Sequence[Target]) -> None:
    for first, last, text in TARGET_COLUMNS:
        panel.put(TOP + 1, first, last, text, "small_head")
    for row, target in enumerate(targets, start=TOP + 2):
        number = f"cell_{target.style}"
        actual = target.actual
        values: tuple[tuple[Value, str], ...] = (
            (target.label, "cell"),
            (target.target, number),
            (actual.value if actual.value is not None else "—", number),
            (_span(target), "cell_center"),
            (actual.n, "cell_integer"),
            (target.verdict, f"cell_{target.tone}"),
        )
        for (first, last, _), (value, style) in zip(TARGET_COLUMNS, values, strict=True):
            panel.put(row, first, last, value, style)


def _span(target: Target) -> str:
    low, high = target.actual.low, target.actual.high
    if low is None or high is None:
        return "—"
    return f"{low:.0%}–{high:.0%}" if target.style == "percent" else f"{low:.0f}–{high:.0f} 秒"


def _change_rows(panel: Panel, changes: Sequence[Change], stretches: Sequence[str]) -> None:
    first, last = FIGURE
    panel.put(TOP + 1, first, last, "指标", "small_head")
    panel.put(TOP + 1, last + 1, last + 1, "本期", "small_head")
    starts = [last + 2 + index * STRETCH for index in range(len(stretches))]
    for start, label in zip(starts, stretches, strict=True):
        panel.put(TOP + 1, start, start + STRETCH - 1, f"{label}｜变化", "small_head")
    for row, change in enumerate(changes, start=TOP + 2):
        panel.put(row, first, last, change.label, "cell")
        panel.put(row, last + 1, last + 1, _or_dash(change.now), f"cell_{change.style}")
        for start, before in zip(starts, change.before, strict=True):
            panel.put(row, start, start, _or_dash(before), f"cell_{change.style}")
            step, end = change.step(before), start + STRETCH - 1
            look = "center" if step is None else f"{_news(step, change)}_{change.style}"
            panel.put(row, start + 1, end, step, f"cell_{look}")


def _news(step: float, change: Change) -> str:
    """Whether a change is good or bad news; muted where its digits show none."""
    digits = {"decimal": 1, "two_decimals": 2, "percent": 1}
    if not round(step, digits.get(change.style, 0)):
        return "muted"
    return "good" if (step > 0) == (change.good == "more") else "bad"


def _or_dash(value: float | None) -> Value:
    return "—" if value is None else value


def _rule_rows(panel: Panel, lines: Sequence[RuleLine]) -> None:
    for first, last, text in RULE_COLUMNS:
        panel.put(BOTTOM + 1, first, last, text, "small_head")
    for row, line in enumerate(lines, start=BOTTOM + 2):
        rate = line.rate
        span = f"{rate.low:.0%}–{rate.high:.0%}" if rate.low is not None and rate.high is not None else "—"
        values = (
            f"{line.rule.id} {line.rule.title}",
            line.counts.fails,
            rate.value,
            span,
            rate.n,
            line.counts.points,
        )
        looks = ("cell", "cell_integer", "cell_percent", "cell_center", "cell_integer", "cell_decimal")
        for (first, last, _), value, style in zip(RULE_COLUMNS, values, looks, strict=True):
            panel.put(row, first, last, value, style)


def _first_rows(panel: Panel, overview: TeamOverview) -> None:
    if not overview.first:
        return
    more = f"，前 {MOST_AGENTS} 名" if len(overview.means) > MOST_AGENTS else ""
    panel.put(FIRST, 1, GRID, f"先辅导谁（依次按致命、预警、平均得分{more}）", "heading")
    panel.height(FIRST, HEADING)
    for first, last, text in FIRST_COLUMNS:
        panel.put(FIRST + 1, first, last, text, "small_head")
    panel.height(FIRST + 1, ROW)
    for row, one in enumerate(overview.first, start=FIRST + 2):
        _first_row(panel, row, one)


def _first_row(panel: Panel, row: int, one: CoachFirst) -> None:
    panel.height(row, ROW)
    values: tuple[tuple[Value, str], ...] = (
        (one.agent, "cell"),
        (one.fatal, "cell_integer"),
        (one.alerts, "cell_integer"),
        (_or_dash(one.mean), "cell_decimal"),
        (one.scored, "cell_integer"),
        (f"{one.rule.id} {one.rule.title}" if one.rule else "—", "cell"),
    )
    for (first, last, _), (value, style) in zip(FIRST_COLUMNS, values, strict=True):
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
        labels, (Line("平均得分", values, styles.BLUE),), sideways=False, label_format="0.0", highest=100
    )
