"""One row of values → the XML of one row, with inline strings: text can never become a formula."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from xml.sax.saxutils import quoteattr

from qa_audit.report.table import LAST_ROW, Formula, Link, Look, Rich, Row, Value, column_letter
from qa_audit.workbook.styles import BLUE, MUTED, RED
from qa_audit.workbook.text import SPECIAL, SURELY_FITS, clean, escaped, too_long

MOST_LINKS = 65_530  # Excel's limit for one sheet
LINKS_AT_ONCE = 500  # compressed together
DAY = timedelta(days=1)
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's dates have no zone
FIRST_DATE = datetime(1900, 3, 1)  # noqa: DTZ001 - Excel believes in 29 February 1900
HIT = '<rPr><b/><sz val="10"/><color rgb="FF{}"/><rFont val="Microsoft YaHei"/><charset val="134"/></rPr>'
HITS: Mapping[Look, str] = {
    "agent": HIT.format(RED), "customer": HIT.format(BLUE), "free": HIT.format(MUTED)
}  # fmt: skip
PLAIN = '<rPr><sz val="10"/><color rgb="FF1F2937"/><rFont val="Microsoft YaHei"/><charset val="134"/></rPr>'


@dataclass(slots=True)
class Links:
    """The links of one sheet, as the XML that follows its rows; what passes Excel's limit stays plain text.

    A link to a row that its sheet has no room for leads to the last one, which says how many are left out.
    They wait until the last row is written, compressed: written out, those of a full sheet take 10 MiB.
    """

    count: int = 0
    _waiting: list[str] = field(default_factory=list)
    _packed: list[bytes] = field(default_factory=list)

    def add(self, reference: str, link: Link) -> bool:
        """Whether the link could still be written."""
        if self.count >= MOST_LINKS:
            return False
        self.count += 1
        location = quoteattr(f"'{link.sheet}'!A{min(link.row, LAST_ROW)}")
        self._waiting.append(
            f'<hyperlink ref="{reference}" location={location} display={quoteattr(clean(link.text))}/>'
        )
        if len(self._waiting) == LINKS_AT_ONCE:
            self._packed.append(zlib.compress("".join(self._waiting).encode(), 1))
            self._waiting.clear()
        return True

    def xml(self) -> Iterator[bytes]:
        """The pieces of the whole element; none where the sheet has no link (an empty one is invalid)."""
        if self.count:
            yield b"<hyperlinks>"
            yield from map(zlib.decompress, self._packed)
            yield "".join(self._waiting).encode() + b"</hyperlinks>"


def text_xml(text: str) -> str:
    """The ``<t>`` element of a text; white space at its ends is kept."""
    if len(text) >= SURELY_FITS or SPECIAL.search(text):
        text = escaped(clean(text))
    return f"<t>{text}</t>" if text.strip() is text else f'<t xml:space="preserve">{text}</t>'


def rich_xml(rich: Rich) -> str:
    """The runs of a rich text; a text too long for a cell loses its looks and is cut."""
    if too_long(text := str(rich)):
        return text_xml(text)
    return "".join(f"<r>{HITS[run.look] if run.hit else PLAIN}{text_xml(run.text)}</r>" for run in rich.runs)


class RowXml:
    """Turns rows into XML: ``styles`` are the numbers of the named styles, ``columns`` the style of each column."""

    def __init__(self, columns: Sequence[str], styles: Mapping[str, int], links: Links) -> None:
        self._columns = [
            (
                f'<c r="{column_letter(i)}',
                f'" s="{number}"',
                f'" s="{number}"/>',
                f'" s="{number}" t="inlineStr"><is>',
            )
            for i, name in enumerate(columns)
            for number in [styles[name]]
        ]
        self._styles = styles
        self._links = links
        self._others: dict[type, Callable[[str, str, Value], str]] = {
            bool: _bool, int: _number, float: _number, datetime: _date, timedelta: self._elapsed,
            Rich: _rich, Link: self._link, Formula: _formula,
        }  # fmt: skip

    def cells(self, number: int, row: Row) -> str:
        """The cells of one row; empty ones are written too, they carry borders and fills."""
        parts: list[str] = []
        add, special, others = parts.append, SPECIAL.search, self._others
        for (letter, style, empty, text), value in zip(self._columns, row, strict=True):
            if value is None or value == "":
                add(f"{letter}{number}{empty}")
            elif not isinstance(value, str):
                add(others[type(value)](f"{letter}{number}", style, value))
            elif len(value) < SURELY_FITS and special(value) is None and value.strip() is value:
                # nearly every text of a night: written here, without the call that the others take
                add(f"{letter}{number}{text}<t>{value}</t></is></c>")
            else:
                add(f"{letter}{number}{text}{text_xml(value)}</is></c>")
        return "".join(parts)

    def _link(self, reference: str, style: str, value: Value) -> str:
        assert isinstance(value, Link)
        if not self._links.add(reference.removeprefix('<c r="'), value):
            style = f'" s="{self._styles["text"]}"'
        return f'{reference}{style} t="inlineStr"><is>{text_xml(value.text)}</is></c>'

    def _elapsed(self, reference: str, _style: str, value: Value) -> str:
        assert isinstance(value, timedelta)
        return f'{reference}" s="{self._styles["elapsed"]}"><v>{value / DAY!r}</v></c>'


def _date(reference: str, style: str, value: Value) -> str:
    assert isinstance(value, datetime)
    local = value if value.tzinfo is None else value.replace(tzinfo=None)
    if local < FIRST_DATE:  # before Excel's calendar begins
        return f'{reference}{style} t="inlineStr"><is><t>{local.isoformat(" ")}</t></is></c>'
    return f"{reference}{style}><v>{(local - EPOCH) / DAY!r}</v></c>"


def _bool(reference: str, style: str, value: Value) -> str:
    return f'{reference}{style} t="b"><v>{int(bool(value))}</v></c>'


def _number(reference: str, style: str, value: Value) -> str:
    assert isinstance(value, int | float)
    if not math.isfinite(value):
        raise ValueError(f"{value} at {reference.removeprefix('<c r=')} is no number that a cell can hold")
    return f"{reference}{style}><v>{value!r}</v></c>"


def _rich(reference: str, style: str, value: Value) -> str:
    assert isinstance(value, Rich)
    return f'{reference}{style} t="inlineStr"><is>{rich_xml(value)}</is></c>'


def _formula(reference: str, style: str, value: Value) -> str:
    assert isinstance(value, Formula)
    if value.value is None or isinstance(value.value, str):
        return f'{reference}{style} t="str"><f>{escaped(value.text)}</f><v>{escaped(clean(value.value or ""))}</v></c>'
    return f"{reference}{style}><f>{escaped(value.text)}</f><v>{value.value!r}</v></c>"
