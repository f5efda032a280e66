"""One cell → what it says, or why it cannot be taken and what to write instead."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import TypeVar

from qa_audit.records import Mood, Verdict
from qa_audit.report import wording
from qa_audit.report.deductions import JUDGEMENTS
from qa_audit.report.review import SAMPLE_JUDGEMENTS
from qa_audit.review.grid import as_text
from qa_audit.review.records import AppealResult
from qa_audit.workbook.returned import ERROR, CellValue

_NAMED = {name: verdict for verdict, name in wording.VERDICTS.items()}
VERDICTS: Mapping[str, Verdict] = {name: _NAMED[name] for name in JUDGEMENTS}
BLIND_VERDICTS: Mapping[str, Verdict] = {name: _NAMED[name] for name in SAMPLE_JUDGEMENTS}
MOODS: Mapping[str, Mood] = {name: mood for mood, name in wording.MOOD_NAMES.items()}
YES_NO: Mapping[str, bool] = {"是": True, "否": False}
APPEAL_RESULTS: Mapping[str, AppealResult] = {"成立": "成立", "部分成立": "部分成立", "不成立": "不成立"}
STATES: Mapping[str, str] = {name: name for name in ("已联系", "无需联系", "联系不上")}
LOWEST, HIGHEST = 0.0, 100.0
_NUMBER = re.compile(r"\d+(?:\.\d*)?")
T = TypeVar("T")


class BadCell(Exception):  # noqa: N818 - it is a cell, not a failure of the program
    """A cell that cannot be taken: what is wrong with it, and the remedy."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what, self.remedy = what, remedy
        super().__init__(what)


def chosen(value: CellValue, choices: Mapping[str, T]) -> T | None:
    """One of the choices; None for an empty cell.

    Raises:
        BadCell: it is none of them.
    """
    text = _plain(value)
    if not text:
        return None
    if text not in choices:
        raise BadCell(f"“{_short(text)}”不在可选项中", f"请填写：{'、'.join(choices)}")
    return choices[text]


def points(value: CellValue) -> float | None:
    """A score from 0 to 100; None for an empty cell. Digits written as text are taken.

    Raises:
        BadCell: it is no number, or out of range.
    """
    text = _plain(value)
    if not text:
        return None
    if isinstance(value, bool) or not (isinstance(value, int | float) or _NUMBER.fullmatch(text)):
        raise BadCell(f"“{_short(text)}”不是分数", "请填写 0 到 100 之间的数字")
    number = float(text)
    if not LOWEST <= number <= HIGHEST:
        raise BadCell(f"分数 {text} 超出范围", "请填写 0 到 100 之间的数字")
    return number


def words(value: CellValue) -> str:
    """Free text.

    Raises:
        BadCell: an error value stands there.
    """
    text = as_text(value)
    if text == ERROR:
        raise BadCell("单元格是公式错误", "请改为文字")
    return text


def _plain(value: CellValue) -> str:
    return "".join(unicodedata.normalize("NFKC", as_text(value)).split())


def _short(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:20]}…"
