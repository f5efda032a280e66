"""Chats as plain text."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from qa_audit.config import Config
from qa_audit.read.buckets import load_bucket, spill
from qa_audit.records import Message, Problem, Transcript

CONFIG = Config()
SHANGHAI = ZoneInfo("Asia/Shanghai")

CHAT = """\
会话：S-1  客服：小李  买家：王女士  日期：2026-11-20
[10:00:05] 王女士：在吗
[2026-11-20 10:00:20] 客服：您好，
请问有什么可以帮您？

地址：在这里
[10:00:31] 客服（自动）：亲，稍等哦
[10:02:00] 客服（小赵）：小李转给我了
[10:02:10] 系统：已转接

会话编号：C-2\t渠道：电话\t振铃次数：2
[1.5-3] 客服B: 喂
客户：您好
"""


def at(hour: int, minute: int, second: int) -> datetime:
    return datetime(2026, 11, 20, hour, minute, second, tzinfo=SHANGHAI)


def read(path: Path) -> tuple[list[Transcript], list[Problem]]:
    spilled = spill([str(path)], path.parent / "spilled", config=CONFIG)
    loaded = load_bucket(spilled.buckets[0], config=CONFIG)
    return list(loaded.transcripts), [*spilled.problems, *loaded.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_two_chats(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "chats.txt"
    path.write_bytes(CHAT.encode(encoding))
    transcripts, problems = read(path)
    assert problems == []
    assert transcripts == [
        Transcript(
            id="C-2",
            messages=(
                Message(0, "agent", "喂", agent="客服B", start_s=1.5, end_s=3.0),
                Message(1, "customer", "您好"),
            ),
            channel="phone",
            rings=2,
            source=str(path),
            line=12,
        ),
        Transcript(
            id="S-1",
            messages=(
                Message(0, "customer", "在吗", at=at(10, 0, 5)),
                Message(
                    1, "agent", "您好，\n请问有什么可以帮您？\n\n地址：在这里", agent="小李", at=at(10, 0, 20)
                ),
                Message(2, "agent", "亲，稍等哦", agent="小李", at=at(10, 0, 31), auto=True),
                Message(3, "agent", "小李转给我了", agent="小赵", at=at(10, 2, 0)),
                Message(4, "system", "已转接", at=at(10, 2, 10)),
            ),
            opened_at=at(10, 0, 5),
            customer="王女士",
            source=str(path),
            line=2,
        ),
    ]


def test_what_is_no_chat_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "readme.txt"
    path.write_text("说明\n\n第二行\n客户：在吗\n", encoding="utf-8")
    remedy = "每个会话以“会话：编号”一行开头"
    assert read(path) == ([], [Problem(str(path), 1, "", "该行起的内容不属于任何会话或消息", remedy)])


def test_bad_lines_of_a_chat(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    text = "会话：S-1  客服：小李\n开场白\n[10:00:05] 客户：在吗\n[2026-11-20 10:00:06] 老板：喂\n客服：\n客服：您X好\n"
    path.write_bytes(text.encode().replace(b"X", b"\xff"))
    transcripts, problems = read(path)
    assert [message.text for message in transcripts[0].messages] == ["在吗"]
    assert sorted((p.line, p.chat_id, p.reason) for p in problems) == [
        (2, "S-1", "该行起的内容不属于任何会话或消息"),
        (3, "S-1", "时间“10:00:05”无法识别（该值不计，消息保留）"),
        (4, "S-1", "发送方“老板”未知"),
        (5, "S-1", "消息内容为空"),
        (6, "S-1", "消息含有无法解码的字节"),
    ]
