"""Whether a mood model just trained may take the place of another: not where it is worse on turns new to both.

The new model is asked by cross-validation, so it has not learned from the turn's chat; the other one only about turns
of files that its card does not name. Where there is no such turn, the two are compared by their cards if both learned
from the same files, and not at all otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qa_audit.errors import InputError
from qa_audit.mcnemar import Comparison, Paired, compare
from qa_audit.records import MOODS
from qa_audit.sentiment import weights
from qa_audit.sentiment.examples import classified, labelled_turns, sha256_of
from qa_audit.sentiment.predict import MoodModel

if TYPE_CHECKING:
    from qa_audit.sentiment.card import Card
    from qa_audit.sentiment.examples import Example, FileKind
    from qa_audit.sentiment.ngrams import Integers

REMEDY = "give --even-if-worse to replace it all the same, or another --out"


def replaced(
    card: Card,
    given: Integers,
    examples: Sequence[Example],
    data: Sequence[Path],
    *,
    folder: Path,
    even_if_worse: bool,
) -> Mapping[str, object] | None:
    """How the new model compares with the one in ``folder``, for its card; None where there is none.

    ``card`` is that of the new one, ``given`` what cross-validation said of ``examples`` (numbers in
    ``records.MOODS``), which it was trained on, read from ``data``.

    Raises:
        InputError: the new one is worse, or there is nothing to tell by; never if ``even_if_worse``.
        InvalidModel: the one in ``folder`` cannot be used.
    """
    if not (folder / weights.CARD_FILE).exists():
        return None
    other = weights.read(folder)[1]
    learned = {str(file["sha256"]) for file in other.get("data", ())}
    held_out = _new_to(learned, examples, data)
    if held_out:
        found = _compared(given, examples, held_out, MoodModel.load(folder))
        if not even_if_worse and found.macro_f1.value is not None and found.macro_f1.value < 0:
            raise InputError(_worse(found, folder))
        return {"sha256": other["sha256"], "on": "turns that neither had learned from", **found.as_dict()}
    now, before = card.measured.chats.macro_f1.value, _cross_validated(other)
    same = learned == {file.sha256 for file in card.data}
    if not even_if_worse and not same:
        raise InputError(
            f"{folder}: its mood model has learned from all these turns, so the two cannot be compared; {REMEDY}"
        )
    if not even_if_worse and now is not None and before is not None and now < before:
        raise InputError(
            f"{folder}: its mood model is better: cross-validated macro-F1 {before:.3f} against {now:.3f} "
            f"from the same files; {REMEDY}"
        )
    return {
        "sha256": other["sha256"],
        "on": "cross-validation of both" if same else "nothing",
        "macro_f1": [now, before],
    }


def _new_to(learned: set[str], examples: Sequence[Example], data: Sequence[Path]) -> list[int]:
    """The examples that come from no file of ``learned``: turns of chats, or sentences if there is no such turn."""
    files = classified(data)
    known: dict[FileKind, list[Path]] = {
        kind: [path for path in paths if kind == "chats" or sha256_of(path) in learned]
        for kind, paths in files.items()
    }
    old = {(example.group, example.turn) for example in labelled_turns(known)}
    new = [i for i, example in enumerate(examples) if (example.group, example.turn) not in old]
    return [i for i in new if not examples[i].written] or new


def _compared(
    given: Integers, examples: Sequence[Example], held_out: Sequence[int], other: MoodModel
) -> Comparison:
    """First the new model, then the other."""
    labels = other.labels(other.probabilities([examples[i].customer_turn for i in held_out]))
    own = given[np.array(held_out)]
    return compare(
        "mood",
        [
            Paired(examples[i].group, examples[i].label, MOODS[number], label)
            for i, number, label in zip(held_out, own, labels, strict=True)
        ],
    )


def _worse(found: Comparison, folder: Path) -> str:
    macro = found.macro_f1
    return (
        f"{folder}: its mood model is better on {found.n} turns that neither had learned from: macro-F1 of the new "
        f"one {macro.value:+.3f} [{macro.low:+.3f}, {macro.high:+.3f}], right where the other is wrong "
        f"{found.only_first} times, the other way round {found.only_second} (McNemar p = {found.p:.3f}); {REMEDY}"
    )


def _cross_validated(card: Mapping[str, Any]) -> float | None:
    try:
        return float(card["measured"]["chats"]["macro_f1"]["value"])
    except (KeyError, TypeError):
        return None
