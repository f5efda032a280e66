"""Hours of service, as people write them (“09:00-23:00”), in minutes after midnight."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

DAY = 24 * 60
Hours = tuple[int, int]


def minutes_of(text: str) -> Hours:
    """Begin and end in minutes after midnight; begin > end where they cross midnight.

    Raises:
        ValueError: ``text`` is no span of hours of one day; the message says how to write one.
    """
    found = re.fullmatch(r"(\d\d?):(\d\d)\s*[-–~]\s*(\d\d?):(\d\d)", text)
    if found is None:
        raise ValueError(f'"{text}" is no span of hours; write it like "09:00-23:00"')
    begin, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if max(begin, end) > DAY or int(found[2]) > 59 or int(found[4]) > 59 or begin == end:
        raise ValueError(f'"{text}" is no span of hours of one day; round the clock is "00:00-24:00"')
    return begin, end


def clock(minutes: int) -> str:
    """Minutes after midnight as 09:00."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def is_open(at: datetime, hours: Hours) -> bool:
    """Whether a moment lies in the hours of service."""
    begin, end = hours
    minute = at.hour * 60 + at.minute
    return begin <= minute < end if begin <= end else not end <= minute < begin


def open_seconds(begin: datetime, end: datetime, hours: Hours) -> float:
    """Seconds from ``begin`` to ``end`` that lie in the hours of service; negative where ``end`` comes first."""
    if end < begin:
        return (end - begin).total_seconds()
    opens, closes = (timedelta(minutes=minutes) for minutes in hours)
    length = closes - opens if opens < closes else closes - opens + timedelta(days=1)
    midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    seconds = 0.0
    while midnight + opens < end:
        start, stop = max(begin, midnight + opens), min(end, midnight + opens + length)
        seconds += max(0.0, (stop - start).total_seconds())
        midnight += timedelta(days=1)
    return seconds
