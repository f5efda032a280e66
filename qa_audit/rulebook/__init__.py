"""Reads and checks a standard: one YAML file per rule, ``_standard.yml``, and the lexicons they name."""

from __future__ import annotations

from qa_audit.rulebook.language import language_of
from qa_audit.rulebook.load import Loaded, load_standard
from qa_audit.rulebook.override import open_standard

__all__ = ["Loaded", "language_of", "load_standard", "open_standard"]
