"""The second stage of a night: results → workbooks, one agent at a time, in parallel.

Reads only the results store: workbooks can be written again without auditing again, of a night or of many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from qa_audit.byagent import ByAgent, laid_out
from qa_audit.engine.local import Progress, map_local, watched
from qa_audit.history import (
    Key,
    Night,
    NightMean,
    chats_in,
    latest_of,
    mean_of,
    night_means,
    nights_of,
    team_nights,
)
from qa_audit.records import AgentReport, AgentStatistics, Previous, Problem, Scorecard, Unanswered
from qa_audit.report.agent import agent_sheets
from qa_audit.report.changes import Counted
from qa_audit.report.examples import Examples
from qa_audit.report.rank import Rank, ranks
from qa_audit.report.review import review_sheets
from qa_audit.report.sampling import Known, Picks, Plan
from qa_audit.report.tally import AgentTally, tally
from qa_audit.report.team import Beside, team_sheets
from qa_audit.review.kept import known
from qa_audit.review.quality import quality
from qa_audit.review.said import Reviews, corrected, reviews_of
from qa_audit.rule import Standard
from qa_audit.score import TEAM, Tally
from qa_audit.store import read_unanswered
from qa_audit.workbook.books import write_agent_book, write_review_book, write_team_book
from qa_audit.workbook.text import file_names

TREND_NIGHTS = 14
WEEK = timedelta(days=7)
Trend = tuple[tuple[str, float | None, int, str], ...]


@dataclass(frozen=True, slots=True)
class Before:
    """The nights that a period is compared with, under the name that readers see."""

    label: str
    nights: tuple[Night, ...]


@dataclass(frozen=True, slots=True)
class NightJob:
    """Workbooks to be written into ``folder`` from the results of one night, or of the nights of a period.

    ``label`` is what readers see: the night, or the period. ``out`` holds the nights before a night, for its trend; a
    period has none: its trend are its own nights, and ``before`` those it is compared with. ``agents`` are those whose
    workbooks are wanted, None: all, with the team's workbook and, of a night, the one for review.
    """

    folder: Path
    nights: tuple[Night, ...]
    label: str
    run_id: str
    standard: Standard
    out: Path | None = None
    before: Before | None = None
    agents: frozenset[str] | None = None
    seed: int = 0
    not_audited: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Team:
    """How many agents and chats a night had, and their statistics together, in which a chat counts for each of its agents."""

    agents: int
    chats: int
    statistics: AgentStatistics


@dataclass(frozen=True)
class _Desk:
    """What every worker needs to write agents' workbooks."""

    job: NightJob
    results: ByAgent
    team: AgentStatistics | None = None
    own: Mapping[str, AgentStatistics] = field(default_factory=dict)
    ranks: Mapping[str, Rank] = field(default_factory=dict)
    trends: Mapping[str, Trend] = field(default_factory=dict)
    before: Mapping[str, Previous] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    known: Known = field(default_factory=Known)
    examples: Examples | None = None
    unanswered: tuple[Unanswered, ...] = ()
    reviews: Reviews = field(default_factory=dict)

    def cards(self, agent: str) -> Sequence[Scorecard]:
        """An agent's scorecards, as people corrected them."""
        return self.results.cards(agent, partial(corrected, self.reviews) if self.reviews else None)


def write_night(job: NightJob, *, workers: int, progress: Progress | None = None) -> Team:
    """Writes agents/*.xlsx, team.xlsx and review.xlsx of a night; of a period all but the last."""
    job.folder.mkdir(parents=True, exist_ok=True)
    latest = latest_of(job.nights)
    with laid_out(job.nights, latest, job.folder) as results:
        reviews = reviews_of(job.nights, latest, job.standard)
        desk = _Desk(job, results, reviews=reviews)
        whole, examples = Tally(job.standard), Examples(job.standard)
        own: list[AgentStatistics] = []
        counted = map_local(_count, results.agents, workers=workers, prepare=partial(_same, desk))
        for agent, (numbers, best) in zip(results.agents, counted, strict=True):
            own.append(numbers.statistics(agent))
            whole.merge(numbers)
            examples.merge(best)
        team = whole.statistics(TEAM)
        desk = _Desk(
            job,
            results,
            team,
            {one.agent: one for one in own},
            ranks(own),
            _trends(job, own),
            _before(job),
            file_names(results.agents),
            Known() if job.out is None else known(job.out, job.label, results.agents),
            examples,
            _unanswered(job.nights),
            reviews,
        )
        made = Team(len(own), chats_in(job.nights, latest), team)
        _write_books(desk, made, workers=workers, progress=progress)
        return made


def _write_books(desk: _Desk, team: Team, *, workers: int, progress: Progress | None) -> None:
    job, standard = desk.job, desk.job.standard
    (job.folder / "agents").mkdir(exist_ok=True)
    agents = [agent for agent in desk.results.agents if job.agents is None or agent in job.agents]
    picks = Picks(Plan(job.seed, night=job.label), standard, desk.known)
    counts: list[AgentTally] = []
    written = map_local(_write_agent, agents, workers=workers, prepare=partial(_same, desk))
    for count, part in watched(written, "报表", len(agents), progress):
        counts.append(count)
        picks.merge(part)
    if job.agents is not None:
        return
    book = team_sheets(
        counts,
        team.statistics,
        standard,
        night=job.label,
        run_id=job.run_id,
        unanswered=len(desk.unanswered),
        beside=Beside(
            chats=team.chats,
            before=desk.before.get(TEAM),
            earlier=_earlier(job),
            judged={} if job.out is None else quality(job.out),
        ),
    )
    write_team_book(job.folder / "team.xlsx", book)
    if job.before is None:
        review = review_sheets(
            picks, desk.unanswered, job.problems, standard, night=job.label, run_id=job.run_id
        )
        write_review_book(job.folder / "review.xlsx", review)


def _same(desk: _Desk) -> _Desk:
    return desk


def _count(desk: _Desk, agent: str) -> tuple[Tally, Examples]:
    """An agent's night in numbers, and what they did best."""
    tally, examples = Tally(desk.job.standard), Examples(desk.job.standard)
    for card in desk.cards(agent):
        tally.add(card)
        examples.add(card)
    return tally, examples


def _write_agent(desk: _Desk, agent: str) -> tuple[AgentTally, Picks]:
    """One agent's workbook; returns what the team and review workbooks need of it."""
    assert desk.team is not None
    assert desk.examples is not None
    job = desk.job
    report = AgentReport(
        statistics=desk.own[agent],
        team=desk.team,
        scorecards=desk.cards(agent),
        trend=desk.trends.get(agent, ()),
        night=job.label,
        run_id=job.run_id,
        not_audited=job.not_audited.get(agent, 0),
        before=desk.before.get(agent),
        unanswered=tuple(chat.transcript.id for chat in desk.unanswered if chat.agent == agent),
    )
    book = agent_sheets(report, job.standard, rank=desk.ranks.get(agent), examples=desk.examples.best)
    write_agent_book(job.folder / "agents" / f"{desk.files[agent]}.xlsx", book)
    picks = Picks(Plan(job.seed, night=job.label), job.standard, desk.known)
    picks.add(report)
    return tally(report, job.standard), picks


def _unanswered(nights: Sequence[Night]) -> tuple[Unanswered, ...]:
    """The chats that nobody answered; one that several nights have as the last of their runs has it."""
    found: dict[str, Unanswered] = {}
    for night in sorted(nights, key=lambda night: night.order):
        found |= {chat.transcript.id: chat for chat in read_unanswered(night.unanswered)}
    return tuple(found.values())


def _trends(job: NightJob, own: Sequence[AgentStatistics]) -> dict[str, Trend]:
    """Each agent's mean score per night, oldest first: of a period's nights, or of the nights before and this one."""
    if job.before is not None:
        means = night_means(job.nights, latest_of(job.nights))
        return {one.agent: tuple(map(_point, means.get(one.agent, ()))) for one in own}
    (night,) = job.nights
    means = _nights_before(job, night)
    tonight = night.run.standard_hash if night.run else job.standard.hash
    return {
        one.agent: (
            *map(_point, means.get(one.agent, ())),
            (job.label, one.mean_score.value, one.chats, tonight),
        )
        for one in own
    }


def _nights_before(job: NightJob, night: Night) -> dict[str, tuple[NightMean, ...]]:
    """Each agent's nights before one."""
    return night_means(*_before_night(job, night))


def _before_night(job: NightJob, night: Night) -> tuple[Sequence[Night], Mapping[Key, str]]:
    """The last nights before one; what was decided anew in this one counts here, whenever that was."""
    if job.out is None or not job.label[:1].isdigit():  # an undated night has no place in a trend
        return (), {}
    earlier = [other for other in nights_of(job.out) if other.name < job.label][-(TREND_NIGHTS - 1) :]
    return earlier, latest_of([*earlier, night], last=night)


def _earlier(job: NightJob) -> tuple[Counted, ...]:
    """What the team came to before: of a night the last one and the seven days, of a period the one before it."""
    hashes = {night.run.standard_hash for night in job.nights if night.run}
    now = hashes.pop() if len(hashes) == 1 else ""
    compared = partial(team_nights, now=now, fatal=job.standard.fatal_grade)
    if job.before is not None:
        period = job.before.nights
        return (compared(f"上期 {job.before.label}", period, latest_of(period)),)
    nights, latest = _before_night(job, job.nights[0])
    if not nights:
        return ()
    since = (date.fromisoformat(job.label) - WEEK).isoformat()
    week = [night for night in nights if night.name >= since]
    found = [compared(f"上一晚 {nights[-1].name[5:]}", nights[-1:], latest)]
    if len(week) > 1:
        found.append(compared(f"此前7天 {week[0].name[5:]}–{week[-1].name[5:]}", week, latest))
    return tuple(found)


def _point(one: NightMean) -> tuple[str, float | None, int, str]:
    return (one.night, one.mean, one.chats, one.standard_hash)


def _before(job: NightJob) -> dict[str, Previous]:
    """What each agent and the team came to in the period before; empty for a night."""
    if job.before is None:
        return {}
    label, nights = job.before.label, job.before.nights
    means = night_means(nights, latest_of(nights))
    hashes = {night.run.standard_hash for night in (*nights, *job.nights) if night.run}
    everybody = [one for own in means.values() for one in own]

    def previous(own: Sequence[NightMean]) -> Previous:
        chats = sum(one.chats for one in own)
        return Previous(label, mean_of(own), chats, same_standard=len(hashes) < 2)

    return {agent: previous(own) for agent, own in means.items()} | {TEAM: previous(everybody)}
