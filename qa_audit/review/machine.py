"""What the machine wrote into a row, from the results, beside what stands there now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qa_audit.records import Scorecard
from qa_audit.report import wording
from qa_audit.report.chats import YES, chat_rules
from qa_audit.report.deductions import hit_key
from qa_audit.report.places import parts_of
from qa_audit.report.transcripts import mood_texts
from qa_audit.review.grid import (
    CHATS,
    DEDUCTIONS,
    HIT,
    QUEUE,
    SAMPLE,
    TRANSCRIPTS,
    Kind,
    Line,
    as_text,
    heading,
)
from qa_audit.rule import Standard
from qa_audit.workbook.returned import CellValue
from qa_audit.workbook.text import clean

Shown = str | float | None
CLOSE = 1e-6  # a figure that went through another program


@dataclass(frozen=True, slots=True)
class Changed:
    """A cell of the machine that no longer says what it said; ``identity``: one that tells which row this is."""

    title: str
    expected: str
    found: str
    identity: bool


def hits_of(card: Scorecard) -> frozenset[str]:
    """The findings of a chat, as rows name them."""
    return frozenset(hit_key(d.rule_id, d.evidence) for d in card.deductions)


def moods_of(card: Scorecard) -> frozenset[str]:
    """The rounds of the customer in a chat, as rows name them: by their first message."""
    return frozenset(str(mood.message) for mood in card.moods)


def changed(line: Line, kind: Kind, card: Scorecard, standard: Standard) -> Iterator[Changed]:
    """The cells of a row that were changed; a column that is gone says nothing."""
    for identity, cells in (
        (True, _identity(line, kind, card)),
        (False, _values(line, kind, card, standard)),
    ):
        for title, expected in cells:
            where = heading(title)
            if where in line.columns and not _same(line.value(where), expected):
                shown = "" if expected is None else as_text(expected)
                yield Changed(where, shown, line.text(where), identity)


def _same(found: CellValue, expected: Shown) -> bool:
    if found == expected:
        return True
    if isinstance(expected, int | float):
        return isinstance(found, int | float) and abs(found - expected) < CLOSE
    return "".join(as_text(found).split()) == "".join((expected or "").split())


def _identity(line: Line, kind: Kind, card: Scorecard) -> Iterator[tuple[str, Shown]]:
    yield "会话ID", clean(card.transcript.id)
    if kind in (QUEUE, SAMPLE):
        yield "坐席", clean(card.agent)
    if kind in (DEDUCTIONS, QUEUE, SAMPLE):
        hit = line.text(HIT)
        yield "规则编号", parts_of(hit)[0] if hit else None
    if kind is TRANSCRIPTS:
        message = int(line.key.rpartition("|")[2])
        yield "内容", clean(wording.spoken(card.transcript.messages[message]))


def _values(line: Line, kind: Kind, card: Scorecard, standard: Standard) -> Iterator[tuple[str, Shown]]:
    fatal = card.grade == standard.fatal_grade
    if kind is CHATS:
        yield "得分", card.score
        yield "等级", card.grade
        yield "致命（待复核）", YES if fatal else None
        yield "致命前得分", card.score_before_fatal if fatal else None
        results = {result.rule_id: result for result in card.results}
        for rule in chat_rules(standard):
            yield f"{rule.id} {rule.title}", wording.mark(results[rule.id]) if rule.id in results else None
    elif kind is QUEUE:
        yield "得分", card.score
        yield "致命前得分", card.score_before_fatal
        yield "等级", card.grade
    elif kind is DEDUCTIONS:
        points = {d.points for d in card.deductions if hit_key(d.rule_id, d.evidence) == line.text(HIT)}
        if len(points) == 1:
            yield "扣分", points.pop()
    elif kind is TRANSCRIPTS:
        yield "情绪", mood_texts(card)[int(line.key.rpartition("|")[2])]
