"""``qa-audit evaluate``: files in, a table out."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from qa_audit import answers, fairness, mcnemar, probable
from qa_audit.answers import Given, figures_of
from qa_audit.audit import Auditor
from qa_audit.config import Config
from qa_audit.errors import InputError
from qa_audit.evaluate import Evaluation, Moods, RuleFigures, compared, evaluate, read_gold
from qa_audit.probable import Emotional
from qa_audit.read.buckets import load_bucket, spill
from qa_audit.records import EMOTIONS, MOODS, Interval, RoundMood, Transcript


def evaluate_files(
    gold: Path,
    chats: Path,
    *,
    config: Config,
    standard: Path | None = None,
    moods: Path | None = None,
    contacts: Path | None = None,
    against: Path | None = None,
) -> Evaluation:
    """Judges the labelled chats of files.

    ``moods`` holds cross-validated moods of ``qa-audit train mood --cases``, ``contacts`` what was said of whole chats
    by ``qa-audit train chat --cases``. ``against``: a folder of other models, or cross-validated moods of another
    one; both are compared on the same labels.
    """
    labels = read_gold(gold)
    wanted = {label.id for label in labels}
    auditor = Auditor.open(config, standard=standard)
    transcripts = [t for t in read_all(chats, config) if t.id in wanted]
    result = evaluate(
        labels,
        transcripts,
        auditor,
        moods=None if moods is None else _read_moods(moods),
        contacts=None if contacts is None else _read_contacts(contacts),
        emotions=None if contacts is None else _read_emotions(contacts),
    )
    if against is None:
        return result
    if against.is_dir():
        other = evaluate(labels, transcripts, Auditor.open(config, standard=standard, model=against))
    else:
        other = evaluate(labels, transcripts, auditor, moods=_read_moods(against))
    return replace(result, compared=compared(result, other))


def read_all(path: Path, config: Config) -> Iterator[Transcript]:
    """Every chat of a file or folder that can be read, bucket by bucket."""
    with tempfile.TemporaryDirectory(prefix="qa-audit-") as folder:
        for bucket in spill([str(path)], Path(folder), config=config).buckets:
            yield from load_bucket(bucket, config=config).transcripts


def _read_moods(path: Path) -> Moods:
    moods = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            case = json.loads(line)
            negative, neutral, positive = case["probabilities"]
            mood = RoundMood(case["turn"], case["got"], (negative, neutral, positive))
            moods[case["id"], case["turn"]] = mood
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}:{number}: is no line of train --cases ({error})") from error
    return moods


def _read_contacts(path: Path) -> Given:
    given = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            case = json.loads(line)
            given[case["id"], case["question"]] = str(case["got"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}:{number}: is no line of train chat --cases ({error})") from error
    return given


def _read_emotions(path: Path) -> Emotional:
    """P of each emotion by chat, from the lines of ``train chat --cases`` that have them."""
    cases = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    given = {case["id"]: case.get("probabilities") for case in cases if case["question"] == "emotion"}
    return {
        chat: tuple(float(row.get(emotion, 0.0)) for emotion in EMOTIONS)
        for chat, row in given.items()
        if isinstance(row, dict)
    }


def as_table(result: Evaluation) -> str:
    """All figures as text: one line a rule, then the moods, what was said of whole chats, and scores by their end."""
    return "\n".join(_lines(result))


def _lines(result: Evaluation) -> Iterator[str]:
    yield f"{'rule':8} {'n':>5} {'fail':>5}  {'precision':20} {'recall':20} {'F1':>5}  {'kappa':20} {'acc':>5}"
    for figures in result.rules:
        yield _rule_line(figures)
    mood = result.mood
    if mood is not None:
        how = (
            "cross-validated" if result.cross_validated else "this model; its training chats are not left out"
        )
        yield f"\nmood ({how}): n {mood.n}, accuracy {mood.accuracy:.3f}, macro-F1 {mood.macro_f1:.3f}"
        for name in MOODS:
            row = mood.classes[name]
            yield f"  {name:8} n {row['n']:5.0f}  P {row['precision']:.3f}  R {row['recall']:.3f}  F1 {row['f1']:.3f}"
    yield from answers.lines(figures_of(result.answers), cross_validated=result.answers_cross_validated)
    yield from probable.lines(result.probabilities)
    yield from fairness.lines(result.fairness)
    yield from mcnemar.lines(result.compared)


def _rule_line(figures: RuleFigures) -> str:
    f1 = "    —" if figures.f1 is None else f"{figures.f1:5.3f}"
    return (
        f"{figures.rule_id:8} {figures.n:5} {figures.n_fail:5}  {_interval(figures.precision):20} "
        f"{_interval(figures.recall):20} {f1}  {_interval(figures.kappa):20} {figures.accuracy:5.3f}"
    )


def _interval(interval: Interval) -> str:
    if interval.value is None:
        return "—"
    if interval.low is None or interval.high is None:
        return f"{interval.value:.3f}"
    return f"{interval.value:.3f} [{interval.low:.2f}, {interval.high:.2f}]"
