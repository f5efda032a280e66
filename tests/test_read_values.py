"""Single values as exports write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.read import values
from qa_audit.read.values import Unreadable, name_of, number_of, seconds_of, text_of, time_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
TEN = datetime(2026, 11, 20, 10, 0, 5, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-20 10:00:05",
        "2026-11-20T10:00:05",
        "2026-11-20T10:00:05+08:00",
        "2026-11-20T02:00:05Z",
        "2026/11/20 10:00:05",
        " 2026/11/20 10:0:5 ",
        "2026年11月20日 10:00:05",
        "2026年11月20日 上午10时00分05秒",
        "20261120T100005",
        "1795140005",
        "1795140005000",
        1_795_140_005,
        1_795_140_005_000.0,
        46346.416724537035,
        "46346.416724537035",
        datetime(2026, 11, 20, 10, 0, 5),  # noqa: DTZ001 - as Excel gives it
        datetime(2026, 11, 20, 2, 0, 5, tzinfo=UTC),
    ],
)
def test_one_moment_in_every_spelling(written: object) -> None:
    assert time_of(written, SHANGHAI) == TEN
    assert time_of(written, SHANGHAI).utcoffset() == timedelta(hours=8)


def test_times_without_seconds_and_halves_of_the_day() -> None:
    assert time_of("2026-11-20 10:00", SHANGHAI) == TEN.replace(second=0)
    assert time_of("2026/1/2 9:05", SHANGHAI) == datetime(2026, 1, 2, 9, 5, tzinfo=SHANGHAI)
    assert time_of("2026-11-20 下午3:05", SHANGHAI) == datetime(2026, 11, 20, 15, 5, tzinfo=SHANGHAI)
    assert time_of("2026-11-20 上午12:05", SHANGHAI) == datetime(2026, 11, 20, 0, 5, tzinfo=SHANGHAI)
    assert time_of("2026/11/20 10:00:05.250", SHANGHAI) == TEN.replace(microsecond=250_000)


@pytest.mark.parametrize("written", ["2026-11-20", "2026/11/20", date(2026, 11, 20)])
def test_a_date_is_no_time(written: object) -> None:
    with pytest.raises(Unreadable) as raised:
        time_of(written, SHANGHAI)
    assert (raised.value.reason, raised.value.remedy) == (
        f"时间“{written}”只有日期，没有时刻",
        "导出时带上时分秒",
    )


@pytest.mark.parametrize(
    "written", ["昨天", "11/20/2026 10:00", "2026-13-40 10:00:00", "2026/13/40 10:00", "10:00:05", True, 7]
)
def test_what_is_no_time(written: object) -> None:
    with pytest.raises(Unreadable) as raised:
        time_of(written, SHANGHAI)
    assert (raised.value.reason, raised.value.remedy) == (
        f"时间“{written}”无法识别",
        "写成 2026-11-20 10:00:05 或 ISO 8601",
    )


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_iso_times_come_back(at: datetime) -> None:
    assert time_of(at.isoformat(), SHANGHAI).replace(tzinfo=None) == at
    assert time_of(at.isoformat(" ").replace("-", "/"), SHANGHAI).replace(tzinfo=None) == at


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (" 小李 ", "小李"),
        ("'00123", "00123"),
        (42, "42"),
        (42.0, "42"),
        ("", None),
        ("  ", None),
        (None, None),
        (1.5, "1.5"),
    ],
)
def test_names(given: object, name: str | None) -> None:
    assert name_of(given) == name


@pytest.mark.parametrize("given", ["2.98765E+17", "1e+20", 298_765_432_109_876_500.0])
def test_numbers_that_excel_has_cut_are_no_names(given: object) -> None:
    with pytest.raises(Unreadable) as raised:
        name_of(given)
    assert raised.value.remedy == "把该列设为“文本”后重新导出"


@pytest.mark.parametrize("given", [["a"], {"a": 1}, True])
def test_other_types_are_no_names(given: object) -> None:
    with pytest.raises(Unreadable) as raised:
        name_of(given)
    assert raised.value.reason == f"“{given}”不是编号或名称"


@pytest.mark.parametrize(
    ("given", "number"), [("3", 3.0), ("3声", 3.0), ("12.5 秒", 12.5), ("5分", 5.0), (4, 4.0), (4.5, 4.5)]
)
def test_numbers(given: object, number: float) -> None:
    assert number_of(given) == number


@pytest.mark.parametrize("given", ["-1", "三声", "nan", -2, True, float("inf"), "1,5", None])
def test_what_is_no_number(given: object) -> None:
    with pytest.raises(Unreadable) as raised:
        number_of(given)
    assert (raised.value.reason, raised.value.remedy) == (f"“{given}”不是有效的数", "写成不小于 0 的数字")


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("65.2", 65.2),
        ("01:05", 65.0),
        ("00:01:05.5", 65.5),
        ("1:00:00", 3600.0),
        (timedelta(minutes=2), 120.0),
        (7, 7.0),
    ],
)
def test_seconds(given: object, seconds: float) -> None:
    assert seconds_of(given) == seconds


@pytest.mark.parametrize(
    ("convert", "given", "value"),
    [
        (values.count_of, "3声", 3),
        (values.flag_of, "是", True),
        (values.flag_of, False, False),
        (values.flag_of, "0", False),
        (values.kind_of, "图片", "image"),
        (values.kind_of, "Text", "text"),
        (values.channel_of, "微信", "chat"),
        (values.channel_of, "热线", "phone"),
        (values.direction_of, "外呼", "outbound"),
        (values.sound_channels_of, 2.0, 2),
        (values.sound_channels_of, "双声道", 2),
        (values.rating_of, "非常满意", 5.0),
        (values.rating_of, "4分", 4.0),
        (text_of, 42.0, "42"),
        (text_of, " 好 ", " 好 "),
        (text_of, None, ""),
    ],
)
def test_words_and_counts(convert: Callable[[object], object], given: object, value: object) -> None:
    assert convert(given) == value


@pytest.mark.parametrize(
    ("convert", "given", "reason"),
    [
        (values.count_of, "2.5", "“2.5”不是整数"),
        (values.flag_of, "也许", "“也许”不是“是”或“否”"),
        (values.kind_of, "红包", "消息类型“红包”未知"),
        (values.channel_of, "门店", "渠道“门店”未知"),
        (values.direction_of, "转接", "呼叫方向“转接”未知"),
        (values.sound_channels_of, "3", "声道数“3”未知"),
        (text_of, ["a"], "内容“['a']”不是文本"),
    ],
)
def test_words_that_mean_nothing(convert: Callable[[object], object], given: object, reason: str) -> None:
    with pytest.raises(Unreadable) as raised:
        convert(given)
    assert raised.value.reason == reason
