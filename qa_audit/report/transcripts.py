"""会话全文: the chats with a deduction or an alert, message by message, the hits marked and linked to 扣分明细."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from qa_audit.packed import Packed, unpacked
from qa_audit.records import Scorecard, Transcript
from qa_audit.report import evidence, feared, wording
from qa_audit.report.fit import Shown, fitted, shown_of
from qa_audit.report.places import Place, key
from qa_audit.report.table import DEDUCTIONS, TRANSCRIPTS, Column, Link, Row, Table, Value
from qa_audit.rule import Standard

COLUMNS = (
    Column("会话ID", 14, "text"),
    Column("话轮", 6, "integer"),
    Column("时间", 18, "date_time"),
    Column("角色", 13, "center"),
    Column("内容", 92, "wrap"),
    Column("情绪", 8, "center", tones=(*wording.MOOD_TONES, *feared.TURN_TONES)),  # ↓ ↑: it turned here
    Column("涉及规则", 22, "link_wrap"),  # those waived and on trial too
)
# a mood is corrected where it stands; a round of the customer has a key, other lines have none
CORRECTION = (
    Column("情绪更正", 9, "input", choices=tuple(wording.MOOD_NAMES.values()), review=True),
    Column("_key", 8, hidden=True),
)
MARKED_COLUMNS = (*COLUMNS, *CORRECTION)
BLIND_COLUMNS = (*COLUMNS[:5], *CORRECTION)


def transcript_table(
    cards: Iterable[Scorecard], standard: Standard, where: Iterable[Place], *, shown: Shown
) -> Table:
    """The transcripts of the cards that have a place here."""

    def rows() -> Iterator[Row]:
        for card, place in zip(cards, where, strict=True):
            if place.transcript_row is not None:
                yield from _rows(card, standard, place)

    return Table(
        TRANSCRIPTS,
        "transcripts",
        fitted(MARKED_COLUMNS, shown),
        rows,
        empty="本期没有需要查看的会话。",
        speech=True,
    )


def blind_table(cards: Sequence[Packed], unanswered: Sequence[Transcript] = ()) -> Table:
    """Transcripts without any sign of what the machine decided, for reviewers who must not know it.

    Those that nobody answered come last; nothing in them is to be corrected.
    """
    shown = shown_of(unpacked(cards))
    for transcript in unanswered:
        shown.add_transcript(transcript)

    def rows() -> Iterator[Row]:
        for card in unpacked(cards):
            keys = _mood_keys(card)
            for index in range(len(card.transcript.messages)):
                yield (*_said(card.transcript, card.round_of, index, spans=()), None, keys.get(index))
        for transcript in unanswered:
            for index in range(len(transcript.messages)):
                yield (*_said(transcript, (), index, spans=()), None, None)

    return Table(
        TRANSCRIPTS,
        "transcripts",
        fitted(BLIND_COLUMNS, shown),
        rows,
        empty="没有需要查看的会话。",
        speech=True,
    )


def _rows(card: Scorecard, standard: Standard, place: Place) -> Iterator[Row]:
    results = {result.rule_id: result for result in card.results}
    spans: dict[int, list[tuple[int, int]]] = {}
    charged: dict[int, list[tuple[str, int]]] = {}
    for offset, deduction in enumerate(card.deductions):
        found = deduction.evidence
        message = evidence.anchor(card, standard.rule(deduction.rule_id), results[deduction.rule_id], found)
        if found is not None:
            spans.setdefault(message, []).append((found.start, found.end))
        charged.setdefault(message, []).append((deduction.rule_id, place.deduction_rows[offset]))
    moods = mood_texts(card)
    keys = _mood_keys(card)
    for index in range(len(card.transcript.messages)):
        said = _said(card.transcript, card.round_of, index, spans=spans.get(index, ()))
        yield (*said, moods.get(index), _back(charged.get(index, [])), None, keys.get(index))


def mood_texts(card: Scorecard) -> dict[int, str]:
    """What 情绪 says of each round of the customer, by the round's first message; an arrow where the mood turned."""
    turns = {} if card.course is None else {turn.message: turn.change for turn in card.course.turning_points}
    return {
        mood.message: f"{wording.MOOD_NAMES[mood.label]} {feared.TURNS[turns.get(mood.message, 'same')]}".rstrip()
        for mood in card.moods
    }


def _mood_keys(card: Scorecard) -> dict[int, str]:
    """The key of the first message of each round of the customer."""
    return {mood.message: key(card.transcript.id, card.agent, str(mood.message)) for mood in card.moods}


def _said(
    transcript: Transcript, round_of: tuple[int, ...], index: int, *, spans: Sequence[tuple[int, int]]
) -> Row:
    message = transcript.messages[index]
    text = wording.spoken(message)
    turn = round_of[index] + 1 if index < len(round_of) and round_of[index] >= 0 else None
    return (
        transcript.id,
        turn,
        wording.moment(message),
        wording.speaker(message),
        evidence.highlight(text, spans, look=evidence.look_of(message)),
    )


def _back(charged: list[tuple[str, int]]) -> Value:
    if not charged:
        return None
    rules = list(dict.fromkeys(rule_id for rule_id, _ in charged))
    # two a line: where a program breaks lines itself, the height that we give the row may be too small
    lines = ["、".join(rules[start : start + 2]) for start in range(0, len(rules), 2)]
    return Link("\n".join(lines), DEDUCTIONS, min(row for _, row in charged))
