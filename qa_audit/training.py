"""``qa-audit train``: labelled files in, models out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from qa_audit import paths
from qa_audit.contact.examples import has_labels
from qa_audit.contact.train import train_chat as train_chat_model
from qa_audit.replacing import replaced
from qa_audit.sentiment import weights
from qa_audit.sentiment.examples import Example
from qa_audit.sentiment.predict import MoodModel
from qa_audit.sentiment.train import Trained
from qa_audit.sentiment.train import train_mood as train_mood_model

Card = dict[str, object]


def train_all(  # noqa: PLR0913 - one parameter an option
    *,
    data: Sequence[Path],
    out: Path,
    seed: int,
    trained_on: date,
    licences: Mapping[str, str],
    cases: Path | None = None,
    chat_cases: Path | None = None,
    even_if_worse: bool = False,
) -> list[Card]:
    """Trains the mood model and, where chats have labels of their own, the chat model; returns their cards."""
    cards = [
        train_mood(
            data=data,
            out=out,
            seed=seed,
            trained_on=trained_on,
            licences=licences,
            cases=cases,
            even_if_worse=even_if_worse,
        )
    ]
    if has_labels(data):
        cards.append(
            train_chat(
                data=data, out=out, seed=seed, trained_on=trained_on, licences=licences, cases=chat_cases
            )
        )
    return cards


def train_mood(
    *,
    data: Sequence[Path],
    out: Path,
    seed: int,
    trained_on: date,
    licences: Mapping[str, str],
    cases: Path | None = None,
    even_if_worse: bool = False,
) -> Card:
    """Trains the mood model into ``out``; returns its card.

    Raises:
        InputError: the one that is there is better, or cannot be compared with; never if ``even_if_worse``.
    """

    def judge(trained: Trained, examples: Sequence[Example]) -> Mapping[str, object] | None:
        return replaced(trained, examples, data, folder=out, even_if_worse=even_if_worse)

    card = train_mood_model(
        data, out=out, seed=seed, trained_on=trained_on, licences=licences, cases=cases, judge=judge
    )
    return card.as_json()


def train_chat(
    *,
    data: Sequence[Path],
    out: Path,
    seed: int,
    trained_on: date,
    licences: Mapping[str, str],
    cases: Path | None = None,
) -> Card:
    """Trains the chat model into ``out``; returns its card.

    Chats whose moods nobody labelled get those of the mood model in ``out``, else of the one shipped.
    """
    beside = out if (out / weights.CARD_FILE).exists() else paths.shipped("models")
    card = train_chat_model(
        data,
        out=out,
        seed=seed,
        trained_on=trained_on,
        moods=MoodModel.load(beside),
        licences=licences,
        cases=cases,
    )
    return card.as_json()
