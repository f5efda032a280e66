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
    if UNITS.keys().isdisjoint(text):
        return _without_units(text)
    total, section, current, unit = 0, 0, 0, 0
    for character in text:
        if character == "万":
            total, section, current, unit = (total + section + current or 1) * 10_000, 0, 0, 10_000
        elif character in UNITS:
            section += (current or 1) * UNITS[character]
            current, unit = 0, UNITS[character]
        elif character in "零〇":
            unit = 0  # 一百零八: the unit is said, 一百八 leaves it out
        else:
            current = DIGITS[character]
    return float(total + section + current * (unit // 10 if unit > 10 and text[-1] in DIGITS else 1))


def _without_units(text: str) -> float:
    """两三 is about three, 一八零 three digits of a number."""
    if len(text) == 2 and "零" not in text and "〇" not in text:
        return float(DIGITS[text[-1]])
    return float("".join(str(DIGITS[character]) for character in text))


UNIT_DAYS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30, "年": 365}
UNIT_DAYS |= {"day": 1, "week": 7, "month": 30, "year": 365}
DURATION = re.compile(
    r"(?:(?P<low>[^-~到至\s天日月年]+)(?:天|日|个?月)?\s*[-~到至]\s*)?(?P<number>.+?)\s*个?(?:多|整)?(?P<and_a_half>半)?(?:自然)?"
    r"(?P<unit>天|日|周|星期|礼拜|月|年|day|week|month|year)(?P<half>半)?s?"
)


def days_of(text: str) -> tuple[float, float] | None:
    """Fewest and most days of a duration (7天, 7-15天, 两周, 14 days, 一个半月 45, 半年 180); None if it has no known number.

    A month is 30 days and a year 365, half a year 180; a number without a unit counts days.
    """
    text = text.strip()
    match = DURATION.fullmatch(text)
    if match is None:
        plain = number_of(text)
        return None if plain is None else (plain, plain)
    most = number_of(match["number"]) if match["number"] != "" else None
    if most is None:
        return None
    unit = UNIT_DAYS[match["unit"]]
    most += 0.5 if match["and_a_half"] or match["half"] else 0
    low = number_of(match["low"]) if match["low"] else most
    if low is None:
        return None
    if unit == 365:
        return tuple(180.0 if years == 0.5 else years * unit for years in (low, most))  # type: ignore[return-value]  # two of them
    return low * unit, most * unit


def numbers_in(text: str) -> list[float]:
    """Every number in ``text``, in order."""
    return [value for m in NUMBER.finditer(text) if (value := number_of(m[0])) is not None]
