"""Hours of service, as people write them (“09:00-23:00”), in minutes after midnight."""

from __future__ import annotations

import re

DAY = 24 * 60


def minutes_of(text: str) -> tuple[int, int]:
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
