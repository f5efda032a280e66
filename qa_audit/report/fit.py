"""Columns fitted to what this night has to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qa_audit.records import Scorecard
from qa_audit.report.table import Column

NARROWEST_ID, WIDEST_ID = (
    9.0,
    26.0,
)  # half-width characters; a longer id is cut by its neighbour and stays whole in the cell


def id_width(cards: Sequence[Scorecard]) -> float:
    """The width of a column of chat ids."""
    longest = max((len(card.transcript.id) for card in cards), default=0)
    return min(max(1.1 * longest + 2, NARROWEST_ID), WIDEST_ID)


def timeless(cards: Sequence[Scorecard]) -> bool:
    """Whether no message of these chats has a time."""
    return not any(m.at or m.start_s is not None for card in cards for m in card.transcript.messages)


def fitted(columns: Sequence[Column], cards: Sequence[Scorecard]) -> tuple[Column, ...]:
    """The columns with 会话ID as wide as the ids and 时间 hidden where there is none."""
    width, hidden = id_width(cards), timeless(cards)
    return tuple(_fit(column, width, hidden=hidden) for column in columns)


def _fit(column: Column, width: float, *, hidden: bool) -> Column:
    if column.title == "会话ID":
        return replace(column, width=width)
    return replace(column, hidden=hidden) if column.title == "时间" else column
