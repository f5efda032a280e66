"""The sample files: up to date with their sources, fictional, and holding every special case they promise."""

from __future__ import annotations

import csv
import importlib.util
import itertools
import json
import re
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import opencc
import pytest
from openpyxl import load_workbook

from qa_audit.errors import InputError

if TYPE_CHECKING:
    from types import ModuleType

SAMPLES = Path(__file__).parent.parent / "samples"
FIRST_RULES = (
    "RESP-01", "RESP-02", "RESP-03", "OPEN-01", "COMM-01", "COMM-02", "COMM-03", "COMM-05", "ATT-01", "ATT-02",
    "ATT-03", "ATT-04", "ATT-05", "HOLD-01", "HOLD-02", "SOLV-01", "CLOSE-01", "CLOSE-02", "MOOD-01", "MOOD-02",
)  # fmt: skip
Record = dict[str, Any]


def _load_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_samples", SAMPLES / "make_samples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_samples"] = module  # pydantic looks the annotations up there
    spec.loader.exec_module(module)
    return module


make_samples = _load_script()
SOURCES = {path.stem: make_samples.read_source(path) for path in sorted((SAMPLES / "source").glob("*.yml"))}
RECORDS: dict[str, Record] = {
    chat.id: make_samples.transcript(chat, source.date)
    for source in SOURCES.values()
    for chat in source.chats
}
CALLS = [record for record in RECORDS.values() if record["channel"] == "phone"]
EXPECTED: Record = json.loads((SAMPLES / "expected_by_hand.json").read_text("utf-8"))


def _cells(path: Path) -> list[tuple[object, ...]]:
    return list(load_workbook(path).worksheets[0].iter_rows(values_only=True))


def _texts() -> list[str]:
    return [turn["text"] for record in RECORDS.values() for turn in record["turns"]]


def _at(turn: Record) -> datetime:
    return datetime.fromisoformat(turn["at"])


def _first_response_s(record: Record) -> float:
    """Seconds from the first customer message, after the last notice before an agent, to the agent's own first."""
    turns = record["turns"]
    own = next(i for i, turn in enumerate(turns) if turn["role"] == "agent" and "auto" not in turn)
    begin = max((i for i in range(own) if turns[i]["role"] == "system"), default=0)
    asked = next(turn for turn in turns[begin:own] if turn["role"] == "customer")
    return (_at(turns[own]) - _at(asked)).total_seconds()


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    make_samples.make(folder)
    return folder


@pytest.mark.parametrize(
    "name", ["chats.jsonl", "calls.jsonl", "night_shift.csv", "partner_gb18030.csv", "expected_by_hand.json"]
)
def test_file_is_up_to_date_with_its_source(name: str, fresh: Path) -> None:
    assert (SAMPLES / name).read_bytes() == (fresh / name).read_bytes()


def test_workbook_is_up_to_date_with_its_source(fresh: Path) -> None:
    assert _cells(SAMPLES / "weekend.xlsx") == _cells(fresh / "weekend.xlsx")


def test_workbook_with_the_same_cells_is_not_written_again(fresh: Path) -> None:
    before = (fresh / "weekend.xlsx").read_bytes()
    make_samples.make(fresh)
    assert (fresh / "weekend.xlsx").read_bytes() == before


def test_workbook_with_other_cells_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "w.xlsx"
    rows = [("W1", "1_甲", "乙", "顾客", datetime(2026, 11, 20, 9), text) for text in ("在吗", "在的")]  # noqa: DTZ001 - a workbook's dates are naive
    make_samples.write_workbook(path, rows[:1])
    make_samples.write_workbook(path, rows)
    assert _cells(path) == [make_samples.WEEKEND_COLUMNS, *rows]


def test_ids_are_unique_and_there_are_enough_chats_and_calls() -> None:
    ids = [chat.id for source in SOURCES.values() for chat in source.chats]
    assert len(ids) == len(set(ids))
    assert (len(CALLS), len(RECORDS) - len(CALLS)) == (21, 49)


def test_each_agent_has_enough_chats_for_a_mean() -> None:
    chats = Counter(agent for judged in EXPECTED["chats"].values() for agent in judged)
    assert len(chats) == 7
    assert set(chats.values()) <= set(range(8, 13))


def test_times_never_run_backwards() -> None:
    for record in RECORDS.values():
        if record["channel"] == "chat":
            times = [_at(turn) for turn in record["turns"]]
        else:
            times = [turn["start_s"] for turn in record["turns"]]
            assert all(turn["start_s"] < turn["end_s"] for turn in record["turns"]), record["id"]
        assert times == sorted(times), record["id"]


def test_phone_numbers_are_fictional_but_shaped_like_real_ones() -> None:
    said = _texts() + [call["customer"] for call in CALLS]
    found = re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", "\n".join(said))
    assert len(set(found)) >= 20
    assert [number for number in found if not re.fullmatch(r"1\d\d0{6}\d\d", number)] == []


def test_other_personal_data_is_fictional() -> None:
    said = "\n".join(_texts())
    assert set(re.findall(r"@(\w[\w.]*)", said, re.ASCII)) == {"example.com"}
    assert re.findall(r"(?<!\d)\d{17}[\dX](?!\d)", said) == ["990101199003070007"]  # there is no region 99
    assert re.findall(r"(?<!\d)\d{19}(?!\d)", said) == ["6299990000000000004"]
    assert set(re.findall(r"..市", said)) == {"云海市"}


@pytest.mark.parametrize("rule", FIRST_RULES)
def test_rule_is_broken_and_kept_at_least_once(rule: str) -> None:
    judged = [*EXPECTED["agents"].values()]
    judged += [entry for chat in EXPECTED["chats"].values() for entry in chat.values()]
    assert any(rule in entry.get("fail", ()) for entry in judged)
    assert any(rule in entry.get("pass", ()) for entry in judged)


def test_no_rule_is_expected_twice_in_one_judgement() -> None:
    for chat_id, agents in EXPECTED["chats"].items():
        for entry in agents.values():
            listed = [*entry["fail"], *entry["waived"], *entry["pass"]]
            assert len(listed) == len(set(listed)), chat_id


def test_good_service_dominates() -> None:
    fails = [len(entry["fail"]) for agents in EXPECTED["chats"].values() for entry in agents.values()]
    assert sum(count == 0 for count in fails) / len(fails) > 0.6


@pytest.mark.parametrize(
    ("chat_id", "seconds"), [("C1120-05", 30), ("C1120-06", 31), ("C1120-07", 740), ("C1120-16", 58)]
)
def test_first_response(chat_id: str, seconds: int) -> None:
    assert _first_response_s(RECORDS[chat_id]) == seconds


def test_one_agent_answers_slowly_on_average() -> None:
    first: dict[str, list[float]] = {}
    for record in RECORDS.values():
        if record["channel"] == "chat" and record.get("assigned_agent") and "offline" not in record:
            own = any(turn["role"] == "agent" for turn in record["turns"])
            if own:
                first.setdefault(record["assigned_agent"], []).append(_first_response_s(record))
    means = {agent: sum(seconds) / len(seconds) for agent, seconds in first.items()}
    assert [agent for agent, mean in means.items() if mean > 120] == ["1018_何满"]
    assert EXPECTED["agents"]["1018_何满"] == {"fail": ["RESP-02"]}


def test_ring_records_of_calls() -> None:
    rings = Counter(("rings" in call, "ring_s" in call) for call in CALLS if call["direction"] == "inbound")
    assert rings == {(True, False): 15, (False, True): 2, (False, False): 1}
    assert {call["rings"] for call in CALLS if "rings" in call} == {1, 2, 3, 4}
    assert sum(call["direction"] == "outbound" for call in CALLS) == 3


def test_roles_kinds_and_automatic_replies_occur() -> None:
    turns = [turn for record in RECORDS.values() for turn in record["turns"]]
    assert {turn["role"] for turn in turns} == {"customer", "agent", "bot", "system"}
    assert {turn.get("kind") for turn in turns} == {None, "image", "card", "recalled"}
    assert sum("auto" in turn for turn in turns) == 1


def test_transfer_between_people_and_chats_without_any() -> None:
    agents = {
        id_: {turn.get("agent") for turn in record["turns"]} - {None} for id_, record in RECORDS.items()
    }
    assert {id_: sorted(names) for id_, names in agents.items() if len(names) > 1} == {
        "C1120-12": ["1007_林晓", "1030_白小禾"]
    }
    nobody = {id_: RECORDS[id_].get("assigned_agent") for id_, names in agents.items() if not names}
    assert nobody == {"C1120-13": None, "C1120-14": "1018_何满"}


def test_chat_in_the_night_goes_on_past_midnight() -> None:
    turns = RECORDS["N1120-01"]["turns"]
    assert (turns[0]["at"], turns[-1]["at"]) == ("2026-11-20T23:40:15+08:00", "2026-11-21T00:00:41+08:00")
    assert max(record["opened_at"] for record in RECORDS.values()) == "2026-11-20T23:40:15+08:00"


def test_announced_holds_one_kept_one_not() -> None:
    def gap(chat_id: str, announced: str) -> timedelta:
        own = [turn for turn in RECORDS[chat_id]["turns"] if turn["role"] == "agent"]
        place = next(i for i, turn in enumerate(own) if announced in turn["text"])
        return _at(own[place + 1]) - _at(own[place])

    assert timedelta(minutes=3) < gap("C1120-19", "等我5分钟") < timedelta(minutes=5)
    assert gap("C1120-18", "稍等2分钟") > timedelta(minutes=7)


def test_words_that_spreadsheets_and_normalisation_must_survive() -> None:
    said = _texts()
    assert {text[0] for text in said} >= {"=", "+", "-", "@"}
    converter = opencc.OpenCC("t2s")
    assert any(converter.convert(text) != text for text in said)
    assert any(len(re.findall(r"[a-z]{2,}", text)) >= 3 for text in said)
    assert any("\n" in text for text in said)
    assert any(max(text) > "\uffff" for text in said)  # emoji
    assert not any(re.search("[，。？！]", turn["text"]) for call in CALLS for turn in call["turns"])


def test_repeat_contact_within_72_hours() -> None:
    first, second = RECORDS["W1119-01"], RECORDS["W1120-02"]
    assert first["customer"] == second["customer"]
    assert _at(second["turns"][0]) - _at(first["turns"][0]) == timedelta(hours=18)


def test_json_lines_hold_one_broken_line() -> None:
    lines = (SAMPLES / "chats.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines[:11] + lines[12:]] == [
        chat.id for chat in SOURCES["chats"].chats
    ]
    with pytest.raises(json.JSONDecodeError):
        json.loads(lines[11])


@pytest.mark.parametrize(
    ("name", "encoding", "source", "broken"),
    [
        ("night_shift.csv", "utf-8-sig", "night_shift", ("N1120-90", "访客转接")),
        ("partner_gb18030.csv", "gb18030", "partner_gb18030", ("", "顾客")),
    ],
)
def test_csv_interleaves_its_chats_and_holds_one_broken_row(
    name: str, encoding: str, source: str, broken: tuple[str, str]
) -> None:
    with (SAMPLES / name).open(encoding=encoding, newline="") as file:
        rows = list(csv.reader(file))[1:]
    known = {chat.id for chat in SOURCES[source].chats}
    roles = {"买家", "顾客", "客服", "机器人", "系统"}
    assert [(row[0], row[3]) for row in rows if row[0] not in known or row[3] not in roles] == [broken]
    changes = sum(here[0] != there[0] for here, there in itertools.pairwise(rows))
    assert changes > 2 * len(known)
    messages = sum(len(RECORDS[id_]["turns"]) for id_ in known)
    assert len(rows) == messages + 1


def test_gb18030_is_needed_for_the_partner() -> None:
    text = (SAMPLES / "partner_gb18030.csv").read_bytes().decode("gb18030")
    with pytest.raises(UnicodeEncodeError):
        text.encode("gbk")


def _source(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "source.yml"
    path.write_text(text, "utf-8")
    return path


def test_misspelt_key_in_a_source_is_named_with_its_line(tmp_path: Path) -> None:
    path = _source(tmp_path, 'date: "2026-11-20"\nchats:\n- {id: C1, about: 甲, talk: 乙, expect_fial: []}\n')
    with pytest.raises(InputError) as caught:
        make_samples.read_source(path)
    assert str(caught.value) == f'{path}:3: unknown key "expect_fial"; did you mean "expect_fail"?'


def test_bad_yaml_in_a_source_is_named_with_its_line(tmp_path: Path) -> None:
    path = _source(tmp_path, 'date: "2026-11-20"\ndate: "2026-11-21"\nchats: []\n')
    with pytest.raises(InputError) as caught:
        make_samples.read_source(path)
    assert str(caught.value) == f'{path}:2: key "date" is repeated (first in line 1); keep one of them'


@pytest.mark.parametrize("line", ["客户：在吗", "[10:00:00] 路人：在吗"], ids=["no time", "no such speaker"])
def test_bad_line_of_talk_is_named(line: str, tmp_path: Path) -> None:
    path = _source(tmp_path, f'date: "2026-11-20"\nchats:\n- id: C1\n  about: 甲\n  talk: |\n    {line}\n')
    source = make_samples.read_source(path)
    with pytest.raises(InputError) as caught:
        make_samples.json_lines(source)
    assert str(caught.value) == f"C1, line 1 of talk: write [time] speaker：text, not {line!r}"
