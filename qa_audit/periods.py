"""Weeks, months and other runs of days: which days a report is of, and which came before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from qa_audit.errors import InputError

PeriodKind = Literal["week", "month"]
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """Days from ``first`` to ``last``; ``kind`` None: neither a calendar week nor a calendar month."""

    first: date
    last: date
    kind: PeriodKind | None = None

    @property
    def name(self) -> str:
        """The name of a folder: 2026-W47, 2026-11, or 2026-11-01_2026-11-20."""
        if self.kind == "week":
            return f"{self.first:%G-W%V}"
        return f"{self.first:%Y-%m}" if self.kind == "month" else f"{self.first}_{self.last}"

    @property
    def label(self) -> str:
        """What readers see."""
        if self.kind == "week":
            return f"{self.first:%G}年第{self.first.isocalendar().week}周（{self.first:%m-%d} 至 {self.last:%m-%d}）"
        return (
            f"{self.first.year}年{self.first.month}月"
            if self.kind == "month"
            else f"{self.first} 至 {self.last}"
        )

    def holds(self, night: str) -> bool:
        """Whether a night is one of these days."""
        return self.first.isoformat() <= night <= self.last.isoformat()


def before(days: Days) -> Days:
    """The week, month or as many days before."""
    if days.kind is not None:
        return _around(days.first - DAY, days.kind)
    return Days(days.first - (days.last - days.first) - DAY, days.first - DAY)


def periods(
    nights: Sequence[str], first: str | None, last: str | None, kind: PeriodKind | None
) -> tuple[Days, ...] | None:
    """The periods that dates choose from some nights (dates, oldest first), oldest first; None: nothing is said.

    With a kind: every whole week or month in which a night of these dates lies, without dates the last one. Else the
    dates are one period; a date that is left out is that of the first or last night.

    Raises:
        InputError: the dates are in the wrong order.
    """
    if first is None and last is None:
        return None if kind is None else (_around(date.fromisoformat(nights[-1]), kind),)
    low, high = date.fromisoformat(first or nights[0]), date.fromisoformat(last or nights[-1])
    if low > high:
        raise InputError(f"no days: {low} is after {high}; give --from-date a day not after --to-date")
    days = Days(low, high)
    if kind is None:
        return (days,)
    found = {_around(date.fromisoformat(night), kind) for night in nights if days.holds(night)}
    return tuple(sorted(found, key=lambda one: one.first))


def _around(day: date, kind: PeriodKind) -> Days:
    """The week from Monday to Sunday, or the month, that a day lies in."""
    if kind == "week":
        monday = day - day.weekday() * DAY
        return Days(monday, monday + 6 * DAY, kind)
    first = day.replace(day=1)
    return Days(first, (first + 31 * DAY).replace(day=1) - DAY, kind)
