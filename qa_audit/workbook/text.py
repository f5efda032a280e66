"""Text that is safe in a cell, a file name, a print header; and how wide it is."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

LONGEST_CELL = 32_767  # UTF-16 code units, Excel's limit
SURELY_FITS = LONGEST_CELL // 2  # characters: twice as many code units at most
NEVER_FIRST = frozenset("，。、；：！？）》」』】”’…—～,.;:!?)]}%％°·")
NEVER_LAST = frozenset("（《「『【“‘([{￥¥#")
CUT = "…（截断，全文见 results）"
LONGEST_FILE_NAME = 200  # bytes of UTF-8 without hash and extension; file systems take 255

# what XML 1.0 forbids, and what needs escaping in it; _x0041_ would be read by Excel as an escape of its own
SPECIAL = re.compile(
    "[&<>_\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]"
)  # one class: three times an alternation
NARROW = re.compile("[\x00-\u10ff\u2000-\u2e7f\uff61-\uffdc]")
UNSAFE_IN_FILE_NAME = re.compile(
    r'[\x00-\x1f\x7f<>:"/\\|?*\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff]'
)
RESERVED = re.compile(
    r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE
)  # by Windows, whatever follows the dot


def clean(text: str) -> str:
    """``text`` as a cell can hold it.

    Line ends become line feeds, control characters their visible pictures (␀ ␇ …), lone surrogates and non-characters �;
    beyond 32,767 UTF-16 units it is cut with “…（截断，全文见 results）”.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if SPECIAL.search(text):
        text = re.sub("[\x00-\x08\x0b-\x1f]", lambda m: chr(0x2400 + ord(m[0])), text)
        text = re.sub("[\ud800-\udfff\ufffe\uffff]", "\ufffd", text)
    if too_long(text):
        return _first_units(text, LONGEST_CELL - len(CUT)) + CUT
    return text


def too_long(text: str) -> bool:
    """Whether a cell cannot hold the text; Excel counts a character outside the basic plane twice."""
    if len(text) < SURELY_FITS:
        return False
    return (
        len(text) > LONGEST_CELL or len(text.encode("utf-16-le", errors="surrogatepass")) // 2 > LONGEST_CELL
    )


def _first_units(text: str, units: int) -> str:
    # a character of two units cut in half is dropped whole
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", errors="ignore")


def escaped(text: str) -> str:
    """Cleaned text as XML character data, with Excel's own escape (_xHHHH_) kept literal."""
    if not SPECIAL.search(text):
        return text
    text = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def display_width(text: str) -> int:
    """Columns that text takes in half-width characters: East-Asian wide and full-width characters take two."""
    return len(text) if text.isascii() else 2 * len(text) - len(NARROW.findall(text))


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most ``width`` columns (at least one character each), broken at spaces where it can be.

    No line begins with a closing mark or ends with an opening one, unless nothing else is left to break at.
    """
    lines: list[str] = []
    rest = text
    while display_width(rest) > width:
        end = taken = 0
        while end < len(rest) and (end == 0 or taken + display_width(rest[end]) <= width):
            taken += display_width(rest[end])
            end += 1
        space = max(rest.rfind(" ", 0, end), rest.rfind("　", 0, end))
        end = space + 1 if space > end // 2 and not rest[end].isspace() else end
        end = _breakable(rest, end)
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*lines, rest] if rest or not lines else lines


def _breakable(text: str, end: int) -> int:
    """The last place up to ``end``, and after half of it, at which a line may be broken; ``end`` if there is none."""
    for at in range(end, end // 2, -1):
        if at == len(text):  # one character wider than the line
            return at
        if text[at] not in NEVER_FIRST and text[at - 1] not in NEVER_LAST:
            return at
    return end


def print_text(text: str) -> str:
    """Text for a print header or footer, where & begins a code."""
    return clean(text).replace("\n", " ").replace("&", "&&")


def safe_file_name(agent: str) -> str:
    """A file name (without extension) for an agent: what no file system forbids, with a hash where it had to change.

    Two agents get the same name only if they differ in nothing but case; see ``file_names``.
    """
    name = unicodedata.normalize("NFC", agent)
    name = UNSAFE_IN_FILE_NAME.sub("_", name).strip(" .")
    name = name.encode()[:LONGEST_FILE_NAME].decode(errors="ignore").rstrip(" .")
    if not name or RESERVED.fullmatch(name):
        name = f"_{name}"
    return name if name == agent else _with_hash(name, agent)


def file_names(agents: Iterable[str]) -> dict[str, str]:
    """The file name of each agent, different for each even where case is ignored (Windows, macOS)."""
    names = {agent: safe_file_name(agent) for agent in sorted(set(agents))}
    seen: dict[str, list[str]] = {}
    for agent, name in names.items():
        seen.setdefault(name.casefold(), []).append(agent)
    for same in seen.values():
        if len(same) > 1:
            names |= {agent: _with_hash(names[agent], agent) for agent in same}
    return names


def _with_hash(name: str, agent: str) -> str:
    digest = hashlib.sha256(agent.encode("utf-8", errors="surrogatepass")).hexdigest()
    return f"{name}~{digest[:8]}"
