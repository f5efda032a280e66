"""What a rating says: words and numbers on one scale from 1 to 5, and the classes that are learned from it.

2 classes: up to 2 is dissatisfied, from 4 on satisfied, what lies between is left out.
3 classes: the same, and what lies between is neutral. 5 classes: the rounded rating.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qa_audit.errors import InputError

CLASSES: Mapping[int, tuple[str, ...]] = {
    2: ("dissatisfied", "satisfied"),
    3: ("dissatisfied", "neutral", "satisfied"),
    5: ("very dissatisfied", "dissatisfied", "neutral", "satisfied", "very satisfied"),
}
LOW, HIGH = 2.0, 4.0  # up to here dissatisfied, from here on satisfied
WORDS: Mapping[str, float] = {
    **dict.fromkeys(("非常不满意", "很不满意", "极不满意", "very dissatisfied"), 1.0),
    **dict.fromkeys(("不满意", "差评", "不满", "差", "dissatisfied", "bad"), 2.0),
    **dict.fromkeys(("一般", "中评", "基本满意", "较满意", "neutral"), 3.0),
    **dict.fromkeys(("满意", "好评", "好", "比较满意", "satisfied", "good"), 4.0),
    **dict.fromkeys(("非常满意", "很满意", "十分满意", "very satisfied"), 5.0),
}


@dataclass(frozen=True, slots=True)
class Scale:
    """The lowest and the highest rating that can be given; numbers on it are stretched to 1 to 5."""

    low: float = 1.0
    high: float = 5.0

    @classmethod
    def of(cls, text: str) -> Scale:
        """A scale as written, ``1-10``. Raises InputError."""
        low, _, high = text.partition("-")
        try:
            scale = cls(float(low), float(high))
        except ValueError:
            scale = cls(0.0, 0.0)
        if scale.low >= scale.high:
            raise InputError(
                f'"{text}" is no scale of ratings; write the lowest and the highest, such as 1-10'
            )
        return scale

    def rating(self, value: object, where: str) -> float:
        """A number or a word as a rating from 1 to 5; ``where`` stands before the message of an InputError."""
        word = str(value).strip()
        if word.lower() in WORDS:
            return WORDS[word.lower()]
        try:
            number = float(word.removesuffix("分").removesuffix("星"))
        except ValueError:
            raise InputError(
                f'{where}: "{word}" is no rating; give a number, or one of {"、".join(WORDS)}'
            ) from None
        return self.stretched(number, where)

    def stretched(self, number: float, where: str) -> float:
        """A number on this scale as one from 1 to 5. Raises InputError where it lies outside."""
        if not self.low <= number <= self.high:
            raise InputError(
                f"{where}: the rating {number:g} is not between {self.low:g} and {self.high:g}; "
                "say what ratings can be with --scale, such as --scale 1-10"
            )
        return 1.0 + 4.0 * (number - self.low) / (self.high - self.low)


def class_of(rating: float | None, classes: int) -> int | None:
    """The number of the class of a rating from 1 to 5; None: there is none, or it says nothing in so many classes."""
    if rating is None:
        return None
    if classes == 5:
        return int(rating + 0.5) - 1
    if rating <= LOW:
        return 0
    if rating >= HIGH:
        return classes - 1
    return 1 if classes == 3 else None
