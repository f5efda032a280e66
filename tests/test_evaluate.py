"""Figures against labels, computed by hand; the shapes of --json and --cases; labels that cannot be used."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_standard import RULES, chat, write_standard

from qa_audit.audit import Auditor
from qa_audit.config import Config
from qa_audit.errors import InputError
from qa_audit.evaluate import (
    Case,
    Evaluation,
    Gold,
    MoodFigures,
    RuleFigures,
    VerdictName,
    evaluate,
    kappa,
    read_gold,
)
from qa_audit.evaluation import as_table, evaluate_files, read_all
from qa_audit.intervals import rate_interval
from qa_audit.records import Interval, Message, Mood, RoundMood, Transcript


def near(value: float) -> Any:
    """A value as the computer has it; Any, for it stands in records of floats."""
    return pytest.approx(value)


ANNE, BEN = "1001_小安", "1002_小宁"
CHATS = (
    chat("G1", "客：在吗\n服：您好，再见"),
    chat("G2", "客：在吗\n服：在的，再见"),
    chat("G3", "客：在吗\n服：在的\n客：不是吧\n服：这是您自己操作错"),
    chat("G4", "客：在吗\n服：您好\n客：你说呢\n服1002_小宁：在的，再见"),
    chat("G5", "客：有人吗", assigned_agent=ANNE),
    chat("G6", "客：在吗\n服：您好，不是您自己操作错"),
)


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rules = {name: RULES[name] for name in ("OPEN-01", "ATT-01", "CLOSE-02")}
    return write_standard(tmp_path_factory.mktemp("rules") / "standard", rules)


@pytest.fixture(scope="module")
def auditor(standard: Path) -> Auditor:
    return Auditor.open(Config(), standard=standard)


@pytest.fixture(scope="module")
def chats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chats") / "chats.jsonl"
    path.write_text("".join(CHATS), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def transcripts(chats: Path) -> list[Transcript]:
    return list(read_all(chats, Config()))


def label(chat_id: str, agent: str | None = None, **verdicts: VerdictName) -> Gold:
    return Gold(id=chat_id, agent=agent, verdicts={k.replace("_", "-"): v for k, v in verdicts.items()})


# OPEN-01 decides: G1 pass, G2 fail, G3 fail, G4 小安 pass, G4 小宁 fail, G5 not audited, G6 pass
LABELS = (
    label("G1", OPEN_01="pass", ATT_01="pass"),
    label("G2", OPEN_01="fail"),
    label("G3", OPEN_01="pass", ATT_01="fail"),
    label("G4", ANNE, OPEN_01="fail"),
    label("G4", BEN, OPEN_01="fail"),
    label("G5", OPEN_01="not_applicable", ATT_01="undecidable"),
    label("G6", OPEN_01="pass", ATT_01="fail", COMP_99="fail"),
    label("G9", OPEN_01="fail"),
)


def test_figures(auditor: Auditor, transcripts: Sequence[Transcript]) -> None:
    result = evaluate(LABELS, transcripts, auditor)
    # ATT-01 expected/got: pass/pass fail/fail undecidable/not_applicable fail/pass
    # OPEN-01: pass/pass fail/fail pass/fail fail/pass fail/fail not_applicable/not_applicable pass/pass
    assert result == Evaluation(
        rules=(
            RuleFigures(
                "ATT-01",
                n=4,
                n_fail=2,
                precision=rate_interval(1, 1),
                recall=rate_interval(1, 2),
                f1=2 / 3,
                # observed 1/2, by chance (1·2 + 2·1)/16 = 1/4
                kappa=Interval(
                    near(1 / 3), near(1 / 3 - 1.959964 / 3), near(1 / 3 + 1.959964 / 3), 4
                ),
                accuracy=0.5,
            ),
            RuleFigures(
                "OPEN-01",
                n=7,
                n_fail=3,
                precision=rate_interval(2, 3),
                recall=rate_interval(2, 3),
                f1=2 / 3,
                # observed 5/7, by chance (3·3 + 3·3 + 1)/49 = 19/49
                kappa=Interval(near(16 / 30), near(16 / 30 - 1.959964 * (10 / 343) ** 0.5 * 49 / 30), 1.0, 7),
                accuracy=5 / 7,
            ),
        ),
        mood=None,
        cases=result.cases,
        not_found=("G9",),
        unknown_rules=("COMP-99",),
    )  # fmt: skip
    assert [case.as_dict() for case in result.cases][2:5] == [
        {"id": "G2", "rule": "OPEN-01", "expected": "fail", "got": "fail", "evidence": []},
        {
            "id": "G3",
            "rule": "ATT-01",
            "expected": "fail",
            "got": "fail",
            "evidence": [{"turn": 3, "text": "您自己操作错"}],
        },
        {"id": "G3", "rule": "OPEN-01", "expected": "pass", "got": "fail", "evidence": []},
    ]
    assert len(result.cases) == 11


def test_a_waived_fail_counts_as_fail(tmp_path: Path, transcripts: Sequence[Transcript]) -> None:
    text = RULES["CLOSE-02"] + "waive_when: customer_wrote\n"
    folder = write_standard(tmp_path / "standard", {"CLOSE-02": text})
    auditor = Auditor.open(Config(), standard=folder)
    result = evaluate([label("G3", CLOSE_02="fail")], transcripts, auditor)
    assert result.cases == (Case("G3", "CLOSE-02", "fail", "fail"),)
    view = auditor.judge.views([t for t in transcripts if t.id == "G3"])[0][0]
    assert view.results["CLOSE-02"].waived == "客户在本坐席的服务段内发过言"


def test_a_label_needs_an_agent_where_several_have_the_chat(
    auditor: Auditor, transcripts: Sequence[Transcript]
) -> None:
    with pytest.raises(InputError) as raised:
        evaluate([label("G4", OPEN_01="fail")], transcripts, auditor)
    assert str(raised.value) == f'the label of chat G4 needs "agent", one of: {ANNE}, {BEN}'


def test_an_agent_who_has_no_part_in_the_chat(auditor: Auditor, transcripts: Sequence[Transcript]) -> None:
    result = evaluate([label("G1", BEN, OPEN_01="pass")], transcripts, auditor)
    assert result.cases == (Case("G1", "OPEN-01", "pass", "not_applicable"),)


def mood(turn: int, felt: Mood) -> RoundMood:
    return RoundMood(turn, felt, (0.2, 0.5, 0.3))


def test_moods(auditor: Auditor, transcripts: Sequence[Transcript]) -> None:
    gold = [
        Gold(id="G1", moods={0: "negative"}),
        Gold(id="G3", moods={2: "negative", 0: "neutral"}),
        Gold(id="G4", agent=BEN, moods={0: "positive", 2: "neutral"}),
    ]
    moods = {
        ("G1", 0): mood(0, "negative"),
        ("G3", 0): mood(0, "negative"),
        ("G3", 2): mood(2, "negative"),
        ("G4", 0): mood(0, "positive"),
    }
    result = evaluate(gold, transcripts, auditor, moods=moods)
    assert [(case.id, case.what, case.expected, case.got) for case in result.cases] == [
        ("G1", 0, "negative", "negative"),
        ("G3", 0, "neutral", "negative"),
        ("G3", 2, "negative", "negative"),
        ("G4", 0, "positive", "positive"),
        ("G4", 2, "neutral", "neutral"),
    ]
    assert result.cases[1].as_dict() == {
        "id": "G3",
        "turn": 0,
        "expected": "neutral",
        "got": "negative",
        "evidence": [],
    }
    assert result.cross_validated
    assert result.mood == MoodFigures(
        n=5,
        accuracy=0.8,
        macro_f1=near((0.8 + 2 / 3 + 1) / 3),
        classes={
            "negative": {"precision": near(2 / 3), "recall": 1.0, "f1": 0.8, "n": 2},
            "neutral": {"precision": 1.0, "recall": 0.5, "f1": near(2 / 3), "n": 2},
            "positive": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "n": 1},
        },
    )


def test_moods_of_the_model_itself(auditor: Auditor, transcripts: Sequence[Transcript]) -> None:
    gold = [Gold(id="G3", moods={0: "neutral", 2: "neutral"})]
    (views,) = auditor.judge.views([t for t in transcripts if t.id == "G3"])
    result = evaluate(gold, transcripts, auditor)
    assert [case.got for case in result.cases] == [views[0].moods[turn].label for turn in (0, 2)]
    assert not result.cross_validated


def test_json(auditor: Auditor, transcripts: Sequence[Transcript]) -> None:
    gold = [label("G2", OPEN_01="fail"), Gold(id="G1", moods={0: "positive"}), Gold(id="G9")]
    result = evaluate(gold, transcripts, auditor, moods={("G1", 0): mood(0, "neutral")})
    low = pytest.approx(0.2065, abs=1e-4)
    nothing = {"precision": 0.0, "recall": 0.0, "f1": 0.0, "n": 0}
    assert json.loads(json.dumps(result.as_dict())) == {
        "rules": {
            "OPEN-01": {
                "n": 1,
                "n_fail": 1,
                "precision": 1.0,
                "precision_interval": [low, 1.0],
                "recall": 1.0,
                "recall_interval": [low, 1.0],
                "f1": 1.0,
                "kappa": None,
                "kappa_interval": [None, None],
                "accuracy": 1.0,
            }
        },
        "mood": {
            "n": 1,
            "accuracy": 0.0,
            "macro_f1": 0.0,
            "negative": nothing,
            "neutral": nothing,
            "positive": nothing | {"n": 1},
            "cross_validated": True,
        },
        **dict.fromkeys(("topic", "resolved", "emotion", "end_mood")),
        "fairness": {},
        "compared": {},
        "rating": None,
        "emotion_probabilities": None,
        "chats_not_found": ["G9"],
    }


def test_json_without_moods(auditor: Auditor, transcripts: Sequence[Transcript]) -> None:
    assert evaluate([label("G2", OPEN_01="pass")], transcripts, auditor).as_dict()["mood"] is None


def test_table(auditor: Auditor, transcripts: Sequence[Transcript]) -> None:
    moods = {("G1", 0): mood(0, "negative")}
    gold = [*LABELS, Gold(id="G1", moods={0: "negative"})]
    assert as_table(evaluate(gold, transcripts, auditor, moods=moods)).splitlines() == [
        "rule         n  fail  precision            recall                  F1  kappa                  acc",
        "ATT-01       4     2  1.000 [0.21, 1.00]   0.500 [0.09, 0.91]   0.667  0.333 [-0.32, 0.99]  0.500",
        "OPEN-01      7     3  0.667 [0.21, 0.94]   0.667 [0.21, 0.94]   0.667  0.533 [-0.01, 1.00]  0.714",
        "",
        "mood (cross-validated): n 1, accuracy 1.000, macro-F1 0.333",
        "  negative n     1  P 1.000  R 1.000  F1 1.000",
        "  neutral  n     0  P 0.000  R 0.000  F1 0.000",
        "  positive n     0  P 0.000  R 0.000  F1 0.000",
    ]


def test_cohen_s_kappa() -> None:
    # the example of Wikipedia, “Cohen's kappa”: κ = 0.4
    pairs = (
        [("pass", "pass")] * 20 + [("pass", "fail")] * 5 + [("fail", "pass")] * 10 + [("fail", "fail")] * 15
    )
    interval = kappa(pairs)
    assert (interval.value, interval.n) == (near(0.4), 50)
    half = 1.959964 * (0.7 * 0.3 / (50 * 0.5**2)) ** 0.5
    assert (interval.low, interval.high) == (near(0.4 - half), near(0.4 + half))
    assert kappa([]) == Interval(None, None, None, 0)
    assert kappa([("pass", "pass")] * 3) == Interval(None, None, None, 3)
    assert kappa([("pass", "fail"), ("fail", "pass")]).value == -1.0


VERDICTS = st.sampled_from(["pass", "fail", "not_applicable", "undecidable"])


@given(st.lists(st.tuples(VERDICTS, VERDICTS), min_size=1, max_size=30))
def test_kappa_does_not_care_who_is_first(pairs: list[tuple[str, str]]) -> None:
    value = kappa(pairs).value
    assert value == pytest.approx(kappa([(b, a) for a, b in pairs]).value)
    assert value is None or -1.0 <= value <= 1.0


def test_files(standard: Path, chats: Path, tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text(
        '{"id": "G2", "verdicts": {"OPEN-01": "fail"}, "hits": {"OPEN-01": [1]}, "moods": {"0": "negative"},'
        ' "end_mood": "negative", "emotion": "焦虑", "resolved": "open", "topic": "其他", "by": "两人"}\n\n{"id": "G0"}\n',
        encoding="utf-8",
    )
    moods = tmp_path / "moods.jsonl"
    moods.write_text(
        '{"id": "G2", "turn": 0, "got": "negative", "probabilities": [0.8, 0.1, 0.1]}\n', encoding="utf-8"
    )
    result = evaluate_files(gold, chats, config=Config(), standard=standard, moods=moods)
    assert result.cases == (Case("G2", "OPEN-01", "fail", "fail"), Case("G2", 0, "negative", "negative"))
    assert result.not_found == ("G0",)


WRONG = {
    "no JSON": ('{"id": "G1"}\n{id}\n', ":2: not a label: JSON is malformed"),
    "no id": ('{"verdicts": {}}\n', ":1: not a label: Object missing required field `id`"),
    "verdict": (
        '{"id": "G1", "verdicts": {"OPEN-01": "good"}}\n',
        ":1: not a label: Invalid enum value 'good'",
    ),
    "turn": ('{"id": "G1", "moods": {"first": "neutral"}}\n', ":1: not a label: Expected `int`, got `str`"),
    "mood": ('{"id": "G1", "moods": {"0": "angry"}}\n', ":1: not a label: Invalid enum value 'angry'"),
    "empty": ("\n\n", ": holds no labels; one JSON object a line is wanted"),
}


@pytest.mark.parametrize(("text", "fault"), WRONG.values(), ids=WRONG)
def test_labels_that_cannot_be_read(text: str, fault: str, tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_gold(gold)
    assert str(raised.value).startswith(f"{gold}{fault}")


def test_labels_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        read_gold(tmp_path / "no.jsonl")
    assert str(raised.value) == f"{tmp_path}/no.jsonl: cannot be read (No such file or directory)"


def test_moods_that_cannot_be_read(standard: Path, chats: Path, tmp_path: Path) -> None:
    gold, moods = tmp_path / "gold.jsonl", tmp_path / "moods.jsonl"
    gold.write_text('{"id": "G1"}\n', encoding="utf-8")
    moods.write_text('{"id": "G1", "turn": 0, "got": "neutral"}\n', encoding="utf-8")
    with pytest.raises(InputError) as raised:
        evaluate_files(gold, chats, config=Config(), standard=standard, moods=moods)
    assert str(raised.value) == f"{moods}:1: is no line of train --cases ('probabilities')"


def test_moods_of_a_chat_that_nobody_answered_and_of_later_messages_of_a_round(auditor: Auditor) -> None:
    said = ("请问几点发货", "你们太差了，就会骗人")
    alone = Transcript("T1", tuple(Message(i, "customer", text) for i, text in enumerate(said)))
    assert auditor.audit([alone]).unanswered
    cases = evaluate([Gold(id="T1", moods={0: "negative", 1: "negative"})], [alone], auditor).cases
    assert [case.got for case in cases] == ["negative", "negative"]
