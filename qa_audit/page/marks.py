"""A message's text cut where its marks begin and end, so that hits of several rules may overlap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

Piece = str | list[str | int]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` (exclusive) of a text carry the mark with this number."""

    start: int
    end: int
    number: int


def pieces(text: str, spans: Iterable[Span]) -> list[Piece]:
    """The text in order: a string where nothing is marked, else [string, the numbers of its marks…].

    Joined they are ``text``; spans may overlap, be out of order, or reach past the text.
    """
    inside = [Span(max(span.start, 0), min(span.end, len(text)), span.number) for span in spans]
    inside = [span for span in inside if span.start < span.end]
    cuts = sorted({0, len(text), *(span.start for span in inside), *(span.end for span in inside)})
    found: list[Piece] = []
    for start, end in pairwise(cuts):
        numbers = sorted({span.number for span in inside if span.start <= start and end <= span.end})
        found.append([text[start:end], *numbers] if numbers else text[start:end])
    return found
