"""What the night's chats were about, how they ended and how customers felt: 主题分布, 解决情况, 客户情绪."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from qa_audit.intervals import rate_interval
from qa_audit.records import EMOTIONS, OUTCOMES, TOPICS, Contact
from qa_audit.report import wording
from qa_audit.report.table import Column, Row, Table

TOPIC_SHEET, OUTCOME_SHEET, EMOTION_SHEET = "主题分布", "解决情况", "客户情绪"
NOTHING = "没有主题模型，会话未归类。"


def contact_tables(contacts: Mapping[Contact, int]) -> tuple[Table, Table, Table]:
    """The three tables; ``contacts`` counts chats by what is known of them."""
    known = {contact: count for contact, count in contacts.items() if contact.topic}
    outcomes = [(wording.OUTCOMES[o], _count(known, outcome=o)) for o in OUTCOMES]
    emotions = [(wording.EMOTIONS[e], _count(known, emotion=e)) for e in EMOTIONS]
    return (
        _topic_table(known),
        _shares(OUTCOME_SHEET, "outcomes", "解决情况", outcomes),
        _shares(EMOTION_SHEET, "emotions", "客户情绪", emotions),
    )


def _count(contacts: Mapping[Contact, int], **wanted: str) -> int:
    return sum(
        count
        for contact, count in contacts.items()
        if all(getattr(contact, name) == value for name, value in wanted.items())
    )


def _topic_table(contacts: Mapping[Contact, int]) -> Table:
    total = sum(contacts.values())
    columns = (
        Column("主题", 14, "center"), Column("会话数", 10, "integer", bar=True), Column("占比", 9, "percent"),
        *(Column(wording.OUTCOMES[outcome], 10, "integer") for outcome in OUTCOMES),
        Column("解决率", 9, "percent"), Column("误差下限", 9, "percent"), Column("误差上限", 9, "percent"),
        *(Column(wording.EMOTIONS[emotion], 8, "integer") for emotion in EMOTIONS if emotion != "none"),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        counts = Counter({topic: _count(contacts, topic=topic) for topic in TOPICS})
        for topic, count in counts.most_common():
            if count:
                ended = {outcome: _count(contacts, topic=topic, outcome=outcome) for outcome in OUTCOMES}
                rate = rate_interval(ended["yes"], count - ended["unknown"])
                felt = [_count(contacts, topic=topic, emotion=e) for e in EMOTIONS if e != "none"]
                yield (
                    topic,
                    count,
                    count / total,
                    *ended.values(),
                    rate.value,
                    rate.low,
                    rate.high,
                    *felt,
                )

    return Table(TOPIC_SHEET, "topics", columns, rows, empty=NOTHING, frozen=1)


def _shares(sheet: str, name: str, title: str, counts: Sequence[tuple[str, int]]) -> Table:
    total = sum(count for _, count in counts)
    columns = (
        Column(title, 14, "center"), Column("会话数", 10, "integer", bar=True),
        Column("占比", 9, "percent"), Column("误差下限", 9, "percent"), Column("误差上限", 9, "percent"),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for label, count in counts if total else ():
            share = rate_interval(count, total)
            yield (label, count, share.value, share.low, share.high)

    return Table(sheet, name, columns, rows, empty=NOTHING, frozen=1)
