"""Ratings: what words and numbers mean, their classes, and the files they come in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rated_chats import write_dialogues

from qa_audit.config import Config
from qa_audit.errors import InputError
from qa_audit.satisfaction.examples import holds_dialogues, read_dialogues, read_ratings
from qa_audit.satisfaction.ratings import Scale, class_of


@pytest.mark.parametrize(
    ("rating", "two", "three", "five"),
    [(1, 0, 0, 0), (2, 0, 0, 1), (3, None, 1, 2), (3.5, None, 1, 3), (4, 1, 2, 3), (5, 1, 2, 4)],
)
def test_the_class_of_a_rating(rating: float, two: int | None, three: int, five: int) -> None:
    assert (class_of(rating, 2), class_of(rating, 3), class_of(rating, 5)) == (two, three, five)


@given(st.floats(1, 5), st.floats(1, 5), st.sampled_from([2, 3, 5]))
def test_a_better_rating_is_no_worse_class(a: float, b: float, classes: int) -> None:
    low, high = class_of(min(a, b), classes), class_of(max(a, b), classes)
    assert low is None or high is None or low <= high


@pytest.mark.parametrize(
    ("written", "rating"),
    [("不满意", 2), ("非常满意", 5), ("一般", 3), ("差评", 2), ("4", 4), ("5分", 5), ("Satisfied", 4)],
)
def test_words_and_numbers(written: str, rating: float) -> None:
    assert Scale().rating(written, "f:2") == rating


@given(st.floats(0, 10))
def test_a_scale_is_stretched_to_five(number: float) -> None:
    assert 1 <= Scale(0, 10).stretched(number, "f:2") <= 5
    assert (Scale(0, 10).stretched(0, "f:2"), Scale(0, 10).stretched(10, "f:2")) == (1, 5)


@pytest.mark.parametrize(
    ("scale", "written", "message"),
    [
        (Scale(), "9", r"f:2: the rating 9 is not between 1 and 5; .*--scale 1-10"),
        (Scale(), "还行吧", r'f:2: "还行吧" is no rating; give a number, or one of 非常不满意'),
    ],
)
def test_what_is_no_rating_is_refused(scale: Scale, written: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        scale.rating(written, "f:2")


@pytest.mark.parametrize("text", ["10", "5-1", "a-b"])
def test_what_is_no_scale_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"is no scale of ratings; write the lowest and the highest"):
        Scale.of(text)


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("会话ID,满意度", "gb18030"),
        ("id,rating", "utf-8"),
        ("chat_id;评分", "utf-8-sig"),
        ("会话编号\t评价", "utf-8"),
    ],
)
def test_a_file_of_ratings_is_recognised_by_its_header(tmp_path: Path, head: str, encoding: str) -> None:
    mark = next(mark for mark in ",;\t" if mark in head)
    file = tmp_path / "ratings.csv"
    file.write_text(f"{head}\na1{mark}满意\na2{mark}1\na3{mark}\n", encoding)
    assert read_ratings(file, Scale(), Config()) == {"a1": 4.0, "a2": 1.0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("会话ID,备注\na,b\n", r"ratings\.csv:1: a column of chat ids .* are wanted; found 会话ID、备注"),
        ("会话ID,评分\na,1\na,5\n", r"ratings\.csv:3: chat a is rated twice, and not alike"),
        ("会话ID,评分\na,1\nb,7\n", r"ratings\.csv:3: the rating 7 is not between"),
    ],
)
def test_faults_of_a_file_of_ratings_name_their_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "ratings.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(InputError, match=message):
        read_ratings(file, Scale(), Config())


def test_dialogues_of_word_ids_are_read(tmp_path: Path) -> None:
    file = tmp_path / "d.txt"
    file.write_text("1\n0\tc:\t4 5\t2\n1\tb:\t6\t3\n2\tc:\t\t1\n\n3\n0\tb:\t7\n1\tc:\t8 9\n", "utf-8")
    assert holds_dialogues(file)
    first, second = read_dialogues(file)
    assert [(t.customer, t.text) for t in first.chat] == [(True, "4 5"), (False, "6"), (True, "")]
    assert (first.rating, first.turn_labels, first.id) == (1.0, (2, 1), "d.txt:1")
    assert (second.rating, second.turn_labels, second.id) == (5.0, None, "d.txt:6")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1\n0\tc:\t4\t2\n\n0\tb:\t6\t3\n", r"d\.txt:4: a dialogue begins with its label, 1, 2, 3"),
        ("1\n0\tc:\t4\t2\n1\tx:\t4\t2\n", r"d\.txt:3: no turn; write number, c: or b:"),
        ("1\n0\tc:\t4\t2\n1\tb:\t4\t9\n", r"d\.txt:3: no turn"),
        ("1\n0\tc:\t4\t2\n\n2\n\n", r"d\.txt:4: a dialogue without turns"),
    ],
)
def test_faults_of_dialogues_name_their_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "d.txt"
    file.write_text(text, "utf-8")
    with pytest.raises(InputError, match=message):
        read_dialogues(file)


def test_transcripts_are_no_dialogues(tmp_path: Path) -> None:
    file = tmp_path / "chat.txt"
    file.write_text("客户: 你好\n客服: 您好\n", "utf-8")
    assert not holds_dialogues(file)
    assert holds_dialogues(write_dialogues(tmp_path / "d.txt", of_each=1))
