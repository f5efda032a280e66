"""CSV, workbooks and Parquet with one message a row: the same chat comes out of every one of them."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qa_audit.config import Config
from qa_audit.read.buckets import load_bucket, spill
from qa_audit.records import Message, Problem, Transcript

CONFIG = Config()
SHANGHAI = ZoneInfo("Asia/Shanghai")
TEN = datetime(2026, 11, 20, 10, 0, 5, tzinfo=SHANGHAI)
HEADER = ["会话ID", "客服", "买家", "发送方", "发送时间", "内容", "消息类型"]
ROWS = [
    ["S-1", "小李", "王女士", "买家", "2026/11/20 10:00:05", "在吗，\n想问下花束", ""],
    ["S-2", "小赵", "李先生", "李先生", "2026/11/20 10:00:06", "发票呢", "文本"],
    ["S-1", "小李", "王女士", "小李", "2026/11/20 10:00:15", "您好", ""],
    ["S-2", "小赵", "李先生", "机器人", "2026/11/20 10:00:16", "", "卡片"],
]
CHATS = [
    (
        "S-1",
        (
            Message(0, "customer", "在吗，\n想问下花束", at=TEN),
            Message(1, "agent", "您好", agent="小李", at=TEN + timedelta(seconds=10)),
        ),
        "王女士",
        None,
    ),
    (
        "S-2",
        (
            Message(0, "customer", "发票呢", at=TEN + timedelta(seconds=1)),
            Message(1, "bot", "", at=TEN + timedelta(seconds=11), kind="card"),
        ),
        "李先生",
        "小赵",
    ),
]


def read(*paths: Path, config: Config = CONFIG) -> tuple[list[Transcript], list[Problem]]:
    spilled = spill([str(path) for path in paths], paths[0].parent / "spilled", config=config)
    loaded = [load_bucket(bucket, config=config) for bucket in spilled.buckets]
    problems = [*spilled.problems, *(problem for one in loaded for problem in one.problems)]
    return [transcript for one in loaded for transcript in one.transcripts], problems


def table(rows: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def chats(transcripts: list[Transcript]) -> list[tuple[object, ...]]:
    return [(one.id, one.messages, one.customer, one.assigned_agent) for one in transcripts]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_every_encoding_and_with_every_delimiter(
    encoding: str, delimiter: str, tmp_path: Path
) -> None:
    path = tmp_path / "chats.csv"
    path.write_bytes(table([HEADER, *ROWS], delimiter).encode(encoding))
    transcripts, problems = read(path)
    assert chats(transcripts) == CHATS
    assert problems == []
    # the row of S-1 begins in line 2 and ends in line 3
    assert [(one.source, one.line, one.channel, one.opened_at) for one in transcripts] == [
        (str(path), 2, "chat", TEN),
        (str(path), 4, "chat", TEN + timedelta(seconds=1)),
    ]


def test_a_workbook_gives_the_same_chats(tmp_path: Path) -> None:
    path = tmp_path / "chats.xlsx"
    book = openpyxl.Workbook()
    notes, sheet = book.active, book.create_sheet("聊天")
    notes.append(["导出说明"])
    sheet.append(["聊天记录导出"])
    for row in [HEADER, *ROWS]:
        sheet.append(
            [datetime.fromisoformat(cell.replace("/", "-")) if cell[:5] == "2026/" else cell for cell in row]
        )
    book.save(path)
    transcripts, problems = read(path)
    assert chats(transcripts) == CHATS
    assert problems == []
    assert [(one.source, one.line) for one in transcripts] == [(f"{path}#聊天", 3), (f"{path}#聊天", 4)]


def test_parquet_rows_give_the_same_chats(tmp_path: Path) -> None:
    path = tmp_path / "chats.parquet"
    pq.write_table(pa.table({name: [row[i] for row in ROWS] for i, name in enumerate(HEADER)}), path)
    transcripts, problems = read(path)
    assert chats(transcripts) == CHATS
    assert problems == []
    assert [one.line for one in transcripts] == [1, 2]


def test_parquet_with_nested_turns(tmp_path: Path) -> None:
    path = tmp_path / "chats.parquet"
    turns = [
        {"role": "customer", "text": "在吗", "at": TEN},
        {"role": "agent", "text": "在", "agent": "小李", "at": None},
    ]
    rows = [{"id": "S-1", "turns": turns, "rating": 5}, {"id": None, "turns": turns, "rating": None}]
    pq.write_table(pa.Table.from_pylist(rows), path)
    transcripts, problems = read(path)
    assert transcripts == [
        Transcript(
            id="S-1",
            messages=(Message(0, "customer", "在吗", at=TEN), Message(1, "agent", "在", agent="小李")),
            opened_at=TEN,
            rating=5.0,
            source=str(path),
            line=1,
        )
    ]
    assert problems == [Problem(str(path), 2, "", "缺少会话编号 id", "每个会话都要有唯一的 id")]


def test_phone_rows_with_their_call(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(
        "通话编号,坐席,说话人,开始秒,结束秒,转写文本,振铃次数,呼叫方向,挂断方,声道数,通话开始时间\n"
        "C-1,小李,客服,2.5,4,您好,3声,呼入,客户,双声道,2026-11-20 10:00\n"
        "C-1,小李,客户,00:05,6,喂,,,,,\n",
        encoding="utf-8",
    )
    transcripts, problems = read(path)
    assert problems == []
    assert transcripts == [
        Transcript(
            id="C-1",
            messages=(
                Message(0, "agent", "您好", agent="小李", start_s=2.5, end_s=4.0),
                Message(1, "customer", "喂", start_s=5.0, end_s=6.0),
            ),
            channel="phone",
            opened_at=TEN.replace(second=0),
            rings=3,
            direction="inbound",
            ended_by="customer",
            audio_channels=2,
            source=str(path),
            line=2,
        )
    ]


def test_a_sender_column_names_the_agent_where_no_agent_column_does(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "会话ID,角色,发送人,内容\n1,客户,王女士,在吗\n1,客服,小李,在\n1,客服,客服,嗯\n", encoding="utf-8"
    )
    transcripts, problems = read(path)
    assert problems == []
    assert [(m.role, m.agent) for m in transcripts[0].messages] == [
        ("customer", None),
        ("agent", "小李"),
        ("agent", None),
    ]
    assert transcripts[0].customer == "王女士"


def test_the_users_own_columns_and_roles(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("单号,谁,消息体\n1,老板,在\n1,客,在吗\n", encoding="utf-8")
    config = Config(
        columns={"id": ("单号",), "role": ("谁",), "text": ("消息体",)},
        roles={"老板": "agent", "客": "customer"},
    )
    transcripts, problems = read(path, config=config)
    assert problems == []
    assert [(m.role, m.text) for m in transcripts[0].messages] == [("agent", "在"), ("customer", "在吗")]


def test_every_bad_row_of_a_csv_is_told_and_the_others_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = [
        "会话ID,角色,时间,内容",
        "1,客户,2026-11-20 10:00:05,在吗",
        ",客户,2026-11-20 10:00:06,谁的",
        "1,老板,2026-11-20 10:00:07,喂",
        "1,客服,昨天,您好",
        "1,客服,2026-11-20 10:00:08,",
        "1,客服,2026-11-20 10:00:09,有,逗号",
        '1,客服,2026-11-20 10:00:10,他说"好"',
        '1,客服,2026-11-20 10:00:11,"他说"好""',
        "1.23457E+17,客服,2026-11-20 10:00:12,您好",
        ",,,",
        "2,客服",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    transcripts, problems = read(path)
    assert [(one.id, [m.text for m in one.messages]) for one in transcripts] == [
        ("1", ["在吗", "您好", '他说"好"'])
    ]
    assert sorted((p.line, p.chat_id, p.reason) for p in problems) == [
        (3, "", "缺少会话编号"),
        (4, "1", "发送方“老板”未知"),
        (5, "1", "时间“昨天”无法识别（该值不计，消息保留）"),
        (6, "1", "消息内容为空"),
        (7, "", "有 5 格，表头只有 4 列"),
        (9, "", "该行不是有效的 CSV（',' expected after '\"'）"),
        (10, "", "编号“1.23457E+17”已被 Excel 改成科学计数，末尾数字已丢失"),
        (12, "2", "没有一条可读的消息，该会话未质检"),
        (12, "2", "消息内容为空"),
    ]
    assert {p.source for p in problems} == {str(path)}


def test_a_quote_that_is_never_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('会话ID,角色,内容\n1,客户,在吗\n1,客服,"您好\n1,客户,喂\n', encoding="utf-8")
    transcripts, problems = read(path)
    assert [m.text for m in transcripts[0].messages] == ["在吗"]
    assert problems == [
        Problem(
            str(path),
            3,
            "",
            "第 3 至 4 行不是有效的 CSV（unexpected end of data）",
            "含引号、换行或分隔符的单元格整格加引号，其中的引号写两个",
        )
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_bytes_that_are_no_character_cost_their_row_only(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = "会话ID,角色,内容\n1,客户,在吗想问下花束\n1,客服,您X好，请稍等，马上为您查\n1,客户,好的谢谢您\n"
    path.write_bytes(text.encode(encoding).replace(b"X", b"\xff"))
    transcripts, problems = read(path)
    assert [m.text for m in transcripts[0].messages] == ["在吗想问下花束", "好的谢谢您"]
    assert problems == [Problem(str(path), 3, "", "该行含有无法解码的字节", "以 UTF-8 或 GB18030 重新导出")]


@pytest.mark.parametrize(
    ("name", "content", "line", "reason", "remedy"),
    [
        ("a.csv", "会话ID,角色,内容\n".encode("utf-16"), 1, "文件编码是 UTF-16", "另存为“CSV UTF-8”"),
        ("a.csv", b"", 1, "文件是空的", "检查导出是否成功"),
        (
            "a.csv",
            "会话ID,角色\n1,客户\n".encode(),
            1,
            "没有可识别的表头：缺少消息内容列",
            "给表格加上表头行",
        ),
        ("a.parquet", b"PAR1", 0, None, "检查文件是否完整"),
        ("a.xlsx", b"PK", 0, None, "用 Excel 另存为 .xlsx"),
    ],
)
def test_files_that_cannot_be_read(
    name: str, content: bytes, line: int, reason: str | None, remedy: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    transcripts, problems = read(path)
    assert transcripts == []
    assert [(p.source, p.line, p.chat_id, p.remedy) for p in problems] == [(str(path), line, "", remedy)]
    if reason is not None:
        assert problems[0].reason == reason


def test_ids_that_excel_keeps_as_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    for row in (
        ["会话ID", "角色", "内容"],
        [1001, "客户", 42],
        [298765432109876543, "客户", "在吗"],
        [None, None, None],
    ):
        book.active.append(row)
    book.save(path)
    transcripts, problems = read(path)
    assert [(one.id, one.messages) for one in transcripts] == [("1001", (Message(0, "customer", "42"),))]
    assert [(p.source, p.line, p.remedy) for p in problems] == [
        (f"{path}#Sheet", 3, "把该列设为“文本”后重新导出")
    ]
