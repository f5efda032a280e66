"""How the mood model spells a turn, and how it finds n-grams."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.sentiment.ngrams import NgramTable, code_points, counts
from qa_audit.sentiment.turns import CustomerTurn, clean, turns_of
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
    around = {"agent": ("1", "2")}
    assert turns_of(rounds) == [
        CustomerTurn("a", "", "1", (), ("b", "c"), **around),
        CustomerTurn("b", "1", "2", ("a",), ("c",), **around),
        CustomerTurn("c", "1", "2", ("a", "b"), (), **around),
    ]


def test_a_chat_without_an_agent_or_with_one_turn_has_its_turns() -> None:
    assert turns_of([]) == []
    assert turns_of([("agent", "1")]) == []
    assert turns_of([("agent", "1"), ("customer", "a")]) == [CustomerTurn("a", "1", agent=("1",))]
    assert [turn.alone for turn in turns_of([("customer", "a")])] == [True]
    assert [turn.alone for turn in turns_of([("customer", "a"), ("customer", "b")])] == [False, False]
