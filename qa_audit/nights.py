"""The second stage of a night: results → workbooks, one agent at a time, in parallel.

Reads only the results store: workbooks can be written again without auditing again.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from qa_audit.engine.local import Progress, map_local, watched
from qa_audit.records import AgentReport, AgentStatistics, Problem
from qa_audit.report.agent import agent_sheets
from qa_audit.report.rank import Rank, ranks
from qa_audit.report.review import review_sheets
from qa_audit.report.sampling import Known, Picks, Plan
from qa_audit.report.tally import AgentTally, tally
from qa_audit.report.team import team_sheets
from qa_audit.review.kept import known
from qa_audit.rule import Standard
from qa_audit.score import TEAM, Tally
from qa_audit.store import agents_of, history, read_results, read_unanswered
from qa_audit.workbook.books import write_agent_book, write_review_book, write_team_book
from qa_audit.workbook.text import file_names

TREND_NIGHTS = 14
Trend = tuple[tuple[str, float | None, int, str], ...]


@dataclass(frozen=True, slots=True)
class NightJob:
    """A night whose results lie in ``folder``; ``out`` holds the nights before it."""

    folder: Path
    out: Path
    night: str
    run_id: str
    standard: Standard
    seed: int
    not_audited: Mapping[str, int]
    problems: tuple[Problem, ...]

    @property
    def results(self) -> tuple[Path, ...]:
        """The results files, in order."""
        return tuple(sorted((self.folder / "results").glob("*.parquet")))


@dataclass(frozen=True, slots=True)
class Team:
    """How many agents a night had, and their statistics together."""

    agents: int
    statistics: AgentStatistics


@dataclass(frozen=True)
class _Desk:
    """What every worker needs to write agents' workbooks."""

    job: NightJob
    team: AgentStatistics | None = None
    ranks: Mapping[str, Rank] | None = None
    trends: Mapping[str, Trend] | None = None
    files: Mapping[str, str] | None = None
    known: Known = field(default_factory=Known)


def write_night(job: NightJob, *, workers: int, progress: Progress | None = None) -> Team:
    """Writes agents/*.xlsx, team.xlsx and review.xlsx of a night."""
    standard = job.standard
    agents = list(agents_of(job.results))
    desk = _Desk(job)
    tallies = list(map_local(_count, agents, workers=workers, prepare=partial(_same, desk)))
    whole = Tally(standard)
    for numbers in tallies:
        whole.merge(numbers)
    team = whole.statistics(TEAM)
    own = [numbers.statistics(agent) for agent, numbers in zip(agents, tallies, strict=True)]
    before = known(job.out, job.night, agents)
    desk = _Desk(job, team, ranks(own), _trends(job, own, standard), file_names(agents), before)
    (job.folder / "agents").mkdir(exist_ok=True)
    picks = Picks(Plan(job.seed), standard, desk.known)
    counts: list[AgentTally] = []
    written = map_local(_write_agent, agents, workers=workers, prepare=partial(_same, desk))
    for count, part in watched(written, "报表", len(agents), progress):
        counts.append(count)
        picks.merge(part)
    unanswered = tuple(read_unanswered(sorted((job.folder / "unanswered").glob("*.parquet"))))
    book = team_sheets(counts, team, standard, night=job.night, run_id=job.run_id, unanswered=len(unanswered))
    write_team_book(job.folder / "team.xlsx", book)
    review = review_sheets(picks, unanswered, job.problems, standard, night=job.night, run_id=job.run_id)
    write_review_book(job.folder / "review.xlsx", review)
    return Team(len(agents), team)


def _same(desk: _Desk) -> _Desk:
    return desk


def _count(desk: _Desk, agent: str) -> Tally:
    """An agent's night in numbers."""
    tally = Tally(desk.job.standard)
    for card in read_results(desk.job.results, agents={agent}):
        tally.add(card)
    return tally


def _write_agent(desk: _Desk, agent: str) -> tuple[AgentTally, Picks]:
    """One agent's workbook; returns what the team and review workbooks need of it."""
    assert desk.team is not None
    assert desk.ranks is not None
    assert desk.trends is not None
    assert desk.files is not None
    cards = tuple(read_results(desk.job.results, agents={agent}))
    numbers = Tally(desk.job.standard)
    for card in cards:
        numbers.add(card)
    report = AgentReport(
        statistics=numbers.statistics(agent),
        team=desk.team,
        scorecards=cards,
        trend=desk.trends.get(agent, ()),
        night=desk.job.night,
        run_id=desk.job.run_id,
        not_audited=desk.job.not_audited.get(agent, 0),
    )
    book = agent_sheets(report, desk.job.standard, rank=desk.ranks.get(agent))
    write_agent_book(desk.job.folder / "agents" / f"{desk.files[agent]}.xlsx", book)
    picks = Picks(Plan(desk.job.seed), desk.job.standard, desk.known)
    picks.add(report)
    return tally(report, desk.job.standard), picks


def _trends(job: NightJob, tonight: Sequence[AgentStatistics], standard: Standard) -> dict[str, Trend]:
    """Each agent's mean score per night, oldest first, this night last."""
    nights: defaultdict[str, defaultdict[str, list[float | None]]] = defaultdict(lambda: defaultdict(list))
    hashes: dict[tuple[str, str], str] = {}
    if job.night[:1].isdigit():  # an undated night has no place in a trend
        for row in history(job.out, before_or_on=job.night, nights=TREND_NIGHTS):
            if row.night != job.night:
                nights[row.agent][row.night].append(row.score_before_fatal)
                hashes[row.agent, row.night] = row.standard_hash
    trends = {}
    for own in tonight:
        earlier = [
            (night, _mean(scores), len(scores), hashes[own.agent, night])
            for night, scores in sorted(nights[own.agent].items())
        ]
        now = (job.night, own.mean_score.value, own.chats, standard.hash)
        trends[own.agent] = (*earlier[-(TREND_NIGHTS - 1) :], now)
    return trends


def _mean(scores: Sequence[float | None]) -> float | None:
    known = [score for score in scores if score is not None]
    return statistics.fmean(known) if known else None
