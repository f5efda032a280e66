"""The canonical form: read, written, and every way in which a line can be wrong."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.config import Config
from qa_audit.read.buckets import load_bucket, spill
from qa_audit.read.jsonl import UnreadableTranscript, parse_transcript, to_json
from qa_audit.records import Message, Problem, Transcript

SHANGHAI = ZoneInfo("Asia/Shanghai")
CONFIG = Config()


def parse(chat: object, config: Config = CONFIG) -> Transcript:
    return parse_transcript(json.dumps(chat).encode(), source="a.jsonl", line_number=7, config=config)


def problems_of(chat: object) -> list[tuple[str, str, str]]:
    with pytest.raises(UnreadableTranscript) as raised:
        parse(chat)
    assert {(problem.source, problem.line) for problem in raised.value.problems} == {("a.jsonl", 7)}
    return [(problem.chat_id, problem.reason, problem.remedy) for problem in raised.value.problems]


def test_a_whole_chat() -> None:
    chat = {
        "id": "S-1",
        "channel": "phone",
        "opened_at": "2026-11-20T10:00:00",
        "closed_at": "2026-11-20T02:05:00Z",
        "rings": 2,
        "ring_s": 8.5,
        "direction": "inbound",
        "ended_by": "customer",
        "assigned_agent": "小赵",
        "offline": True,
        "customer": "王女士",
        "rating": 4,
        "audio_channels": 2,
        "shop": {"name": "花店"},
        "turns": [
            {"role": "bot", "agent": "小机", "text": "请稍等"},
            {
                "role": "agent",
                "agent": "小李",
                "start_s": 1,
                "end_s": 2.5,
                "auto": True,
                "message_id": "m2",
                "text": "您好",
            },
            {"role": "customer", "kind": "image", "text": None},
        ],
    }
    assert parse(chat) == Transcript(
        id="S-1",
        messages=(
            Message(0, "bot", "请稍等"),
            Message(1, "agent", "您好", agent="小李", start_s=1.0, end_s=2.5, auto=True, message_id="m2"),
            Message(2, "customer", "", kind="image"),
        ),
        channel="phone",
        opened_at=datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI),
        closed_at=datetime(2026, 11, 20, 10, 5, tzinfo=SHANGHAI),
        rings=2,
        ring_s=8.5,
        direction="inbound",
        ended_by="customer",
        assigned_agent="小赵",
        offline=True,
        customer="王女士",
        rating=4.0,
        audio_channels=2,
        source="a.jsonl",
        line=7,
        extra={"shop": {"name": "花店"}},
    )


def test_messages_come_in_the_order_of_their_times_if_all_have_one() -> None:
    def turns(*times: str | None) -> list[dict[str, str | None]]:
        return [{"role": "customer", "text": str(number), "at": at} for number, at in enumerate(times)]

    late, early = "2026-11-20 10:00:09", "2026-11-20 10:00:01"
    timed = parse({"id": "1", "turns": turns(late, early, late, early)})
    assert [(m.index, m.text) for m in timed.messages] == [(0, "1"), (1, "3"), (2, "0"), (3, "2")]
    assert timed.opened_at == datetime(2026, 11, 20, 10, 0, 1, tzinfo=SHANGHAI)
    assert [m.text for m in parse({"id": "1", "turns": turns(late, early, None)}).messages] == ["0", "1", "2"]


def test_only_calls_ring_and_count_seconds() -> None:
    turn = {"role": "customer", "text": "喂"}
    assert parse({"id": "1", "turns": [turn]}).channel == "chat"
    assert parse({"id": "1", "rings": 1, "turns": [turn]}).channel == "phone"
    assert parse({"id": "1", "turns": [turn | {"start_s": 0}]}).channel == "phone"
    assert parse({"id": "1", "channel": "email", "rings": 1, "turns": [turn]}).channel == "email"


@pytest.mark.parametrize(
    ("chat", "expected"),
    [
        ([1], ("", "不是一个会话（应为 JSON 对象）")),
        ({"turns": []}, ("", "缺少会话编号 id")),
        ({"id": " ", "turns": []}, ("", "缺少会话编号 id")),
        ({"id": {"a": 1}, "turns": []}, ("", "“{'a': 1}”不是编号或名称")),
        ({"id": "1"}, ("1", "没有消息列表 turns")),
        ({"id": "1", "turns": []}, ("1", "没有消息列表 turns")),
        ({"id": "1", "turns": "在吗"}, ("1", "没有消息列表 turns")),
    ],
)
def test_lines_that_are_no_chat(chat: object, expected: tuple[str, str]) -> None:
    assert [problem[:2] for problem in problems_of(chat)] == [expected]


@pytest.mark.parametrize(
    ("turn", "reason"),
    [
        (7, "“7”不是一条消息"),
        ({"text": "在吗"}, "没有写明发送方"),
        ({"role": "老板", "text": "在吗"}, "发送方“老板”未知"),
        ({"role": "agent", "text": " "}, "消息内容为空"),
        ({"role": "agent"}, "消息内容为空"),
        ({"role": "agent", "text": ["a"]}, "内容“['a']”不是文本"),
        ({"role": "agent", "text": "好", "at": "昨天"}, "时间“昨天”无法识别（该值不计，消息保留）"),
        (
            {"role": "agent", "text": "好", "at": "2026-11-20"},
            "时间“2026-11-20”只有日期，没有时刻（该值不计，消息保留）",
        ),
        ({"role": "agent", "text": "好", "start_s": -1}, "“-1”不是有效的数（该值不计，消息保留）"),
        (
            {"role": "agent", "text": "好", "start_s": 3, "end_s": 2},
            "结束秒 2 早于开始秒 3（结束秒不计，消息保留）",
        ),
        ({"role": "agent", "text": "好", "kind": "红包"}, "消息类型“红包”未知（该值不计，消息保留）"),
        ({"role": "agent", "text": "好", "auto": "也许"}, "“也许”不是“是”或“否”（该值不计，消息保留）"),
        ({"role": "customer", "text": "在吗", "message_id": "m1"}, "消息编号“m1”重复，已去重"),
        ({"role": "customer", "text": "喂", "message_id": "m1"}, "消息编号“m1”重复且内容不同，保留第一条"),
    ],
)
def test_a_bad_turn_is_told_and_the_chat_is_kept(turn: object, reason: str, tmp_path: Path) -> None:
    chat = {"id": "S-1", "turns": [{"role": "customer", "text": "在吗", "message_id": "m1"}, turn]}
    assert [problem[:2] for problem in problems_of(chat)] == [("S-1", f"第 2 条消息：{reason}")]
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(chat), encoding="utf-8")
    loaded = load_bucket(spill([str(path)], tmp_path / "spilled", config=CONFIG).buckets[0], config=CONFIG)
    texts = [message.text for message in loaded.transcripts[0].messages]
    assert texts == (["在吗", "好"] if "消息保留" in reason or "结束秒不计" in reason else ["在吗"])


def test_bad_values_of_the_chat_are_told_and_the_chat_is_kept() -> None:
    chat = {
        "id": "1",
        "opened_at": "?",
        "rings": 2.5,
        "ended_by": "机器人",
        "turns": [{"role": "客户", "text": "在吗"}],
    }
    assert [reason for _, reason, _ in problems_of(chat)] == [
        "时间“?”无法识别（该值不计，会话保留）",
        "“2.5”不是整数（该值不计，会话保留）",
        "挂断方“机器人”未知（该值不计，会话保留）",
    ]


def test_a_chat_without_any_readable_message() -> None:
    assert problems_of({"id": "1", "turns": [{"role": "agent", "text": ""}]}) == [
        ("1", "第 1 条消息：消息内容为空", "补上内容；图片、卡片或撤回的消息请写明消息类型"),
        ("1", "没有一条可读的消息，该会话未质检", "补上消息后重新导出"),
    ]


def test_chinese_role_words_are_understood_here_too() -> None:
    chat = parse(
        {"id": 42, "turns": [{"role": "买家", "text": "在吗"}, {"role": "客服", "agent": 7, "text": "在"}]}
    )
    assert chat.id == "42"
    assert chat.messages == (Message(0, "customer", "在吗"), Message(1, "agent", "在", agent="7"))


ROOT = b'{"id":"S-1","turns":[{"role":"customer","text":"%s"}]}'


@pytest.mark.parametrize(
    ("line", "chat_id", "reason"),
    [
        (b"{broken", "", "不是有效的 JSON（JSON is malformed: object keys must be strings (byte 1)）"),
        (ROOT % "你好".encode("gb18030"), "S-1", "该行不是 UTF-8 编码"),
        (b'{"id":"\xc4\xe3"}', "", "该行不是 UTF-8 编码"),
        (ROOT % rb"\ud83d", "", "含有不成对的 \\uD8xx 转义（被截断的表情符号）"),
        (b"[1]", "", "不是一个会话（应为 JSON 对象）"),
        (b'{"id":[]}', "", "会话编号 id 应为文本"),
        (b'{"id":"1.5E+17"}', "", "编号“1.5E+17”已被 Excel 改成科学计数，末尾数字已丢失"),
        (
            b'{"a":' + b"[" * 100_000,
            "",
            "不是有效的 JSON（maximum recursion depth exceeded while deserializing an object）",
        ),
    ],
)
def test_lines_that_cannot_be_decoded(line: bytes, chat_id: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + ROOT % b"ok" + b"\n\n" + line + b"\n")
    spilled = spill([str(path)], tmp_path / "spilled", config=CONFIG)
    loaded = load_bucket(spilled.buckets[0], config=CONFIG)
    problems = [*spilled.problems, *loaded.problems]
    assert [(p.source, p.line, p.chat_id, p.reason) for p in problems] == [(str(path), 3, chat_id, reason)]
    assert [transcript.id for transcript in loaded.transcripts] == ["S-1"]


TIMES = st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)).map(  # noqa: DTZ001 - hypothesis wants naive bounds
    lambda at: at.replace(tzinfo=timezone(timedelta(hours=8)))
)
NAMES = st.none() | st.text("小李王ab 0", min_size=1, max_size=4).map(str.strip).filter(bool)
SECONDS = st.none() | st.floats(0, 1e6)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@st.composite
def messages(draw: st.DrawFn) -> Message:
    role = draw(st.sampled_from(["customer", "agent", "bot", "system"]))
    kind = draw(st.sampled_from(["text", "image", "voice", "card", "recalled"]))
    start_s = draw(SECONDS)
    return Message(
        index=0,
        role=role,
        text=draw(TEXT.filter(lambda text: bool(text.strip())) if kind == "text" else TEXT),
        agent=draw(NAMES) if role == "agent" else None,
        at=draw(TIMES),
        start_s=start_s,
        end_s=None if start_s is None else start_s + draw(st.integers(0, 9)),
        auto=draw(st.booleans()),
        kind=kind,
    )


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    said = draw(st.lists(messages(), min_size=1, max_size=5))
    for clock in ("at", "start_s"):
        times = [getattr(message, clock) for message in said]
        if None not in times:
            said.sort(key=lambda message: getattr(message, clock))
            break
    numbered = tuple(
        Message(
            i, m.role, m.text, m.agent, m.at, m.start_s, m.end_s, m.auto, m.kind, f"m{i}" if i % 2 else None
        )
        for i, m in enumerate(said)
    )
    first = min((message.at for message in said if message.at), default=None)
    return Transcript(
        id=draw(NAMES.filter(bool)),
        messages=numbered,
        channel=draw(st.sampled_from(["chat", "phone", "email"])),
        opened_at=draw(TIMES) or first,
        closed_at=draw(TIMES),
        rings=draw(st.none() | st.integers(0, 99)),
        ring_s=draw(SECONDS),
        direction=draw(st.sampled_from([None, "inbound", "outbound"])),
        ended_by=draw(st.sampled_from([None, "customer", "agent"])),
        assigned_agent=draw(NAMES),
        offline=draw(st.booleans()),
        customer=draw(NAMES),
        rating=draw(SECONDS),
        audio_channels=draw(st.sampled_from([None, 1, 2])),
        source="a.jsonl",
        line=7,
        extra=draw(
            st.dictionaries(st.sampled_from(["shop", "店铺"]), st.none() | TEXT | st.lists(st.integers(0, 9)))
        ),
    )


@given(transcripts())
def test_what_is_written_is_read_again(transcript: Transcript) -> None:
    line = to_json(transcript)
    assert b"\n" not in line
    assert parse_transcript(line, source="a.jsonl", line_number=7, config=CONFIG) == transcript


@given(st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
                    lambda part: st.lists(part, max_size=3) | st.dictionaries(
                        st.sampled_from(["id", "turns", "role", "text", "at", "agent", "rings", "kind", "start_s"]), part, max_size=5),
                    max_leaves=12))  # fmt: skip
def test_no_json_raises_anything_but_problems(data: object) -> None:
    line = json.dumps(data).encode()
    try:
        transcript = parse_transcript(line, source="a.jsonl", line_number=7, config=CONFIG)
    except UnreadableTranscript as error:
        assert error.problems  # noqa: PT017 - either outcome is right
        assert all(isinstance(problem, Problem) for problem in error.problems)  # noqa: PT017 - same
    else:
        assert transcript.messages
