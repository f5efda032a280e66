"""Chats as plain text, the form that people paste and small tools export.

::

    会话：S-1001  客服：小李  买家：王女士  日期：2026-11-20
    [10:00:05] 客户：在吗
    [2026-11-20 10:00:20] 客服：您好，请问有什么可以帮您？
    这一行没有发送方，接着上一条
    [10:00:31] 客服（自动）：亲，稍等哦
    [10:02:00] 客服（小赵）：您好，小李转给我了

A line that begins with 会话 opens a chat; its fields are those of a table, two spaces, a tab or ``|`` between
them. A message is ``发送方：内容``, where the sender is a role or the name of this chat's agent or customer, with
the name of another agent or 自动 in brackets; before it may stand the time, or ``[12.0-15.5]``, seconds of a call.
A time without a date takes the date of the line 会话. UTF-8 or GB18030.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qa_audit.read.columns import header_of, squeezed
from qa_audit.read.csv_rows import UNDECODABLE, encoding_of
from qa_audit.read.piece import Piece, piece_of_row
from qa_audit.records import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qa_audit.config import Config

OPENING = re.compile(r"\s*会话\s*(?:id|ID|编号|号)?\s*[：:]\s*\S")
MESSAGE = re.compile(
    r"(?:[\[【]([^\]】]{3,32})[\]】]\s*)?([^：:\s（(][^：:（(]{0,29}?)\s*(?:[（(]([^）)]{1,20})[）)])?[：:]\s?(.*)",
    re.DOTALL,
)
SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*[-–~]\s*(\d+(?:\.\d+)?)")
TIME_OF_DAY = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?")
AUTOMATIC = frozenset({"自动", "自动回复"})
NO_HEADER = "每个会话以“会话：编号”一行开头"


@dataclass(slots=True)
class _Message:
    """A message being read; further lines are added to its text."""

    line: int
    values: dict[str, object]
    text: list[str] = field(default_factory=list)

    def piece(self, chat: dict[str, object], source: str) -> Piece | Problem:
        text = "\n".join(self.text).rstrip()
        if UNDECODABLE.search(text):
            return Problem(
                source, self.line, str(chat["id"]), "消息含有无法解码的字节", "以 UTF-8 或 GB18030 重新导出"
            )
        values = chat | self.values | {"text": text}
        values.pop("date")
        return piece_of_row(values, source, self.line)


def read(path: Path, source: str, *, config: Config) -> Iterator[Piece | Problem]:
    """The messages of every chat in a file, with the line each begins in."""
    encoding, _ = encoding_of(path)
    if encoding is None:
        yield Problem(source, 1, "", "文件编码是 UTF-16", "另存为 UTF-8")
        return
    chat: dict[str, object] = {}
    open_message: _Message | None = None
    stray = False
    with path.open(encoding=encoding, errors="surrogateescape") as file:
        for number, raw in enumerate(file, start=1):
            line = raw.rstrip("\r\n")
            opens = OPENING.match(line)
            message = None if opens else _message(line, number, chat, config)
            if open_message is not None and not opens and message is None:
                open_message.text.append(line)
                continue
            if open_message is not None:
                yield open_message.piece(chat, source)
            if opens:
                chat, open_message, stray = _chat(line, config), None, False
            elif chat and message is not None:
                open_message = message
            elif line.strip() and not stray:
                stray = True  # told once, not for every line of a text that is no chat
                yield Problem(
                    source, number, str(chat.get("id", "")), "该行起的内容不属于任何会话或消息", NO_HEADER
                )
    if open_message is not None:
        yield open_message.piece(chat, source)


def _chat(line: str, config: Config) -> dict[str, object]:
    """The fields of a line that opens a chat; ``date`` beside those of a table."""
    parts = re.split(r"\s{2,}|\t|\s*[|｜]\s*", line.strip())
    pairs = [part.partition("：") if "：" in part else part.partition(":") for part in parts]
    names = ["会话编号", *(name.strip() for name, _, _ in pairs[1:])]
    values = [value.strip() for _, _, value in pairs]
    chat = header_of(names, config).row(values)
    opened = str(chat.get("opened_at", ""))[:10]
    dates = [value for name, value in zip(names, values, strict=True) if squeezed(name) == "日期"]
    return chat | {"date": (dates or [opened])[0]}


def _message(line: str, number: int, chat: dict[str, object], config: Config) -> _Message | None:
    """The message that begins in this line; None for a line that goes on with the one before."""
    found = MESSAGE.fullmatch(line)
    if found is None:
        return None
    clock, who, bracket, text = found.groups()
    who = who.strip()
    lettered = re.fullmatch(r"(.+?)([A-Z])", who)  # 客服B: another agent
    role = config.role_of(who) or (config.role_of(lettered[1]) if lettered else None)
    if clock is None and role is None and who not in (chat.get("agent"), chat.get("customer")):
        return None
    values: dict[str, object] = {"role": role or who, **_clock(clock, str(chat.get("date", "")))}
    if bracket in AUTOMATIC:
        values["auto"] = True
    elif role == "agent" and (bracket or lettered):
        values["agent"] = bracket or who
    return _Message(number, values, [text])


def _clock(clock: str | None, date: str) -> dict[str, object]:
    if clock is None:
        return {}
    span = SPAN.fullmatch(clock.strip())
    if span:
        return {"start_s": span[1], "end_s": span[2]}
    return {"at": f"{date} {clock}".strip() if TIME_OF_DAY.fullmatch(clock.strip()) else clock}
