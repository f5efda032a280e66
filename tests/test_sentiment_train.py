"""Training from files: what is read, what is refused, what is written."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from qa_audit.errors import InputError
from qa_audit.records import MOODS
from qa_audit.sentiment.examples import DataFile, Example, read_examples
from qa_audit.sentiment.predict import MoodModel
from qa_audit.sentiment.train import cross_validate, cross_validated_moods, train_mood
from qa_audit.sentiment.turns import Chat, CustomerTurn, turns_of

if TYPE_CHECKING:
    from pathlib import Path

SAID = {"negative": "怎么还没到啊", "neutral": "请问在哪里改地址", "positive": "谢谢,辛苦了"}
CHAT = {
    "id": "one",
    "turns": [
        {"role": "system", "text": "会话开始"},
        {"role": "customer", "text": "你好"},
        {"role": "customer", "text": "東西壞了！"},
        {"role": "agent", "agent": "A", "text": "您好", "auto": True},
        {"role": "agent", "agent": "A", "text": "抱歉"},
        {"role": "agent", "agent": "A", "text": "我来处理"},
        {"role": "bot", "text": "请评价"},
        {"role": "customer", "text": None},
        {"role": "system", "text": "提示"},
        {"role": "customer", "text": "谢谢"},
    ],
}


def write_lines(file: Path, *lines: object) -> Path:
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return file


def chats(number: int) -> list[dict[str, object]]:
    """Chats in which the customer is negative, neutral, then positive."""
    return [
        {
            "id": f"chat-{i}",
            "turns": [
                turn
                for mood in MOODS
                for turn in (
                    {"role": "agent", "agent": "A", "text": f"第{i}次"},
                    {"role": "customer", "text": SAID[mood]},
                )
            ],
        }
        for i in range(number)
    ]


def labels(number: int) -> list[dict[str, object]]:
    return [
        {"id": f"chat-{i}", "moods": {"1": MOODS[0], "3": MOODS[1], "5": MOODS[2]}} for i in range(number)
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    data.mkdir()
    write_lines(data / "chats.jsonl", *chats(10))
    write_lines(data / "labels.jsonl", *labels(10))
    rows = [
        f"{label}\tnone\t其他\t{text}{i}号"
        for label, text in zip("n0p", SAID.values(), strict=True)
        for i in range(6)
    ]
    (data / "sentences.tsv").write_text("\n".join(rows), encoding="utf-8")
    (data / "README.md").write_text("not data", encoding="utf-8")
    (data / "empty.txt").write_text("", encoding="utf-8")
    (data / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\xff")
    return data


def test_labels_are_of_rounds_and_texts_are_normalised(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", CHAT)
    write_lines(tmp_path / "b.jsonl", {"id": "one", "moods": {"2": "negative", "9": "positive"}})
    first, second = read_examples([tmp_path])[0]
    texts, answer = ("你好\n东西坏了!", "\n谢谢"), "抱歉\n我来处理"
    chat = Chat(texts, (answer,), answered=(0, 1))
    assert first == Example(texts[0], "", "negative", "one", 2, chat=CustomerTurn(chat, 0))
    assert second == Example(texts[1], answer, "positive", "one", 9, chat=CustomerTurn(chat, 1))


def test_sentences_are_read_with_short_and_long_names_of_moods(tmp_path: Path) -> None:
    file = tmp_path / "s.tsv"
    file.write_text("\ufeffn\t怒\t退款\t气死了！\r\n\npositive\t谢谢\n0\t好的\n", encoding="utf-8")
    examples, files = read_examples([file], {"s.tsv": "our own"})
    assert examples == [
        Example("气死了!", "", "negative", "s.tsv:1", written=True, emotion="怒", topic="退款"),
        Example("谢谢", "", "positive", "s.tsv:3", written=True),
        Example("好的", "", "neutral", "s.tsv:4", written=True),
    ]
    assert [(file.name, file.kind, file.licence) for file in files] == [("s.tsv", "sentences", "our own")]


def test_a_sentence_may_say_what_the_agent_said_before(tmp_path: Path) -> None:
    file = tmp_path / "s.tsv"
    file.write_text("n\tangry\t退款\t请稍等\t还等!\n0\tnone\t其他\t\t好的\n", encoding="utf-8")
    assert read_examples([file])[0] == [
        Example("还等!", "请稍等", "negative", "s.tsv:1", written=True, emotion="angry", topic="退款"),
        Example("好的", "", "neutral", "s.tsv:2", written=True, emotion="none", topic="其他"),
    ]


def test_the_first_label_of_a_turn_counts(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", CHAT)
    write_lines(tmp_path / "b.jsonl", {"id": "one", "moods": {"9": "positive"}})
    write_lines(tmp_path / "c.jsonl", {"id": "one", "moods": {"9": "neutral"}})
    assert [example.label for example in read_examples([tmp_path])[0]] == ["positive"]


def test_a_folder_is_searched_and_what_is_no_data_is_passed_over(folder: Path) -> None:
    examples, files = read_examples([folder])
    assert [(file.name, file.kind) for file in files] == [
        ("chats.jsonl", "chats"),
        ("labels.jsonl", "labels"),
        ("sentences.tsv", "sentences"),
    ]
    assert [sum(example.written == written for example in examples) for written in (False, True)] == [30, 18]


def refused(*paths: Path) -> str:
    with pytest.raises(InputError) as raised:
        read_examples(paths)
    return str(raised.value)


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    assert refused(gone) == f"{gone}: does not exist; give a file or directory of labelled turns"


def test_a_file_given_by_name_must_be_data(folder: Path) -> None:
    file = folder / "README.md"
    assert refused(folder, file) == (
        f"{file}: neither chats nor labels (JSON Lines) nor sentences (mood, tab, text); leave it out or correct it"
    )


def test_labels_need_their_chat(folder: Path) -> None:
    file = folder / "labels.jsonl"
    assert refused(file) == f"{file}: labels of chat chat-0, which is in no file of chats; give its file too"


def test_a_label_must_be_of_the_customer(tmp_path: Path) -> None:
    chat = write_lines(tmp_path / "a.jsonl", CHAT)
    file = write_lines(tmp_path / "b.jsonl", {"id": "one", "moods": {"4": "neutral"}})
    assert refused(chat, file) == f"{file}: chat one: message 4 is not the customer's; correct the label"


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    chat = write_lines(tmp_path / "a.jsonl", CHAT)
    file = write_lines(
        tmp_path / "b.jsonl", {"id": "one", "moods": {}}, {"id": "one", "moods": {"1": "cross"}}
    )
    assert (
        refused(chat, file)
        == f"{file}:2: Invalid enum value 'cross' - at `$.moods[...]`; mend or remove this line"
    )


@pytest.mark.parametrize("line", ["x\t你好", "n\t ", "n"])
def test_a_sentence_without_mood_or_text_is_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "s.tsv"
    file.write_text(f"0\t好的\n{line}\n", encoding="utf-8")
    assert refused(file) == f"{file}:2: not a mood (n, 0, p), a tab and a text; mend or remove this line"


def test_sentences_must_be_utf_8(tmp_path: Path) -> None:
    file = tmp_path / "s.tsv"
    file.write_bytes("0\t好的\n".encode("gb18030"))
    assert refused(file) == f"{file}: not UTF-8; save it as UTF-8"


def test_no_labelled_turn_at_all_is_an_error(tmp_path: Path) -> None:
    chat = write_lines(tmp_path / "a.jsonl", CHAT)
    assert refused(chat) == f"no labelled turns in {chat}; give chats with labels, or sentences"


def test_too_few_examples_of_a_mood_are_refused() -> None:
    examples = [Example("谢谢", "", "positive", f"chat-{i}") for i in range(9)]
    with pytest.raises(InputError, match=r"^0 chats with a negative turn; give at least 5$"):
        cross_validate(examples, seed=1)


def test_training_writes_a_model_its_card_and_the_cases(folder: Path, tmp_path: Path) -> None:
    out, cases = tmp_path / "model", tmp_path / "figures" / "cases.jsonl"
    card = train_mood(
        [folder], out=out, seed=4, trained_on=date(2025, 3, 4), licences={"chats.jsonl": "ours"}, cases=cases
    )
    model = MoodModel.load(out)
    assert (
        model.labels(
            model.probabilities([turn for text in SAID.values() for turn in turns_of([("customer", text)])])
        )
        == MOODS
    )
    written = json.loads((out / "mood.json").read_text(encoding="utf-8"))
    assert written["trained_on"] == "2025-03-04"
    assert written["sha256"] == model.hash
    assert written["thresholds"] == model.thresholds == card.thresholds
    assert written["classes"] == {
        "chats": {"negative": 10, "neutral": 10, "positive": 10},
        "written": {"negative": 6, "neutral": 6, "positive": 6},
    }
    assert card.data[0] == DataFile("chats.jsonl", "chats", written["data"][0]["sha256"], "ours")
    assert [file["licence"] for file in written["data"]] == ["ours", "not stated", "not stated"]
    assert str(folder) not in (out / "mood.json").read_text(encoding="utf-8")
    found = [json.loads(line) for line in cases.read_text(encoding="utf-8").splitlines()]
    assert [(case["id"], case["turn"], case["expected"]) for case in found] == [
        (f"chat-{i}", turn, mood) for i in range(10) for turn, mood in zip((1, 3, 5), MOODS, strict=True)
    ]
    assert all(case["got"] == case["expected"] for case in found)


def test_a_model_can_be_trained_on_sentences_alone(folder: Path, tmp_path: Path) -> None:
    card = train_mood([folder / "sentences.tsv"], out=tmp_path, seed=4, trained_on=date(2025, 3, 4))
    model = MoodModel.load(tmp_path)
    with_and_without = model.probabilities(
        [*turns_of([("agent", "您好"), ("customer", "谢谢")]), *turns_of([("customer", "谢谢")])]
    )
    assert with_and_without[0].tobytes() == with_and_without[1].tobytes()
    assert card.measured.written is None
    assert card.measured.chats.accuracy.n == 18


def test_a_chat_is_judged_by_models_that_never_saw_it(folder: Path) -> None:
    """A mood that only one chat's own words could teach is not known in cross-validation."""
    examples = [
        *read_examples([folder])[0],
        *(
            Example("魑魅魍魉", "", "negative", "odd", 2 * number, chat=turn)
            for number, turn in enumerate(turns_of([("customer", "魑魅魍魉")] * 20))
        ),
    ]
    moods = cross_validated_moods(examples, seed=2)
    assert len(moods) == 50
    assert max(moods["odd", turn][0] for turn in range(0, 40, 2)) < 0.9
    assert moods["chat-3", 1][0] > 0.9
    assert moods == cross_validated_moods(examples, seed=2)
