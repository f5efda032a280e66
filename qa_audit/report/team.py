"""The team's workbook, as rows: 总览, 坐席对比, 一级指标, 规则命中, 分数分布, 时段分布, 主题分布, 解决情况, 客户情绪, 规则说明."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from qa_audit.intervals import rate_interval
from qa_audit.records import AgentStatistics, Contact, Interval, Previous, Severity
from qa_audit.report import wording
from qa_audit.report.contacts import contact_tables
from qa_audit.report.overview import Figure, change, figures
from qa_audit.report.rank import TOO_FEW, Rank, ranks
from qa_audit.report.rules import rule_table
from qa_audit.report.table import Column, Row, Table
from qa_audit.report.tally import BINS, UNSCORED_BIN, AgentTally, RuleTally
from qa_audit.rule import Rule, Standard

AGENTS, SECTIONS, RULE_HITS, SCORES, HOURS = "坐席对比", "一级指标", "规则命中", "分数分布", "时段分布"
COSTLIEST = 6  # rules on the first sheet


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule over the whole team: ``rate`` is its fails (waived ones included) among what was decided."""

    rule: Rule
    counts: RuleTally
    rate: Interval
    agents: int


@dataclass(frozen=True, slots=True)
class TeamOverview:
    """The first sheet of the team's workbook; charts read the tables of the other sheets."""

    title: str
    subtitle: str
    figures: tuple[Figure, ...]
    costliest: tuple[RuleLine, ...]
    scores: tuple[tuple[str, int], ...]
    hours: tuple[tuple[int, int], ...]
    means: tuple[tuple[str, float | None], ...]


@dataclass(frozen=True, slots=True)
class TeamBook:
    """The sheets of the team's workbook in reading order, and the run they come from."""

    night: str
    run_id: str
    overview: TeamOverview
    tables: tuple[Table, ...]


def team_sheets(
    tallies: Sequence[AgentTally],
    team: AgentStatistics,
    standard: Standard,
    *,
    night: str,
    run_id: str,
    unanswered: int,
    before: Previous | None = None,
) -> TeamBook:
    """The workbook of a night's team from the tallies of its agents; agents of fewer than 20 chats are not ranked.

    ``before`` is what a period is compared with.
    """
    places = ranks(one.statistics for one in tallies)
    ordered = sorted(tallies, key=lambda one: _standing(one.statistics, places))
    lines = rule_lines(ordered, standard)
    scores = _summed_bins(ordered)
    hours = tuple((hour, sum(one.hours.get(hour, 0) for one in ordered)) for hour in range(24))
    overview = TeamOverview(
        title="团队服务质检报告",
        subtitle="　|　".join(
            [
                *_subtitle(ordered, team, standard, night=night, unanswered=unanswered),
                *change(team.mean_score.value, before),
            ]
        ),
        figures=_figures(ordered, team, standard),
        costliest=tuple(
            sorted((line for line in lines if line.counts.points), key=lambda line: -line.counts.points)[
                :COSTLIEST
            ]
        ),
        scores=scores,
        hours=hours,
        means=tuple((one.statistics.agent, one.statistics.mean_score.value) for one in ordered),
    )
    tables = (
        _agent_table(ordered, places, standard),
        _section_table(ordered, team, standard),
        _rule_hits(lines),
        _score_table(scores),
        _hour_table(hours),
        *contact_tables(_summed_contacts(ordered)),
        rule_table(standard),
    )
    return TeamBook(night, run_id, overview, tables)


def _standing(own: AgentStatistics, places: dict[str, Rank]) -> tuple[bool, float, str]:
    mean = own.mean_score.value
    return (own.agent not in places, -(mean if mean is not None else -1.0), own.agent)


def _subtitle(
    tallies: Sequence[AgentTally], team: AgentStatistics, standard: Standard, *, night: str, unanswered: int
) -> list[str]:
    missing = sum(one.not_audited for one in tallies)
    parts = [
        f"质检日期 {night}",
        f"坐席 {len(tallies)} 人",
        f"已质检 {team.chats} 人次，未质检 {missing} 通，无人应答 {unanswered} 通",
    ]
    return [*parts, f"标准 {standard.title} {standard.version}".rstrip()]


def _figures(tallies: Sequence[AgentTally], team: AgentStatistics, standard: Standard) -> tuple[Figure, ...]:
    own = figures(team, standard, None)
    alerts = sum(one.alerts for one in tallies)
    alert = Figure("预警会话", alerts, "integer", "通；不扣分", "warn" if alerts else None)
    return tuple(alert if figure.label == "团队排名" else figure for figure in own)


def rule_lines(tallies: Sequence[AgentTally], standard: Standard) -> tuple[RuleLine, ...]:
    """Every rule that is decided chat by chat, over all agents; notes have a sheet of their own."""
    lines = []
    for rule in standard.rules:
        if rule.per == "agent" or rule.severity is Severity.NOTE:
            continue
        own = [one.rules[rule.id] for one in tallies if rule.id in one.rules]
        counts = RuleTally(
            sum(c.passes for c in own), sum(c.fails for c in own), sum(c.waived for c in own), sum(c.undecidable for c in own), sum(c.points for c in own)
        )  # fmt: skip
        rate = rate_interval(counts.fails, counts.passes + counts.fails)
        lines.append(RuleLine(rule, counts, rate, sum(c.fails > 0 for c in own)))
    return tuple(lines)


def _summed_bins(tallies: Sequence[AgentTally]) -> tuple[tuple[str, int], ...]:
    summed = tuple((name, sum(one.bins.get(name, 0) for one in tallies)) for name in (*BINS, UNSCORED_BIN))
    return summed if summed[-1][1] else summed[:-1]


def _summed_contacts(tallies: Sequence[AgentTally]) -> Counter[Contact]:
    summed: Counter[Contact] = Counter()
    for one in tallies:
        summed.update(one.contacts)
    return summed


def _agent_table(tallies: Sequence[AgentTally], places: dict[str, Rank], standard: Standard) -> Table:
    columns = (
        Column("排名", 10, "center", tones=((TOO_FEW, "muted"),)), Column("坐席", 18), Column("会话数", 8, "integer"),
        Column("平均得分", 9, "decimal", heat=True), Column("得分95%下限", 11, "decimal"), Column("得分95%上限", 11, "decimal"),
        Column("等级", 8, "center", tones=wording.grade_tones(standard)), Column("致命待复核", 10, "integer"), Column("预警会话", 8, "integer"),
        Column("30秒应答率", 11, "percent"), Column("应答率95%下限", 12, "percent"), Column("应答率95%上限", 12, "percent"),
        Column("首响均值", 10, "seconds"), Column("首响中位", 10, "seconds"), Column("最长等待", 10, "seconds"), Column("平均等待", 10, "seconds"),
        Column("情绪好转", 9, "percent"), Column("情绪变差", 9, "percent"), Column("结束时负面", 10, "percent"),
        Column("不满概率均值", 10, "percent"), Column("升级风险均值", 10, "percent"), Column("未质检", 7, "integer"),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for one in tallies:
            own = one.statistics
            rank = places.get(own.agent)
            yield (
                rank.place if rank else TOO_FEW, own.agent, own.chats, *_bounds(own.mean_score, highest=100), own.grade or None, own.fatal, one.alerts,
                *_bounds(own.rate_30s, highest=1), own.mean_first_response_s, own.median_first_response_s, own.longest_wait_s, own.mean_wait_s,
                own.mood_better.value, own.mood_worse.value, own.negative_end.value,
                own.dissatisfied, own.escalation, one.not_audited,
            )  # fmt: skip

    shown = [any(value is not None for value in values) for values in zip(*rows(), strict=True)] or [
        True
    ] * len(columns)
    fitted = tuple(replace(column, hidden=not some) for column, some in zip(columns, shown, strict=True))
    return Table(AGENTS, "agents", fitted, rows, empty="本期没有坐席。")


def _bounds(interval: Interval, *, highest: float) -> tuple[float | None, float | None, float | None]:
    low = None if interval.low is None else max(interval.low, 0.0)
    high = None if interval.high is None else min(interval.high, highest)
    return (interval.value, low, high)


def _section_table(tallies: Sequence[AgentTally], team: AgentStatistics, standard: Standard) -> Table:
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


def _rule_hits(lines: Sequence[RuleLine]) -> Table:
    columns = (
        Column("规则编号", 10, "center"), Column("规则名称", 24), Column("一级指标", 16, "center"),
        Column("严重程度", 9, "center", tones=wording.SEVERITY_TONES), Column("状态", 7, "center", tones=(("试行", "muted"),)),
        Column("判定通数", 9, "integer"), Column("违规通数", 9, "integer", bar=True), Column("其中免扣", 9, "integer"), Column("无法判定", 9, "integer"),
        Column("违规率", 9, "percent"), Column("95%下限", 9, "percent"), Column("95%上限", 9, "percent"),
        Column("扣分合计", 9, "decimal", bar=True), Column("涉及坐席", 9, "integer"), Column("实测依据", 10, "center"),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for line in lines:
            rule, counts = line.rule, line.counts
            yield (
                rule.id, rule.title, rule.section, wording.SEVERITIES[rule.severity], "试行" if rule.status == "trial" else "正式",
                counts.passes + counts.fails, counts.fails, counts.waived, counts.undecidable, *_bounds(line.rate, highest=1),
                counts.points, line.agents, rule.measured_on,
            )  # fmt: skip

    return Table(RULE_HITS, "rule_hits", columns, rows, empty="标准中没有规则。")


def _score_table(scores: Sequence[tuple[str, int]]) -> Table:
    total = sum(count for _, count in scores)
    columns = (
        Column("分数段", 16, "center"),
        Column("会话数", 12, "integer", bar=True),
        Column("占比", 12, "percent"),
    )

    def rows() -> Iterator[Row]:
        return ((name, count, count / total if total else None) for name, count in scores)

    return Table(SCORES, "score_bins", columns, rows, empty="", frozen=1)


def _hour_table(hours: Sequence[tuple[int, int]]) -> Table:
    columns = (Column("时段", 16, "center"), Column("会话数", 12, "integer", bar=True))

    def rows() -> Iterator[Row]:
        return ((f"{hour:02d}:00", count) for hour, count in hours)

    return Table(HOURS, "hours", columns, rows, empty="", frozen=1)
