"""Expressions in a text: phrases and their edges, patterns, tokens, similarity, and what is made of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st
from talks import decide, is_exact, judge_of, results, segmenter, talk, words

from qa_audit.match.atoms import atoms
from qa_audit.match.scan import Found, Scanner, longest
from qa_audit.match.similar import bigrams, cosine, coverage
from qa_audit.normalise import normalise
from qa_audit.rule import AnyOf, Expression, Like, Near, Phrase, Regex, Tokens
from qa_audit.segment import sentences

Span = tuple[int, int]


def find(expression: Expression, text: str, *others: Expression) -> list[str]:
    """The hits of an expression in a text, compiled together with others."""
    scanner = Scanner([*others, expression])
    return [text[start:end] for start, end in scanner.find(expression, scan(scanner, text))]


def scan(scanner: Scanner, text: str) -> Found:
    return scanner.scan(
        text, lambda: segmenter().edges(text), lambda: segmenter().words(text), lambda: sentences(text)
    )


def phrases(*texts: str, edge: str = "any") -> AnyOf:
    return AnyOf(tuple(Phrase(text, edge) for text in texts))  # type: ignore[arg-type]  # both edges are literals


@pytest.mark.parametrize(
    ("phrase", "said", "hits"),
    [
        ("您好", "客服：您好意思吗", []),
        ("您好", "客服：您好亲", ["您好"]),
        ("您好", "客服：[旗舰店]您好！", ["您好"]),
        ("怪您", "客服：难怪您急", []),
        ("怪您", "客服：都怪您", ["怪您"]),
        ("稍等", "客服：请稍等", ["稍等"]),
        ("稍等", "客服：您稍等一下", ["稍等"]),
        ("有什么可以帮", "客服：还有什么可以帮您", ["有什么可以帮"]),
        ("好运", "客服：祝您好运", ["好运"]),
        ("您好", "客服：祝您好运", []),
        ("您好", "客服：您\u200b好", ["您\u200b好"]),
        ("请问", "客服：請問您是", ["請問"]),
        ("ok", "客服：ＯＫ的", ["ＯＫ"]),
        ("hi", "客服：shipping", []),
        ("hi", "客服：Hi~", ["Hi"]),
    ],
)
def test_short_phrases_stand_on_word_boundaries(phrase: str, said: str, hits: list[str]) -> None:
    result = decide(f"check: forbid\nlook_for: {phrase}", said)
    assert words(result) == hits
    assert all(is_exact(evidence, talk(said)) for evidence in result.evidence)


@pytest.mark.parametrize(
    ("edge", "said", "hits"),
    [
        ("any", "客服：您好意思吗", ["您好"]),
        ("both", "客服：您好意思吗", []),
        ("both", "客服：您好", ["您好"]),
    ],
)
def test_an_edge_that_is_set_goes_before_the_default(edge: str, said: str, hits: list[str]) -> None:
    assert words(decide(f"check: forbid\nedge: {edge}\nlook_for: 您好", said)) == hits


def test_a_long_phrase_with_both_edges_is_held_to_them() -> None:
    keys = "check: forbid\nedge: both\nlook_for: 有什么可以帮"
    assert words(decide(keys, "客服：还有什么可以帮您")) == []
    assert words(decide(keys, "客服：您有什么可以帮我")) == ["有什么可以帮"]


def test_overlapping_phrases_leave_the_longest() -> None:
    expression = phrases("稍等", "请您稍等", "等一下", "您稍等一下")
    assert find(expression, "请您稍等一下") == ["您稍等一下"]
    assert find(phrases("请稍", "稍等"), "请稍等") == ["请稍"]  # of two equal ones the first
    assert find(phrases("稍等", "请稍等"), "请稍等,请稍等") == ["请稍等", "请稍等"]


def test_one_phrase_serves_everybody_who_asks() -> None:
    one, both = phrases("稍等"), phrases("稍等", "请讲")
    scanner = Scanner([one, both, one])
    found = scan(scanner, "稍等,请讲")
    assert scanner.find(one, found) == [(0, 2)]
    assert scanner.find(both, found) == [(0, 2), (3, 5)]


def test_nothing_to_look_for_finds_nothing() -> None:
    assert find(AnyOf(()), "您好\0") == []
    assert scan(Scanner([]), "您好\0").phrases == {}


alphabet = st.text(st.sampled_from("您好稍等吗ab😀"), min_size=1, max_size=4)


@settings(deadline=None)
@given(
    st.lists(alphabet, min_size=1, max_size=8, unique=True),
    st.text(st.sampled_from("您好稍等吗ab😀"), max_size=25),
)
def test_phrases_are_found_as_by_a_naive_search(looked_for: list[str], text: str) -> None:
    expressions = [Phrase(phrase, "any") for phrase in looked_for]
    scanner = Scanner(expressions)
    found = scan(scanner, text)
    for phrase, expression in zip(looked_for, expressions, strict=True):
        naive = longest(m.span(1) for m in re.finditer(f"(?=({re.escape(phrase)}))", text))
        assert scanner.find(expression, found) == naive


@settings(deadline=None)
@given(
    st.lists(alphabet, min_size=1, max_size=8, unique=True),
    st.text(st.sampled_from("您好稍等吗ab😀"), max_size=25),
)
def test_phrases_with_edges_are_the_naive_ones_on_word_boundaries(looked_for: list[str], text: str) -> None:
    expressions = [Phrase(phrase, "both") for phrase in looked_for]
    scanner = Scanner(expressions)
    found = scan(scanner, text)
    starts, ends = segmenter().edges(text)
    for phrase, expression in zip(looked_for, expressions, strict=True):
        everywhere = [m.span(1) for m in re.finditer(f"(?=({re.escape(phrase)}))", text)]
        assert scanner.find(expression, found) == longest(
            (start, end) for start, end in everywhere if start in starts and end in ends
        )


PATTERNS = ("您好+", "[a-z]+", "等(?:一下|会)?", "😀.", ".好", "稍.{0,3}吗", "^您", "吗$", "(?:您|你)们?")


@settings(deadline=None)
@given(st.text(st.sampled_from("您你好们稍等一下会吗ab😀𠮷 "), max_size=25))
def test_a_set_of_patterns_finds_what_each_finds_alone(text: str) -> None:
    expressions = [Regex(pattern) for pattern in PATTERNS]
    scanner = Scanner(expressions)
    found = scan(scanner, text)
    for pattern, expression in zip(PATTERNS, expressions, strict=True):
        assert scanner.find(expression, found) == [m.span() for m in re.finditer(pattern, text)]


pieces = st.recursive(
    st.sampled_from(
        [
            "您",
            "好的",
            "ab",
            "X",
            "您们亲",
            ".",
            "[您你亲]",
            "[^好]",
            "[a-z]",
            r"\d",
            r"\[数字x\]",
            "^",
            "$",
            r"\s",
            "😀",
        ]
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2,3}", "{0,2}?", "{1}"])).map(
            lambda p: f"(?:{p[0]}){p[1]}"
        ),
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=400)
@given(pieces, pieces, st.data())
def test_no_text_is_kept_from_a_pattern_that_would_match_it(
    one: str, other: str, data: st.DataObject
) -> None:
    matching = st.one_of(st.from_regex(one), st.from_regex(other))
    noise = st.text(st.sampled_from("您你好的亲们abx3[数字]😀 "), max_size=10)
    text = normalise(
        data.draw(st.one_of(noise, matching, st.tuples(noise, matching, noise).map("".join)))
    ).text
    expressions = [Regex(one), Regex(f"x(?:{other})"), Regex(other)]
    scanner = Scanner(expressions)
    found = scan(scanner, text)
    for expression in expressions:
        alone = re2.compile(f"(?i){expression.pattern}").finditer(text)
        assert scanner.find(expression, found) == [m.span() for m in alone if m.end() > m.start()]


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        ("您好", {"您好"}),
        ("(?:谢谢|感谢)您?", {"谢谢", "感谢"}),
        (".{0,4}运费险.*", {"运费险"}),
        ("[谢感]谢", {"谢谢", "感谢"}),
        ("(?:退款)+了", {"退款"}),
        ("OK", {"ok"}),
        ("^$", None),
        (".*", None),
        ("(?:好|)", None),
        ("(?:退|换)?", None),
        ("[^好]", None),
        ("[一-龥]", None),
        # what Python's parser reads otherwise than RE2, or not at all
        (r"\pL+", None),
        ("[[:alpha:]]+", None),
        ("[a||b]c", {"ac", "bc", "|c"}),
    ],
)
def test_the_literals_that_a_pattern_needs(pattern: str, needed: set[str] | None) -> None:
    assert atoms(pattern) == needed


def test_a_class_of_posix_is_that_of_re2() -> None:
    assert find(Regex("[[:digit:]]+天"), "您有7天") == ["7天"]


@pytest.mark.parametrize(
    ("pattern", "text", "hits"),
    [
        ("等.", "😀👍等一等二𠮷", ["等一", "等二"]),
        ("(?P<hit>可以吗)(?:$|[。!])", "可以吗!可以吗?可以吗", ["可以吗", "可以吗"]),
        ("(?P<hit>没有)|好的", "好的,没有", ["没有"]),
        ("x*", "yyy", []),
        ("ABC", "abc", ["abc"]),
    ],
)
def test_patterns_have_offsets_of_characters(pattern: str, text: str, hits: list[str]) -> None:
    assert find(Regex(pattern), text) == hits


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("退不了运费险", ["退不了运费险"]),
        ("退一下您的运费险", ["退一下您的运费险"]),
        ("退一下您那边的那个运费险", []),
        ("运费险退了", []),
        ("退运费险,退运费险", ["退运费险", "退运费险"]),
    ],
)
def test_near_spans_both_in_their_order(text: str, hits: list[str]) -> None:
    assert find(Near(Phrase("退", "any"), Phrase("运费险", "any"), 4), text) == hits


def test_all_parts_must_occur_in_the_round_and_hits_are_theirs() -> None:
    keys = "check: forbid\nlook_for: {all: [不能退, 打折商品]}"
    judge = judge_of({"TST-01": keys})
    for said, hits in (
        ("客服：打折商品不能退", ["打折商品", "不能退"]),
        ("客服：打折商品\n客服：不能退的", ["打折商品", "不能退"]),
        ("客服：打折商品\n客户：嗯\n客服：不能退的", []),
        ("客服：不能退，不能退", []),
    ):
        assert words(results(judge, talk(said))["TST-01"]) == hits


def test_at_least_so_many_parts_must_occur() -> None:
    keys = "check: forbid\nlook_for: {at_least: 2, of: [姓名, 电话, 地址]}"
    assert words(decide(keys, "客服：报一下姓名")) == []
    assert words(decide(keys, "客服：报一下姓名和地址")) == ["姓名", "地址"]


def test_any_of_forms_inside_forms() -> None:
    keys = "check: forbid\nlook_for: {any: [{near: [加, 微信, 4]}, {all: [私下, 便宜]}]}"
    assert words(decide(keys, "客服：加一下微信")) == ["加一下微信"]
    assert words(decide(keys, "客服：私下给您便宜点")) == ["私下", "便宜"]
    assert words(decide(keys, "客服：便宜点")) == []


def test_tokens_match_our_words_where_a_literal_occurs() -> None:
    keys = """
        check: forbid
        look_for:
          - tokens: [{LOWER: {IN: [退, 换]}}, {LENGTH: "2", OP: "?"}, 运费险]
            literals: [运费险]
    """
    judge = judge_of({"TST-01": keys})
    for said, hits in (
        ("客服：😀 退运费险", ["退运费险"]),
        ("客服：换一下运费险吗，退运费险", ["换一下运费险", "退运费险"]),
        ("客服：退货运费险", []),
        ("客服：退运费", []),
    ):
        assert words(results(judge, talk(said))["TST-01"]) == hits


def test_tokens_without_their_literal_do_not_ask_spacy() -> None:
    expression = Tokens(({"LOWER": "退"},), ("运费险",))
    asked: list[str] = []

    def no_words() -> Sequence[Span]:
        asked.append("words")
        return []

    scanner = Scanner([expression])
    no_edges: Callable[[], tuple[frozenset[int], frozenset[int]]] = lambda: (frozenset(), frozenset())  # noqa: E731
    assert scanner.find(expression, scanner.scan("退货", no_edges, no_words, list)) == []
    assert asked == []


def test_like_finds_sentences_that_resemble_a_sample() -> None:
    keys = "check: forbid\nlook_for: {like: [这个我们没有办法处理], threshold: 0.7}"
    assert words(decide(keys, "客服：您好。这个我们真没有办法处理。再见")) == ["这个我们真没有办法处理。"]
    assert words(decide(keys, "客服：我们马上为您处理")) == []


def test_longest_keeps_order_and_drops_overlaps() -> None:
    assert longest([]) == []
    assert longest([(4, 6), (0, 2), (0, 2), (1, 5)]) == [(1, 5)]
    assert longest([(0, 3), (2, 4), (4, 5)]) == [(0, 3), (4, 5)]
    assert longest([(0, 2), (2, 4)]) == [(0, 2), (2, 4)]


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)).map(lambda s: (s[0], s[0] + s[1])), max_size=12)
)
def test_longest_spans_never_overlap_and_every_span_meets_one(spans: list[Span]) -> None:
    kept = longest(spans)
    assert all(a[1] <= b[0] for a, b in pairwise(kept))
    assert set(kept) <= set(spans)
    longest_of_all = max((end - start for start, end in spans), default=0)
    assert max((end - start for start, end in kept), default=0) == longest_of_all


@pytest.mark.parametrize(
    ("a", "b", "alike", "covered"),
    [
        ("请稍等一下", "请稍等一下", 1.0, 1.0),
        ("请，稍等！一下", "请稍等一下", 1.0, 1.0),
        ("abcd", "cdab", 2 / 3, 2 / 3),
        ("稍等", "请稍等", 1 / 2**0.5, 1.0),
        ("好", "好", 0.0, 0.0),
        ("", "您好", 0.0, 0.0),
    ],
)
def test_alike_by_bigrams(a: str, b: str, alike: float, covered: float) -> None:
    assert cosine(bigrams(a), bigrams(b)) == pytest.approx(alike)
    assert coverage(bigrams(a), bigrams(b)) == pytest.approx(covered)


def test_like_is_not_asked_of_texts_without_characters() -> None:
    assert find(Like(("您好",), 0.1), "?!") == []


WRITTEN = st.text(st.sampled_from("您好亲稍等運費險ＯＫ请 。~\u200b\ufe0f😀𠮷🏽，1２"), max_size=20)
EVIDENCE_JUDGE = judge_of(
    {"TST-01": "check: forbid\nedge: any\nlook_for: [您好, 稍等, 运费险, ok, 're:[0-9]+', 😀]"}
)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["客服", "客户"]), WRITTEN), min_size=1, max_size=4))
def test_evidence_is_what_stands_in_the_original(said: list[tuple[str, str]]) -> None:
    lines = [f"{who}：{text}" for who, text in said]
    transcript = talk("\n".join([*lines, "客服：您\u200b好"]))
    result = results(EVIDENCE_JUDGE, transcript)["TST-01"]
    assert all(is_exact(evidence, transcript) for evidence in result.evidence)
    own = [m for m in transcript.messages if m.role == "agent"]
    wanted = "您好|稍等|运费险|ok|[0-9]+|😀"
    naive = [(m.index, hit) for m in own for hit in re.findall(wanted, normalise(m.text).text)]
    assert [(e.message, normalise(e.text).text) for e in result.evidence] == naive
