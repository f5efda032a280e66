"""Agents' own names out of what is judged: each becomes the same two characters, so no verdict hangs on a name.

“我是客服唐念” and “我是客服欧阳静” are the same sentence. Without this a longer name pushes words out of a pattern's
reach, and one that means something (高兴) may look like a greeting or a mood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from qa_audit.config import ROLES
from qa_audit.normalise import Normalised, normalise

SOMEBODY = "某某"
PARTS = re.compile(r"[_\-:/\s]+")  # 1005_唐念, 灯塔百货:小美
NAMING = r"(?:我是|我叫|工号|客服|专员|坐席|座席|顾问|管家|同事|售后|售前|主管|组长)[是为:]?\s*"
CHINESE = re.compile("[\u3400-\u9fff·]+")
LATIN = re.compile(r"[a-z][a-z0-9. ]*")
LONGEST = 4  # of a Chinese name; what is longer is a shop
SHORTEST_LATIN = 4  # shorter ones are words too: ok, may
ROLE_WORDS = frozenset(ROLES)


def names_in(agents: Iterable[str], is_word: Callable[[str], bool]) -> re.Pattern[str] | None:
    """A pattern for the names of some agents in normalised text; None where none can be told from other words.

    A name that is a word (高兴), a number or very short is only one where it is named as such: 我是…, 工号….
    """
    everywhere: set[str] = set()
    named: set[str] = set()
    for agent in agents:
        whole = normalise(agent).text.strip()
        own = PARTS.split(whole)[-1]
        if whole != own and (not whole.isascii() or LATIN.match(whole)):  # agent-07
            everywhere.add(_bounded(whole) if whole.isascii() else re.escape(whole))
        if not own or own in ROLE_WORDS or own.startswith("客服"):
            continue
        if CHINESE.fullmatch(own):
            if 1 < len(own) <= LONGEST:
                (named if is_word(own) else everywhere).add(re.escape(own))
            elif len(own) == 1:
                named.add(rf"{own}(?=[,。!~;\s]|$)")
        elif LATIN.fullmatch(own):
            (everywhere if len(own) >= SHORTEST_LATIN else named).add(_bounded(own))
        elif own.isdigit() and len(own) > 1:
            named.add(rf"{own}(?![0-9])")
    parts = [*_longest_first(everywhere)]
    if named:
        parts.insert(0, rf"(?P<naming>{NAMING})(?:{'|'.join(_longest_first(named))})")
    return re.compile("|".join(parts)) if parts else None


def _bounded(latin: str) -> str:
    return rf"(?<![a-z0-9]){re.escape(latin)}(?![a-z0-9])"


def _longest_first(patterns: Iterable[str]) -> list[str]:
    return sorted(patterns, key=lambda pattern: (-len(pattern), pattern))


def without_names(normalised: Normalised, names: re.Pattern[str]) -> Normalised:
    """The text with somebody in the place of each name, and the way back to the original offsets."""
    text = normalised.text
    if names.search(text) is None:
        return normalised
    offsets = normalised.offsets or tuple(range(len(text) + 1))
    plain: list[str] = []
    places: list[int] = []
    done = 0
    for match in names.finditer(text):
        start = match.end("naming") if match.groupdict().get("naming") else match.start()
        plain += [text[done:start], SOMEBODY]
        places += [*offsets[done:start], offsets[start], offsets[match.end() - 1]]
        done = match.end()
    plain.append(text[done:])
    return Normalised("".join(plain), (*places, *offsets[done:]))
