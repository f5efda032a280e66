from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_audit.errors import InputError
from qa_audit.problems import read_problem_list, write_problem_list
from qa_audit.records import Problem

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
PROBLEMS = st.builds(Problem, TEXT, st.integers(0, 10**6), TEXT, TEXT, TEXT)


@settings(max_examples=50, deadline=None)
@given(st.lists(PROBLEMS, max_size=4))
def test_a_list_comes_back(tmp_path_factory: pytest.TempPathFactory, problems: list[Problem]) -> None:
    path = tmp_path_factory.mktemp("list") / "problems.csv"
    write_problem_list(path, problems)
    assert read_problem_list(path) == tuple(problems)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"", ": is no list of problems as a run writes it; "),
        ("文件,行\n".encode("gb18030"), ": is no list of problems as a run writes it; "),
        ("文件,行\n".encode(), ":1: has not the columns 文件、行、会话ID、原因、处理建议; "),
        ("文件,行,会话ID,原因,处理建议\na,x,b,c,d\n".encode(), ":2: is no row of a list of problems; "),
        ("文件,行,会话ID,原因,处理建议\na,1,b,c,d\na\n".encode(), ":3: is no row of a list of problems; "),
    ],
)
def test_what_is_no_list(tmp_path: Path, written: bytes, said: str) -> None:
    path = tmp_path / "problems.csv"
    path.write_bytes(written)
    with pytest.raises(InputError) as raised:
        read_problem_list(path)
    assert str(raised.value) == (
        f"{path}{said}take it from the run again, or remove it: the workbooks then name no problems"
    )
