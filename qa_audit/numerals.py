"""Numbers as people write them: 15, 十五, 两, 半, 一百八十."""

from __future__ import annotations

import re

DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "两": 2,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
NUMBER = re.compile(r"\d+(?:\.\d+)?|[零〇一两二三四五六七八九十百千万]+|半")


def number_of(text: str) -> float | None:
    """The value of a number, None if ``text`` is not one (an anonymised number, say)."""
    text = text.strip()
    if not NUMBER.fullmatch(text):
        return None
    if text == "半":
        return 0.5
    if text[0].isdigit():
        return float(text)
    total, current = 0, 0
    for character in text:
        if character in UNITS:
            total += (current or 1) * UNITS[character]
            current = 0
        else:
            current = DIGITS[character]
    return float(total + current)


def numbers_in(text: str) -> list[float]:
    """Every number in ``text``, in order."""
    return [value for m in NUMBER.finditer(text) if (value := number_of(m[0])) is not None]
