"""Single values as exports write them: times, seconds, numbers, yes and no, kinds. None of them guesses.

Each function takes what a file gave (text, or a typed value of JSON, Excel or Parquet) and returns the canonical
value, or raises ``Unreadable`` with a reason and a remedy in the words of the reader.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from qa_audit.records import Channel, Direction, Kind

Meaning = TypeVar("Meaning")

WRITTEN_TIME = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]*(上午|下午)?[ ]*(\d{1,2})[:：时点](\d{1,2})"
    r"(?:[:：分](\d{1,2})(?:[.,](\d{1,6})\d*)?)?[分秒]?"
)
CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:\.\d+)?)")
NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(?:声|次|秒|秒钟|分|星|s|声道)?")
YES = frozenset({"true", "1", "1.0", "yes", "y", "是", "自动", "自动回复", "离线", "√"})
NO = frozenset({"false", "0", "0.0", "no", "n", "否", "人工", "在线", "×"})
KINDS: dict[str, Kind] = {
    **dict.fromkeys(("text", "文本", "文字", "文本消息"), "text"),
    **dict.fromkeys(("image", "picture", "图片", "表情", "图片消息"), "image"),
    **dict.fromkeys(("voice", "audio", "语音", "语音消息"), "voice"),
    **dict.fromkeys(
        ("card", "link", "卡片", "商品卡片", "订单卡片", "商品", "订单", "链接", "卡片消息"), "card"
    ),
    **dict.fromkeys(("recalled", "撤回", "已撤回", "撤回消息"), "recalled"),
}
CHANNELS: dict[str, Channel] = {
    **dict.fromkeys(
        (
            "chat",
            "im",
            "在线",
            "在线客服",
            "在线聊天",
            "聊天",
            "网页",
            "网站",
            "官网",
            "app",
            "h5",
            "pc",
            "小程序",
            "公众号",
            "微信",
            "淘宝",
            "天猫",
            "京东",
            "拼多多",
            "抖音",
            "快手",
        ),
        "chat",
    ),
    **dict.fromkeys(("phone", "call", "电话", "热线", "通话"), "phone"),
    **dict.fromkeys(("email", "mail", "邮件", "邮箱"), "email"),
}
DIRECTIONS: dict[str, Direction] = {
    **dict.fromkeys(("inbound", "in", "呼入", "来电"), "inbound"),
    **dict.fromkeys(("outbound", "out", "呼出", "外呼", "去电"), "outbound"),
}
SATISFACTION = {"非常不满意": 1.0, "不满意": 2.0, "一般": 3.0, "满意": 4.0, "非常满意": 5.0}
SOUND_CHANNELS: dict[str, Literal[1, 2]] = {"单声道": 1, "双声道": 2, "1": 1, "2": 2}
EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - an Excel day has no time zone; ours is put on it below


class Unreadable(Exception):  # noqa: N818 - a row that cannot be read, not a fault of the program
    """A value, row or chat that cannot be read, with ``reason`` and ``remedy`` for ``Problem``."""

    def __init__(self, reason: str, remedy: str) -> None:
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{reason}；{remedy}")


def shown(value: object) -> str:
    """A value as quoted in a reason, shortened."""
    text = str(value)
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"


def name_of(value: object) -> str | None:
    """An id or a name: text, or a whole number that a table made of it; None if empty.

    Raises:
        Unreadable: another type, or a number so long that Excel has already replaced its end by zeros.
    """
    if isinstance(value, str):
        name = value.strip()
        if name[:1] == "'":  # how exports keep Excel from making a number of it
            name = name[1:]
        if "+" in name and re.fullmatch(r"\d(?:\.\d+)?[eE]\+\d{2}", name):
            raise Unreadable(
                f"编号{shown(name)}已被 Excel 改成科学计数，末尾数字已丢失", "把该列设为“文本”后重新导出"
            )
        return name or None
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable(f"{shown(value)}不是编号或名称", "改为文本")
    if isinstance(value, float):
        if not value.is_integer():
            return repr(value)
        if abs(value) >= 1e15:
            raise Unreadable(
                f"编号{shown(int(value))}在 Excel 里存成了数字，末尾数字已丢失", "把该列设为“文本”后重新导出"
            )
    return str(int(value))


def text_of(value: object) -> str:
    """What was said; a table's numbers are written out, nothing is stripped."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool | list | dict):
        raise Unreadable(f"内容{shown(value)}不是文本", "内容应为文本")
    return str(value)


def time_of(value: object, zone: tzinfo) -> datetime:
    """An aware time in ``zone``: ISO 8601, ``2026/11/20 10:00:05``, 2026年11月20日 10:00, Excel, epoch (s, ms)."""
    found = _written_time(value.strip()) if isinstance(value, str) else _typed_time(value)
    if found is None:
        raise Unreadable(f"时间{shown(value)}无法识别", "写成 2026-11-20 10:00:05 或 ISO 8601")
    return found.astimezone(zone) if found.tzinfo else found.replace(tzinfo=zone)


def _written_time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return _parts_of_time(text)
    if len(text) <= 10 and ":" not in text:
        raise Unreadable(f"时间{shown(text)}只有日期，没有时刻", "导出时带上时分秒")
    return found


def _parts_of_time(text: str) -> datetime | None:
    found = WRITTEN_TIME.fullmatch(text)
    if found is None:
        return _typed_time(float(text)) if re.fullmatch(r"\d{10}|\d{13}|\d{5}\.\d+", text) else None
    year, month, day, half, hour, minute, second, fraction = found.groups()
    hours = int(hour) + (
        12 if half == "下午" and int(hour) < 12 else -12 if half == "上午" and hour == "12" else 0
    )
    try:
        return datetime(  # noqa: DTZ001 - time_of puts the configured zone on it
            int(year),
            int(month),
            int(day),
            hours,
            int(minute),
            int(second or 0),
            int((fraction or "0").ljust(6, "0")),
        )
    except ValueError:
        return None


def _typed_time(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        raise Unreadable(f"时间{shown(value)}只有日期，没有时刻", "导出时带上时分秒")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if 20_000 < value < 80_000:  # days of Excel, 1954 to 2119
        return EXCEL_EPOCH + timedelta(seconds=round(value * 86_400, 3))
    for unit in (1, 1000):  # seconds, milliseconds since 1970, from 2001 to 2286
        if 1e9 <= value / unit < 1e10:
            return datetime.fromisoformat("1970-01-01T00:00:00+00:00") + timedelta(seconds=value / unit)
    return None


def number_of(value: object) -> float:
    """A finite number, not negative; a unit behind it (3声, 12秒, 5分) is left off."""
    found = NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
    number = float(found[1]) if found else value
    if (
        isinstance(number, bool)
        or not isinstance(number, int | float)
        or not math.isfinite(number)
        or number < 0
    ):
        raise Unreadable(f"{shown(value)}不是有效的数", "写成不小于 0 的数字")
    return float(number)


def count_of(value: object) -> int:
    """A whole number, not negative."""
    number = number_of(value)
    if not number.is_integer():
        raise Unreadable(f"{shown(value)}不是整数", "写成整数")
    return int(number)


def seconds_of(value: object) -> float:
    """Seconds: a number, 12秒, ``01:05`` or ``00:01:05.2``, or a length of time from Excel."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    found = CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if found:
        return int(found[1] or 0) * 3600 + int(found[2]) * 60 + float(found[3])
    return number_of(value)


def rating_of(value: object) -> float:
    """A rating: a number, or one of the five grades from 非常不满意 (1) to 非常满意 (5)."""
    if isinstance(value, str) and value.strip() in SATISFACTION:
        return SATISFACTION[value.strip()]
    return number_of(value)


def flag_of(value: object) -> bool:
    """Yes or no, in Chinese, English, or as 1 and 0."""
    word = str(value).strip().lower()
    if word in YES or word in NO:
        return word in YES
    raise Unreadable(f"{shown(value)}不是“是”或“否”", "写成 是/否 或 true/false")


def kind_of(value: object) -> Kind:
    """What a message is: 文本, 图片, 语音, 卡片, 撤回."""
    return _word(value, KINDS, "消息类型")


def channel_of(value: object) -> Channel:
    """Where a chat took place: 在线, 电话, 邮件."""
    return _word(value, CHANNELS, "渠道")


def direction_of(value: object) -> Direction:
    """Who called: 呼入, 外呼."""
    return _word(value, DIRECTIONS, "呼叫方向")


def sound_channels_of(value: object) -> Literal[1, 2]:
    """One mixed sound channel, or one for each side."""
    return _word(f"{value:g}" if isinstance(value, float) else value, SOUND_CHANNELS, "声道数")


def _word(value: object, known: Mapping[str, Meaning], what: str) -> Meaning:
    found = known.get(str(value).strip().lower())
    if found is None:
        raise Unreadable(f"{what}{shown(value)}未知", f"用其中之一：{'、'.join(known)}")
    return found
