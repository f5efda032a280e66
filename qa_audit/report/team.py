"""The team's workbook, as rows: 总览, 坐席对比, 一级指标, 规则命中, 分数分布, 时段分布, 主题分布, 解决情况, 客户情绪, 规则说明."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qa_audit.records import AgentStatistics, Contact, Previous
from qa_audit.report.agents import agent_table, section_table
from qa_audit.report.changes import Change, Counted, changes, counted
from qa_audit.report.coach_first import CoachFirst, coach_first
from qa_audit.report.contacts import contact_tables
from qa_audit.report.hits import Judged, RuleLine, hit_table, rule_lines
from qa_audit.report.overview import Figure, MoodCourse, change, figures, hundreds, reviewed
from qa_audit.report.rank import Rank, ranks
from qa_audit.report.rules import rule_table
from qa_audit.report.spread import hour_table, score_table, summed_bins, summed_hours
from qa_audit.report.table import Table
from qa_audit.report.tally import AgentTally
from qa_audit.report.targets import Target, targets
from qa_audit.rule import Standard

COSTLIEST = 5  # rules on the first sheet


@dataclass(frozen=True, slots=True)
class TeamOverview:
    """The first sheet of the team's workbook; charts read the tables of the other sheets.

    ``stretches`` are the earlier nights that ``changes`` compare with, * where the standard was another.
    """

    title: str
    subtitle: str
    figures: tuple[Figure, ...]
    costliest: tuple[RuleLine, ...]
    scores: tuple[tuple[str, int], ...]
    hours: tuple[tuple[int, int], ...]
    means: tuple[tuple[str, float | None], ...]
    targets: tuple[Target, ...]
    stretches: tuple[str, ...]
    changes: tuple[Change, ...]
    changes_note: str
    mood: MoodCourse
    first: tuple[CoachFirst, ...]


@dataclass(frozen=True, slots=True)
class TeamBook:
    """The sheets of the team's workbook in reading order, and the run they come from."""

    night: str
    run_id: str
    overview: TeamOverview
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """What a night is shown beside.

    ``before`` is the period before a period, ``earlier`` the nights before a night, ``judged`` what people's reviews say
    of each rule. ``chats``: how many there are if one that several agents served counts once; None: nobody shared one.
    """

    chats: int | None = None
    before: Previous | None = None
    earlier: tuple[Counted, ...] = ()
    judged: Mapping[str, Judged] = field(default_factory=dict)


def team_sheets(
    tallies: Sequence[AgentTally],
    team: AgentStatistics,
    standard: Standard,
    *,
    night: str,
    run_id: str,
    unanswered: int,
    beside: Beside | None = None,
) -> TeamBook:
    """The workbook of a night's team from the tallies of its agents; agents of fewer than 20 chats are not ranked."""
    beside = beside or Beside()
    earlier = beside.earlier
    places = ranks(one.statistics for one in tallies)
    ordered = sorted(tallies, key=lambda one: _standing(one.statistics, places))
    lines = rule_lines(ordered, standard)
    scores, hours = summed_bins(ordered), summed_hours(ordered)
    overview = TeamOverview(
        title="团队服务质检报告",
        subtitle="　|　".join(
            [
                *_subtitle(
                    ordered,
                    standard,
                    night=night,
                    audited=_audited(team, beside.chats),
                    unanswered=f"无人应答 {unanswered} 通{reviewed(team)}",
                ),
                *change(team.mean_score.value, beside.before),
            ]
        ),
        figures=_figures(ordered, team, standard),
        costliest=tuple(
            sorted((line for line in lines if line.counts.points), key=lambda line: -line.counts.points)[
                :COSTLIEST
            ]
        ),
        scores=scores,
        hours=tuple(
            (hour, sum(count for (_, at), count in hours.items() if at == hour)) for hour in range(24)
        ),
        means=tuple((one.statistics.agent, one.statistics.mean_score.value) for one in ordered),
        targets=targets(ordered, team, standard),
        stretches=tuple(one.label + ("" if one.same_standard else "*") for one in earlier),
        changes=changes(counted(ordered, team), earlier),
        changes_note=_changes_note(earlier),
        mood=MoodCourse(hundreds(team), (), team.negative_end.n),
        first=coach_first(ordered, standard),
    )
    tables = (
        agent_table(ordered, places, standard),
        section_table(ordered, team, standard),
        hit_table(lines, beside.judged),
        score_table(scores),
        hour_table(hours),
        *contact_tables(_summed_contacts(ordered)),
        rule_table(standard),
    )
    return TeamBook(night, run_id, overview, tables)


def _changes_note(earlier: Sequence[Counted]) -> str:
    if not earlier:
        return "没有更早的日期可比"
    return "" if all(one.same_standard for one in earlier) else "* 该期标准与本期不同，变化含标准变更的影响"


def _standing(own: AgentStatistics, places: dict[str, Rank]) -> tuple[bool, float, str]:
    mean = own.mean_score.value
    return (own.agent not in places, -(mean if mean is not None else -1.0), own.agent)


def _audited(team: AgentStatistics, chats: int | None) -> str:
    if chats is None or chats == team.chats:
        return f"已质检 {team.chats} 通"
    return f"已质检 {chats} 通（其中转接的按坐席各评一份，共 {team.chats} 份）"


def _subtitle(
    tallies: Sequence[AgentTally], standard: Standard, *, night: str, audited: str, unanswered: str
) -> list[str]:
    missing = sum(one.not_audited for one in tallies)
    parts = [
        f"质检日期 {night}",
        f"坐席 {len(tallies)} 人",
        f"{audited}，未质检 {missing} 通，{unanswered}",
    ]
    return [*parts, f"标准 {standard.title} {standard.version}".rstrip()]


def _figures(tallies: Sequence[AgentTally], team: AgentStatistics, standard: Standard) -> tuple[Figure, ...]:
    own = figures(team, standard, None)
    alerts = sum(one.alerts for one in tallies)
    alert = Figure("预警会话", alerts, "integer", "通；不扣分", "warn" if alerts else None)
    return tuple(alert if figure.label == "团队排名" else figure for figure in own)


def _summed_contacts(tallies: Sequence[AgentTally]) -> Counter[Contact]:
    summed: Counter[Contact] = Counter()
    for one in tallies:
        summed.update(one.contacts)
    return summed
