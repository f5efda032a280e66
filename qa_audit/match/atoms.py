"""Literals that a pattern cannot match without: a text that holds none of them need not be searched for it.

The idea of RE2's FilteredRE2 and of Cox, “Regular Expression Matching with a Trigram Index” (2012), which the Python
binding of RE2 does not offer. The pattern is read by Python's own parser, whose syntax contains what we use of RE2's.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

Strings = frozenset[str]
MOST_STRINGS = 48  # more alternatives are no filter any more, and slow to build
LONGEST_CLASS = 12
# Characters that every fifth message of a customer service holds; any other is in about one of a hundred.
COMMON = frozenset(
    "您你亲我们的了是不没有在这那个就到还好吗么呢哦啊要说一来下天为帮给请可以会能后单看什谢,。!? "
)
COMMON_SHARE = 0.2
RARE_SHARE = 0.01


class _Part:
    """What is known of a piece of a pattern: all strings it can match (``exact``), or some that it must contain."""

    __slots__ = ("exact", "needed")

    def __init__(self, exact: Strings | None = None, needed: Strings | None = None) -> None:
        self.exact = exact
        self.needed = needed


@lru_cache(maxsize=16_384)
def atoms(pattern: str) -> Strings | None:
    """Strings of which a text must hold at least one (lower case); None if nothing useful is known."""
    if "[:" in pattern:
        return None  # [[:alpha:]] is another class to Python
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of Python's plans for [[ and || in a class
            tree = re._parser.parse(pattern)  # type: ignore[attr-defined]  # noqa: SLF001 - the only parser there is; a change shows in the tests
    except (re.error, RecursionError):
        return None
    part = _sequence(tree)
    needed = _better(part.needed, _useful(part.exact))
    return None if needed is None else frozenset(text.lower() for text in needed)


def _useful(strings: Strings | None) -> Strings | None:
    """The strings, if none of them is empty."""
    return strings if strings and "" not in strings else None


def _better(a: Strings | None, b: Strings | None) -> Strings | None:
    """The set that fewer texts pass."""
    if a is None or b is None:
        return a if b is None else b
    return min(a, b, key=_expected)


@lru_cache(maxsize=16_384)
def _expected(strings: Strings) -> float:
    """About how many of these strings a message holds."""
    return sum(prod(COMMON_SHARE if c in COMMON else RARE_SHARE for c in text) for text in strings)


def _sequence(tree: Iterable[tuple[Any, Any]]) -> _Part:
    exact: Strings | None = frozenset({""})
    needed: Strings | None = None
    whole = True
    for operator, argument in tree:
        part = _one(str(operator), argument)
        joined = _joined(exact, part.exact)
        if joined is None:
            whole = False
            needed = _better(_better(needed, _useful(exact)), part.needed)
            exact = part.exact if part.exact is not None else frozenset({""})
        else:
            exact = joined
            needed = _better(needed, part.needed)
    if whole:
        return _Part(exact, needed)
    return _Part(None, _better(needed, _useful(exact)))


def _joined(a: Strings | None, b: Strings | None) -> Strings | None:
    if a is None or b is None or len(a) * len(b) > MOST_STRINGS:
        return None
    return frozenset(x + y for x, y in product(a, b))


def _one(operator: str, argument: Any) -> _Part:  # noqa: ANN401, PLR0911 - the parser's own tree; one return a kind
    match operator:
        case "LITERAL":
            return _Part(frozenset({chr(argument)}))
        case "IN":
            return _class(argument)
        case "SUBPATTERN":
            return _sequence(argument[-1])
        case "BRANCH":
            return _branch(argument[1])
        case "MAX_REPEAT" | "MIN_REPEAT":
            low, high, inner = argument
            part = _sequence(inner)
            if low == 0:
                optional = None if part.exact is None or high != 1 else part.exact | {""}
                return _Part(optional if optional is not None and len(optional) <= MOST_STRINGS else None)
            if low == 1 == high:
                return part
            return _Part(None, _better(part.needed, _useful(part.exact)))
        case "AT":
            return _Part(frozenset({""}))  # ^, $, \b match nothing themselves
    return _Part()


def _class(items: list[tuple[Any, Any]]) -> _Part:
    """A character class: its characters, if they are few and listed one by one."""
    if all(str(operator) == "LITERAL" for operator, _ in items) and len(items) <= LONGEST_CLASS:
        return _Part(frozenset(chr(point) for _, point in items))
    return _Part()


def _branch(branches: Iterable[Iterable[tuple[Any, Any]]]) -> _Part:
    exact: set[str] = set()
    needed: set[str] = set()
    exactly, filtered = True, True
    for branch in branches:
        part = _sequence(branch)
        exactly = exactly and part.exact is not None
        exact |= part.exact or frozenset()
        must = _better(part.needed, _useful(part.exact))
        filtered = filtered and must is not None
        needed |= must or frozenset()
    return _Part(
        frozenset(exact) if exactly and len(exact) <= MOST_STRINGS else None,
        frozenset(needed) if filtered else None,
    )
