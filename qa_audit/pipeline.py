"""A night, from files to workbooks: read → segment → sentiment → check → score → store → report → write.

Two stages joined by the results store. A night is built in a working folder named by what it depends on; a crashed
night that is started again keeps the buckets that were finished, and a finished one is renamed into its place.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from qa_audit import __version__
from qa_audit.audit import Auditor
from qa_audit.bucket import BucketDone, BucketJob, Workshop, audit_bucket, prepared
from qa_audit.config import Config
from qa_audit.engine.local import Progress, default_workers, map_local, watched
from qa_audit.errors import InputError
from qa_audit.history import Night
from qa_audit.nights import NightJob, write_night
from qa_audit.problems import PROBLEMS, write_problem_list
from qa_audit.read.buckets import Spilled, spill
from qa_audit.snapshot import write_snapshot
from qa_audit.store import MANIFEST, NOT_AUDITED, RunInfo, write_manifest

UNDATED = "undated"
KEY_FILE = ".customer_key"
LIBRARIES = (
    "ahocorasick-rs",
    "google-re2",
    "jieba",
    "numpy",
    "opencc",
    "openpyxl",
    "pyarrow",
    "rjieba",
    "spacy",
)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run a night; the defaults are those of the command line. ``workers`` 0: one per processor."""

    config: Config = field(default_factory=Config)
    date: str | None = None
    standard: Path | None = None
    workers: int = 0
    seed: int = 0
    mask: bool = True
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """What a night came to."""

    night: str
    folder: Path
    chats: int
    audited: int
    unanswered: int
    problems: int
    unreadable: int
    agents: int
    mean_score: float | None
    fatal: int
    alerts: int

    @property
    def not_audited(self) -> int:
        """Chats that were read and not audited; why stands in problems.csv."""
        return self.chats - self.audited


def run(
    inputs: Sequence[str], out: Path, options: RunOptions, *, progress: Progress | None = None
) -> Summary:
    """Audits the inputs as one night and writes its folder under ``out``; ``progress`` is told of every step.

    Raises:
        InputError: an input does not exist, or another run of this night is there already.
        InvalidStandard: the standard or a lexicon is wrong. Nothing has been written then.
    """
    started = datetime.now(UTC)
    auditor = Auditor.open(options.config, standard=options.standard)
    if options.date is not None:
        _refuse_other(out / options.date, options)  # before the work, where the night is known already
    fresh = out / f".work-{os.getpid()}"
    try:
        with _private():
            spilled = spill(inputs, fresh / "spill", config=options.config)
        info = _run_info(spilled, auditor, options)
        work = _resume(fresh, _work_folder(out, info))
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    jobs = [BucketJob(work / "spill" / path.name, work / "night") for path in spilled.buckets]
    shop = Workshop(auditor, info, _customer_key(out))
    prepare = partial(prepared, shop)
    workers = options.workers or default_workers()
    audited = map_local(audit_bucket, jobs, workers=workers, prepare=prepare)
    done = list(watched(audited, "质检", len(jobs), progress))
    try:
        summary = _finish(spilled, done, out, shop=shop, options=options, started=started, progress=progress)
    except InputError:
        shutil.rmtree(work)  # refused, not crashed: nothing stays behind, least of all unmasked text
        raise
    shutil.rmtree(work)
    return summary


def _run_info(spilled: Spilled, auditor: Auditor, options: RunOptions) -> RunInfo:
    """The identity of a run: everything that its results depend on."""
    standard = auditor.standard
    identity = {
        "inputs": sorted(file.sha256 for file in spilled.inputs),
        "standard": standard.hash,
        "lexicons": standard.lexicon_hash,
        "model": auditor.model_hash,
        "config": options.config.model_dump(mode="json", exclude={"standard", "models"}),
        "version": __version__,
        "date": options.date,
        "mask": options.mask,
        "seed": options.seed,
    }
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode())
    return RunInfo(
        run_id=digest.hexdigest()[:16],
        standard_hash=standard.hash,
        lexicon_hash=standard.lexicon_hash,
        model_hash=auditor.model_hash,
        masked=options.mask,
    )


@contextmanager
def _private() -> Iterator[None]:
    """What is written here is for its owner only: transcripts lie unmasked until they are audited."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _work_folder(out: Path, info: RunInfo) -> Path:
    """Where a run is built: the same folder each time it is started."""
    return out / f".work-{info.run_id}"


def _resume(fresh: Path, named: Path) -> Path:
    """The working folder of this run, with the buckets that an earlier try had finished."""
    named.mkdir(mode=0o700, exist_ok=True)
    shutil.rmtree(named / "spill", ignore_errors=True)
    (fresh / "spill").rename(named / "spill")
    return named


def _customer_key(out: Path) -> bytes:
    """The secret with which customers are hashed: made once per folder of nights, readable by its owner only."""
    path = out / KEY_FILE
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(secrets.token_bytes(32))
    return path.read_bytes()


def _finish(
    spilled: Spilled,
    done: Sequence[BucketDone],
    out: Path,
    *,
    shop: Workshop,
    options: RunOptions,
    started: datetime,
    progress: Progress | None,
) -> Summary:
    """Workbooks, problems and manifest; then the night takes its place in one step."""
    info, standard = shop.run, shop.auditor.standard
    night = options.date or max((part.latest for part in done if part.latest), default=UNDATED)
    place, built = out / night, _work_folder(out, info) / "night"
    _refuse_other(place, options)
    problems = sorted(
        (*spilled.problems, *(problem for part in done for problem in part.problems)),
        key=lambda problem: (problem.source, problem.line, problem.chat_id, problem.reason),
    )
    write_problem_list(built / PROBLEMS, problems)
    not_audited: Counter[str] = Counter()
    for part in done:
        not_audited.update(part.not_audited)
    job = NightJob(
        folder=built,
        nights=(Night(built, night),),
        label=night,
        run_id=info.run_id,
        standard=standard,
        out=out,
        seed=options.seed,
        not_audited=dict(not_audited),
        problems=tuple(problems),
    )
    write_snapshot(built, standard)
    team = write_night(job, workers=options.workers or default_workers(), progress=progress)
    summary = Summary(
        night=night,
        folder=place,
        chats=sum(part.chats for part in done),
        audited=sum(part.audited for part in done),
        unanswered=sum(part.unanswered for part in done),
        problems=len(problems),
        unreadable=len(spilled.problems) + sum(part.unreadable for part in done),
        agents=team.agents,
        mean_score=team.statistics.mean_score.value,
        fatal=sum(part.fatal for part in done),
        alerts=sum(part.alerts for part in done),
    )
    manifest = _manifest(summary, spilled, info, options, started) | {
        "standard_adjusted": list(standard.adjusted),
        NOT_AUDITED: dict(not_audited),
    }
    write_manifest(built / MANIFEST, manifest)
    if place.exists():
        shutil.rmtree(place)
    built.rename(place)
    return summary


def _refuse_other(place: Path, options: RunOptions) -> None:
    """A night that is there may hold people's reviews: it is only replaced when that is asked for.

    Raises:
        InputError: the night is there.
    """
    if place.exists() and not options.replace:
        raise InputError(
            f"{place}: this night has been audited already and may hold reviews; "
            "give --replace to write it anew, --date for another night, or another --out"
        )


def _manifest(
    summary: Summary, spilled: Spilled, info: RunInfo, options: RunOptions, started: datetime
) -> dict[str, object]:
    """What run.json says: enough to know what was audited, with what, and how it came out."""
    return {
        "run_id": info.run_id,
        "night": summary.night,
        "inputs": [{"path": f.path, "sha256": f.sha256, "bytes": f.bytes} for f in spilled.inputs],
        "standard_hash": info.standard_hash,
        "lexicon_hash": info.lexicon_hash,
        "model_hash": info.model_hash,
        "masked": info.masked,
        "seed": options.seed,
        "config": options.config.model_dump(mode="json"),
        "versions": {"qa-audit": __version__, **{name: version(name) for name in LIBRARIES}},
        "chats": summary.chats,
        "audited": summary.audited,
        "not_audited": summary.not_audited,
        "unanswered": summary.unanswered,
        "problems": summary.problems,
        "unreadable": summary.unreadable,
        "agents": summary.agents,
        "fatal": summary.fatal,
        "alerts": summary.alerts,
        "started_at": started.isoformat(timespec="seconds"),
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
