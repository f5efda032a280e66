"""What a workbook of plain tables with a first page of figures is made of."""

from __future__ import annotations

from dataclasses import dataclass

from qa_audit.report.overview import Figure
from qa_audit.report.table import Table


@dataclass(frozen=True, slots=True)
class OutcomeBook:
    """A first sheet with a title, figures and what the other sheets hold, then those sheets in reading order."""

    title: str
    subtitle: str
    figures: tuple[Figure, ...]
    guide: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
