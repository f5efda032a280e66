from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.workbook import text as texts
from qa_audit.workbook.text import clean, display_width, file_names, print_text, safe_file_name, wrapped

FORBIDDEN = set('<>:"/\\|?*') | {chr(i) for i in range(32)}


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("您好\r\n再见\r", "您好\n再见\n"),
        ("响铃\x07\x00", "响铃␇␀"),
        ("\tA\nB", "\tA\nB"),
        ("半个\ud83d表情", "半个\ufffd表情"),
        ("\ufffe\uffff", "\ufffd\ufffd"),
        ("=SUM(A1)", "=SUM(A1)"),
        ("😀" * 3, "😀😀😀"),
    ],
)
def test_what_a_cell_cannot_hold_is_replaced_visibly(raw: str, kept: str) -> None:
    assert clean(raw) == kept


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("好" * 32_767, "好" * 32_767),
        ("好" * 32_768, "好" * (32_767 - 17) + "…（截断，全文见 results）"),
        ("😀" * 16_383, "😀" * 16_383),
        ("😀" * 16_384, "😀" * 16_375 + "…（截断，全文见 results）"),
    ],
)
def test_a_text_of_more_code_units_than_a_cell_holds_is_cut_with_a_mark(raw: str, kept: str) -> None:
    assert len(texts.CUT) == 17
    assert clean(raw) == kept


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("abc", 3),
        ("您好", 4),
        ("，。！", 6),
        ("A好", 3),
        ("ｱｲｳ", 3),
        ("ＡＢ", 4),
        ("한국", 4),
        ("é–“", 3),
        ("😀", 2),
        ("", 0),
    ],
)
def test_east_asian_wide_characters_take_two_columns(text: str, width: int) -> None:
    assert display_width(text) == width


@pytest.mark.parametrize("agent", ["1024_王小雨", "客服 小李", "JD_Anna"])
def test_a_harmless_name_stays_as_it_is(agent: str) -> None:
    assert safe_file_name(agent) == agent


@pytest.mark.parametrize(
    ("agent", "start"), [("a/b", "a_b"), ("a:b", "a_b"), ("", "_"), ("..", "_"), ("CON", "_CON"), ("nul.txt", "_nul.txt"), (" 王 ", "王"), ("好" * 90, "好" * 66)]
)  # fmt: skip
def test_a_changed_file_name_carries_a_hash_of_the_agent(agent: str, start: str) -> None:
    assert safe_file_name(agent) == f"{start}~{hashlib.sha256(agent.encode()).hexdigest()[:8]}"


@given(st.text())
def test_a_file_name_is_one_that_every_file_system_takes(agent: str) -> None:
    name = safe_file_name(agent)
    assert name
    assert not set(name) & FORBIDDEN
    assert name == name.strip(" .")
    assert len(f".{name}.xlsx.part".encode()) <= 255


@given(st.lists(st.text(alphabet="aAbB/:\\ .é\u0301王", max_size=4), unique=True))
def test_no_two_agents_share_a_file_even_where_case_is_ignored(agents: list[str]) -> None:
    names = file_names(agents)
    assert set(names) == set(agents)
    assert len({name.casefold() for name in names.values()}) == len(agents)


def test_agents_that_differ_in_case_alone_both_get_a_hash() -> None:
    names = file_names(["Anna", "anna", "王小雨"])
    assert {name.partition("~")[0] for name in names.values()} == {"Anna", "anna", "王小雨"}
    assert "~" in names["Anna"]
    assert "~" in names["anna"]
    assert names["王小雨"] == "王小雨"


def test_an_ampersand_in_a_print_header_is_no_code() -> None:
    assert print_text("A&P 小王\n夜班") == "A&&P 小王 夜班"


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("您是想退货，对吗？”好的", 18, ["您是想退货，对", "吗？”好的"]),
        ("请说“您好”再办", 6, ["请说", "“您好”", "再办"]),
        ("一二三四", 4, ["一二", "三四"]),
        ("！！！！！！", 4, ["！！", "！！", "！！"]),  # nothing else to break at
    ],
)
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(
    text: str, width: int, lines: list[str]
) -> None:
    assert wrapped(text, width) == lines


@given(st.text(alphabet="好的，。？”“（）a 1", max_size=60), st.integers(4, 30))
def test_wrapping_loses_nothing_but_white_space(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(display_width(line) <= width or len(line) == 1 for line in lines)
