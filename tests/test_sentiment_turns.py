"""How the mood model spells a turn, and how it finds n-grams."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.sentiment.ngrams import NgramTable, code_points, counts
from qa_audit.sentiment.turns import Chat, CustomerTurn, clean, turns_of
from qa_audit.sentiment.words import GROUP_OF_WORD, GROUPS, WORDS

CLEANED = {
    "[数字x]天了": "0天了",
    "[订单x]  [数字x] 怎么还没到": "0怎么还没到",
    "还要等3.5天": "还要等0天",
    "138****0000打不通": "0打不通",
    "**说的": "0说的",
    "<num>号\n<phone>": "0号 0",
    "看https://example.com/a?b=1这里": "看0这里",
    "好的#e-s01": "好的",
    "[订单编号:[订单x],订单金额:[金额x],下单时间:nan-nan]催一下": "0催一下",
    "[微笑]": "[微笑]",
    "快点!!!!!!!": "快点!!!",
    "啊啊啊啊": "啊啊啊",
    "  你好 \n\n 在吗 ": "你好 在吗",
    "a\0b": "a b",
    "": "",
}


@pytest.mark.parametrize(("text", "expected"), CLEANED.items())
def test_values_masks_and_layout_are_levelled(text: str, expected: str) -> None:
    assert clean([text]) == [expected]


@given(
    texts=st.lists(st.text(st.sampled_from("好 \n\0啊!3*[]x数<num>#e-s01:订单编号"), max_size=20), max_size=6)
)
def test_a_text_is_cleaned_the_same_whatever_stands_beside_it(texts: list[str]) -> None:
    assert clean(texts) == [cleaned for text in texts for cleaned in clean([text])]


ALPHABET = "".join(map(chr, range(0x4E00, 0x4E00 + 90)))
NGRAMS = st.lists(st.text("甲乙丙丁", min_size=1, max_size=4), unique=True, max_size=12)


@given(ngrams=NGRAMS, texts=st.lists(st.text("甲乙丙丁戊\U0001f600", max_size=15), max_size=5))
def test_every_occurrence_of_every_ngram_is_found(ngrams: list[str], texts: list[str]) -> None:
    points, text_of = code_points(texts)
    starts, numbers = NgramTable(ngrams).find(points)
    rows = counts(text_of[starts], numbers, size=max(len(ngrams), 1))
    expected = Counter(
        (row, number)
        for row, text in enumerate(texts)
        for number, ngram in enumerate(ngrams)
        for start in range(len(text))
        if text.startswith(ngram, start)
    )
    assert [tuple(map(int, triple)) for triple in zip(*rows, strict=True)] == [
        (*pair, count) for pair, count in sorted(expected.items())
    ]


def test_every_ngram_of_a_large_table_is_found_where_edges_share_slots() -> None:
    draw = random.Random(7)  # noqa: S311 - made-up n-grams
    ngrams = sorted({"".join(draw.choices(ALPHABET, k=draw.randint(1, 4))) for _ in range(20_000)})
    text = "".join(draw.choices(ALPHABET, k=3000))
    starts, numbers = NgramTable(ngrams).find(code_points([text])[0])
    number_of = {ngram: number for number, ngram in enumerate(ngrams)}
    expected = {
        (start, number_of[text[start : start + length]])
        for start in range(len(text))
        for length in range(1, 5)
        if text[start : start + length] in number_of and start + length <= len(text)
    }
    found = list(zip(starts.tolist(), numbers.tolist(), strict=True))
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_white_space_and_digits_of_all_scripts_are_levelled() -> None:
    every = [chr(point) for point in range(1, 0x110000)]
    white, digits = (re.findall(pattern, "".join(every)) for pattern in (r"\s", r"\d"))
    assert set(clean([f"好{space}啊" for space in white])) == {"好 啊"}
    assert set(clean([f"好{digit}啊" for digit in digits])) == {"好0啊"}
    levelled = {*white, *digits}
    other = [character for character in every if character not in levelled]
    assert clean(other) == other


def test_every_word_belongs_to_one_group_and_can_be_found() -> None:
    assert [word for word, times in Counter(WORDS).items() if times > 1] == []
    assert [word for word in WORDS if clean([word]) != [word] or not 1 <= len(word) <= 4] == []
    assert sorted(set(GROUP_OF_WORD)) == list(range(len(GROUPS)))


def test_turns_know_the_chat_around_them() -> None:
    rounds = [
        ("customer", "a"),
        ("agent", "1"),
        ("bot", "x"),
        ("customer", "b"),
        ("customer", "c"),
        ("agent", "2"),
    ]
    turns = turns_of(rounds)
    assert [turn.text for turn in turns] == ["a", "b", "c"]
    assert [turn.before for turn in turns] == ["", "1", "1"]
    assert [turn.after for turn in turns] == ["1", "2", "2"]
    assert [turn.earlier for turn in turns] == [(), ("a",), ("a", "b")]
    assert [turn.later for turn in turns] == [("b", "c"), ("c",), ()]
    assert {turn.agent for turn in turns} == {("1", "2")}


def test_a_chat_without_an_agent_or_with_one_turn_has_its_turns() -> None:
    assert turns_of([]) == []
    assert turns_of([("agent", "1")]) == []
    assert turns_of([("agent", "1"), ("customer", "a")]) == [CustomerTurn(Chat(("a",), ("1",), (1,)), 0)]
    assert [turn.after for turn in turns_of([("agent", "1"), ("customer", "a")])] == [""]
    assert [turn.alone for turn in turns_of([("customer", "a")])] == [True]
    assert [turn.alone for turn in turns_of([("customer", "a"), ("customer", "b")])] == [False, False]
