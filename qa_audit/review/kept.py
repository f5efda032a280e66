"""The reviews of all nights, kept beside them: ``OUT/reviews/<night>/*.parquet``; a night written anew keeps its own.

Files are sorted and hold no clock; each is written aside and renamed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from qa_audit.arrow import codec_for
from qa_audit.errors import InputError
from qa_audit.report.places import key
from qa_audit.report.sampling import Known
from qa_audit.review.quality import FOLDER
from qa_audit.review.records import (
    ChatReview,
    FollowUp,
    Judgement,
    MoodFix,
    NightReviews,
    RuleAppeals,
    StratumSize,
)
from qa_audit.store import NIGHT, agents_of

PARTS = {
    "judgements": Judgement, "chats": ChatReview, "moods": MoodFix, "follow_ups": FollowUp, "strata": StratumSize, "appeals": RuleAppeals,
}  # fmt: skip
SCORED = ""  # stands for the score among the rules judged
NEW_NIGHTS = 14  # an agent first seen less than this many nights ago is new
LOOK_BACK = 60  # nights; who was away for longer is new again


def read_kept(out: Path, night: str) -> NightReviews:
    """What was collected for a night so far; nothing where nothing was.

    Raises:
        InputError: a file is none of ours.
    """
    return NightReviews(
        night, **{part: _read(out / FOLDER / night / f"{part}.parquet", kind) for part, kind in PARTS.items()}
    )


def write_kept(out: Path, reviews: NightReviews) -> None:
    """The reviews of a night, whole."""
    for part, kind in PARTS.items():
        write_rows(out / FOLDER / reviews.night / f"{part}.parquet", kind, getattr(reviews, part))


def nights_kept(out: Path) -> tuple[str, ...]:
    """The nights for which something was collected, in order."""
    return tuple(sorted(path.parent.name for path in (out / FOLDER).glob("*/judgements.parquet")))


def known(out: Path, night: str, agents: Sequence[str]) -> Known:
    """What earlier nights and people say before a night's workbooks are written."""
    judged: dict[str, set[str]] = {}
    for earlier in nights_kept(out):
        reviews = read_kept(out, earlier)
        for judgement in reviews.judgements:
            judged.setdefault(key(judgement.chat, judgement.agent), set()).add(judgement.rule_id)
        for review in reviews.chats:
            if review.score is not None:
                judged.setdefault(key(review.chat, review.agent), set()).add(SCORED)
    return Known(_newcomers(out, night, agents), {chat: frozenset(rules) for chat, rules in judged.items()})


def _newcomers(out: Path, night: str, agents: Sequence[str]) -> frozenset[str]:
    """The agents first seen less than 14 nights ago; nobody while the record itself is shorter than that."""
    folders = [path.parent for path in sorted(out.glob("*/results")) if NIGHT.fullmatch(path.parent.name)]
    earlier = [folder for folder in folders if folder.name < night]
    unseen = set(agents)
    if not NIGHT.fullmatch(night) or len(earlier) < NEW_NIGHTS:
        return frozenset()
    for folder in reversed(earlier[-LOOK_BACK : 1 - NEW_NIGHTS]):
        unseen -= agents_of(sorted((folder / "results").glob("*.parquet"))).keys()
        if not unseen:
            break
    return frozenset(unseen)


def write_rows(path: Path, kind: type[Any], rows: Sequence[Any]) -> None:
    """Records of one kind as a Parquet file, written aside and renamed."""
    values = codec_for(kind).encode(rows)
    table = pa.table({field.name: values.field(number) for number, field in enumerate(values.type)})
    table = table.replace_schema_metadata({b"qa_audit": kind.__name__.encode()})
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    pq.write_table(table, aside, compression="zstd")
    aside.replace(path)


def _read(path: Path, kind: type[Any]) -> tuple[Any, ...]:
    if not path.exists():
        return ()
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{path}: cannot be read ({error}); delete it and collect the workbooks again"
        ) from None
    if (table.schema.metadata or {}).get(b"qa_audit") != kind.__name__.encode():
        raise InputError(f"{path}: holds no {kind.__name__} rows; delete it and collect the workbooks again")
    names = [field.name for field in fields(kind) if field.name in table.column_names]
    columns = [table.column(name).combine_chunks() for name in names]
    return tuple(codec_for(kind).decode(pa.StructArray.from_arrays(columns, names=names)))
