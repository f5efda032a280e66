"""坐席对比 and 一级指标: the agents of a team side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from qa_audit.intervals import rate_interval
from qa_audit.records import AgentStatistics, Interval
from qa_audit.report import wording
from qa_audit.report.rank import TOO_FEW, Rank
from qa_audit.report.table import Column, Row, Table
from qa_audit.report.tally import AgentTally
from qa_audit.rule import Standard

AGENTS, SECTIONS = "坐席对比", "一级指标"


def agent_table(tallies: Sequence[AgentTally], places: dict[str, Rank], standard: Standard) -> Table:
    """One row per agent; every mean and rate with its interval and the chats it rests on, columns without data hidden."""
    columns = (
        Column("排名", 10, "center", tones=((TOO_FEW, "muted"),)), Column("坐席", 18), Column("会话数", 8, "integer"),
        Column("平均得分", 9, "decimal", heat=True), Column("得分误差下限", 11, "decimal"), Column("得分误差上限", 11, "decimal"),
        Column("等级", 8, "center", tones=wording.grade_tones(standard)), Column("上次均分", 9, "decimal"), Column("上次会话数", 9, "integer"),
        Column("较上次", 8, "signed"), Column("每通扣分次数", 9, "two_decimals"), Column("致命（待复核）", 10, "integer"), Column("预警会话", 8, "integer"),
        Column("30秒应答率", 11, "percent"), Column("应答率误差下限", 12, "percent"), Column("应答率误差上限", 12, "percent"),
        Column("应答率会话数", 11, "integer"), Column("首响均值", 10, "seconds"), Column("首响中位", 10, "seconds"),
        Column("最长等待", 10, "seconds"), Column("平均等待", 10, "seconds"),
        Column("解决率", 9, "percent"), Column("解决率误差下限", 11, "percent"), Column("解决率误差上限", 11, "percent"), Column("可判断会话数", 11, "integer"),
        Column("满意率", 9, "percent"), Column("满意率误差下限", 11, "percent"), Column("满意率误差上限", 11, "percent"), Column("有评分会话数", 11, "integer"),
        Column("情绪好转", 9, "percent"), Column("情绪变差", 9, "percent"), Column("结束时负面", 10, "percent"), Column("有情绪会话数", 11, "integer"),
        Column("不满概率均值", 10, "percent"), Column("升级风险均值", 10, "percent"), Column("未质检", 7, "integer"),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for one in tallies:
            own = one.statistics
            rank = places.get(own.agent)
            yield (
                rank.place if rank else TOO_FEW, own.agent, own.chats, *bounds(own.mean_score), own.grade or None, *_last_time(one),
                one.charged / own.chats if own.chats else None, own.fatal, one.alerts,
                *bounds(own.rate_30s), own.rate_30s.n, own.mean_first_response_s, own.median_first_response_s, own.longest_wait_s, own.mean_wait_s,
                *_rate(one.solved, one.outcomes), *_rate(one.satisfied, one.rated),
                own.mood_better.value, own.mood_worse.value, own.negative_end.value, own.negative_end.n or None,
                own.dissatisfied, own.escalation, one.not_audited,
            )  # fmt: skip

    return Table(AGENTS, "agents", with_data(columns, rows()), rows, empty="本期没有坐席。")


def with_data(columns: Sequence[Column], rows: Iterator[Row]) -> tuple[Column, ...]:
    """The columns, those in which no row has a value hidden."""
    shown = [any(value is not None for value in values) for values in zip(*rows, strict=True)]
    return tuple(
        replace(column, hidden=not some)
        for column, some in zip(columns, shown or [True] * len(columns), strict=True)
    )


def bounds(interval: Interval) -> tuple[float | None, float | None, float | None]:
    """A figure and the ends of its interval, as three cells."""
    return (interval.value, interval.low, interval.high)


def _rate(hits: int, n: int) -> tuple[float | int | None, ...]:
    return (*bounds(rate_interval(hits, n)), n or None)


def _last_time(one: AgentTally) -> tuple[float | int | None, ...]:
    """The agent's mean on their last night before this one, over how many chats, and how far this one is from it."""
    if one.last_mean is None:
        return (None, None, None)
    mean = one.statistics.mean_score.value
    return (one.last_mean, one.last_chats, None if mean is None else mean - one.last_mean)


def section_table(tallies: Sequence[AgentTally], team: AgentStatistics, standard: Standard) -> Table:
    """The heat map of agents and sections, the team on top."""
    names = [s.name for s in standard.sections if s.name in team.section_scores]
    columns = (
        Column("坐席", 20),
        Column("会话数", 8, "integer"),
        *(Column(name, 13, "decimal", heat=True) for name in names),
    )

    def rows() -> Iterator[Row]:
        for own in (team, *(one.statistics for one in tallies)):
            yield (own.agent, own.chats, *(own.section_scores.get(name) for name in names))

    return Table(SECTIONS, "sections", columns, rows, empty="本期没有坐席。")
