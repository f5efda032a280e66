"""Cues that excuse a hit: negated, quoted, reported, hypothetical, asked.

After ConText (Chapman et al., 2007; Harkema et al., 2009): cue, reach, stop, pseudo-cue. Works on normalised text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Span = tuple[int, int]
CueKind = Literal["negated", "quoted", "reported", "hypothetical", "question"]
CUE_NAMES: dict[str, str] = {
    "negated": "否定",
    "quoted": "引用",
    "reported": "转述",
    "hypothetical": "假设",
    "question": "疑问",
}

SENTENCE_END = re.compile(r"[\n;。!?…~]")
VOID_REACH = 4  # 了的呢 and their like stand between a hit and its 吗


@dataclass(frozen=True, slots=True)
class Cue:
    """Words of one kind; ``reach`` is how many characters may stand between cue and hit.

    ``follows``: the cue stands after the hit (吗). ``stops`` hold for this cue besides the common ones. ``void``
    are words that take the cue's meaning away when they stand close beyond the hit: 不是……吗 asserts.
    """

    kind: str
    words: tuple[str, ...]
    reach: int
    follows: bool = False
    stops: tuple[str, ...] = ()
    void: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cues:
    """The cues of a standard, as read from ``lexicons/cues.yml``."""

    cues: tuple[Cue, ...]
    pseudo: tuple[str, ...]
    stops: tuple[str, ...]
    quote_pairs: tuple[tuple[str, str], ...]
    quote_after: tuple[str, ...]
    quote_reach: int

    def excuse(self, text: str, hit: Span, sentence: Span, kinds: tuple[str, ...]) -> str:
        """The cue that excuses ``hit`` as “否定：不是”, or an empty string."""
        if "quoted" in kinds and (verb := self._quoted(text, hit)):
            return f"{CUE_NAMES['quoted']}：{verb}“…”"
        for cue in self.cues:
            if cue.kind in kinds and (word := self._reaches(cue, text, hit, sentence)):
                return f"{CUE_NAMES[cue.kind]}：{word}"
        return ""

    def _reaches(self, cue: Cue, text: str, hit: Span, sentence: Span) -> str:
        if cue.follows:
            low, high = hit[1], min(sentence[1], hit[1] + cue.reach + max(map(len, cue.words)))
        else:
            low, high = max(sentence[0], hit[0] - cue.reach - max(map(len, cue.words))), hit[0]
        if cue.void and any(word in _beyond(text, hit, sentence, before=cue.follows) for word in cue.void):
            return ""
        found = list(_alternation(cue.words).finditer(text, low, high))
        for match in found if cue.follows else reversed(found):  # the nearest first
            between = (hit[1], match.start()) if cue.follows else (match.end(), hit[0])
            if between[1] - between[0] > cue.reach or self._is_pseudo(text, match.span()):
                continue
            if not self._stopped(cue, text, between):
                return match[0]
        return ""

    def _stopped(self, cue: Cue, text: str, between: Span) -> bool:
        """Whether a stop stands between cue and hit, or begins the hit: 不是……，|是您……, 不是……，|就是您……."""
        start, end = between
        if cue.follows:
            return any(stop in text[start:end] for stop in (*self.stops, *cue.stops))
        return any(stop in text[start : end + len(stop)] for stop in self.stops) or any(
            stop in text[start : end + 1] for stop in cue.stops
        )

    def _is_pseudo(self, text: str, span: Span) -> bool:
        """Whether the cue is part of a longer word that only looks like it (难道不是, 跟您说)."""
        if not self.pseudo:
            return False
        longest = max(map(len, self.pseudo))
        around = _alternation(self.pseudo).finditer(text, max(0, span[0] - longest), span[1] + longest)
        return any(m.start() <= span[0] and span[1] <= m.end() for m in around)

    def _quoted(self, text: str, hit: Span) -> str:
        """The verb of saying before the quotation that holds ``hit``; emphasis quotes have none."""
        for opening, closing in self.quote_pairs:
            start = text.rfind(opening, 0, hit[0] + 1)
            if start < 0 or text.find(closing, start + 1, hit[0]) >= 0 or text.find(closing, hit[1] - 1) < 0:
                continue
            if opening == closing and text.count(opening, 0, start) % 2:
                continue  # this mark closes the quotation before
            before = SENTENCE_END.split(text[max(0, start - self.quote_reach) : start])[-1]
            for verb in self.quote_after:
                at = text.rfind(verb, start - len(before), start)
                if at >= 0 and not self._is_pseudo(text, (at, at + len(verb))):
                    return verb
        return ""


def _beyond(text: str, hit: Span, sentence: Span, *, before: bool) -> str:
    """The few characters beside the hit, on the side where the cue is not; a comma ends them."""
    if before:
        return text[max(sentence[0], hit[0] - VOID_REACH) : hit[0]].rpartition(",")[2]
    return text[hit[1] : min(sentence[1], hit[1] + VOID_REACH)].partition(",")[0]


@lru_cache(maxsize=64)
def _alternation(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the words, longest first."""
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))
