"""Rated chats in files of any format that a night reads, made ready for the satisfaction model.

Ratings stand in the transcripts or in a file of chat ids and ratings; dialogue files of word ids bring their own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qa_audit.audit import Auditor
from qa_audit.config import Config
from qa_audit.errors import InputError
from qa_audit.read.buckets import load_bucket, spill
from qa_audit.read.inputs import described
from qa_audit.records import Problem, Transcript
from qa_audit.satisfaction.card import RatedFile
from qa_audit.satisfaction.chats import Spelling, chat_of
from qa_audit.satisfaction.examples import RatedChat, holds_dialogues, read_dialogues, read_ratings
from qa_audit.satisfaction.ratings import Scale
from qa_audit.segment import segment


@dataclass(frozen=True, slots=True)
class RatedSource:
    """How ratings are to be read: a file of them (None: they stand in the transcripts), their scale, texts of word ids."""

    ratings: Path | None = None
    scale: Scale = field(default_factory=Scale)
    words: bool = False


@dataclass(frozen=True, slots=True)
class Rated:
    """The chats of some files, with or without a rating, the files, and what could not be read."""

    chats: tuple[RatedChat, ...]
    files: tuple[RatedFile, ...]
    spelling: Spelling
    problems: tuple[Problem, ...] = ()


def read_rated(
    data: Sequence[Path], source: RatedSource, config: Config, licences: Mapping[str, str]
) -> Rated:
    """Every chat in ``data``, files or folders, with its rating where one is known.

    Raises InputError for what cannot be read at all, for dialogues of word ids beside transcripts, and for ratings none of
    which belongs to a chat.
    """
    dialogues = [path for path in data if path.is_file() and holds_dialogues(path)]
    if dialogues and len(dialogues) < len(data):
        raise InputError(
            f"{dialogues[0]}: holds dialogues of word ids, other inputs hold transcripts; give one kind at a time"
        )
    if dialogues:
        if source.ratings is not None:
            raise InputError(
                f"{dialogues[0]}: dialogues of word ids bring their ratings; leave --ratings out"
            )
        chats = tuple(chat for path in dialogues for chat in read_dialogues(path))
        return Rated(chats, _files(dialogues, licences), "words")
    return _transcripts(data, source, config, licences)


def _transcripts(
    data: Sequence[Path], source: RatedSource, config: Config, licences: Mapping[str, str]
) -> Rated:
    given = {} if source.ratings is None else read_ratings(source.ratings, source.scale, config)
    auditor = Auditor.open(config)
    chats: list[RatedChat] = []
    problems: list[Problem] = []
    with tempfile.TemporaryDirectory() as folder:  # readable by its owner only
        spilled = spill([str(path) for path in data], Path(folder), config=config)
        for bucket in spilled.buckets:
            loaded = load_bucket(bucket, config=config)
            problems += loaded.problems
            chats += _rated(loaded.transcripts, source, given, auditor)
    if given and all(chat.rating is None for chat in chats):
        raise InputError(
            f"{source.ratings}: no chat id in it is one of the {len(chats)} chats read; check that both name chats alike"
        )
    paths = [Path(file.path) for file in spilled.inputs] + ([source.ratings] if source.ratings else [])
    return Rated(
        tuple(sorted(chats, key=lambda chat: chat.id)),
        _files(paths, licences),
        "words" if source.words else "characters",
        (*spilled.problems, *problems),
    )


def _rated(
    transcripts: Sequence[Transcript], source: RatedSource, given: Mapping[str, float], auditor: Auditor
) -> list[RatedChat]:
    conversations = [segment(transcript, auditor.segmenter) for transcript in transcripts]
    moods = [{} for _ in conversations] if source.words else auditor.moods(conversations)
    return [
        RatedChat(
            id=transcript.id,
            # a chat id cannot be mistaken for a customer
            group=f"customer {transcript.customer}" if transcript.customer else f"chat {transcript.id}",
            chat=chat_of(conversation, own),
            rating=_rating(transcript, source, given),
        )
        for transcript, conversation, own in zip(transcripts, conversations, moods, strict=True)
    ]


def _rating(transcript: Transcript, source: RatedSource, given: Mapping[str, float]) -> float | None:
    """The rating of the file of ratings, if there is one, else that of the transcript."""
    if source.ratings is not None:
        return given.get(transcript.id)
    if transcript.rating is None:
        return None
    return source.scale.stretched(
        transcript.rating, f"{transcript.source}:{transcript.line}: chat {transcript.id}"
    )


def _files(paths: Sequence[Path], licences: Mapping[str, str]) -> tuple[RatedFile, ...]:
    return tuple(
        RatedFile(path.name, described(path).sha256, licences.get(path.name, "not stated")) for path in paths
    )
