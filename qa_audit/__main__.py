"""``python -m qa_audit``."""

from __future__ import annotations

from qa_audit.cli import main

main(prog_name="qa-audit")
