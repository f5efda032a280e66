"""Spilling and loading: a chat comes together however its rows lie, and nothing is lost without a word."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_audit.config import Config
from qa_audit.errors import InputError
from qa_audit.read import buckets
from qa_audit.read.buckets import bucket_of, load_bucket, spill
from qa_audit.read.inputs import InputFile
from qa_audit.records import Problem, Transcript

CONFIG = Config()
HEADER = "会话ID,角色,客服,时间,内容,消息ID\n"


def read(*inputs: Path, into: Path) -> tuple[list[Transcript], list[Problem]]:
    spilled = spill([str(path) for path in inputs], into, config=CONFIG)
    loaded = [load_bucket(bucket, config=CONFIG) for bucket in spilled.buckets]
    problems = [*spilled.problems, *(problem for one in loaded for problem in one.problems)]
    return [transcript for one in loaded for transcript in one.transcripts], problems


def written(path: Path, *rows: str) -> Path:
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def chat(chat_id: str, *texts: str) -> str:
    return json.dumps({"id": chat_id, "turns": [{"role": "customer", "text": text} for text in texts]}) + "\n"


def test_rows_of_one_chat_come_together_across_files(tmp_path: Path) -> None:
    b = written(
        tmp_path / "b.csv", "1,客服,小李,2026-11-20 10:00:09,您好,m2", "2,客户,,2026-11-20 10:00:01,喂,"
    )
    a = written(
        tmp_path / "a.csv", "1,客户,,2026-11-20 10:00:05,在吗,m1", "1,客户,,2026-11-20 10:00:20,人呢,m3"
    )
    transcripts, problems = read(b, a, into=tmp_path / "x")
    assert problems == []
    assert [(one.id, one.source, one.line, [m.text for m in one.messages]) for one in transcripts] == [
        ("1", str(a), 2, ["在吗", "您好", "人呢"]),
        ("2", str(b), 3, ["喂"]),
    ]
    assert read(a, b, into=tmp_path / "y") == (transcripts, problems)


def test_a_chat_exported_twice_counts_once(tmp_path: Path) -> None:
    rows = ["1,客户,,2026-11-20 10:00:05,在吗,", "1,客服,小李,2026-11-20 10:00:09,您好,"]
    a, b = written(tmp_path / "a.csv", *rows), written(tmp_path / "b.csv", *rows)
    transcripts, problems = read(a, b, into=tmp_path / "x")
    assert [[m.text for m in one.messages] for one in transcripts] == [["在吗", "您好"]]
    assert problems == [
        Problem(str(b), 2, "1", f"与 {a} 第 2 行是同一会话且内容相同，已去重", "每个会话只导出一次")
    ]


def test_exports_that_overlap(tmp_path: Path) -> None:
    one, two, three = (
        f"1,客户,,2026-11-20 10:00:0{second},{text}," for second, text in enumerate(("甲", "乙", "丙"), 5)
    )
    a, b = written(tmp_path / "a.csv", one, two), written(tmp_path / "b.csv", two, three)
    transcripts, problems = read(a, b, into=tmp_path / "x")
    assert [[m.text for m in one.messages] for one in transcripts] == [["甲", "乙", "丙"]]
    assert problems == [
        Problem(str(b), 2, "1", f"与 {a} 第 3 行是同一条消息，已去重", "各次导出的时间段不要重叠")
    ]


def test_the_same_words_twice_in_one_file_are_two_messages(tmp_path: Path) -> None:
    a = written(tmp_path / "a.csv", *["1,客户,,2026-11-20 10:00:05,在吗,"] * 2)
    transcripts, problems = read(a, into=tmp_path / "x")
    assert ([[m.text for m in one.messages] for one in transcripts], problems) == ([["在吗", "在吗"]], [])


def test_one_message_id_twice(tmp_path: Path) -> None:
    a = written(
        tmp_path / "a.csv", "1,客户,,2026-11-20 10:00:05,在吗,m1", "1,客户,,2026-11-20 10:00:05,在吗,m1"
    )
    transcripts, problems = read(a, into=tmp_path / "x")
    assert [[m.text for m in one.messages] for one in transcripts] == [["在吗"]]
    assert problems == [Problem(str(a), 3, "1", "消息编号“m1”重复，已去重", "检查导出，每条消息只导出一次")]


def test_whole_chats_with_one_id(tmp_path: Path) -> None:
    a, b = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    a.write_text(chat("1", "在吗") + chat("2", "喂"), encoding="utf-8")
    b.write_text(chat("1", "在吗") + chat("2", "您好"), encoding="utf-8")
    transcripts, problems = read(b, a, into=tmp_path / "x")
    assert [(one.id, one.source, one.messages[0].text) for one in transcripts] == [
        ("1", str(a), "在吗"),
        ("2", str(a), "喂"),
    ]
    assert problems == [
        Problem(str(b), 1, "1", f"与 {a} 第 1 行是同一会话且内容相同，已去重", "每个会话只导出一次"),
        Problem(
            str(b), 2, "2", f"会话编号与 {a} 第 2 行相同但内容不同，保留先出现的", "给不同的会话不同的编号"
        ),
    ]


def test_a_chat_as_a_whole_and_as_rows(tmp_path: Path) -> None:
    a, b = tmp_path / "a.jsonl", written(tmp_path / "b.csv", "1,客户,,,在吗,")
    a.write_text(chat("1", "在吗"), encoding="utf-8")
    transcripts, problems = read(a, b, into=tmp_path / "x")
    assert [one.source for one in transcripts] == [str(a)]
    assert problems == [
        Problem(str(b), 2, "1", f"与 {a} 第 1 行是同一会话且内容相同，已去重", "每个会话只导出一次")
    ]


def test_many_buckets_hold_what_one_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(chat(f"c{number}", "在吗") for number in range(300)), encoding="utf-8")
    one, _ = read(path, into=tmp_path / "x")
    monkeypatch.setattr(buckets, "BUCKET_BYTES", 1000)
    monkeypatch.setattr(buckets, "BUFFER_BYTES", 500)
    spilled = spill([str(path)], tmp_path / "x", config=CONFIG)
    assert len(spilled.buckets) == -(-path.stat().st_size // 1000)
    loaded = [load_bucket(bucket, config=CONFIG).transcripts for bucket in spilled.buckets]
    assert sorted((t for part in loaded for t in part), key=lambda t: t.id) == one
    assert [sorted(t.id for t in part) for part in loaded] == [[t.id for t in part] for part in loaded]
    assert {bucket_of(t.id, len(loaded)) for t in loaded[3]} == {3}
    monkeypatch.setattr(buckets, "BUCKET_BYTES", 1)
    assert len(spill([str(path)], tmp_path / "x", config=CONFIG).buckets) == 256
    assert len(list((tmp_path / "x").iterdir())) == 256


def test_older_buckets_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(chat("1", "在吗"), encoding="utf-8")
    assert read(path, into=tmp_path / "x") == read(path, into=tmp_path / "x")


def test_the_hash_of_a_chat_is_the_same_everywhere() -> None:
    assert [bucket_of(f"c{number}", 256) for number in range(4)] == [
        int.from_bytes(hashlib.blake2b(f"c{number}".encode(), digest_size=8).digest(), "big") % 256
        for number in range(4)
    ]


def test_folders_patterns_and_what_is_in_them(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "b.jsonl").write_text(chat("2", "喂"), encoding="utf-8")
    (folder / "a.JSONL").write_text(chat("1", "在吗"), encoding="utf-8")
    (folder / "photo.png").write_bytes(b"png")
    (folder / ".hidden").write_bytes(b"")
    (folder / "~$a.xlsx").write_bytes(b"")
    spilled = spill([str(folder), str(folder / "*" / "*.jsonl")], tmp_path / "x", config=CONFIG)
    assert spilled.inputs == tuple(
        InputFile(str(path), hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
        for path in (folder / "a.JSONL", folder / "sub" / "b.jsonl")
    )
    known = ".csv、.jsonl、.ndjson、.parquet、.tsv、.txt、.xls、.xlsm、.xlsx"
    assert spilled.problems == (
        Problem(
            str(folder / "photo.png"),
            0,
            "",
            "未知的文件格式“.png”",
            f"转存为其中之一：{known}，或移出该文件夹",
        ),
    )
    assert [t.id for t in load_bucket(spilled.buckets[0], config=CONFIG).transcripts] == ["1", "2"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent.jsonl", "no such file or folder; check the path"),
        ("*.jsonl", "no file matches this pattern; check the path"),
        (
            "photo.png",
            "no file with transcripts here; formats: .csv, .jsonl, .ndjson, .parquet, .tsv, .txt, .xls, .xlsm, .xlsx",
        ),
        (
            "empty",
            "no file with transcripts here; formats: .csv, .jsonl, .ndjson, .parquet, .tsv, .txt, .xls, .xlsm, .xlsx",
        ),
    ],
)
def test_inputs_that_cannot_be_used(name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"png")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as raised:
        spill([str(tmp_path / name)], tmp_path / "x", config=CONFIG)
    assert str(raised.value) == f"{tmp_path / name}: {message}"


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "3"]),
        st.sampled_from(["客户", "客服"]),
        st.sampled_from(["在吗", "您好", "好"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, order=st.randoms())
def test_interleaving_chats_changes_nothing(
    rows: list[tuple[str, str, str]], order: Random, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    together = sorted(rows, key=lambda row: row[0])
    mixed = list(together)
    for _ in range(20):  # swap neighbours of different chats: the order within a chat stays
        place = order.randrange(len(mixed))
        if place and mixed[place][0] != mixed[place - 1][0]:
            mixed[place - 1 : place + 1] = mixed[place], mixed[place - 1]
    results = []
    for name, table in (("a", together), ("b", mixed)):
        path = written(
            folder / f"{name}.csv", *(f"{chat_id},{role},,,{text}," for chat_id, role, text in table)
        )
        transcripts, problems = read(path, into=folder / "x")
        assert problems == []
        results.append([(one.id, one.messages) for one in transcripts])
    assert results[0] == results[1]
