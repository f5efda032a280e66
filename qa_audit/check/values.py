"""Whether a value that somebody gave (a number, an address, a time, an amount) is said again, whole or in part."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa_audit.check.altered import differs
from qa_audit.numerals import number_of

Span = tuple[int, int]

# Spoken digits are digits; 星期六 and 礼拜六 end like 周六. One character for one, so that spans hold.
PLAIN = str.maketrans("零〇一幺二两三四五六七八九期拜", "0011223456789周周")
SUNDAY = re.compile("周[日天]")
WEEKDAY = re.compile(r"周\d")
MASK = re.compile(r"\[([^\[\]\d]+?)x\]|<([a-z]+)>")
# 明天 is a date to whoever anonymises, 3号 a number: these masks stand for one another
SAME_MASKS = {"日期": "数字", "时间": "数字", "电话": "数字", "手机": "数字", "金额": "数字", "num": "数字"}
RUN = re.compile(r"\d(?:[\s*-]{0,8}\d){3,}")
NUMBER = re.compile(r"\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千]+")
LONG = 7  # digits: a telephone number
PART = 4  # digits of it that are enough
WORD = re.compile(r"[\u4e00-\u9fff]{2,}")
HALF_A_DAY = 12  # hours: 下午三点 is 15点
NOT_A_COUNT = ("分钟", "小时", "工作日", "天内", "秒")
# what any address or request shares with any other
GENERIC = re.compile(
    "地址|收货|小区|号楼|单元|大道|花园|广场|大厦|公寓|公司|门口|电话|号码|手机|送到|寄到|改成|改到|换成|可以|麻烦|帮我|一下|谢谢|时间|"
    "[我您你]的|[这那]个|就是|好的|左右|[之以][前后]|元钱|块钱|差价"
)


FULL_HOUR = re.compile(r"(\d):00(?!\d)")
HOUR = re.compile(r"(?<=\d):(?=\d\d)")


def _clock(text: str) -> str:
    """14:00 as 14点, 幺 as 一; as long as before."""
    return HOUR.sub("点", FULL_HOUR.sub(r"\1点  ", text)).replace("幺", "一")


def _plain(text: str) -> str:
    return SUNDAY.sub("周7", text.translate(PLAIN))


def said_again(value: str, text: str) -> Span | None:
    """Where normalised ``text`` holds a telling part of normalised ``value``: four digits, a number, two characters.

    A mask is said again by a mask of its kind: what it hides may well be the same. A value of which a part comes back
    wrong (12号楼3单元 for 12号楼2单元) is not said again.
    """
    value, text = _clock(value), _clock(text)
    return None if differs(value, text) else next(_again(value, text), None)


def _again(value: str, text: str) -> Iterator[Span]:
    masks = {_kind(m) for m in MASK.finditer(value)}
    yield from (m.span() for m in MASK.finditer(text) if _kind(m) in masks)
    value, text = MASK.sub(lambda m: " " * len(m[0]), value), MASK.sub(lambda m: " " * len(m[0]), text)
    digits = "".join(c for c in value.translate(PLAIN) if c.isdigit())
    if len(digits) >= LONG:
        for run in RUN.finditer(text.translate(PLAIN)):
            said = [part for part in re.split(r"\*+", re.sub(r"[\s-]", "", run[0])) if part]
            if sum(map(len, said)) >= PART and all(part in digits for part in said):
                yield run.span()
    else:
        yield from _numbers(value, text)
    yield from _words(_plain(value), _plain(text))


def _kind(mask: re.Match[str]) -> str:
    name = mask[1] or mask[2]
    return next((same for start, same in SAME_MASKS.items() if name.startswith(start)), name)


def _numbers(value: str, text: str) -> Iterator[Span]:
    """The numbers of a value, in digits or in characters, but not as a span of time."""
    given = {number for m in NUMBER.finditer(value) if (number := number_of(m[0])) is not None}
    if "点" in value or "时" in value:
        given |= {hour + HALF_A_DAY for hour in given} | {hour - HALF_A_DAY for hour in given}
    for found in NUMBER.finditer(text):
        if number_of(found[0]) in given and not text.startswith(NOT_A_COUNT, found.end()):
            yield found.span()


def _words(value: str, text: str) -> Iterator[Span]:
    for run in WORD.finditer(value):
        for at in range(run.start(), run.end() - 1):
            pair = value[at : at + 2]
            found = text.find(pair) if GENERIC.fullmatch(pair) is None else -1
            if found >= 0:
                yield found, found + 2
    for pair in WEEKDAY.findall(value):
        found = text.find(pair)
        if found >= 0:
            yield found, found + 2
