"""Words, sentences, rounds."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from talks import LEXICONS, talk

from qa_audit.normalise import normalise
from qa_audit.records import Message, Round, Transcript
from qa_audit.segment import UNNAMED_AGENT, Segmenter, doc_of, rounds_of, segment, sentences, speaker

USER_WORDS = LEXICONS["user_words"].splitlines()
SERVICE = "您好请稍等一下还有什么可以帮您难怪意思运费险退货款天时效快递中华人民共和国的了吗亲订单号码京东物流"
ASCII = "aZ09 .+-#&@_/%'\"\n"
chat_text = st.text(st.sampled_from(SERVICE + ASCII + "😀👍𠮷，。！～"), max_size=40)
any_text = st.text(st.characters(codec="utf-8"), max_size=20)


@pytest.fixture(scope="session")
def segmenters() -> tuple[Segmenter, Segmenter]:
    """rjieba and jieba with the same user words."""
    return Segmenter("rjieba", USER_WORDS), Segmenter("jieba", USER_WORDS)


@settings(max_examples=400, deadline=None)
@given(st.one_of(chat_text, any_text))
@example("c++和AT&T，4.5%，i-phone，7-11")
@example("买C#书 abc_def")
def test_rjieba_and_jieba_give_the_same_words(segmenters: tuple[Segmenter, Segmenter], text: str) -> None:
    fast, reference = segmenters
    text = normalise(text).text
    assert fast.words(text) == reference.words(text)
    assert fast.edges(text) == reference.edges(text)


@settings(deadline=None)
@given(st.one_of(chat_text, any_text))
def test_words_are_the_whole_text_without_gap(segmenters: tuple[Segmenter, Segmenter], text: str) -> None:
    text = normalise(text).text
    spans = segmenters[0].words(text)
    assert "".join(text[start:end] for start, end in spans) == text
    assert all(a[1] == b[0] for a, b in pairwise(spans))
    assert all(start < end for start, end in spans)
    starts, ends = segmenters[0].edges(text)
    assert {start for start, _ in spans} <= starts
    assert {end for _, end in spans} <= ends


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("您好亲", ["您好", "亲"]),  # the HMM would see 好亲
        ("难怪您", ["难怪", "您"]),
        ("您好意思吗", ["您", "好意思", "吗"]),
        ("退运费险吗", ["退", "运费险", "吗"]),
        ("4.5%折abc123", ["4", ".", "5", "%", "折", "abc123"]),
        ("", []),
    ],
)
@pytest.mark.parametrize("number", [0, 1], ids=["rjieba", "jieba"])
def test_words_of_the_service(
    segmenters: tuple[Segmenter, Segmenter], number: int, text: str, words: list[str]
) -> None:
    assert [text[start:end] for start, end in segmenters[number].words(text)] == words


def test_user_words_of_one_segmenter_are_not_those_of_another(
    segmenters: tuple[Segmenter, Segmenter],
) -> None:
    for name, own in zip(("rjieba", "jieba"), segmenters, strict=True):
        assert own.words("运费险") == [(0, 3)]
        plain = Segmenter(name, ())  # type: ignore[arg-type]  # both are names of segmenters
        assert plain.words("运费险") == [(0, 2), (2, 3)]


def test_edges_hold_those_inside_long_words(segmenters: tuple[Segmenter, Segmenter]) -> None:
    starts, ends = segmenters[0].edges("您好意思吗")  # 好意思 holds 好意 and 意思
    assert starts == {0, 1, 2, 4}
    assert ends == {1, 3, 4, 5}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("您好。请稍等！好吗？", ["您好。", "请稍等!", "好吗?"]),
        ("第一行\n第二行", ["第一行\n", "第二行"]),
        ("先退货；再退款", ["先退货;", "再退款"]),
        ("我看看……马上好", ["我看看……", "马上好"]),
        ("好的～马上～", ["好的~", "马上~"]),
        ("他说“可以。”我不信", ["他说“可以。”", "我不信"]),
        ("【已退款！】谢谢", ["【已退款!】", "谢谢"]),
        ("（好。）走", ["(好。)", "走"]),
        ("先说。“再引”", ["先说。", "“再引”"]),
        ("等3～5分钟。", ["等3~5分钟。"]),
        ("什么？！真的", ["什么?!", "真的"]),
        ("4.5折，包邮", ["4.5折,包邮"]),
        ("\n \n", []),
        ("", []),
        ("没有标点的语音转写", ["没有标点的语音转写"]),
    ],
)
def test_sentences_end_where_a_reader_stops(text: str, parts: list[str]) -> None:
    text = normalise(text).text
    assert [text[start:end] for start, end in sentences(text)] == parts


@given(st.text(st.sampled_from("您好。！？～…；”“）\n 3~a"), max_size=30))
def test_sentences_leave_out_white_space_only(text: str) -> None:
    text = normalise(text).text
    spans = sentences(text)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    left = list(text)
    for start, end in reversed(spans):
        del left[start:end]
    assert "".join(left).strip() == ""


def test_a_round_is_a_run_of_one_speaker() -> None:
    transcript = talk("""
        机器人：您好
        客户：转人工
        系统：已转接人工
        客户：在吗
        自动回复：欢迎
        客服A：您好
        系统：客户正在输入
        客服A：请讲
        客服B：我来接手
        客户：好
    """)
    assert rounds_of(transcript) == (
        (
            Round(0, "bot", None, (0,)),
            Round(1, "customer", None, (1, 3)),
            Round(2, "agent", "客服A", (5, 7)),
            Round(3, "agent", "客服B", (8,)),
            Round(4, "customer", None, (9,)),
        ),
        (0, 1, -1, 1, -1, 2, -1, 2, 3, 4),
    )


@pytest.mark.parametrize(
    ("agent", "assigned", "name"),
    [("王", "李", "王"), (None, "李", "李"), (None, None, UNNAMED_AGENT)],
)
def test_a_message_without_agent_is_the_assigned_ones(
    agent: str | None, assigned: str | None, name: str
) -> None:
    message = Message(0, "agent", "您好", agent=agent)
    transcript = Transcript("1", (message,), assigned_agent=assigned)
    assert speaker(message, transcript) == name
    assert rounds_of(transcript)[0] == (Round(0, "agent", name, (0,)),)


def test_a_round_reads_as_its_lines(segmenters: tuple[Segmenter, Segmenter]) -> None:
    conversation = segment(talk("客服：請稍等\n客服：ＯＫ"), segmenters[0])
    assert conversation.round_text(conversation.rounds[0]) == "请稍等\nok"
    assert conversation.text(1) == "ok"
    assert conversation.edges(1) == (frozenset({0}), frozenset({2}))


def test_a_doc_has_our_words_at_our_offsets(segmenters: tuple[Segmenter, Segmenter]) -> None:
    text = "退运费险吗😀ok"
    words = segmenters[0].words(text)
    doc = doc_of(text, words)
    assert [(token.idx, token.idx + len(token)) for token in doc] == words
    assert doc.text == text


def test_a_doc_of_words_with_a_gap_is_refused() -> None:
    with pytest.raises(AssertionError, match="words leave no gap"):
        doc_of("您好吗", [(0, 1), (2, 3)])
