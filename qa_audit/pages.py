"""A night's results → its page: one file to look at in a browser, without Excel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa_audit.history import Night
from qa_audit.page import About, PageBuilder, Written
from qa_audit.review.kept import known
from qa_audit.rule import Standard
from qa_audit.score import TEAM, Tally
from qa_audit.store import NOT_AUDITED, read_results, read_unanswered

PAGE = "night.html"


@dataclass(frozen=True, slots=True)
class PageJob:
    """A night's page to be written to ``path``; ``agents`` None: of everybody. ``manifest`` is the night's, or empty."""

    path: Path
    night: Night
    standard: Standard
    manifest: Mapping[str, Any]
    agents: frozenset[str] | None = None


def write_page(job: PageJob) -> Written:
    """Writes the page of a night from its results, read once."""
    night, agents = job.night, job.agents
    builder = PageBuilder(job.standard, known(night.folder.parent, night.name, ()).judged)
    tally = Tally(job.standard)
    for card in read_results(night.results, agents=agents):
        tally.add(card)
        builder.add(card)
    for chat in read_unanswered(night.unanswered):
        if agents is None or chat.agent in agents:
            builder.add_unanswered(chat)
    about = About(
        night=night.name,
        run_id=night.run.run_id if night.run else str(job.manifest.get("run_id", "")),
        statistics=tally.statistics(TEAM),
        not_audited=_not_audited(job, unanswered=builder.unanswered),
        masked=night.run.masked if night.run else True,
        scope="" if agents is None else f"只含坐席：{'、'.join(sorted(agents))}",
    )
    return builder.write(job.path, about)


def _not_audited(job: PageJob, *, unanswered: int) -> int | None:
    """The chats that were read and not audited, as the run counted them; it counts those of an agent without these."""
    if job.agents is None:
        count = job.manifest.get("not_audited")
        return count if isinstance(count, int) else None
    by_agent = job.manifest.get(NOT_AUDITED)
    return None if by_agent is None else unanswered + sum(by_agent.get(agent, 0) for agent in job.agents)
