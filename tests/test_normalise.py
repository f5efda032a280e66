"""One spelling, as long as the original without its invisible characters, and the way back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.normalise import INVISIBLE, SAME_PUNCTUATION, Normalised, fold, normalise

INVISIBLE_CHARACTERS = "\u200b\u200d\ufeff\u00ad\u2060\ufe0f\u3164\uffa0"
# what chats are made of: full width, traditional, emoji with joiners, punctuation of all kinds
CHAT = "您好亲請問發貨甚麼別ＡｂＣ１２３！？～；：，。「」『』… \n\r\tİßﬁ㎏😀👨👩🇨🇳𠮷"
mixed = st.text(st.sampled_from(CHAT + INVISIBLE_CHARACTERS), max_size=30)
anything = st.text(max_size=30)  # no lone surrogates: readers decode UTF-8
han = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=20)
texts = st.one_of(mixed, anything, han)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("请稍等！？；：（）～", "请稍等!?;:()~"),
        ("您好，亲。", "您好,亲。"),
        ("請問發貨時間", "请问发货时间"),
        ("甚麼時候，甚至別走", "什么时候,甚至别走"),
        ("妳喫了嗎", "你吃了吗"),
        ("「您好」『亲』﹁好﹂｢好｣", "“您好”“亲”“好”“好”"),
        ("a‐b–c\u2011d\ufe32e", "a-b-c-d-e"),
        ("好〜的∼呀", "好~的~呀"),
        ("a\tb\rc\x7fd", "a b c d"),
        ("一行\n两行", "一行\n两行"),
        ("İSTANBUL ABC", "İstanbul abc"),
        ("ﬁ㎏…", "ﬁ㎏…"),
        ("薴", "苎"),
    ],
)
def test_spellings_of_one_text_are_one(written: str, same: str) -> None:
    assert normalise(written) == Normalised(same, None)


def test_every_character_is_folded_to_one_that_stays() -> None:
    points = [p for p in range(0x30000) if not 0xD800 <= p < 0xE000]
    moved = [
        f"U+{point:04X}"
        for point in points
        if len(once := normalise(chr(point)).text) > 1 or normalise(once).text != once
    ]
    assert moved == []


@pytest.mark.parametrize("mark", sorted(SAME_PUNCTUATION))
def test_no_mark_is_left_that_has_a_simpler_one(mark: str) -> None:
    assert fold(mark) == SAME_PUNCTUATION[mark]


def test_invisible_characters_go_and_offsets_lead_back() -> None:
    text = "\u200b您\u200d好\ufe0f\ufe0f！"
    found = normalise(text)
    assert found == Normalised("您好!", (1, 3, 6, 7))
    assert found.original_span(0, 2) == (1, 4)
    assert text[slice(*found.original_span(0, 2))] == "您\u200d好"
    assert found.original_span(2, 3) == (6, 7)


@pytest.mark.parametrize("text", ["", "\u200b", "\u200b\ufeff"])
def test_nothing_visible_is_an_empty_text(text: str) -> None:
    assert normalise(text).text == ""


@given(texts)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text).text
    assert normalise(once) == Normalised(once, None)


@given(texts)
def test_only_invisible_characters_are_lost(text: str) -> None:
    assert len(normalise(text).text) == len(INVISIBLE.sub("", text))


@given(texts)
def test_fold_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(texts, st.data())
def test_an_original_span_holds_what_was_normalised(text: str, data: st.DataObject) -> None:
    found = normalise(text)
    if not found.text:
        return
    start = data.draw(st.integers(0, len(found.text) - 1))
    end = data.draw(st.integers(start + 1, len(found.text)))
    begin, stop = found.original_span(start, end)
    original = text[begin:stop]
    assert len(INVISIBLE.sub("", original)) == end - start
    assert not INVISIBLE.match(original[0])
    assert not INVISIBLE.match(original[-1])


@given(st.lists(st.sampled_from("您好亲aB１"), max_size=12), st.data())
def test_an_invisible_character_anywhere_changes_no_text(characters: list[str], data: st.DataObject) -> None:
    plain = "".join(characters)
    at = data.draw(st.integers(0, len(plain)))
    hidden = data.draw(st.sampled_from(INVISIBLE_CHARACTERS))
    assert normalise(plain[:at] + hidden + plain[at:]).text == normalise(plain).text


@pytest.mark.parametrize(
    ("text", "meant"), [("我自已弄的", "我自己弄的"), ("我要投拆", "我要投诉"), ("操做失误", "操作失误")]
)
def test_a_slip_of_the_input_method_reads_as_what_is_meant(text: str, meant: str) -> None:
    assert normalise(text) == Normalised(meant, None)
