"""``qa-audit report --html``: a page for each night that is chosen, from its results, beside workbooks that stay."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from page_reader import ReadPage, read_page
from small_standard import RULES, chat, write_standard

from qa_audit.cli import main
from qa_audit.pipeline import RunOptions, run

ANNE, BEN = "1001_小安", "1002_小宁"
NIGHTS = {
    "2026-11-16": {"A1": ("在的", ""), "B1": ("您好，再见", BEN)},
    "2026-11-17": {"A2": ("您自己操作错", ""), "A3": ("您好，再见", "")},
}


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_standard(tmp_path_factory.mktemp("rules") / "standard", RULES)


@pytest.fixture(scope="module")
def audited(standard: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audited")
    for night, chats in NIGHTS.items():
        lines = [
            chat(chat_id, f"10:00:00 客：在吗\n10:00:10 服{agent}：{reply}")
            for chat_id, (reply, agent) in chats.items()
        ]
        lines.append(chat(f"U{night[-2:]}", "10:00:00 客：有人吗"))
        (folder / f"{night}.jsonl").write_text("".join(lines), encoding="utf-8")
        options = RunOptions(standard=standard, workers=1, date=night)
        run([str(folder / f"{night}.jsonl")], folder / "out", options)
    return folder / "out"


@pytest.fixture
def out(audited: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(audited, tmp_path / "out"))


def reported(source: Path, standard: Path, *options: str, code: int = 0) -> str:
    result = CliRunner().invoke(
        main, ["report", "--html", "--from", str(source), "--standard", str(standard), *options]
    )
    assert result.exit_code == code, result.output
    return result.output


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def listed(page: ReadPage) -> list[str]:
    return page.list["id"]


def test_a_night_gets_its_page_and_keeps_its_workbooks(out: Path, standard: Path) -> None:
    night = out / "2026-11-17"
    before = bytes_of(out)
    said = reported(night, standard)
    page = night / "night.html"
    assert said.startswith(f"{page}　会话 3 通，0.")
    after = bytes_of(out)
    assert after.pop("2026-11-17/night.html")
    assert after == before
    read = read_page(page)
    assert listed(read) == ["A2", "A3", "U17"]
    assert [read.head[name] for name in ("night", "audited", "not_audited", "unanswered", "fatal", "masked")] == [
        "2026-11-17", 2, 1, 1, 1, True,
    ]  # fmt: skip
    first = page.read_bytes()
    reported(night, standard)
    assert page.read_bytes() == first


def test_days_give_a_page_for_each_of_their_nights(out: Path, standard: Path, tmp_path: Path) -> None:
    reported(out, standard, "--from-date", "2026-11-16", "--to-date", "2026-11-17")
    assert listed(read_page(out / "2026-11-16" / "night.html")) == ["A1", "B1", "U16"]
    assert listed(read_page(out / "2026-11-17" / "night.html")) == ["A2", "A3", "U17"]
    reported(
        out,
        standard,
        "--from-date",
        "2026-11-16",
        "--to-date",
        "2026-11-17",
        "--out",
        str(tmp_path / "pages"),
    )
    assert sorted(bytes_of(tmp_path / "pages")) == ["2026-11-16/night.html", "2026-11-17/night.html"]


def test_one_night_can_be_written_elsewhere(out: Path, standard: Path, tmp_path: Path) -> None:
    reported(
        out, standard, "--from-date", "2026-11-16", "--to-date", "2026-11-16", "--out", str(tmp_path / "one")
    )
    assert sorted(bytes_of(tmp_path / "one")) == ["night.html"]
    assert not (out / "2026-11-16" / "night.html").exists()


def test_an_agent_s_page_has_their_chats_alone_and_says_so(out: Path, standard: Path) -> None:
    reported(out / "2026-11-16", standard, "--agent", BEN)
    page = read_page(out / "2026-11-16" / "night.html")
    assert listed(page) == ["B1"]
    assert (page.head["scope"], page.head["audited"], page.head["not_audited"]) == (f"只含坐席：{BEN}", 1, 0)
    said = reported(out / "2026-11-16", standard, "--agent", "1002_小宇", code=2)
    assert f'has no agent “1002_小宇”; did you mean "{BEN}"?' in said


def test_results_alone_are_enough(out: Path, standard: Path) -> None:
    (out / "2026-11-16" / "run.json").unlink()
    reported(out / "2026-11-16" / "results", standard)
    assert read_page(out / "2026-11-16" / "night.html").head["not_audited"] is None
