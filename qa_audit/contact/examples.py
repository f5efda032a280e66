"""Reads labelled chats: their rounds, the moods of their rounds, and what is known of each chat.

The labels of a chat are ``topic``, ``resolved``, ``emotion`` and ``end_mood``; any may be absent. A customer counts as
dissatisfied who ended in a negative mood or whose matter was not resolved. Written sentences
(mood, emotion, topic, text) are chats of one round of which nobody knows how they ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from qa_audit.contact.features import NO_MOOD, ChatText
from qa_audit.contact.weights import CLASSES, DISSATISFIED
from qa_audit.errors import InputError
from qa_audit.sentiment.examples import (
    DataFile,
    Example,
    LabelledChat,
    classified,
    data_files,
    labelled_turns,
    read_lines,
    rounds_of,
    text_of,
)
from qa_audit.sentiment.turns import turns_of

if TYPE_CHECKING:
    from pathlib import Path

    from qa_audit.contact.features import Probabilities
    from qa_audit.sentiment.predict import MoodModel

NOT_LEARNED = {"resolved": ("unknown",)}  # answers that labels may give
Moods = Mapping[tuple[str, int], "Probabilities"]


@dataclass(frozen=True, slots=True)
class ChatExample:
    """A chat and its labels by question; ``written``: a sentence of no chat."""

    id: str
    text: ChatText
    labels: Mapping[str, str]
    written: bool = False


@dataclass(frozen=True, slots=True)
class Labelled:
    """Chats with labels of the whole, the turns whose mood is labelled, and the files they came from."""

    chats: Mapping[str, LabelledChat]
    labels: Mapping[str, Mapping[str, str]]
    turns: tuple[Example, ...]
    files: tuple[DataFile, ...]


class _ChatLabels(msgspec.Struct):
    id: str
    topic: str | None = None
    resolved: str | None = None
    emotion: str | None = None
    end_mood: str | None = None


def read_labelled(paths: Sequence[Path], licences: Mapping[str, str]) -> Labelled:
    """What is labelled in ``paths``, files or directories.

    Raises InputError for labels without their chat, for an answer that no question has, and if no chat is labelled.
    """
    files = classified(paths)
    chats = {chat.id: chat for path in files["chats"] for chat in read_lines(path, LabelledChat)}
    labels: dict[str, dict[str, str]] = {}
    for path in files["labels"]:
        for label in read_lines(path, _ChatLabels):
            answers = _answers(label, path)
            if answers and label.id not in chats:
                raise InputError(
                    f"{path}: labels of chat {label.id}, which is in no file of chats; give its file too"
                )
            if answers:
                labels.setdefault(label.id, answers)
    if not labels:
        raise InputError(
            f"no chat in {', '.join(map(str, paths))} has a topic, resolved, emotion or end_mood; give labels"
        )
    return Labelled(chats, labels, tuple(labelled_turns(files)), tuple(data_files(files, licences)))


def has_labels(paths: Sequence[Path]) -> bool:
    """Whether ``paths`` hold labels of whole chats."""
    return any(
        _answers(label, path)
        for path in classified(paths)["labels"]
        for label in read_lines(path, _ChatLabels)
    )


def _answers(label: _ChatLabels, path: Path) -> dict[str, str]:
    answers = {}
    for question, known in CLASSES.items():
        answer: str | None = getattr(label, question)
        if answer is None or answer in NOT_LEARNED.get(question, ()):
            continue
        if answer not in known:
            raise InputError(
                f'{path}: chat {label.id}: {question} cannot be "{answer}"; one of {", ".join(known)} is wanted'
            )
        answers[question] = answer
    return answers


def chat_examples(labelled: Labelled, moods: Moods, model: MoodModel) -> list[ChatExample]:
    """The examples; a chat of which no turn is in ``moods`` gets the moods of ``model``.

    ``moods`` should be those of models that never saw the chat: at night it is no different.
    """
    chats = [
        ChatExample(
            name, _chat_text(labelled.chats[name], moods, model), {**answers, **_dissatisfied(answers)}
        )
        for name, answers in labelled.labels.items()
    ]
    return [*chats, *(_written(turn, moods) for turn in labelled.turns if turn.written)]


def _dissatisfied(answers: Mapping[str, str]) -> dict[str, str]:
    """Whether the customer was dissatisfied; unknown where only one half is known and that is no reason to be."""
    if answers.get("end_mood") == "negative" or answers.get("resolved") == "no":
        return {DISSATISFIED: "yes"}
    return {DISSATISFIED: "no"} if {"end_mood", "resolved"} <= answers.keys() else {}


def _chat_text(chat: LabelledChat, moods: Moods, model: MoodModel) -> ChatText:
    rounds = [(role, numbers, text_of(chat, numbers)) for role, numbers in rounds_of(chat.turns)]
    spoken = [(role, n, text) for role, n, text in rounds if role in ("customer", "agent") and text.strip()]
    if any((chat.id, message) in moods for _, numbers, _ in spoken for message in numbers):
        own = [
            next((moods[chat.id, m] for m in numbers if (chat.id, m) in moods), NO_MOOD)
            for role, numbers, _ in spoken
            if role == "customer"
        ]
    else:
        rows = model.probabilities(turns_of((role, text) for role, _, text in spoken)).tolist()
        own = [(row[0], row[1], row[2]) for row in rows]
    return ChatText(
        customer=tuple(text for role, _, text in spoken if role == "customer"),
        agent=tuple(text for role, _, text in spoken if role == "agent"),
        moods=tuple(own),
        customer_spoke_last=bool(spoken) and spoken[-1][0] == "customer",
    )


def _written(turn: Example, moods: Moods) -> ChatExample:
    text = ChatText((turn.text,), (), (moods.get((turn.group, turn.turn), NO_MOOD),))
    given = {"topic": turn.topic, "emotion": turn.emotion}
    labels = {question: answer for question, answer in given.items() if answer in CLASSES[question]}
    return ChatExample(turn.group, text, labels, written=True)
