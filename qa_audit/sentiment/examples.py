"""Reads labelled turns: chats with label files beside them, and lists of written sentences.

What a file is is found from its first line: JSON Lines with ``turns`` are chats, with ``moods`` (or labels of whole
chats: ``topic``, ``resolved`` …) labels of chats;
tab-separated lines that begin with a mood (n, 0, p or its name) and end with a text are written sentences; between may
stand emotion and topic, and after these what the agent said before (which may be empty).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec
import numpy as np

from qa_audit.errors import InputError
from qa_audit.normalise import normalise
from qa_audit.records import MOODS, Mood
from qa_audit.sentiment.turns import CustomerTurn, turns_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from qa_audit.sentiment.ngrams import Integers

FileKind = Literal["chats", "labels", "sentences"]
LABELS = frozenset({"moods", "topic", "resolved", "emotion", "end_mood"})
SENTENCE_COLUMNS = 3  # emotion, topic, text, after the mood
WITH_BEFORE = 4  # emotion, topic, before, text
MOOD_OF: Mapping[str, Mood] = dict(zip("n0p", MOODS, strict=True)) | {mood: mood for mood in MOODS}


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled turn, normalised; ``group`` is its chat, ``turn`` the labelled message (0-based) in it.

    ``written``: a sentence of no chat. Such are trained on, but no figure about chats is measured on them; ``emotion``
    and ``topic`` are those of its line, where it has such columns. ``chat``: the turn within its chat; None: nothing
    is known of the chat but ``before``.
    """

    text: str
    before: str
    label: Mood
    group: str
    turn: int = 0
    written: bool = False
    emotion: str = ""
    topic: str = ""
    chat: CustomerTurn | None = None

    @property
    def customer_turn(self) -> CustomerTurn:
        """What the model sees of it; of a written sentence only the words."""
        if self.chat is not None:
            return self.chat
        known = bool(self.before) and not self.written
        (turn,) = turns_of([*([("agent", self.before)] if known else []), ("customer", self.text)])
        return turn


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file trained on, by name and content, with a note on its licence."""

    name: str
    kind: FileKind
    sha256: str
    licence: str = "not stated"


class ChatMessage(msgspec.Struct):
    """A message of a chat that is trained on."""

    role: str
    text: str | None = None
    agent: str | None = None
    auto: bool | None = None


class LabelledChat(msgspec.Struct):
    """A chat that is trained on."""

    id: str
    turns: list[ChatMessage]


class MoodLabels(msgspec.Struct):
    """The moods of a chat's messages."""

    id: str
    moods: dict[int, Mood] = {}


Line = TypeVar("Line", bound=msgspec.Struct)


def read_examples(
    paths: Sequence[Path], licences: Mapping[str, str] = MappingProxyType({})
) -> tuple[list[Example], list[DataFile]]:
    """The labelled turns in ``paths``, files or directories, and the files they came from.

    ``licences`` holds the note on a file's licence by the file's name.
    In a directory, what is neither chats nor labels nor sentences is passed over. Raises InputError for a file
    named here that is none of them, for a line that cannot be read, for labels without their chat, and if there
    is no labelled turn at all.
    """
    files = classified(paths)
    examples = labelled_turns(files)
    if not examples:
        raise InputError(
            f"no labelled turns in {', '.join(map(str, paths))}; give chats with labels, or sentences"
        )
    return examples, data_files(files, licences)


def labelled_turns(files: Mapping[FileKind, Sequence[Path]]) -> list[Example]:
    """The labelled turns and the sentences in some files; there may be none."""
    chats: dict[str, LabelledChat] = {}
    for path in files["chats"]:
        chats |= {chat.id: chat for chat in read_lines(path, LabelledChat)}
    labelled: dict[tuple[str, int], Example] = {}
    for path in files["labels"]:
        for labels in read_lines(path, MoodLabels):
            if labels.moods and labels.id not in chats:
                raise InputError(
                    f"{path}: labels of chat {labels.id}, which is in no file of chats; give its file too"
                )
            for example in _of_chat(chats[labels.id], labels.moods, path) if labels.moods else ():
                labelled.setdefault((example.group, example.turn), example)
    return [*labelled.values(), *(one for path in files["sentences"] for one in _sentences(path))]


def data_files(files: Mapping[FileKind, Sequence[Path]], licences: Mapping[str, str]) -> list[DataFile]:
    """The files trained on, as a card names them."""
    return [
        DataFile(path.name, kind, sha256_of(path), licences.get(path.name, "not stated"))
        for kind, found in files.items()
        for path in found
    ]


def mood_numbers(examples: Sequence[Example]) -> Integers:
    """The label of each example as its number in ``records.MOODS``."""
    return np.array([MOODS.index(example.label) for example in examples], dtype=np.int64)


def measured_on(examples: Sequence[Example]) -> npt.NDArray[np.bool_]:
    """Which examples the figures of a model are about: the turns of chats, or all if there is no chat."""
    chats = np.array([not example.written for example in examples], dtype=np.bool_)
    return chats if chats.any() else ~chats


def classified(paths: Sequence[Path]) -> dict[FileKind, list[Path]]:
    """The files in ``paths`` by their kind. Raises InputError for one named here that is of no kind."""
    files: dict[FileKind, list[Path]] = {"chats": [], "labels": [], "sentences": []}
    for path in paths:
        if not path.exists():
            raise InputError(f"{path}: does not exist; give a file or directory of labelled turns")
        inside = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in inside:
            kind = _kind(file)
            if kind:
                files[kind].append(file)
            elif path.is_file():
                raise InputError(
                    f"{path}: neither chats nor labels (JSON Lines) nor sentences (mood, tab, text); "
                    "leave it out or correct it"
                )
    return files


def _kind(file: Path) -> FileKind | None:
    with file.open("rb") as lines:
        first = next(lines, b"")
    try:
        keys = msgspec.json.decode(first)
    except (msgspec.DecodeError, UnicodeDecodeError):
        columns = first.decode("utf-8", "replace").strip("\n\r\ufeff").split("\t")
        return "sentences" if len(columns) > 1 and columns[0] in MOOD_OF else None
    if not isinstance(keys, dict):
        return None
    return "chats" if "turns" in keys else "labels" if LABELS & keys.keys() else None


def read_lines(path: Path, kind: type[Line]) -> Iterator[Line]:
    """The lines of a file as records. Raises InputError with file and line for one that is none."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield msgspec.json.decode(line, type=kind, strict=False)
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    raise InputError(f"{path}:{number}: {error}; mend or remove this line") from error


def _of_chat(chat: LabelledChat, moods: Mapping[int, Mood], path: Path) -> Iterator[Example]:
    """The customer's labelled rounds; a label is looked up by the message it names."""
    rounds = list(rounds_of(chat.turns))
    turns = iter(turns_of((role, text_of(chat, numbers)) for role, numbers in rounds))
    turn_of = [next(turns) if role == "customer" else None for role, _ in rounds]
    for message, mood in sorted(moods.items()):
        at = next(
            (i for i, (role, numbers) in enumerate(rounds) if message in numbers and role == "customer"), None
        )
        if at is None:
            raise InputError(
                f"{path}: chat {chat.id}: message {message} is not the customer's; correct the label"
            )
        turn = turn_of[at]
        assert turn is not None, "a label names a message of the customer's, as was just seen"
        yield Example(turn.text, turn.before, mood, chat.id, message, chat=turn)


def rounds_of(messages: Iterable[ChatMessage]) -> Iterator[tuple[str, list[int]]]:
    """Role and message numbers of each round; automatic replies and notices belong to none and split none."""
    spoken = [(i, m) for i, m in enumerate(messages) if m.role != "system" and not m.auto]
    for (role, _), members in groupby(spoken, key=lambda member: (member[1].role, member[1].agent)):
        yield role, [i for i, _ in members]


def text_of(chat: LabelledChat, numbers: Sequence[int]) -> str:
    """The normalised text of some messages, joined by newlines."""
    return normalise("\n".join(chat.turns[i].text or "" for i in numbers)).text


def _sentences(path: Path) -> Iterator[Example]:
    try:
        content = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8; save it as UTF-8") from error
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        label, *columns = line.rstrip("\r").split("\t")
        text = columns[-1] if columns else ""
        if label not in MOOD_OF or not text.strip():
            raise InputError(
                f"{path}:{number}: not a mood (n, 0, p), a tab and a text; mend or remove this line"
            )
        emotion, topic = columns[:2] if len(columns) in (SENTENCE_COLUMNS, WITH_BEFORE) else ("", "")
        before = columns[2] if len(columns) == WITH_BEFORE else ""
        yield Example(
            normalise(text).text,
            normalise(before).text,
            MOOD_OF[label],
            f"{path.name}:{number}",
            written=True,
            emotion=emotion,
            topic=topic,
        )


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
