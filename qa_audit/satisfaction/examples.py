"""Rated chats: what the model learns from, and the two files that ratings come in besides transcripts.

A dialogue file of word ids: a line with the dialogue's label (1, 2 or 3), then a line a turn (number, ``c:`` customer or
``b:`` agent, word ids between spaces, the turn's label 1 to 3), separated by tabs; a blank line between dialogues.
The label 1 is dissatisfied, 2 neutral, 3 satisfied (Song et al. 2019, doi:10.18653/v1/D19-1019).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qa_audit.config import Config
from qa_audit.errors import InputError
from qa_audit.read.columns import header_of
from qa_audit.read.csv_rows import encoding_of
from qa_audit.satisfaction.chats import Chat, Turn
from qa_audit.satisfaction.ratings import Scale

SIDES = {"c:": True, "b:": False}
LABELS = ("1", "2", "3")


@dataclass(frozen=True, slots=True)
class RatedChat:
    """A chat with its rating from 1 to 5, None if nobody rated it; chats of one ``group`` (a customer) are never told apart in a split.

    ``turn_labels``: 1, 2 or 3 for each of the customer's turns, where somebody labelled turns.
    """

    id: str
    group: str
    chat: Chat
    rating: float | None
    turn_labels: tuple[int, ...] | None = None


def holds_dialogues(path: Path) -> bool:
    """Whether a file is a dialogue file of word ids, by its first two lines."""
    with path.open("rb") as file:
        first, second = next(file, b"").strip(), next(file, b"").split(b"\t")
    return (
        first.decode("latin-1") in LABELS and len(second) in (3, 4) and second[1].decode("latin-1") in SIDES
    )


def read_dialogues(path: Path) -> list[RatedChat]:
    """The dialogues of a file of word ids. Raises InputError with the line of what is none."""
    dialogues: list[RatedChat] = []
    start, label = 0, ""
    turns: list[tuple[Turn, str]] = []
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        for number, line in enumerate((*lines, ""), 1):
            text = line.rstrip("\r\n")
            if not text.strip():
                if turns:
                    dialogues.append(_dialogue(path, start, label, turns))
                elif label:
                    raise InputError(f"{path}:{start}: a dialogue without turns; remove its label")
                label, turns = "", []
            elif not label:
                if text.strip() not in LABELS:
                    raise InputError(
                        f"{path}:{number}: a dialogue begins with its label, {', '.join(LABELS)}"
                    )
                start, label = number, text.strip()
            else:
                turns.append(_turn(text, f"{path}:{number}"))
    return dialogues


def _turn(line: str, where: str) -> tuple[Turn, str]:
    fields = line.split("\t")
    if (
        len(fields) not in (3, 4)
        or fields[1] not in SIDES
        or (fields[3:] and fields[3].strip() not in LABELS)
    ):
        raise InputError(
            f"{where}: no turn; write number, c: or b:, word ids and perhaps a label of {', '.join(LABELS)}, "
            "with tabs between"
        )
    return Turn(SIDES[fields[1]], fields[2]), fields[3].strip() if fields[3:] else ""


def _dialogue(path: Path, line: int, label: str, turns: Sequence[tuple[Turn, str]]) -> RatedChat:
    labels = [given for turn, given in turns if turn.customer]
    return RatedChat(
        id=f"{path.name}:{line}",
        group=f"dialogue {path.resolve()}:{line}",
        chat=tuple(turn for turn, _ in turns),
        rating=Scale(1, 3).stretched(float(label), f"{path}:{line}"),
        turn_labels=tuple(map(int, labels)) if all(labels) else None,
    )


def read_ratings(path: Path, scale: Scale, config: Config) -> Mapping[str, float]:
    """The rating of each chat in a CSV file with a column of chat ids and one of ratings.

    Raises InputError for a missing column, for what is no rating, and for two ratings of one chat that differ.
    """
    encoding, _ = encoding_of(path)
    if encoding is None:
        raise InputError(f"{path}: is UTF-16; save it as CSV UTF-8")
    with path.open(encoding=encoding, newline="") as file:
        head = file.readline()
        delimiter = max(",;\t", key=head.count)
        file.seek(0)
        rows = csv.reader(file, delimiter=delimiter)
        names = next(rows, [])
        fields = header_of(names, config).fields
        places = {field: number for number, field in enumerate(fields) if field is not None}
        places |= {"id": places.get("id", _plain_id(names))}
        if "rating" not in places or places["id"] < 0:
            raise InputError(
                f"{path}:1: a column of chat ids (会话ID) and one of ratings (评分、满意度) are wanted; "
                f"found {'、'.join(names) or 'nothing'}; rename them, or name them under columns in the configuration"
            )
        return dict(_rated(rows, places["id"], places["rating"], scale, path))


def _plain_id(names: Sequence[str]) -> int:
    """The column called id, which in a table of chats can be nothing but theirs; -1 if there is none."""
    return next((number for number, name in enumerate(names) if name.strip().lower() == "id"), -1)


def _rated(
    rows: Iterator[list[str]], chat: int, rating: int, scale: Scale, path: Path
) -> Iterator[tuple[str, float]]:
    seen: dict[str, float] = {}
    for line, row in enumerate(rows, 2):
        if len(row) <= max(chat, rating) or not row[rating].strip():
            continue
        name, value = row[chat].strip(), scale.rating(row[rating], f"{path}:{line}")
        if seen.setdefault(name, value) != value:
            raise InputError(
                f"{path}:{line}: chat {name} is rated twice, and not alike; keep one of the ratings"
            )
        yield name, value
