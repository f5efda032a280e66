from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from returned import FIRST, edit, fetch, make_night, put, row_of

from qa_audit.cli import main


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("night")
    make_night(out)
    return out


def collected(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["review", "collect", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_what_was_collected_is_said_on_stdout(out: Path, tmp_path: Path) -> None:
    path = fetch(next(out.glob("2*")), FIRST, tmp_path / "in")
    edit(path, lambda s: put(s["逐通评分"], row_of(s["逐通评分"], 序号=2), "复核得分", 88))
    code, said, errors = collected(tmp_path / "in", "--from", out, "--out", tmp_path / "final")
    assert (code, errors) == (0, "")
    assert said.splitlines() == [
        "工作簿 1 本，质检日期 2025-11-20",
        "收集　 判定 0 项，复核得分 1 项，情绪更正 0 项",
        "改分　 1 通",
        f"结果　 {tmp_path / 'final'}",
    ]


def test_what_could_not_be_collected_is_said_on_stderr_with_exit_code_1(out: Path, tmp_path: Path) -> None:
    path = fetch(next(out.glob("2*")), FIRST, tmp_path / "in")
    edit(path, lambda s: put(s["逐通评分"], row_of(s["逐通评分"], 序号=2), "复核得分", "好"))
    code, _, errors = collected(tmp_path / "in", "--from", out, "--out", tmp_path / "final")
    assert code == 1
    first, last = errors.splitlines()
    assert first.startswith(f"{path} 逐通评分 ")
    assert first.endswith("“好”不是分数，未收集；请填写 0 到 100 之间的数字")
    assert last == f"1 项未收集，见 {tmp_path / 'final' / 'review_problems.csv'}"


def test_a_folder_that_is_not_there_is_usage(out: Path, tmp_path: Path) -> None:
    code, said, errors = collected(tmp_path / "no", "--from", out, "--out", tmp_path / "final")
    assert (code, said) == (2, "")
    assert errors == f"{tmp_path / 'no'}: does not exist; give returned workbooks or their folder\n"
