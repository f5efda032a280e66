"""A night as one HTML file to look at: no server, no outside requests, no Excel."""

from __future__ import annotations

from qa_audit.page.builder import About, PageBuilder, Written

__all__ = ["About", "PageBuilder", "Written"]
