from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.errors import InputError
from qa_audit.periods import Days, before, periods

NIGHTS = ("2026-10-31", "2026-11-01", "2026-11-16", "2026-11-20")


def days(first: str, last: str, kind: str | None = None) -> Days:
    return Days(date.fromisoformat(first), date.fromisoformat(last), kind)  # type: ignore[arg-type]  # as the table says


@pytest.mark.parametrize(
    ("first", "last", "kind", "found"),
    [
        (None, None, None, None),
        (None, None, "week", (days("2026-11-16", "2026-11-22", "week"),)),
        (None, None, "month", (days("2026-11-01", "2026-11-30", "month"),)),
        ("2026-11-01", None, None, (days("2026-11-01", "2026-11-20"),)),
        (None, "2026-11-18", None, (days("2026-10-31", "2026-11-18"),)),
        ("2026-11-20", "2026-11-20", None, (days("2026-11-20", "2026-11-20"),)),
        (
            "2026-10-01",
            "2026-11-17",
            "month",
            (days("2026-10-01", "2026-10-31", "month"), days("2026-11-01", "2026-11-30", "month")),
        ),
        (
            None,
            "2026-11-16",
            "week",
            (days("2026-10-26", "2026-11-01", "week"), days("2026-11-16", "2026-11-22", "week")),
        ),
        ("2026-11-02", "2026-11-15", "week", ()),
    ],
)
def test_which_days_are_meant(
    first: str | None, last: str | None, kind: str | None, found: tuple[Days, ...] | None
) -> None:
    assert periods(NIGHTS, first, last, kind) == found  # type: ignore[arg-type]  # as the table says


def test_days_in_the_wrong_order() -> None:
    with pytest.raises(InputError) as raised:
        periods(NIGHTS, "2026-11-20", "2026-11-01", None)
    assert str(raised.value) == (
        "no days: 2026-11-20 is after 2026-11-01; give --from-date a day not after --to-date"
    )


@pytest.mark.parametrize(
    ("one", "name", "label"),
    [
        (days("2026-11-16", "2026-11-22", "week"), "2026-W47", "2026年第47周（11-16 至 11-22）"),
        (days("2025-12-29", "2026-01-04", "week"), "2026-W01", "2026年第1周（12-29 至 01-04）"),
        (days("2026-02-01", "2026-02-28", "month"), "2026-02", "2026年2月"),
        (days("2026-02-03", "2026-02-04"), "2026-02-03_2026-02-04", "2026-02-03 至 2026-02-04"),
    ],
)
def test_names(one: Days, name: str, label: str) -> None:
    assert (one.name, one.label) == (name, label)


@pytest.mark.parametrize(
    ("one", "earlier"),
    [
        (days("2025-12-29", "2026-01-04", "week"), days("2025-12-22", "2025-12-28", "week")),
        (days("2026-03-01", "2026-03-31", "month"), days("2026-02-01", "2026-02-28", "month")),
        (days("2026-03-01", "2026-03-10"), days("2026-02-19", "2026-02-28")),
    ],
)
def test_what_came_before(one: Days, earlier: Days) -> None:
    assert before(one) == earlier


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(["week", "month"]))
def test_every_day_lies_in_one_period_and_periods_follow_each_other(day: date, kind: str) -> None:
    (one,) = periods([day.isoformat()], None, None, kind) or ()  # type: ignore[arg-type]  # drawn from the two
    assert one.first <= day <= one.last
    assert one.holds(day.isoformat())
    assert not before(one).holds(day.isoformat())
    assert before(one).last + timedelta(days=1) == one.first
