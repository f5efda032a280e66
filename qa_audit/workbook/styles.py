"""The look of everything: one palette, one font, named styles shared by all workbooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils.indexed_list import IndexedList

from qa_audit.report.table import Tone

FONT = "Microsoft YaHei"  # where it is missing every office program falls back to its own Chinese font
INK, MUTED, NAVY, BLUE, GREY = "1F2937", "7B8694", "1F3A5F", "2F6DB5", "B4BECB"
LINE, PALE, INPUT, WHITE = "DDE3EA", "F4F6F9", "FFF8E1", "FFFFFF"
RED, GREEN, AMBER = "C00000", "2E7D4F", "A86400"
TONES: dict[Tone, tuple[str, str | None, bool]] = {  # ink, fill, bold
    "good": (GREEN, "E7F4EC", False),
    "fair": (BLUE, "E8F0FA", False),
    "warn": (AMBER, "FFF1D6", False),
    "bad": (RED, "FCE8E6", False),
    "fatal": (WHITE, RED, True),
    "muted": (MUTED, None, False),
}


@dataclass(frozen=True, slots=True)
class Look:
    """One named style; ``lines``: a line under the cell (tables), all around it (panels), or none."""

    horizontal: Literal["left", "center"] = "left"
    number_format: str = "General"
    wrap: bool = False
    size: float = 10
    bold: bool = False
    underline: bool = False
    ink: str = INK
    background: str | None = None
    lines: Literal["under", "frame", "none"] = "under"
    rotation: int = 0


SIGNED = "+0.0;-0.0;0.0"  # coloured only where a difference means something
_CENTER = Look(horizontal="center")
_PANEL = Look(lines="none")
_CARD = Look(horizontal="center", background=PALE, lines="none", size=17, bold=True, ink=NAVY)
_CELL = Look(lines="frame", wrap=True)
_FIGURE = Look(lines="frame", horizontal="center")
_HEAD = Look(horizontal="center", background=NAVY, ink=WHITE, bold=True, lines="frame", wrap=True)
LOOKS: dict[str, Look] = {
    # tables
    "text": Look(),
    "wrap": Look(wrap=True),
    "center": _CENTER,
    "mark": _CENTER,
    "integer": replace(_CENTER, number_format="0"),
    "decimal": replace(_CENTER, number_format="0.0"),
    "two_decimals": replace(_CENTER, number_format="0.00"),
    "signed": replace(_CENTER, number_format=SIGNED),
    "percent": replace(_CENTER, number_format="0.0%"),
    "seconds": replace(_CENTER, number_format='0.0" 秒"'),
    "date_time": replace(_CENTER, number_format="yyyy-mm-dd hh:mm:ss"),
    "elapsed": replace(_CENTER, number_format='"通话 "[mm]:ss'),
    "link": Look(ink=BLUE, underline=True),
    "link_wrap": Look(ink=BLUE, underline=True, wrap=True),
    "input": replace(_CENTER, background=INPUT),
    "input_wrap": Look(wrap=True, background=INPUT),
    "input_decimal": replace(_CENTER, background=INPUT, number_format="0.0"),
    "final": replace(_CENTER, number_format="0.0", bold=True, ink=NAVY),
    "head": _HEAD,
    "head_upright": replace(_HEAD, wrap=False, rotation=90),
    "head_review": replace(_HEAD, background=AMBER),
    # first sheets
    "title": replace(_PANEL, size=18, bold=True, ink=WHITE, background=NAVY),
    "subtitle": replace(_PANEL, ink="D6DFEA", background=NAVY),
    "heading": replace(_PANEL, size=11, bold=True, ink=NAVY),
    "blank": _PANEL,
    "note": replace(_PANEL, size=9, ink=MUTED),
    "line": replace(_PANEL, wrap=True),
    "alert": replace(_PANEL, bold=True, ink=RED, background="FCE8E6", wrap=True),
    "card_label": replace(_CARD, size=9, bold=False, ink=MUTED),
    "card_note": replace(_CARD, size=8, bold=False, ink=MUTED, wrap=True),
    "card_text": replace(_CARD, size=15),
    "card_center": _CARD,
    "card_integer": replace(_CARD, number_format="0"),
    "card_decimal": replace(_CARD, number_format="0.0"),
    "card_percent": replace(_CARD, number_format="0.0%"),
    "card_seconds": replace(_CARD, number_format='0.0" 秒"', size=15),
    "small_head": replace(_HEAD, size=9),
    "cell": _CELL,
    "cell_bold": replace(_CELL, bold=True, ink=NAVY),
    "cell_center": _FIGURE,
    "cell_decimal": replace(_FIGURE, number_format="0.0"),
    "cell_integer": replace(_FIGURE, number_format="0"),
    "cell_percent": replace(_FIGURE, number_format="0.0%"),
    "cell_signed_good": replace(_FIGURE, number_format=SIGNED, ink=GREEN, bold=True),
    "cell_signed_bad": replace(_FIGURE, number_format=SIGNED, ink=RED, bold=True),
    "cell_signed_muted": replace(_FIGURE, number_format=SIGNED),
    "cell_count": replace(_FIGURE, number_format="0", size=8, ink=MUTED),
    "cell_two_decimals": replace(_FIGURE, number_format="0.00"),
    "cell_seconds": replace(_FIGURE, number_format='0.0" 秒"'),
    "cell_note": replace(_CELL, size=9, ink=MUTED),
    "cell_link": replace(_FIGURE, ink=BLUE, underline=True),
}
# cells of the first sheets that say how something stands
LOOKS |= {f"cell_{name}": replace(_FIGURE, ink=ink, bold=True) for name, (ink, _, _) in TONES.items()}
# a change: an arrow by the number format, so that the cell stays a number; that of a share is given in points
LOOKS |= {
    f"cell_{name}_{digits}": replace(_FIGURE, ink=TONES[name][0], number_format=f"▲{shown};▼{shown};{shown}")
    for name in ("good", "bad", "muted")
    for digits, shown in (("decimal", "0.0"), ("two_decimals", "0.00"), ("percent", '0.0" 个百分点"'))
}
# a card whose value is good or bad news keeps its ground and changes its ink
LOOKS |= {
    f"card_{name}": replace(_CARD, ink=RED if name == "fatal" else ink) for name, (ink, _, _) in TONES.items()
}
# where a workbook of openpyxl keeps its styles
SHARED = (
    "_fonts",
    "_fills",
    "_borders",
    "_alignments",
    "_protections",
    "_number_formats",
    "_cell_styles",
    "_named_styles",
)
_HAIR = Side(style="thin", color=f"FF{LINE}")
_LINES = {
    "under": Border(bottom=_HAIR),
    "frame": Border(left=_HAIR, right=_HAIR, top=_HAIR, bottom=_HAIR),
    "none": Border(),
}


def font(*, size: float = 10, bold: bool = False, ink: str = INK, underline: bool = False) -> Font:
    """The one font of all workbooks."""
    return Font(name=FONT, charset=134, sz=size, b=bold, color=f"FF{ink}", u="single" if underline else None)


@cache
def tone(name: Tone) -> DifferentialStyle:
    """The look that a conditional format gives."""
    ink, background, bold = TONES[name]
    # a conditional fill is painted in its background colour
    painted = PatternFill(bgColor=f"FF{background}", fill_type="solid") if background else None
    return DifferentialStyle(font=Font(color=f"FF{ink}", b=bold or None), fill=painted)


def register(book: Workbook) -> Mapping[str, int]:
    """All named styles given to the book: their names and the numbers by which cells refer to them.

    Every book of a process has the same, so they are made once and shared; a cell may use them, nobody may add to them.
    """
    styled, numbers = _styled()
    for part in SHARED:
        setattr(book, part, getattr(styled, part))
    return numbers


@cache
def _styled() -> tuple[Workbook, Mapping[str, int]]:
    book = Workbook()
    # the first font and that of Normal measure column widths; openpyxl has no public way to change them
    book._fonts = IndexedList([font()])  # type: ignore[attr-defined]  # noqa: SLF001
    book._named_styles["Normal"].font = font()  # type: ignore[attr-defined]  # noqa: SLF001
    cell = Cell(book.worksheets[0], row=1, column=1)
    numbers = {}
    for name, look in LOOKS.items():
        book.add_named_style(_named(name, look))
        cell.style = f"qa_{name}"
        numbers[name] = cell.style_id
    return book, numbers


def _named(name: str, look: Look) -> NamedStyle:
    style = NamedStyle(name=f"qa_{name}", number_format=look.number_format)
    style.font = font(size=look.size, bold=look.bold, ink=look.ink, underline=look.underline)
    style.fill = PatternFill("solid", fgColor=f"FF{look.background}") if look.background else PatternFill()
    style.border = _LINES[look.lines]
    style.alignment = Alignment(
        horizontal=look.horizontal,
        vertical="bottom" if look.rotation else "center",
        wrap_text=look.wrap,
        text_rotation=look.rotation,
        indent=1 if look.lines != "under" and look.horizontal == "left" else 0,
    )
    return style
