"""What passes from a file to its bucket: a whole chat as it stands, or one row of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from qa_audit.read.values import Unreadable, name_of
from qa_audit.records import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping


class Piece(msgspec.Struct, array_like=True, frozen=True):
    """JSON (``data``) of a chat, or of a message as canonical field → value, and where it stood."""

    chat_id: str
    source: str
    line: int
    whole: bool
    data: msgspec.Raw


encode = msgspec.json.Encoder(enc_hook=str).encode


def piece_of_row(values: Mapping[str, object], source: str, line: int) -> Piece | Problem:
    """The row as a piece of its chat, or why it belongs to none."""
    try:
        chat_id = name_of(values.get("id"))
    except Unreadable as fault:
        return Problem(source, line, "", fault.reason, fault.remedy)
    if chat_id is None:
        return Problem(source, line, "", "缺少会话编号", "每一行都要有会话编号；合并的单元格请先拆分填充")
    return Piece(chat_id, source, line, whole=False, data=msgspec.Raw(encode(values)))
