"""What is said of whole chats against labels, counted by hand; the shapes of --json and --cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from small_standard import RULES, chat, write_standard

from qa_audit.answers import Answer, answers_of, figures_of, labels_of, unheard
from qa_audit.audit import Auditor
from qa_audit.cli import main
from qa_audit.config import Config
from qa_audit.errors import InputError
from qa_audit.evaluate import Gold, evaluate
from qa_audit.evaluation import as_table, evaluate_files, read_all
from qa_audit.records import Contact

LABEL = Gold(id="G1", topic="发票", resolved="partly", emotion="none", end_mood="neutral")
ANSWERS = (
    *[Answer(f"A{n}", "topic", "发票", "发票") for n in range(3)],
    Answer("A3", "topic", "发票", "订单"),
    Answer("A4", "topic", "退款", "退款"),
    Answer("A5", "topic", "退款", "unknown"),
)


def test_figures() -> None:
    topic = figures_of(ANSWERS)["topic"]
    assert (topic.accuracy.value, topic.accuracy.n) == (0.6667, 6)
    assert topic.f1 == {"发票": 0.8571, "退款": 0.6667}  # 2·3/(4+3), 2·1/(2+1); 订单 has no label
    assert topic.macro_f1.value == 0.7619
    assert topic.confusion == {"发票": {"发票": 3, "订单": 1}, "退款": {"退款": 1, "unknown": 1}}
    assert topic.accuracy.low is not None
    assert topic.accuracy.low < 0.6667 < (topic.accuracy.high or 0)


def test_what_the_model_says_is_compared_with_every_label() -> None:
    said = Contact("发票", "yes", "none", "neutral")
    assert list(answers_of("G1", labels_of(LABEL), said, None)) == [
        Answer("G1", "topic", "发票", "发票"),
        Answer("G1", "resolved", "partly", "yes"),
        Answer("G1", "emotion", "none", "none"),
        Answer("G1", "end_mood", "neutral", "neutral"),
    ]


def test_where_nothing_is_said_the_answer_is_wrong_and_not_left_out() -> None:
    for nothing in (None, Contact()):
        assert {a.got for a in answers_of("G1", labels_of(LABEL), nothing, None)} == {"unknown"}


def test_a_chat_that_cross_validation_did_not_see_is_left_out() -> None:
    given = {("G1", "topic"): "退款"}
    assert list(answers_of("G1", labels_of(LABEL), Contact("发票"), given)) == [
        Answer("G1", "topic", "发票", "退款")
    ]


def test_labels_that_nobody_learns_are_left_out() -> None:
    label = labels_of(Gold(id="G1", resolved="unknown", emotion="焦虑", topic="天气"))
    assert list(answers_of("G1", label, Contact("发票", "yes", "none"), None)) == []
    assert list(unheard(label)) == ["topic 天气", "emotion 焦虑"]  # an unknown outcome is a label like others


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_standard(tmp_path_factory.mktemp("rules") / "standard", {"OPEN-01": RULES["OPEN-01"]})


@pytest.fixture(scope="module")
def chats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chats") / "chats.jsonl"
    path.write_text(
        chat("G1", "客：电子发票怎么开，抬头要改\n服：您好，请提供税号\n客：好的\n服：再见")
        + chat("G2", "客：快递怎么还没派送\n服：在的，正在催促配送站点\n客：太慢了\n服：抱歉"),
        encoding="utf-8",
    )
    return path


def test_evaluation_holds_answers_and_fairness(standard: Path, chats: Path) -> None:
    auditor = Auditor.open(Config(), standard=standard)
    gold = [replace_label(LABEL, resolved="yes"), Gold(id="G2", resolved="no", topic="物流配送")]
    result = evaluate(gold, list(read_all(chats, Config())), auditor)
    assert [(a.id, a.question, a.got) for a in result.answers if a.question == "topic"] == [
        ("G1", "topic", "发票"),
        ("G2", "topic", "物流配送"),
    ]
    by_resolved = result.fairness[0]
    assert (by_resolved.means["yes"].value, by_resolved.means["no"].value) == (
        100.0,
        95.0,
    )  # no greeting in G2
    figures = json.loads(json.dumps(result.as_dict()))
    assert figures["topic"] == {
        "n": 2, "accuracy": 1.0, "accuracy_interval": [1.0, 1.0], "macro_f1": 1.0, "macro_f1_interval": figures["topic"]["macro_f1_interval"],
        "f1": {"物流配送": 1.0, "发票": 1.0}, "confusion": {"物流配送": {"物流配送": 1}, "发票": {"发票": 1}}, "cross_validated": False,
    }  # fmt: skip
    assert figures["fairness"]["resolved"]["rules"] == {
        "OPEN-01": {"best": 0.0, "others": 5.0, "difference": 5.0}
    }
    assert "topic: n 2, accuracy 1.000 [1.000, 1.000]" in as_table(result)
    assert "score by resolved: Spearman —, n 2" in as_table(result)


def replace_label(label: Gold, **changes: str) -> Gold:
    return Gold(
        id=label.id,
        **({"topic": label.topic, "emotion": label.emotion, "end_mood": label.end_mood} | changes),
    )


def test_questions_that_no_label_answers_are_null(standard: Path, chats: Path) -> None:
    auditor = Auditor.open(Config(), standard=standard)
    figures = evaluate([Gold(id="G1")], list(read_all(chats, Config())), auditor).as_dict()
    assert [figures[question] for question in ("topic", "resolved", "emotion", "end_mood")] == [None] * 4
    assert figures["fairness"] == {}


def test_the_command_writes_answers_among_the_cases(standard: Path, chats: Path, tmp_path: Path) -> None:
    gold, contacts, cases = tmp_path / "gold.jsonl", tmp_path / "contacts.jsonl", tmp_path / "cases.jsonl"
    gold.write_text(
        '{"id": "G1", "topic": "发票", "emotion": "烦", "verdicts": {"OPEN-01": "pass"}}\n', encoding="utf-8"
    )
    contacts.write_text(
        '{"id": "G1", "question": "topic", "expected": "发票", "got": "支付"}\n', encoding="utf-8"
    )
    arguments = [gold, "--chats", chats, "--standard", standard, "--contacts", contacts, "--cases", cases]
    result = CliRunner().invoke(main, ["evaluate", *map(str, arguments)])
    assert result.exit_code == 0
    assert "whole chats (cross-validated)" in result.stdout
    assert result.stderr == "labels of emotion 烦 are left out: no such answer is known\n"
    assert [json.loads(line) for line in cases.read_text(encoding="utf-8").splitlines()][1] == {
        "id": "G1",
        "question": "topic",
        "expected": "发票",
        "got": "支付",
    }


def test_contacts_that_cannot_be_read(standard: Path, chats: Path, tmp_path: Path) -> None:
    gold, contacts = tmp_path / "gold.jsonl", tmp_path / "contacts.jsonl"
    gold.write_text('{"id": "G1"}\n', encoding="utf-8")
    contacts.write_text('{"id": "G1", "turn": 0}\n', encoding="utf-8")
    with pytest.raises(InputError) as raised:
        evaluate_files(gold, chats, config=Config(), standard=standard, contacts=contacts)
    assert str(raised.value) == f"{contacts}:1: is no line of train chat --cases ('got')"


@pytest.mark.parametrize("kind", [[], ["mood"], ["chat"], ["all"]])
def test_what_is_to_be_trained_may_be_named(kind: list[str], tmp_path: Path) -> None:
    data = tmp_path / "data.txt"
    data.write_text("nothing", encoding="utf-8")
    result = CliRunner().invoke(main, ["train", *kind, str(data), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "neither chats nor labels" in result.stderr


def test_options_of_training_may_come_first(tmp_path: Path) -> None:
    data = tmp_path / "data.txt"
    data.write_text("nothing", encoding="utf-8")
    result = CliRunner().invoke(main, ["train", "--out", str(tmp_path / "out"), str(data)])
    assert "neither chats nor labels" in result.stderr
    wrong = CliRunner().invoke(
        main, ["train", "chat", "--out", str(tmp_path / "o"), "--licence", "a.jsonl", str(data)]
    )
    assert "write it like chats.jsonl=Apache-2.0" in wrong.stderr
