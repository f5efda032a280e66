"""The unit of work, of resume and of the cluster: one bucket of transcripts to one results file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from qa_audit.audit import Auditor
from qa_audit.config import Config
from qa_audit.masked import masked_scorecard, masked_unanswered
from qa_audit.read.buckets import load_bucket
from qa_audit.records import Problem, Transcript, Unanswered
from qa_audit.store import RunInfo, write_results, write_unanswered


@dataclass(frozen=True, slots=True)
class BucketJob:
    """One bucket: where its transcripts lie, and the folder of the night it goes to."""

    bucket: Path
    night: Path

    @property
    def results(self) -> Path:
        """The bucket's results file."""
        return self.night / "results" / f"{self.bucket.stem}.parquet"

    @property
    def note(self) -> Path:
        """Where the finished bucket says what it gave."""
        return self.night.parent / f"{self.bucket.stem}.done.json"


@dataclass(frozen=True, slots=True)
class BucketDone:
    """What one bucket gave; small enough to be kept beside its results for a restart."""

    chats: int
    audited: int
    unanswered: int
    fatal: int
    alerts: int
    not_audited: dict[str, int]
    latest: str | None
    problems: tuple[Problem, ...]
    unreadable: int


@dataclass(frozen=True)
class Workshop:
    """What every worker needs to audit buckets."""

    auditor: Auditor
    run: RunInfo
    key: bytes


def prepared(shop: Workshop) -> Workshop:
    """The workshop with everything built that is otherwise built when first asked for."""
    shop.auditor.prepare()
    return shop


def audit_bucket(shop: Workshop, job: BucketJob) -> BucketDone:
    """Audits one bucket and writes its results; one that an earlier try has finished is not audited again."""
    if job.note.exists() and job.results.exists():
        return msgspec.json.decode(job.note.read_bytes(), type=BucketDone)
    loaded = load_bucket(job.bucket, config=shop.auditor.config)
    audited = shop.auditor.audit(loaded.transcripts)
    cards, unanswered = audited.scorecards, audited.unanswered
    if shop.run.masked:
        cards = tuple(masked_scorecard(card, key=shop.key) for card in cards)
        unanswered = tuple(masked_unanswered(chat) for chat in unanswered)
    write_unanswered(job.night / "unanswered" / job.results.name, unanswered, run=shop.run)
    write_results(job.results, cards, run=shop.run)
    fatal_grade = shop.auditor.standard.fatal_grade
    lost = {problem.chat_id for problem in audited.problems}
    done = BucketDone(
        chats=len(loaded.transcripts),
        audited=len({card.transcript.id for card in cards}),
        unanswered=len(unanswered),
        fatal=sum(card.grade == fatal_grade for card in cards),
        alerts=sum(bool(card.alerts) for card in cards),
        not_audited=dict(Counter(_agents_of(t for t in loaded.transcripts if t.id in lost))),
        latest=max(_dates(loaded.transcripts, shop.auditor.config), default=None),
        problems=(*loaded.problems, *audited.problems, *map(_nobody_answered, audited.unanswered)),
        unreadable=len(loaded.problems),
    )
    job.note.write_bytes(msgspec.json.encode(done))
    return done


def _nobody_answered(chat: Unanswered) -> Problem:
    """Why a chat without a human agent has no score."""
    transcript = chat.transcript
    return Problem(
        transcript.source,
        transcript.line,
        transcript.id,
        "客户发言后没有人工坐席应答，未评分",
        "见 review.xlsx 的“无人应答”，安排回访",
    )


def _agents_of(transcripts: Iterable[Transcript]) -> Iterator[str]:
    """The agents of some chats, once per chat."""
    for transcript in transcripts:
        agents = {m.agent or transcript.assigned_agent for m in transcript.messages if m.role == "agent"}
        yield from sorted(agent for agent in agents if agent is not None)


def _dates(transcripts: Iterable[Transcript], config: Config) -> Iterator[str]:
    """The local dates on which chats were opened."""
    for transcript in transcripts:
        opened = transcript.began_at
        if opened is not None:
            yield f"{opened.astimezone(config.zone):%Y-%m-%d}"
