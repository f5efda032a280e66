"""The results store gives back what was written, byte for byte the same for the same results."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_audit import store
from qa_audit.arrow import codec_for
from qa_audit.errors import InputError
from qa_audit.records import (
    Course,
    Deduction,
    Evidence,
    Excused,
    Factor,
    Message,
    RoundMood,
    RuleResult,
    Scorecard,
    Severity,
    Transcript,
    TurningPoint,
    Unanswered,
    Verdict,
)
from qa_audit.store import RunInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
TEN = datetime(2026, 11, 20, 10, 0, 5, 250, tzinfo=SHANGHAI)
RUN = RunInfo("run-1", "standard-1", "lexicon-1", "model-1", masked=True)
WORDS = Evidence(1, 0, 2, "您好")
NEUTRAL = RoundMood(0, "neutral", (0.1, 0.8, 0.1))


def transcript(chat_id: str = "S-1", agent: str = "小李") -> Transcript:
    return Transcript(
        id=chat_id,
        messages=(
            Message(0, "customer", "在吗", at=TEN),
            Message(1, "agent", "您好", agent=agent, auto=True, message_id="m2"),
        ),
        opened_at=TEN,
        rings=2,
        direction="inbound",
        rating=4.5,
        audio_channels=2,
        source="a.jsonl",
        line=3,
        extra={"店铺": {"编号": [1, None]}},
    )


def scorecard(chat_id: str = "S-1", agent: str = "小李", score: float | None = 95.0) -> Scorecard:
    return Scorecard(
        transcript=transcript(chat_id, agent),
        agent=agent,
        round_of=(0, -1),
        results=(
            RuleResult("OPEN-01", Verdict.PASS, evidence=(WORDS,)),
            RuleResult("CLOSE-02", Verdict.FAIL, searched=(0, 1), wanted="礼貌结束语", waived="客户已结束"),
            RuleResult("RESP-01", Verdict.FAIL, measured=31.0, limit=30.0, unit="秒"),
            RuleResult("ATT-01", Verdict.PASS, excused=(Excused(WORDS, "quoted"),), note="引述"),
        ),
        moods=(NEUTRAL,),
        deductions=(
            Deduction("RESP-01", Severity.MAJOR, 5.0),
            Deduction("ATT-03", Severity.MAJOR, 0.0, WORDS, "已计入"),
        ),
        bonus=2.0,
        score=score,
        score_before_fatal=score,
        grade="优秀",
        decided=4,
        alerts=("MOOD-01",),
        measures={"first_response_s": 31.0, "rings": 2.0},
        counts_for_30s=True,
        topic="物流配送",
        customer_key="0011223344556677",
        outcome="partly",
        emotion="anxious",
        end_mood="neutral",
        course=Course(NEUTRAL, NEUTRAL, NEUTRAL, "same", (TurningPoint(0, "worse"),)),
        emotions={"none": 0.25, "anxious": 0.75},
        emotion_evidence=(WORDS,),
        dissatisfied=0.5,
        dissatisfied_factors=(Factor("end", 1.5, (WORDS,)), Factor("length", -0.5)),
        escalation=0.125,
        escalation_factors=(Factor("words", 2.0, (WORDS, WORDS)),),
    )


def test_scorecards_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "results" / "bucket-000.parquet"
    bare = Scorecard(transcript("S-0"), "小李", (), (), (), (), 0.0, None, None, "", 0, (), {})
    cards = [scorecard("S-2"), scorecard("S-1", "小赵"), scorecard(), bare]
    store.write_results(path, cards, run=RUN)
    assert list(store.read_results([path])) == [cards[3], cards[2], cards[1], cards[0]]
    assert [entry.name for entry in path.parent.iterdir()] == ["bucket-000.parquet"]


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    cards = [scorecard(f"S-{number}") for number in range(5)]
    store.write_results(tmp_path / "a.parquet", cards, run=RUN)
    store.write_results(tmp_path / "b.parquet", cards[::-1], run=RUN)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_rows_carry_what_other_tools_ask_for(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    store.write_results(path, [scorecard()], run=RUN)
    (row,) = pq.read_table(path).to_pylist()
    assert {name: row[name] for name in ("chat", "agent", "score", "opened_at", *RunInfo.__slots__)} == {
        "chat": "S-1",
        "agent": "小李",
        "score": 95.0,
        "opened_at": "2026-11-20T10:00:05.000250+08:00",
        "run_id": "run-1",
        "standard_hash": "standard-1",
        "lexicon_hash": "lexicon-1",
        "model_hash": "model-1",
        "masked": True,
    }
    assert row["results"][1]["verdict"] == "fail"
    assert row["deductions"][1]["evidence"] == {"message": 1, "start": 0, "end": 2, "text": "您好"}


def test_no_results_are_a_file_too(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    store.write_results(path, [], run=RUN)
    assert list(store.read_results([path])) == []
    assert store.agents_of([path]) == {}


def test_reading_one_agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "ROWS_AT_ONCE", 2)
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    cards = [
        scorecard(f"S-{number}", agent)
        for number, agent in enumerate(["小李", "小李", "小赵", "小李", "小王"])
    ]
    store.write_results(paths[0], cards[:4], run=RUN)
    store.write_results(paths[1], cards[4:], run=RUN)
    assert list(store.read_results(paths, agents=["小李"])) == [cards[0], cards[1], cards[3]]
    assert list(store.read_results(paths, agents=["小王", "小赵"])) == [cards[2], cards[4]]
    assert list(store.read_results(paths, agents=[])) == []
    assert store.agents_of(paths) == {"小李": 3, "小王": 1, "小赵": 1}


def test_unanswered_chats_come_back(tmp_path: Path) -> None:
    unanswered = [
        Unanswered(transcript("S-2"), None, None),
        Unanswered(transcript("S-1"), "小李", RuleResult("RESP-01", Verdict.UNDECIDABLE, note="没有时间")),
    ]
    store.write_unanswered(tmp_path / "u.parquet", unanswered, run=RUN)
    assert list(store.read_unanswered([tmp_path / "u.parquet"])) == unanswered[::-1]


def test_files_that_are_no_results(tmp_path: Path) -> None:
    other, broken = tmp_path / "other.parquet", tmp_path / "broken.parquet"
    pq.write_table(pa.table({"a": [1]}), other)
    broken.write_bytes(b"PAR1")
    with pytest.raises(InputError) as raised:
        list(store.read_results([other]))
    assert str(raised.value) == f"{other}: holds no Scorecard rows of this version; give the results of a run"
    with pytest.raises(InputError) as raised:
        list(store.read_results([broken]))
    assert str(raised.value).startswith(f"{broken}: cannot be read (")


def test_the_manifest(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    store.write_manifest(path, {"b": 1, "a": "夜"})
    assert path.read_text(encoding="utf-8") == '{\n  "a": "夜",\n  "b": 1\n}\n'
    assert store.read_manifest(path) == {"a": "夜", "b": 1}
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        store.read_manifest(path)
    assert str(raised.value) == f"{path}: no manifest of a run; give the folder of a night"


def test_a_field_that_an_older_file_lacks_takes_its_default() -> None:
    whole = codec_for(Message).encode([Message(0, "customer", "在吗"), Message(1, "agent", "在", auto=True)])
    older = pa.StructArray.from_arrays(
        [whole.field(name) for name in ("index", "role", "text")], names=["index", "role", "text"]
    )
    assert codec_for(Message).decode(older) == [Message(0, "customer", "在吗"), Message(1, "agent", "在")]
    with pytest.raises(TypeError, match="the file has no role, which every row needs"):
        codec_for(Message).decode(pa.StructArray.from_arrays([whole.field("index")], names=["index"]))


def test_results_written_before_there_were_probabilities_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    store.write_results(path, [scorecard()], run=RUN)
    table = pq.read_table(path)
    later = ("course", "emotions", "emotion_evidence", "dissatisfied", "dissatisfied_factors", "escalation",
             "escalation_factors")  # fmt: skip
    pq.write_table(table.drop_columns(later), path)
    assert list(store.read_results([path])) == [
        dataclasses.replace(
            scorecard(), course=None, emotions={}, emotion_evidence=(), dissatisfied=None,
            dissatisfied_factors=(), escalation=None, escalation_factors=(),
        )
    ]  # fmt: skip


def test_a_type_that_has_no_place_in_a_file() -> None:
    with pytest.raises(TypeError, match="bytes"):
        codec_for(bytes)


EVIDENCE = st.builds(
    Evidence, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.text("您好x\n", max_size=3)
)
RESULTS: Any = st.builds(
    RuleResult,
    rule_id=st.sampled_from(["OPEN-01", "ATT-01"]),
    verdict=st.sampled_from(list(Verdict)),
    evidence=st.lists(EVIDENCE, max_size=3).map(tuple),
    searched=st.lists(st.integers(0, 99), max_size=3).map(tuple),
    measured=st.none() | st.floats(allow_nan=False),
    excused=st.lists(st.builds(Excused, EVIDENCE, st.text(max_size=3)), max_size=2).map(tuple),
    note=st.text(st.characters(exclude_categories=["Cs"]), max_size=3),
)
CARDS = st.builds(
    dataclasses.replace,
    st.just(scorecard()),
    results=st.lists(RESULTS, max_size=4).map(tuple),
    deductions=st.lists(
        st.builds(
            Deduction,
            st.just("ATT-01"),
            st.sampled_from(list(Severity)),
            st.floats(0, 9),
            st.none() | EVIDENCE,
        ),
        max_size=3,
    ).map(tuple),
    score=st.none() | st.floats(0, 100),
    measures=st.dictionaries(st.sampled_from(["rings", "mean_wait_s"]), st.floats(0, 9)),
    alerts=st.lists(st.sampled_from(["MOOD-01", "MOOD-02"])).map(tuple),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(CARDS, max_size=6))
def test_any_scorecards_come_back(cards: list[Scorecard]) -> None:
    codec = codec_for(Scorecard)
    array = codec.encode(cards)
    assert codec.decode(array) == cards
    assert codec.decode(array.slice(1)) == cards[1:]


def test_the_manifest_is_json_for_everybody(tmp_path: Path) -> None:
    store.write_manifest(tmp_path / "run.json", {"inputs": [{"path": "a.jsonl", "sha256": "00"}]})
    assert json.loads((tmp_path / "run.json").read_bytes()) == {
        "inputs": [{"path": "a.jsonl", "sha256": "00"}]
    }
