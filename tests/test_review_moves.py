"""Whatever people move in a workbook: what they wrote is found, what they deleted is gone, and nothing else changes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import factory
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from returned import FIRST, edit, fetch, make_night
from test_review_collect import fill_first

from qa_audit.report.places import key
from qa_audit.review.gather import gather, grids_of
from qa_audit.review.gathered import Gathered, Night
from qa_audit.workbook.returned import Returned, ReturnedSheet, read_returned

ANNE = factory.AGENTS[0]
CARDS = {key(c.transcript.id, c.agent): c for c in factory.scorecards(ANNE)}
NIGHT = Night(factory.RUN_ID, factory.STANDARD, CARDS, {})


class Filled:
    """A workbook that people filled in; hypothesis would print a dataclass whole."""

    def __init__(self, book: Returned) -> None:
        self.book = book


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    folder = tmp_path_factory.mktemp("moves")
    return Filled(read_returned(edit(fetch(make_night(folder / "out"), FIRST, folder / "in"), fill_first)))


def said(book: Returned) -> Gathered:
    return gather(grids_of(book), "a.xlsx", NIGHT, unsigned="?")


def records(found: Gathered) -> set[object]:
    return {one.record for one in (*found.judgements, *found.chats, *found.moods)}


@dataclass(frozen=True)
class Moves:
    """What is done to one sheet: rows in another order, some deleted or inserted, columns too, lines put above."""

    order: int
    deleted: frozenset[int]
    inserted: tuple[int, ...]
    columns: int
    new_columns: tuple[int, ...]
    above: int


MOVES = st.builds(
    Moves,
    order=st.integers(0, 2**32),
    deleted=st.frozensets(st.integers(0, 60), max_size=8),
    inserted=st.lists(st.integers(0, 60), max_size=4).map(tuple),
    columns=st.integers(0, 2**32),
    new_columns=st.lists(st.integers(0, 40), max_size=3).map(tuple),
    above=st.integers(0, 5),
)


def moved(sheet: ReturnedSheet, moves: Moves) -> tuple[ReturnedSheet, list[list[object]]]:
    """The sheet after the moves, and the rows that were deleted. 最终得分 keeps its formulas: it is not typed over."""
    import random

    width = max(len(row) for row in sheet.rows)
    header, *rows = [[*row, *[""] * (width - len(row))] for row in sheet.rows]
    gone = [row for number, row in enumerate(rows) if number in moves.deleted]
    kept = [row for number, row in enumerate(rows) if number not in moves.deleted]
    random.Random(moves.order).shuffle(kept)  # noqa: S311 - an order, not a secret
    for place in moves.inserted:
        kept.insert(min(place, len(kept)), ["备注", *[""] * (width - 1)])
    order = list(range(width))
    random.Random(moves.columns).shuffle(order)  # noqa: S311 - same
    changed = [[row[i] for i in order] for row in (header, *kept)]
    for place in moves.new_columns:
        for number, row in enumerate(changed):
            row.insert(min(place, len(row)), "我的一列" if number == 0 else "")
    above = [["第三周复核"]] * moves.above
    final = header.index("最终得分") if "最终得分" in header else None
    if final is not None:  # its formulas moved along: as values they would be compared
        where = changed[0].index("最终得分")
        for row in changed[1:]:
            row[where] = ""
    return replace(sheet, rows=[*above, *changed], formulas=frozenset()), gone


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["逐通评分", "扣分明细", "会话全文"]), MOVES, min_size=1))
def test_moves_change_nothing_but_what_they_delete(filled: Filled, moves: dict[str, Moves]) -> None:
    sheets = []
    deleted: set[tuple[str, str]] = set()
    inserted = 0
    for sheet in filled.book.sheets:
        if sheet.title not in moves:
            sheets.append(sheet)
            continue
        changed, gone = moved(sheet, moves[sheet.title])
        sheets.append(changed)
        header = sheet.rows[0]
        for row in gone:
            hit = str(row[header.index("_hit")]) if "_hit" in header else sheet.title
            deleted.add((hit, str(row[header.index("_key")])))
        inserted += len(moves[sheet.title].inserted) if sheet.title != "会话全文" else 0
    before, after = said(filled.book), said(replace(filled.book, sheets=tuple(sheets)))

    def stays(record: object) -> bool:
        chat = key(record.chat, record.agent)  # type: ignore[attr-defined]  # all records have both
        if hasattr(record, "hit"):
            return (record.hit, chat) not in deleted
        if hasattr(record, "mood"):
            return ("会话全文", f"{chat}|{record.message}") not in deleted  # type: ignore[attr-defined]  # a mood
        return ("逐通评分", chat) not in deleted

    assert records(after) == {record for record in records(before) if stays(record)}
    assert len(after.problems) == inserted
    assert all(problem.what.startswith("这一行没有隐藏的 _key") for problem in after.problems)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(2, 12), st.integers(2, 12))
def test_keys_that_were_swapped_never_lend_a_verdict_to_another_chat(
    filled: Filled, one: int, other: int
) -> None:
    """The hidden keys of two rows exchanged, as a sort of the visible columns alone would do."""
    sheets = []
    for sheet in filled.book.sheets:
        rows = [list(row) for row in sheet.rows]
        if sheet.title == "逐通评分":
            where = rows[0].index("_key")
            rows[one - 1][where], rows[other - 1][where] = rows[other - 1][where], rows[one - 1][where]
        sheets.append(replace(sheet, rows=rows))
    before, after = said(filled.book), said(replace(filled.book, sheets=tuple(sheets)))
    assert records(after) <= records(before)
    if one != other:
        lost = records(before) - records(after)
        assert {problem.sheet for problem in after.problems} == {"逐通评分"} or not lost
