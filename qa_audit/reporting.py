"""``qa-audit report``: workbooks or pages without auditing again, of a night, or of a week, a month or any days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qa_audit.config import Config
from qa_audit.engine.local import Progress, default_workers
from qa_audit.errors import InputError
from qa_audit.history import Night, nights_of, period_id
from qa_audit.nights import Before, NightJob, Team, write_night
from qa_audit.page import Written
from qa_audit.pages import PAGE, PageJob, write_page
from qa_audit.periods import Days, PeriodKind, before, periods
from qa_audit.problems import PROBLEMS, read_problem_list
from qa_audit.rule import Standard
from qa_audit.rulebook import open_standard
from qa_audit.store import MANIFEST, NOT_AUDITED, agents_of, read_manifest, rules_in
from qa_audit.yamltext import did_you_mean


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What to report on and how; the defaults are those of the command line.

    ``first`` and ``last`` are dates; ``period``: whole weeks or months. ``agents``: only their workbooks.
    ``workers`` 0: one per processor. ``replace``: workbooks that are there may be written over.
    """

    config: Config = field(default_factory=Config)
    standard: Path | None = None
    agents: tuple[str, ...] = ()
    first: str | None = None
    last: str | None = None
    period: PeriodKind | None = None
    workers: int = 0
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """What one set of workbooks is made of: a night (``days`` None), or the nights of a period and those before it.

    ``folder`` is where its workbooks go unless said otherwise; ``out`` the folder of nights.
    """

    nights: tuple[Night, ...]
    folder: Path
    out: Path
    label: str
    days: Days | None = None
    earlier: tuple[Night, ...] = ()


@dataclass(frozen=True, slots=True)
class Reported:
    """What was written where, and what a reader should know of it."""

    folder: Path
    label: str
    team: Team
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportedPage:
    """A page that was written, what came into it, and what a reader should know of it."""

    path: Path
    written: Written
    remarks: tuple[str, ...]


def report(
    source: Path, out: Path | None, options: ReportOptions, *, progress: Progress | None = None
) -> tuple[Reported, ...]:
    """Writes the workbooks of everything selected; ``out`` None: each into its own place under the folder of nights.

    Raises:
        InputError: nothing is there to report on, or workbooks are in the way.
        InvalidStandard: the standard is wrong, or lacks a rule that the results name.
    """
    selections = select(source, options)
    standard = open_standard(options.standard, options.config).standard
    remarks = [tuple(standards_of(one, standard)) for one in selections]
    jobs = [
        job_of(one, standard, options, folder=_place(one, out, alone=len(selections) == 1))
        for one in selections
    ]
    for job in jobs:
        _refuse_other(job, options)
    workers = options.workers or default_workers()
    return tuple(
        Reported(job.folder, job.label, write_night(job, workers=workers, progress=progress), said)
        for job, said in zip(jobs, remarks, strict=True)
    )


def report_pages(source: Path, out: Path | None, options: ReportOptions) -> tuple[ReportedPage, ...]:
    """Writes the page of every night selected; workbooks stay as they are.

    ``out`` None: each into its night's folder. A page holds no reviews, so one that is there is written anew.

    Raises:
        InputError: nothing is there to report on, or an agent has no chats there.
        InvalidStandard: the standard is wrong, or lacks a rule that the results name.
    """
    selections = select(source, options)
    standard = open_standard(options.standard, options.config).standard
    alone = sum(len(selection.nights) for selection in selections) == 1
    jobs = []
    for selection in selections:
        agents = _agents(selection, options.agents)
        for night in selection.nights:
            own = _single(night)
            path = _place(own, out, alone=alone) / PAGE
            remarks = tuple(standards_of(own, standard))
            jobs.append((PageJob(path, night, standard, _manifest(night), agents), remarks))
    return tuple(ReportedPage(job.path, write_page(job), remarks) for job, remarks in jobs)


def select(source: Path, options: ReportOptions) -> tuple[Selection, ...]:
    """What ``source`` and the dates choose: a night's folder, its results folder, or nights of a folder of nights.

    Raises:
        InputError: there are no results, none on these days, or it is not said which.
    """
    night = _night_at(source)
    if night is not None:
        if options.first or options.last or options.period:
            raise InputError(f"{source}: is one night; dates and periods choose from a folder of nights")
        return (_single(night),)
    nights = nights_of(source)
    if not nights:
        raise InputError(f"{source}: holds no results; give a night's folder or the folder of nights")
    days = periods([night.name for night in nights], options.first, options.last, options.period)
    if days is None:
        if len(nights) == 1:
            return (_single(nights[0]),)
        raise InputError(
            f"{source}: holds {len(nights)} nights, {nights[0].name} to {nights[-1].name}; "
            "choose with --from-date and --to-date, --period, or give the folder of one"
        )
    found = tuple(_selection(source, nights, one) for one in days)
    if not any(one.nights for one in found):
        raise InputError(
            f"{source}: has no night on these days; its nights are from {nights[0].name} to {nights[-1].name}"
        )
    return found


def standards_of(selection: Selection, standard: Standard) -> Iterator[str]:
    """What a reader must know where the nights were not decided with this standard; refuses what cannot be reported.

    Raises:
        InputError: results name a rule that the standard does not have.
    """
    known = {rule.id for rule in standard.rules}
    for night in selection.nights:
        missing = [rule_id for rule_id in rules_in(night.results) if rule_id not in known]
        if missing:
            raise InputError(
                f"{night.folder}: was decided with {'rule' if len(missing) == 1 else 'rules'} {', '.join(missing)}, "
                f"which the standard “{standard.title}” does not have; give the standard of that night with --standard"
            )
    hashes = {night.name: night.run.standard_hash for night in selection.nights if night.run}
    other = [name for name, its in hashes.items() if its != standard.hash]
    if other:
        yield (
            f"{selection.label}: {', '.join(other)} decided with another standard than “{standard.title}” in force; "
            "verdicts and points are those of the night, titles, advice and agent-level limits those in force; "
            "give the night's own with --standard or --config"
        )
    if len(set(hashes.values())) > 1:
        yield f"{selection.label}: its nights were decided with {len(set(hashes.values()))} standards; * marks each change"


def job_of(selection: Selection, standard: Standard, options: ReportOptions, *, folder: Path) -> NightJob:
    """The workbooks of a selection, ready to be written into a folder.

    Raises:
        InputError: an agent has no chats there.
    """
    manifests = [_manifest(night) for night in selection.nights]
    not_audited: Counter[str] = Counter()
    for manifest in manifests:
        not_audited.update(manifest.get(NOT_AUDITED, {}))
    runs = [
        night.run.run_id if night.run else str(m.get("run_id", ""))
        for night, m in zip(selection.nights, manifests, strict=True)
    ]
    is_night = selection.days is None
    problems = selection.nights[0].folder / PROBLEMS if is_night else None
    return NightJob(
        folder=folder,
        nights=selection.nights,
        label=selection.label,
        run_id=runs[0] if is_night else period_id(runs),
        standard=standard,
        out=selection.out if is_night else None,
        before=None if selection.days is None else Before(before(selection.days).label, selection.earlier),
        agents=_agents(selection, options.agents),
        seed=int(manifests[0].get("seed", 0)) if is_night else 0,
        not_audited=dict(not_audited),
        problems=read_problem_list(problems) if problems is not None and problems.exists() else (),
    )


def _night_at(source: Path) -> Night | None:
    """The night whose folder, or results folder, this is."""
    if (source / "results").is_dir():
        folder = source.resolve()
    elif any(source.glob("*.parquet")):
        folder = source.resolve().parent
    else:
        return None
    return Night(folder, folder.name)


def _single(night: Night) -> Selection:
    return Selection((night,), night.folder, night.folder.parent, night.name)


def _selection(out: Path, nights: Sequence[Night], days: Days) -> Selection:
    """One day is a night; more are a period, even if only one of them has a night."""
    own = tuple(night for night in nights if days.holds(night.name))
    if own and days.first == days.last:
        return _single(own[0])
    earlier = tuple(night for night in nights if before(days).holds(night.name))
    return Selection(own, out / days.name, out, days.label, days, earlier)


def _place(selection: Selection, out: Path | None, *, alone: bool) -> Path:
    if out is None:
        return selection.folder
    return out if alone else out / selection.folder.name


def _refuse_other(job: NightJob, options: ReportOptions) -> None:
    """Workbooks that are there may hold people's reviews: they are only replaced when that is asked for."""
    there = sorted([*job.folder.glob("*.xlsx"), *job.folder.glob("agents/*.xlsx")])
    if there and not options.replace:
        raise InputError(
            f"{there[0]}: is there already and may hold reviews; "
            "give another folder with --out, or --replace to write it anew"
        )


def _manifest(night: Night) -> dict[str, Any]:
    """What the night's run.json says; nothing where only results were kept."""
    path = night.folder / MANIFEST
    return read_manifest(path) if path.exists() else {}


def _agents(selection: Selection, wanted: Sequence[str]) -> frozenset[str] | None:
    if not wanted:
        return None
    known = agents_of(path for night in selection.nights for path in night.results)
    for agent in wanted:
        if agent not in known:
            raise InputError(
                f"{selection.label}: has no agent “{agent}”"
                + (did_you_mean(agent, known) or "; give a name as team.xlsx has it under 坐席")
            )
    return frozenset(wanted)
