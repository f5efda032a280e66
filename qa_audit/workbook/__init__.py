"""Rows of sheets → .xlsx files: the only part that knows Excel and openpyxl.

openpyxl builds a template (styles, tables, charts, validations); rows are streamed as XML and spliced in.
"""

from qa_audit.workbook.books import (
    write_agent_book,
    write_outcome_book,
    write_review_book,
    write_team_book,
)
from qa_audit.workbook.text import file_names, safe_file_name

__all__ = [
    "file_names",
    "safe_file_name",
    "write_agent_book",
    "write_outcome_book",
    "write_review_book",
    "write_team_book",
]
