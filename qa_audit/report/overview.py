"""总览: what a supervisor sees first, on one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from qa_audit.intervals import apart
from qa_audit.records import AgentReport, AgentStatistics, Interval, Previous, RuleResult
from qa_audit.report import wording
from qa_audit.report.coaching import Coaching
from qa_audit.report.rank import FEWEST_CHATS, TOO_FEW, Rank
from qa_audit.report.table import Style, Tone, Value
from qa_audit.rule import Standard

UNKNOWN = "—"
NOTHING = Interval(None, None, None, 0)
NO_DATA = "无数据"
DAY = timedelta(days=1)
MOST_IDS = 5  # of unanswered chats on the first sheet; all are in review.xlsx


@dataclass(frozen=True, slots=True)
class Figure:
    """One card of the overview: a label, its value, and the line under it (interval, n)."""

    label: str
    value: Value
    style: Style
    note: str
    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class SectionScore:
    """The share of points kept in one section, 0–100, each over the chats in which a rule of it was decided."""

    section: str
    own: Interval
    team: Interval

    @property
    def gap(self) -> float | None:
        """How far the agent is from the team."""
        if self.own.value is None or self.team.value is None:
            return None
        return self.own.value - self.team.value

    @property
    def tone(self) -> Tone | None:
        """Good or bad news where the gap is more than chance; None where nobody should talk about it."""
        if self.gap is None or not apart(self.own, self.team, fewest=FEWEST_CHATS):
            return None
        return "good" if self.gap > 0 else "bad"


@dataclass(frozen=True, slots=True)
class Night:
    """One point of the trend; ``label`` ends with * where the standard changed since the night before.

    Nights without a chat of the agent are a point without a mean, one for those in a row: 11-14–11-16无数据.
    """

    label: str
    mean: float | None
    chats: int


@dataclass(frozen=True, slots=True)
class MoodCourse:
    """The customers' mood through a chat, from -100 to 100 in each tenth; empty where nothing is known."""

    own: tuple[float, ...]
    team: tuple[float, ...]
    chats: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the first sheet of an agent's workbook."""

    agent: str
    subtitle: str
    figures: tuple[Figure, ...]
    alerts: str
    sections: tuple[SectionScore, ...]
    trend: tuple[Night, ...]
    trend_note: str
    mood: MoodCourse
    coaching: tuple[Coaching, ...]


def overview(
    report: AgentReport, standard: Standard, lines: tuple[Coaching, ...], rank: Rank | None, *, period: str
) -> Overview:
    """The overview of one agent's night; ``rank`` is shown only from 20 scored chats on."""
    nights = trend(report.trend)
    own, team = report.statistics.sections, report.team.sections
    return Overview(
        agent=report.statistics.agent,
        subtitle=_subtitle(report, standard, period),
        figures=figures(report.statistics, standard, rank),
        alerts="　".join(
            filter(None, (_alerts(report.statistics.alerts, standard), _unanswered(report.unanswered)))
        ),
        sections=tuple(
            SectionScore(s.name, own.get(s.name, NOTHING), team.get(s.name, NOTHING))
            for s in standard.sections
            if s.name in own or s.name in team
        ),
        trend=nights,
        trend_note=_trend_note(nights, reviewed=bool(report.statistics.reviewed)),
        mood=MoodCourse(hundreds(report.statistics), hundreds(report.team), report.statistics.negative_end.n),
        coaching=lines,
    )


def _trend_note(nights: Sequence[Night], *, reviewed: bool) -> str:
    known = [night for night in nights if night.chats]
    if len(known) == 1:
        return "目前只有一晚，走势从第二晚开始"
    if not known:
        return ""
    before, last = known[-2], known[-1]
    parts = []
    if before.mean is not None and last.mean is not None:
        parts.append(
            f"末晚 n={last.chats}，较前一晚（{before.label.rstrip('*')}，n={before.chats}）{last.mean - before.mean:+.1f}"
        )
    if any(night.label.endswith("*") for night in nights):
        parts.append("* 该日起质检标准有变更")
    if len(known) < len(nights):
        parts.append("折线断开处无数据")
    if reviewed:
        parts.append("此前各晚为机器得分")
    return "；".join(parts)


def hundreds(own: AgentStatistics) -> tuple[float, ...]:
    """The mood in each tenth of the chats, from -100 to 100."""
    return tuple(round(100 * value, 1) for value in own.mood_tenths)


def _subtitle(report: AgentReport, standard: Standard, period: str) -> str:
    parts = [
        f"质检周期 {period}",
        f"已质检 {report.statistics.chats} 通，未质检 {report.not_audited} 通" + reviewed(report.statistics),
        f"标准 {standard.title} {standard.version}".rstrip(),
        *change(report.statistics.mean_score.value, report.before),
    ]
    return "　|　".join(parts)


def reviewed(own: AgentStatistics) -> str:
    """How many chats people have reviewed, whose scores count then; nothing where there are none."""
    return f"，已复核 {own.reviewed} 通（得分以复核为准）" if own.reviewed else ""


def change(mean: float | None, before: Previous | None) -> tuple[str, ...]:
    """The mean of the period before and how far this one is from it; nothing where there is none to compare with."""
    if before is None:
        return ()
    if before.mean is None:
        return (f"上期 {before.label}：无数据",)
    step = "" if mean is None else f"，本期 {mean - before.mean:+.1f}"
    remark = "" if before.same_standard else "（其间质检标准有变更）"
    return (f"上期 {before.label}：{before.chats} 通，平均 {before.mean:.1f}{step}{remark}",)


def figures(own: AgentStatistics, standard: Standard, rank: Rank | None) -> tuple[Figure, ...]:
    """The cards of the overview, in reading order."""
    mean, tones = own.mean_score, dict(wording.grade_tones(standard))
    return (
        Figure("平均得分", _or_unknown(mean.value), "decimal", wording.bounds(mean)),
        Figure("等级", own.grade or UNKNOWN, "center", "按平均得分", tones.get(own.grade)),
        Figure("致命（待复核）", own.fatal, "integer", "通；平均分取致命前", "fatal" if own.fatal else None),
        _rank_figure(own, rank),
        _share("30秒应答率", own.rate_30s),
        Figure(
            "首响均值",
            _or_unknown(own.mean_first_response_s),
            "seconds",
            f"中位 {_seconds(own.median_first_response_s)}",
        ),
        Figure(
            "最长等待",
            _or_unknown(own.longest_wait_s),
            "seconds",
            f"不含首响；平均 {_seconds(own.mean_wait_s)}",  # the first response may well be longer
        ),
        _mood_figure(own),
    )


def _or_unknown(value: float | None) -> float | str:
    return UNKNOWN if value is None else round(value, 1)


def _rank_figure(own: AgentStatistics, rank: Rank | None) -> Figure:
    if own.mean_score.n < FEWEST_CHATS:
        return Figure("团队排名", TOO_FEW, "text", f"不足 {FEWEST_CHATS} 通不排名", "muted")
    return Figure("团队排名", str(rank) if rank else UNKNOWN, "text", f"满 {FEWEST_CHATS} 通者参与")


def _share(label: str, rate: Interval) -> Figure:
    return Figure(
        label, UNKNOWN if rate.value is None else rate.value, "percent", wording.bounds(rate, share=True)
    )


def _seconds(value: float | None) -> str:
    return UNKNOWN if value is None else f"{wording.number(value)} 秒"


def _mood_figure(own: AgentStatistics) -> Figure:
    better, worse, end = (
        UNKNOWN if rate.value is None else f"{rate.value:.0%}"
        for rate in (own.mood_better, own.mood_worse, own.negative_end)
    )
    return Figure("情绪好转 / 变差", f"{better} / {worse}", "text", f"结束时负面 {end}，n={own.mood_worse.n}")


def _alerts(alerts: Sequence[RuleResult], standard: Standard) -> str:
    lines = [
        f"{standard.rule(result.rule_id).title}：{wording.measure(standard.rule(result.rule_id), result)}"
        for result in alerts
    ]
    return "坐席级预警　" + "；".join(lines) if lines else ""


def _unanswered(chats: Sequence[str]) -> str:
    if not chats:
        return ""
    named = "、".join(chats[:MOST_IDS]) + ("等" if len(chats) > MOST_IDS else "")
    return f"无人应答　{len(chats)} 通分配给本人而没有回复：{named}"


def trend(nights: Sequence[tuple[str, float | None, int, str]]) -> tuple[Night, ...]:
    """The nights of a trend with short labels (11-20), a change of standard marked by *, missing nights as gaps."""
    points: list[Night] = []
    previous = nights[0][3] if nights else ""
    before: date | None = None
    for night, mean, chats, standard_hash in nights:
        day = _day(night)
        if before is not None and day is not None and day - before > DAY:
            points.append(_missing(before + DAY, day - DAY))
        label = night if day is None else f"{day:%m-%d}"
        points.append(Night(label + ("*" if standard_hash != previous else ""), mean, chats))
        previous, before = standard_hash, day
    return tuple(points)


def _day(night: str) -> date | None:
    """The day of a night; None for one without (undated)."""
    try:
        return date.fromisoformat(night)
    except ValueError:
        return None


def _missing(first: date, last: date) -> Night:
    days = f"{first:%m-%d}" if first == last else f"{first:%m-%d}–{last:%m-%d}"
    return Night(days + NO_DATA, None, 0)
