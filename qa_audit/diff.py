"""``qa-audit standard diff``: the same chats under two standards, before anyone switches.

Chats come from transcript files, or from the results of a night. A night's results are masked as a rule: a verdict that
comes out differently when other values are put in the place of the masked ones cannot be compared, and is named.
"""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from qa_audit import paths
from qa_audit.audit import Auditor
from qa_audit.config import Config, load_config
from qa_audit.engine.local import Progress, default_workers, map_local, watched
from qa_audit.errors import InputError
from qa_audit.read.buckets import load_bucket, spill
from qa_audit.records import RuleResult, Scorecard, Verdict
from qa_audit.report import evidence
from qa_audit.report.diff import (
    CardChange,
    Side,
    StandardDiff,
    VerdictChange,
    agent_changes,
    moves_of,
    verdict_name,
)
from qa_audit.report.table import Rich
from qa_audit.rule import Rule
from qa_audit.rulebook.changes import changes_between
from qa_audit.store import read_results, read_run
from qa_audit.unsure import Key, decided, key_of, unlike, unsure

SHIPPED = "shipped"


@dataclass(frozen=True)
class _Pair:
    """Both standards, ready to audit, and the configuration that transcripts are read with."""

    old: Auditor
    new: Auditor
    config: Config


@dataclass(frozen=True, slots=True)
class _Part:
    """What one bucket gave."""

    chats: int
    cards: tuple[CardChange, ...]
    moves: Mapping[str, Counter[tuple[str, str]]]
    masked: bool


def diff_standards(
    old: str,
    new: str,
    on: Sequence[str],
    *,
    config: Path | None = None,
    workers: int = 0,
    progress: Progress | None = None,
) -> StandardDiff:
    """Audits the chats of ``on`` under both standards: ``shipped``, a folder, or a configuration that names or changes one.

    ``config`` says how transcripts are read, and changes both standards alike where it changes one.

    Raises:
        InputError: ``on`` holds no chats, or files of both kinds.
        InvalidStandard, InvalidConfiguration: one of the standards is wrong.
    """
    settings = load_config(config)
    (before, old_side), (after, new_side) = (_opened(given, settings) for given in (old, new))
    reading = next(
        (side.config for side in (after, before) if config is None and side.config != Config()), settings
    )
    pair = _Pair(before, after, reading)
    with tempfile.TemporaryDirectory(prefix="qa-audit-") as folder:
        jobs = _jobs(on, Path(folder), reading)
        done = map_local(_compare, jobs, workers=workers or default_workers(), prepare=partial(_built, pair))
        parts = list(watched(done, "对比", len(jobs), progress))
    cards = sorted((card for part in parts for card in part.cards), key=lambda card: (card.chat, card.agent))
    moves: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for part in parts:
        for rule_id, counts in part.moves.items():
            moves[rule_id].update(counts)
    standards = (before.standard, after.standard)
    return StandardDiff(
        old=old_side,
        new=new_side,
        changes=changes_between(before.loaded, after.loaded),
        titles={rule.id: rule.title for standard in standards for rule in standard.rules},
        masked=any(part.masked for part in parts),
        chats=sum(part.chats for part in parts),
        parts=len(cards),
        cards=tuple(card for card in cards if card.verdicts or card.unsure or card.scored_anew),
        moves=moves_of(moves),
        agents=agent_changes(cards),
        not_comparable=dict(sorted(Counter(rule for card in cards for rule in card.unsure).items())),
    )


def _opened(given: str, config: Config) -> tuple[Auditor, Side]:
    path = Path(given)
    if given == SHIPPED:
        auditor = Auditor.open(config, standard=paths.STANDARD)
    elif path.is_file():
        auditor = Auditor.open(load_config(path))
    else:
        auditor = Auditor.open(config, standard=path)
    standard = auditor.standard
    return auditor, Side(given, standard.title, standard.version, len(standard.rules), standard.hash)


def _jobs(on: Sequence[str], folder: Path, config: Config) -> list[Path]:
    """The results files of a night, or the buckets of transcripts."""
    results = [file for given in on for file in _results_in(Path(given))]
    if not results:
        return list(spill(on, folder, config=config).buckets)
    other = [given for given in on if not _results_in(Path(given))]
    if other:
        raise InputError(f"{other[0]}: holds transcripts, {on[0]} results; compare on one kind at a time")
    return results


def _results_in(path: Path) -> list[Path]:
    """The results files of a night's folder or of its results folder."""
    folder = path / "results" if (path / "results").is_dir() else path
    return [file for file in sorted(folder.glob("*.parquet")) if read_run(file) is not None]


def _built(pair: _Pair) -> _Pair:
    pair.old.prepare()
    pair.new.prepare()
    return pair


def _compare(pair: _Pair, job: Path) -> _Part:
    """One bucket under both standards."""
    stored: dict[Key, Scorecard] = {}
    if job.suffix == ".parquet":
        stored = {key_of(card): card for card in read_results([job])}
        transcripts = list({card.transcript.id: card.transcript for card in stored.values()}.values())
    else:
        transcripts = list(load_bucket(job, config=pair.config).transcripts)
    run = read_run(job) if stored else None
    masked = run is not None and run.masked
    open_: set[tuple[str, str, str]] = set()
    sides = []
    for auditor in (pair.old, pair.new):
        cards = {key_of(card): card for card in auditor.audit(transcripts).scorecards}
        sides.append(cards)
        if masked:
            open_ |= unsure(auditor, transcripts, cards)
            if run is not None and _made_with(auditor) == (
                run.standard_hash,
                run.lexicon_hash,
                run.model_hash,
            ):
                open_ |= unlike(cards, stored)  # what the night itself said of the original text
    moves: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    old, new = sides
    changes = tuple(
        _card(
            pair, old.get(key), new.get(key), {rule for *place, rule in open_ if tuple(place) == key}, moves
        )
        for key in sorted(old.keys() | new.keys())
    )
    return _Part(len(transcripts), changes, moves, masked)


def _made_with(auditor: Auditor) -> tuple[str, str, str]:
    return auditor.standard.hash, auditor.standard.lexicon_hash, auditor.model.hash


def _card(
    pair: _Pair,
    old: Scorecard | None,
    new: Scorecard | None,
    unknown: set[str],
    moves: defaultdict[str, Counter[tuple[str, str]]],
) -> CardChange:
    """One agent's part of a chat under both; counts in ``moves`` what became of each verdict."""
    before, after = (_by_rule(card) for card in (old, new))
    changes = []
    for rule_id in sorted(before.keys() | after.keys()):
        was, now = before.get(rule_id), after.get(rule_id)
        if rule_id in unknown or (was and decided(was)) == (now and decided(now)):
            continue
        change = VerdictChange(
            rule_id=rule_id,
            old=was.verdict if was else None,
            new=now.verdict if now else None,
            old_waived=bool(was and was.waived),
            new_waived=bool(now and now.waived),
            old_points=_cost(old, rule_id),
            new_points=_cost(new, rule_id),
            grounds=_grounds(pair, rule_id, old, new),
        )
        moves[rule_id][
            verdict_name(change.old, waived=change.old_waived),
            verdict_name(change.new, waived=change.new_waived),
        ] += 1
        # of a rule that comes or goes, only what it charges changes a chat
        if (was and now) or Verdict.FAIL in (change.old, change.new):
            changes.append(change)
    card = new or old
    assert card is not None
    return CardChange(
        chat=card.transcript.id,
        agent=card.agent,
        old_score=None if unknown or old is None else old.score,
        new_score=None if unknown or new is None else new.score,
        old_mean=None if unknown or old is None else old.score_before_fatal,
        new_mean=None if unknown or new is None else new.score_before_fatal,
        old_fatal=not unknown and old is not None and old.grade == pair.old.standard.fatal_grade,
        new_fatal=not unknown and new is not None and new.grade == pair.new.standard.fatal_grade,
        verdicts=tuple(changes),
        unsure=tuple(sorted(unknown)),
    )


def _by_rule(card: Scorecard | None) -> dict[str, RuleResult]:
    return {} if card is None else {result.rule_id: result for result in card.results}


def _cost(card: Scorecard | None, rule_id: str) -> float:
    return sum((d.points for d in card.deductions if d.rule_id == rule_id), start=0.0) if card else 0.0


def _grounds(pair: _Pair, rule_id: str, old: Scorecard | None, new: Scorecard | None) -> str:
    """What the new verdict rests on; where it rests on nothing, what the old one did."""
    return next(
        (
            text
            for prefix, auditor, card in (("", pair.new, new), ("原依据：", pair.old, old))
            for text in _said(auditor.standard.rules, rule_id, card, prefix)
        ),
        "",
    )


def _said(rules: Sequence[Rule], rule_id: str, card: Scorecard | None, prefix: str) -> Iterator[str]:
    result = _by_rule(card).get(rule_id)
    if card is None or result is None:
        return
    first = result.evidence[0] if result.evidence else None
    if result.verdict is Verdict.FAIL:
        rule = next(rule for rule in rules if rule.id == rule_id)
        yield prefix + _text(evidence.grounds(card.transcript, rule, result, first))
    elif result.excused:
        yield f"{prefix}“{result.excused[0].evidence.text}”不计：{result.excused[0].reason}"
    elif first is not None:
        yield prefix + _text(evidence.quote(card.transcript, first))
    elif result.note:
        yield prefix + result.note


def _text(said: Rich | str) -> str:
    return said if isinstance(said, str) else "".join(run.text for run in said.runs)
