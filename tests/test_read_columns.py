"""Headers of common exports, and the user's own."""

from __future__ import annotations

import pytest

from qa_audit.config import Config
from qa_audit.read.columns import HEADERS, find_header, header_of, no_header, squeezed


@pytest.mark.parametrize(
    ("names", "fields"),
    [
        (
            ["会话ID", "客服", "买家", "发送方", "发送时间", "消息内容"],
            ("id", "agent", "customer", "role", "at", "text"),
        ),
        (
            ["会话编号", "接待客服", "顾客", "角色", "时间", "内容", "订单备注"],
            ("id", "agent", "customer", "role", "at", "text", None),
        ),
        (
            ["Session_ID", "Agent Name", "Buyer Nick", "Sender", "Send-Time", "Content", "Message ID"],
            ("id", "agent", "customer", "sender", "at", "text", "message_id"),
        ),
        (
            [
                "通话编号",
                "工号",
                "角色",
                "开始时间（秒）",
                "结束时间（秒）",
                "转写文本",
                "开始时间",
                "结束时间",
            ],
            ("id", "agent", "role", "start_s", "end_s", "text", "opened_at", "closed_at"),
        ),
        (
            [
                "通话ID",
                "坐席",
                "说话人",
                "识别文本",
                "振铃次数",
                "振铃时长(秒)",
                "呼叫方向",
                "挂断方",
                "满意度",
            ],
            ("id", "agent", "sender", "text", "rings", "ring_s", "direction", "ended_by", "rating"),
        ),
        (["chat_id", "role", "text", "ring_s", "rings"], ("id", "role", "text", "ring_s", "rings")),
        # two headers of one field: the one that says it best
        (["客服工号", "客服姓名", "会话ID", "角色", "内容"], (None, "agent", "id", "role", "text")),
    ],
)
def test_headers_of_exports(names: list[str], fields: tuple[str | None, ...]) -> None:
    header = header_of(names, Config())
    assert header.fields == fields
    assert header.missing() == []


def test_a_bare_id_is_not_taken_for_the_chat() -> None:
    assert header_of(["id", "角色", "内容"], Config()).missing() == ["会话编号"]
    assert header_of(["id", "角色", "内容"], Config(columns={"id": ("id",)})).missing() == []


def test_the_users_own_names_come_first() -> None:
    config = Config(columns={"text": ("消息体",), "agent": ("内容",)})
    header = header_of(["会话ID", "角色", "内容", "消息体"], config)
    assert header.fields == ("id", "role", "agent", "text")


def test_every_header_is_written_squeezed_and_means_one_field() -> None:
    names = [name for known in HEADERS.values() for name in known]
    assert [name for name in names if squeezed(name) != name] == []
    assert sorted(names) == sorted(set(names))


def test_the_header_may_stand_below_a_title() -> None:
    rows = [["聊天记录导出"], [], ["会话ID", "角色", "内容"], ["1", "客户", "在吗"]]
    found = find_header(rows, Config())
    assert found is not None
    assert (found[0], found[1].row(["1", "客户", None])) == (2, {"id": "1", "role": "客户"})


@pytest.mark.parametrize(
    ("rows", "reason", "remedy"),
    [
        ([], "文件是空的", "检查导出是否成功"),
        (
            [["会话ID", "角色", "消息内客"], ["1", "客户", "在吗"]],
            "没有可识别的表头：缺少消息内容列",
            "在配置的 columns 中写明哪一列是什么；未识别的列：消息内客（是否想写“消息内容”）",
        ),
        (
            [["会话ID", "角色"]],
            "没有可识别的表头：缺少消息内容列",
            "给表格加上表头行",
        ),
        (
            [["张三", "2"]],
            "没有可识别的表头：缺少会话编号、消息内容、发送方或角色列",
            "在配置的 columns 中写明哪一列是什么；未识别的列：张三、2",
        ),
    ],
)
def test_why_there_is_no_header(rows: list[list[object]], reason: str, remedy: str) -> None:
    assert no_header(rows, Config()) == (reason, remedy)
