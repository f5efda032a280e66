"""Whether whoever says a value again says part of it differently: 3单元 for 2单元, 周日 for 周六, 九点 for 十点."""

from __future__ import annotations

import re
from collections import defaultdict

from qa_audit.numerals import number_of

NUMBER = r"(\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千]+)"
WITH_UNIT = re.compile(
    NUMBER + r"(号楼|单元|[号日栋幢座室楼层点时元块弄月])(?![分钟]|工作)"  # 2楼, not 2分钟
)
BARE = re.compile(
    r"(?<![\d.一-九])(\d{3,6}|[零〇一二两三四五六七八九]{3,6})(?!\d|[号日栋幢座室楼层点时元块弄月年天])"
)
SAME_UNIT = {"日": "号", "幢": "栋", "座": "栋", "号楼": "栋", "时": "点", "块": "元"}
HALF_A_DAY = 12  # hours: 下午三点 is 15点
# days are compared with days of their kind only: 明天 may well be 周四
DAYS = (re.compile(r"(?:周|星期|礼拜)[一二三四五六日天]"), re.compile("大后天|[今明后](?=[天日儿早晚])"))
SAME_DAY = {"星期": "周", "礼拜": "周", "天": "日"}
MORNING = "上午|早上|早晨|一早|清早"
LATER = "下午|后晌|晚上|傍晚|夜里"
HALF = re.compile(
    rf"(?P<morning>{MORNING})|(?P<later>{LATER})|(?<=[今明])(?P<early>早)|(?<=[今明])(?P<late>晚)"
)


def differs(value: str, text: str) -> bool:
    """Whether ``text`` says a number with its unit, a day or a half of the day that is none of ``value``."""
    given, said = _numbers(value), _numbers(text)
    if any(said[unit] and said[unit].isdisjoint(given[unit]) for unit in given):
        return True
    if any(
        (mine := _days(d, text)) and (theirs := _days(d, value)) and mine.isdisjoint(theirs) for d in DAYS
    ):
        return True
    return _later(value) is not None and _later(text) is (not _later(value))


def _numbers(text: str) -> defaultdict[str, set[float]]:
    """The numbers by their unit; those without one by how many digits they have."""
    found: defaultdict[str, set[float]] = defaultdict(set)
    for number, unit in WITH_UNIT.findall(text):
        if (n := number_of(number)) is not None:
            name = SAME_UNIT.get(unit, unit)
            found[name].add(n % HALF_A_DAY if name == "点" else n)
    for number in BARE.findall(text):
        if (n := number_of(number)) is not None:
            found[f"{len(number)}位"].add(n)
    return found


def _days(kind: re.Pattern[str], text: str) -> set[str]:
    days = kind.findall(text)
    for other, name in SAME_DAY.items():
        days = [day.replace(other, name) for day in days]
    return set(days)


def _later(text: str) -> bool | None:
    """Whether a time is after noon; None where nothing says so, or some of it is and some not."""
    halves = {m["morning"] is None and m["early"] is None for m in HALF.finditer(text)}
    return halves.pop() if len(halves) == 1 else None
