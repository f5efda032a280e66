"""``train mood --adapt``: a mood model moved to a team's labelled turns takes its place only where it is better.

Better is: on turns of chats left out, penalty and weights found without them, the log loss falls by more than chance
(the whole 95 % interval over chats lies below 0) and the macro-F1 of the labelled turns does not fall. A fall by chance
was too often a rise on chats kept back (benchmarks/adapting.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from math import inf
from pathlib import Path
from typing import Any

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
from qa_audit.sentiment.examples import DataFile, Example, mood_numbers, read_examples
from qa_audit.sentiment.figures import calibration_error, mood_figures
from qa_audit.sentiment.ngrams import Floats, Integers

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
    examples, used = read_examples(job.data, job.licences)
    penalties = [penalty for penalty in PENALTIES if penalty < inf or not job.even_if_worse]
    found = adapt(weights, base["thresholds"], examples, seed=job.seed, penalties=penalties)
    comparison = _comparison(found, examples, seed=job.seed)
    if not job.even_if_worse:
        _check_better(found, examples, job.base)
    known = tuple(DataFile(**file) for file in base.get("data", ()))
    card = Card(
        trained_on=job.trained_on,
        seed=job.seed,
        folds=FOLDS,
        settings=dict(base.get("settings", {}))
        | {"penalty_of_change": found.penalty, "weight_unlabelled": WEIGHT_UNLABELLED},
        data=(*known, *(file for file in used if file not in known)),
        classes=class_counts(examples),
        thresholds=base["thresholds"],
        measured=_measured(found, examples, base["thresholds"], seed=job.seed),
        libraries=library_versions(),
        labels=LABELS,
        selection=SELECTION,
        adapted=comparison,
        lineage=(*base.get("lineage", ()), _ancestor(base)),
    )
    if _holds_another(job.out, base["sha256"]):
        compared = replaced(
            card, found.given, examples, job.data, folder=job.out, even_if_worse=job.even_if_worse
        )
        card = replace(card, replaced=compared)
    files.write(found.weights, card.as_json(), job.out)
    return card


def _holds_another(folder: Path, sha256: str) -> bool:
    return (folder / files.CARD_FILE).exists() and files.read(folder)[1]["sha256"] != sha256


def _ancestor(card: Mapping[str, Any]) -> Mapping[str, object]:
    return {key: card.get(key) for key in ("sha256", "trained_on", "measured")}


def _check_better(found: Adapted, examples: Sequence[Example], base: Path) -> None:
    """Raises InputError if the adapted model is not better on the turns left out."""
    if found.penalty == inf:
        raise InputError(
            f"{base}: its mood model stays: no change of it that {len(examples)} labelled turns teach says more of the "
            f"turns left out; {REMEDY}"
        )
    truth = mood_numbers(examples)
    before, after = _macro_f1(truth, found.given_before), _macro_f1(truth, found.given)
    loss = found.log_loss
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
        "log_loss_difference": asdict(found.log_loss),
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
    truth, groups = mood_numbers(examples), [one.group for one in examples]
    negative = truth == 0
    sure = found.after[negative, 0] >= thresholds.get("negative_precision_85", 1.0)
    return Measured(
        chats=mood_figures(truth, found.given, groups, seed=seed),
        written=None,
        argmax_macro_f1=round(_macro_f1(truth, found.after.argmax(axis=1)), 4),
        calibration_error_negative=round(calibration_error(found.after[:, 0], negative), 4),
        negative_recall_at_precision_85=round(float(sure.mean()) if len(sure) else 0.0, 4),
    )
