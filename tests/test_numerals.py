"""Numbers as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.numerals import days_of, number_of, numbers_in

DIGITS = "零一二三四五六七八九"
PLACES = ("", "十", "百", "千")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("15", 15.0),
        ("１５", 15.0),
        (" 4.5 ", 4.5),
        ("半", 0.5),
        ("两", 2.0),
        ("十", 10.0),
        ("十五", 15.0),
        ("二十", 20.0),
        ("三十", 30.0),
        ("百", 100.0),
        ("一百八十", 180.0),
        ("一百八", 180.0),
        ("一百零八", 108.0),
        ("一百一十五", 115.0),
        ("两千五", 2500.0),
        ("三千零五", 3005.0),
        ("一万二", 12_000.0),
        ("十二万", 120_000.0),
        ("一百二十万零三", 1_200_003.0),
        ("万", 10_000.0),
        ("一八零", 180.0),
        ("二〇二四", 2024.0),
        ("零", 0.0),
        # about so many: the greater one
        ("两三", 3.0),
        ("三五", 5.0),
        ("三四十", 40.0),
        ("十五六", 16.0),
    ],
)
def test_a_number_has_its_value(text: str, value: float) -> None:
    assert number_of(text) == value


@pytest.mark.parametrize("text", ["", "[数字x]", "<num>", "**", "几", "5天", "十几", "1.2.3", "-3"])
def test_what_is_no_number_has_no_value(text: str) -> None:
    assert number_of(text) is None


def test_all_numbers_of_a_text_in_order() -> None:
    assert numbers_in("3-5分钟，最多半小时，或者两天、[数字x]天") == [3.0, 5.0, 0.5, 2.0]


@given(st.integers(0, 9_999_999))
def test_a_written_out_number_is_read_back(value: int) -> None:
    assert number_of(_spoken(value)) == value


@given(st.integers(0, 10**9))
def test_digits_are_read_back(value: int) -> None:
    assert number_of(str(value)) == value


def _spoken(value: int) -> str:
    """A number in full: 一千零五, 一十二万零三十."""
    if value >= 10_000:
        rest = value % 10_000
        gap = "零" if 0 < rest < 1000 else ""
        return f"{_spoken(value // 10_000)}万{gap}{_spoken(rest) if rest else ''}"
    text = ""
    skipped = False
    for place in range(3, -1, -1):
        digit = value // 10**place % 10
        if digit:
            text += ("零" if skipped and text else "") + DIGITS[digit] + PLACES[place]
        skipped = digit == 0
    return text or "零"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("7天", (7, 7)),
        ("七个自然日", (7, 7)),
        ("7-15天", (7, 15)),
        ("七天到十五天", (7, 15)),
        ("两周", (14, 14)),
        ("三个星期", (21, 21)),
        ("一个月", (30, 30)),
        ("半个月", (15, 15)),
        ("一个半月", (45, 45)),
        ("1到2个月", (30, 60)),
        ("半年", (180, 180)),
        ("一年", (365, 365)),
        ("一年半", (547.5, 547.5)),
        ("7", (7, 7)),
        ("14 days", (14, 14)),
        ("2 weeks", (14, 14)),
        ("[数字x]天", None),
        ("几天", None),
        ("[数字x]-15天", None),
        ("天", None),
    ],
)
def test_days_of(text: str, days: tuple[float, float] | None) -> None:
    assert days_of(text) == days
