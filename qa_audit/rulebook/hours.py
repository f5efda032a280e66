"""Hours of service, as written (“09:00-23:00”)."""

from __future__ import annotations

import re


def minutes_of(text: str) -> tuple[int, int]:
    """Begin and end in minutes after midnight; ValueError if ``text`` is not like 09:00-23:00."""
    match = re.fullmatch(r"([01]?\d|2[0-4]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)", text)
    if match is None:
        raise ValueError(f"{text} is not like 09:00-23:00")
    hours = [int(part) for part in match.groups()]
    return hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
