"""分数分布 and 时段分布: how the scores of a team spread, and when its customers came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from qa_audit.report.table import Column, Row, Table
from qa_audit.report.tally import BINS, UNSCORED_BIN, AgentTally, Hour

SCORES, HOURS = "分数分布", "时段分布"
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def summed_bins(tallies: Sequence[AgentTally]) -> tuple[tuple[str, int], ...]:
    """How many chats each score bin has; 未评分 only where there are some."""
    summed = tuple((name, sum(one.bins.get(name, 0) for one in tallies)) for name in (*BINS, UNSCORED_BIN))
    return summed if summed[-1][1] else summed[:-1]


def summed_hours(tallies: Sequence[AgentTally]) -> Mapping[Hour, int]:
    """How many chats were opened in each hour of each weekday."""
    summed: Counter[Hour] = Counter()
    for one in tallies:
        summed.update(one.hours)
    return summed


def score_table(scores: Sequence[tuple[str, int]]) -> Table:
    """The distribution of scores."""
    total = sum(count for _, count in scores)
    columns = (
        Column("分数段", 16, "center"),
        Column("会话数", 12, "integer", bar=True),
        Column("占比", 12, "percent"),
    )

    def rows() -> Iterator[Row]:
        return ((name, count, count / total if total else None) for name, count in scores)

    return Table(SCORES, "score_bins", columns, rows, empty="", frozen=1)


def hour_table(hours: Mapping[Hour, int]) -> Table:
    """The heat map of hours and weekdays; weekdays on which nobody came are hidden."""
    came = {weekday for (weekday, _), count in hours.items() if count}
    columns = (
        Column("小时", 12, "integer"),
        Column("合计", 10, "integer", bar=True),
        *(Column(name, 9, "integer", shade=True, hidden=i not in came) for i, name in enumerate(WEEKDAYS)),
    )

    def rows() -> Iterator[Row]:
        for hour in range(24):
            counts = [hours.get((weekday, hour), 0) for weekday in range(len(WEEKDAYS))]
            yield (hour, sum(counts), *(count or None for count in counts))

    return Table(HOURS, "hours", columns, rows, empty="", frozen=1)
