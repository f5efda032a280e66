"""Literals a pattern needs: no match may ever be lost by looking for them first."""

from __future__ import annotations

import re

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.match.atoms import atoms

LETTERS = "您好的不是在ab"


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("您好", {"您好"}),
        ("(?:请|还请)您稍等", {"请您稍等", "还请您稍等"}),
        ("您(?:自己)?弄错", {"您弄错", "您自己弄错"}),
        ("(?:您|你).{0,4}(?:蠢|笨)", {"蠢", "笨"}),
        ("还有.*(?:问题|需要)吗", {"问题吗", "需要吗"}),
        ("[您你]们?好", {"您好", "你好", "您们好", "你们好"}),
        ("(?P<hit>谢谢)(?:$|[^您])", {"谢谢"}),
        ("^\\s*好的+", {"好"}),
        ("(?:OK|好)吧", {"ok吧", "好吧"}),
        ("a{2,3}您", {"a"}),  # the rarer of the two
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_pattern_needs(pattern: str, wanted: set[str]) -> None:
    assert atoms(pattern) == frozenset(wanted)


@pytest.mark.parametrize(
    "pattern", ["\\d+", "[^您]", "(?:您|\\d)", "您?", ".*", "(?:好)*", "(", "[一-龥]{2}"]
)
def test_patterns_of_which_nothing_is_known(pattern: str) -> None:
    assert atoms(pattern) is None


def pattern_parts() -> st.SearchStrategy[str]:
    leaf = st.one_of(
        st.text(LETTERS, min_size=1, max_size=3),
        st.lists(st.sampled_from(LETTERS), min_size=1, max_size=3, unique=True).map(
            lambda cs: f"[{''.join(cs)}]"
        ),
        st.sampled_from([".", "\\s*", "^", "$", ".{0,2}", "[^您]"]),
    )
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map("".join),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
            inner.map(lambda part: f"(?:{part})?"),
            inner.map(lambda part: f"(?:{part}){{1,2}}"),
        ),
        max_leaves=8,
    )


@given(pattern=pattern_parts(), text=st.text(LETTERS + " ", max_size=12))
def test_a_text_that_matches_holds_an_atom(pattern: str, text: str) -> None:
    found = re.search(pattern, text) is not None
    assert (re2.search(pattern, text) is not None) == found
    needed = atoms(pattern)
    if found and needed is not None:
        assert any(atom in text for atom in needed)
