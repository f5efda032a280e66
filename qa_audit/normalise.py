"""One spelling for text that means the same: width, case, traditional → simplified, common slips, no invisible characters.

Everything but the removal of invisible characters keeps the length, so most texts need no offset map.
Lexicons, patterns and training data go through the same function as transcripts.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import opencc

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
# What OpenCC's t2s leaves alone although mainland text writes it otherwise.
LEFT_BY_OPENCC = str.maketrans(
    {
        "別": "别",
        "甚": "什",
        "著": "着",
        "妳": "你",
        "祂": "他",
        "牠": "它",
        "喫": "吃",
        "嚐": "尝",
        "苧": "苎",
    }
)
SAME_PUNCTUATION = {
    "「": "“",
    "」": "”",
    "『": "“",
    "』": "”",
    "〝": "“",
    "〞": "”",
    "〜": "~",
    "∼": "~",
    "﹏": "_",
    "‐": "-",
    "–": "-",
}
# Slips of the input method that are never meant, each as long as what is meant.
SLIPS = {
    "自已": "自己",
    "己经": "已经",
    "操做": "操作",
    "投拆": "投诉",
    "投述": "投诉",
    "头诉": "投诉",
    "举抱": "举报",
    "态渡": "态度",
    "麻凡": "麻烦",
    "报歉": "抱歉",
    "抱谦": "抱歉",
    "道谦": "道歉",
    "因该": "应该",
    "查寻": "查询",
    "按装": "安装",
    "退贷": "退货",
    "发贷": "发货",
    "收贷": "收货",
}
SLIP = re.compile("|".join(SLIPS))


@dataclass(frozen=True, slots=True)
class Normalised:
    """Normalised ``text``; ``offsets[i]`` is where its character i stands in the original, None if nothing moved.

    ``offsets`` has one more entry than ``text`` has characters: the length of the original.
    """

    text: str
    offsets: tuple[int, ...] | None

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The span in the original text of ``text[start:end]``, for start < end."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


@cache
def _width_table() -> dict[int, str]:
    """Single characters that NFKC folds into one other character, and our own punctuation classes."""
    table: dict[int, str] = {}
    for low, high in ((0xA0, 0x3400), (0xF900, 0xFB00), (0xFE10, 0xFFF0)):
        for point in range(low, high):
            folded = unicodedata.normalize("NFKC", chr(point))
            if len(folded) == 1 and folded != chr(point):
                table[point] = SAME_PUNCTUATION.get(folded, folded)
    table |= {ord(mark): same for mark, same in SAME_PUNCTUATION.items()}
    # half of a character: no encoder takes it
    table |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
    table |= {point: " " for point in range(32) if chr(point) != "\n"} | {0x7F: " "}
    return table


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@cache
def _traditional() -> frozenset[str]:
    """The characters that make OpenCC worth calling."""
    points = [chr(point) for low, high in ((0x3400, 0x4DC0), (0x4E00, 0xA000)) for point in range(low, high)]
    simplified = _converter().convert("\n".join(points)).split("\n")
    changed = {old for old, new in zip(points, simplified, strict=True) if old != new}
    return frozenset(changed | {chr(point) for point in LEFT_BY_OPENCC})


def fold(text: str) -> str:
    """The length-preserving part of ``normalise``: width, case, punctuation, traditional → simplified, common slips."""
    folded = text.translate(_width_table())
    lowered = folded.lower()
    if len(lowered) != len(folded):  # İ and its like become two characters: they stay
        lowered = "".join(low if len(low := c.lower()) == 1 else c for c in folded)
    folded = lowered
    if not _traditional().isdisjoint(folded):
        # 甚 alone is 甚至, only 甚么 and 甚麼 are 什么; 著 is 着 but in 著名, 显著 and their like
        simplified = re.sub(
            "甚(?=[么麼])|(?<![显名原土编论巨专译遗])著(?![名作称者书述])|[別妳祂牠喫嚐苧]",
            lambda m: m[0].translate(LEFT_BY_OPENCC),
            _converter().convert(folded),
        )
        if len(simplified) == len(folded):
            folded = simplified
    return SLIP.sub(lambda m: SLIPS[m[0]], folded)


def normalise(text: str) -> Normalised:
    """``text`` in one spelling, with the way back to the original offsets."""
    if not INVISIBLE.search(text):
        return Normalised(fold(text), None)
    kept = [i for i, character in enumerate(text) if not INVISIBLE.match(character)]
    return Normalised(fold("".join(text[i] for i in kept)), (*kept, len(text)))
