"""``problems.csv``: what could not be audited and why, for people and for workbooks that are written again."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from qa_audit.errors import InputError
from qa_audit.records import Problem

PROBLEMS = "problems.csv"
HEADER = ("文件", "行", "会话ID", "原因", "处理建议")


def write_problem_list(path: Path, problems: Iterable[Problem]) -> None:
    """The list, with a byte order mark so that Excel reads its Chinese."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for problem in problems:
            writer.writerow(
                (problem.source, problem.line or "", problem.chat_id, problem.reason, problem.remedy)
            )


def read_problem_list(path: Path) -> tuple[Problem, ...]:
    """The problems of a list as it was written.

    Raises:
        InputError: it is no such list any more.
    """
    remedy = "take it from the run again, or remove it: the workbooks then name no problems"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = csv.reader(file)
    except (UnicodeDecodeError, csv.Error, ValueError):
        raise InputError(f"{path}: is no list of problems as a run writes it; {remedy}") from None
    if tuple(header) != HEADER:
        raise InputError(f"{path}:1: has not the columns {'、'.join(HEADER)}; {remedy}")
    for number, row in enumerate(rows, start=2):
        if len(row) != len(HEADER) or not (row[1] == "" or (row[1].isascii() and row[1].isdigit())):
            raise InputError(f"{path}:{number}: is no row of a list of problems; {remedy}")
    return tuple(Problem(source, int(line or 0), *rest) for source, line, *rest in rows)
