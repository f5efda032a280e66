"""``train mood --adapt``: a mood model moved to a team's labelled turns takes its place only where it is better.

Better is: on turns of chats left out, penalty and weights found without them, the log loss falls by more than chance
(the whole 95 % interval over chats lies below 0) and the macro-F1 falls neither on labelled turns of chats nor on
sentences. A fall by chance was too often a rise on chats kept back (benchmarks/adapting.py).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.metrics import f1_score

from qa_audit.errors import InputError
from qa_audit.mcnemar import Paired, compare
from qa_audit.records import MOODS
from qa_audit.replacing import replaced
from qa_audit.sentiment import weights as files
from qa_audit.sentiment.adapting import FOLDS, PENALTIES, WEIGHT_UNLABELLED, Adapted, adapt, mean_by_chat
from qa_audit.sentiment.card import Card, Measured, class_counts, library_versions
from qa_audit.sentiment.delta import logits
from qa_audit.sentiment.examples import DataFile, Example, measured_on, mood_numbers, read_examples
from qa_audit.sentiment.figures import MoodFigures, calibration_error, mood_figures
from qa_audit.sentiment.ngrams import Floats, Integers

if TYPE_CHECKING:
    import numpy.typing as npt

ModelCard = Mapping[str, Any]  # as JSON gave it
REMEDY = "label more turns, also such as the model has right, or give --even-if-worse"
LABELS = "The moods are those of the team whose files are the last under `data`; its ancestors' cards say of the others."
SELECTION = (
    "The figures are those of the labelled turns, by models that had not seen the turn's chat, the penalty chosen without "
    "it. Where the labels are corrections of this model's ancestor, turns that it had wrong are far more frequent among "
    "them than in a night, so the figures say what was learned and not how right the model is."
)


@dataclass(frozen=True, slots=True)
class AdaptingJob:
    """What a mood model is to be adapted to: labelled files ``data``; ``base``: the folder of the model; ``out``."""

    data: Sequence[Path]
    base: Path
    out: Path
    seed: int
    trained_on: date
    licences: Mapping[str, str]
    even_if_worse: bool = False


def adapt_mood(job: AdaptingJob) -> Card:
    """Writes the adapted model into ``job.out``; returns its card.

    Raises:
        InputError: too few labels, or the model is not better; never the latter if ``even_if_worse``.
        InvalidModel: the one to be adapted cannot be used.
    """
    weights, base = files.read(job.base)
    known = _data_of(base, job.base)
    there = card_in(job.out)
    examples, used = read_examples(job.data, job.licences)
    _check_new(used, known, job.base)
    _check_writable(job.out)
    sentences_once = _by_text(examples)
    penalties = [penalty for penalty in PENALTIES if penalty < inf or not job.even_if_worse]
    found = adapt(weights, base["thresholds"], sentences_once, seed=job.seed, penalties=penalties)
    comparison = _comparison(found, sentences_once, seed=job.seed)
    if not job.even_if_worse:
        check_better(found, examples, job.base)
    card = Card(
        trained_on=job.trained_on,
        seed=job.seed,
        folds=FOLDS,
        settings=dict(base.get("settings", {}))
        | {"penalty_of_change": found.penalty, "weight_unlabelled": WEIGHT_UNLABELLED},
        data=(*known, *used),
        classes=class_counts(examples),
        thresholds=base["thresholds"],
        measured=_measured(found, sentences_once, base["thresholds"], seed=job.seed),
        libraries=library_versions(),
        labels=LABELS,
        selection=SELECTION,
        adapted=comparison,
        lineage=(*base.get("lineage", ()), _ancestor(base)),
    )
    if there is not None and there["sha256"] != base["sha256"]:
        card = replace(card, replaced=_replaced(card, there, base, found, examples, job))
    files.write(found.weights, card.as_json(), job.out)
    return card


def card_in(folder: Path) -> ModelCard | None:
    """The card of the mood model in a folder; None where there is none. Raises InvalidModel."""
    return files.read(folder)[1] if (folder / files.CARD_FILE).exists() else None


def descends(card: ModelCard, ancestor: ModelCard) -> bool:
    """Whether a mood model was adapted from another, and from no later one."""
    lineage: Sequence[Mapping[str, object]] = card.get("lineage") or []
    return len(lineage) == 1 and lineage[0]["sha256"] == ancestor["sha256"]


def _replaced(
    card: Card,
    there: ModelCard,
    base: ModelCard,
    found: Adapted,
    examples: Sequence[Example],
    job: AdaptingJob,
) -> Mapping[str, object] | None:
    """How the model compares with the one in ``out``: not at all where both come from the same one.

    Then the other has mostly learned from the same labels, whose files have grown since: nothing is new to both.
    """
    if descends(there, base):
        return {"sha256": there["sha256"], "on": "nothing: both are adapted from the same model"}
    return replaced(card, found.given, examples, job.data, folder=job.out, even_if_worse=job.even_if_worse)


def _data_of(card: ModelCard, folder: Path) -> tuple[DataFile, ...]:
    """The files that a model has learned from, as its card names them."""
    names = [field.name for field in fields(DataFile)]
    try:
        return tuple(DataFile(**{name: file[name] for name in names}) for file in card["data"])
    except (KeyError, TypeError) as error:
        raise files.InvalidModel(
            folder / files.CARD_FILE, f"does not say what it was trained on ({error})"
        ) from error


def _check_new(used: Sequence[DataFile], known: Sequence[DataFile], base: Path) -> None:
    """Raises InputError for labels that the model has learned from already: it is right about them, which proves nothing."""
    learned = {file.sha256 for file in known if file.kind != "chats"}
    for file in used:
        if file.sha256 in learned:
            raise InputError(
                f"{file.name}: {base} has learned from this file already; leave it out, or give with --from the model "
                "that was there before"
            )


def _check_writable(folder: Path) -> None:
    """Raises InputError where nothing could be written, before the work and not after it."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise InputError(
            f"{folder}: nothing can be written at {there}; give another folder, or its permissions"
        )


def _by_text(examples: Sequence[Example]) -> list[Example]:
    """The examples, equal written sentences as one chat: a sentence given twice must not be left out and learned from."""
    return [replace(one, group=f"sentence {one.text}") if one.written else one for one in examples]


def _ancestor(card: ModelCard) -> Mapping[str, object]:
    return {key: card.get(key) for key in ("sha256", "trained_on", "measured")}


def check_better(found: Adapted, examples: Sequence[Example], base: Path) -> None:
    """Raises InputError if the adapted model is not better on the turns left out."""
    if found.penalty == inf:
        raise InputError(
            f"{base}: its mood model stays: no change of it that {len(examples)} labelled turns teach says more of the "
            f"turns left out; {REMEDY}"
        )
    truth, chats = mood_numbers(examples), measured_on(examples)
    kinds = [kind for kind in (chats, ~chats) if kind.any()]
    pairs = [
        (_macro_f1(truth[kind], found.given_before[kind]), _macro_f1(truth[kind], found.given[kind]))
        for kind in kinds
    ]
    loss = found.log_loss
    # sentences must not pay for what the moods in chats lose
    before, after = min(pairs, key=lambda pair: pair[1] - pair[0])
    if (loss.high or 0.0) >= 0 or after < before:
        raise InputError(
            f"{base}: its mood model stays: adapted, it is not clearly better on turns left out: log loss {loss.value:+.4f} "
            f"[{loss.low:+.4f}, {loss.high:+.4f}], macro-F1 {before:.3f} → {after:.3f}; {REMEDY}"
        )


def _macro_f1(truth: Integers, given: Integers) -> float:
    labels = np.unique(truth)  # a mood that nobody gave has no F1
    return float(f1_score(truth, given, labels=labels, average="macro", zero_division=0.0))


def _comparison(found: Adapted, examples: Sequence[Example], *, seed: int) -> dict[str, object]:
    """Before and after on the labelled turns, left out, as the card holds them."""
    pairs = [
        Paired(one.group, one.label, MOODS[now], MOODS[old])
        for one, now, old in zip(examples, found.given, found.given_before, strict=True)
    ]
    return {
        "on": "turns of chats left out",
        "turns": len(examples),
        "chats": len({one.group for one in examples}),
        "penalty": found.penalty,
        "before": _figures(found.before, found.given_before, examples, seed=seed),
        "after": _figures(found.after, found.given, examples, seed=seed),
        "log_loss_difference_all_turns": asdict(found.log_loss),
        "after_against_before": compare("mood", pairs).as_dict(),
        "unlabelled_turns": found.unlabelled,
        "unlabelled_turns_changed": found.unlabelled_changed,
    }


def _figures(
    probabilities: Floats, given: Integers, examples: Sequence[Example], *, seed: int
) -> dict[str, object]:
    truth, groups = mood_numbers(examples), [one.group for one in examples]
    _, chat = np.unique(groups, return_inverse=True)
    lost = -logits(probabilities)[np.arange(len(truth)), truth]
    return asdict(mood_figures(truth, given, groups, seed=seed)) | {
        "log_loss": asdict(mean_by_chat(lost, np.ones(len(lost)), chat, seed=seed))
    }


def _measured(
    found: Adapted, examples: Sequence[Example], thresholds: Mapping[str, float], *, seed: int
) -> Measured:
    truth = mood_numbers(examples)
    chats = measured_on(examples)
    negative = truth == 0
    sure = found.after[negative, 0] >= thresholds.get("negative_precision_85", 1.0)

    def figures(kind: npt.NDArray[np.bool_]) -> MoodFigures:
        groups = [one.group for one, of in zip(examples, kind, strict=True) if of]
        return mood_figures(truth[kind], found.given[kind], groups, seed=seed)

    return Measured(
        chats=figures(chats),
        written=figures(~chats) if (~chats).any() else None,
        argmax_macro_f1=round(_macro_f1(truth, found.after.argmax(axis=1)), 4),
        calibration_error_negative=round(calibration_error(found.after[:, 0], negative), 4),
        negative_recall_at_precision_85=round(float(sure.mean()) if len(sure) else 0.0, 4),
    )
