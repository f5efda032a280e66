"""Two standards on the same chats: what changes is told, what cannot be known from masked text is named."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from small_standard import COMMON, GREETING, HARSH, RULES, chat, rule_text, write_standard

from qa_audit.cli import main
from qa_audit.diff import diff_standards
from qa_audit.errors import InputError
from qa_audit.pipeline import RunOptions, run
from qa_audit.records import Verdict
from qa_audit.report.diff import AgentChange, CardChange, StandardChanges, StandardDiff
from qa_audit.report.diff_text import diff_lines
from qa_audit.workbook.text import display_width, wrapped

PHONE = "13812345678"
CHATS = (
    chat("C1", "10:00:00 客：在吗\n10:00:40 服：您好，随便你\n10:01:00 客：谢谢\n10:01:10 服：再见")
    + chat("C2", "11:00:00 客：在吗\n11:00:20 服1002_小宁：您好，看着办吧\n11:00:30 客：哦\n11:00:40 服1002_小宁：再见")
    + chat("C3", f"12:00:00 客：在吗\n12:00:10 服：您好\n12:00:30 客：我的电话{PHONE}\n12:00:40 服：加我{PHONE}，再见")
    + chat("C4", "13:00:00 服：没有客户")
)  # fmt: skip
PRIVATE = rule_text(id="COMP-04", title="引导站外", look_for="'re:加我1[0-9]{10}'", points="6")


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_standard(tmp_path_factory.mktemp("old") / "old", {**RULES, "COMP-04": PRIVATE})


@pytest.fixture(scope="module")
def new(old: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As the old one, but for a word, a bound, a cap, a rule that comes and one that goes."""
    folder = tmp_path_factory.mktemp("new") / "new"
    shutil.copytree(old, folder)
    (folder / "lexicons" / "harsh.txt").write_text("看着办\n", encoding="utf-8")
    (folder / "RESP-01.yml").write_text(
        RULES["RESP-01"]
        .replace("first_response_s: 30", "first_response_s: 45")
        .replace("points: 3", "points: 2"),
        encoding="utf-8",
    )
    (folder / "_standard.yml").write_text(COMMON.replace("cap: 10", "cap: 5"), encoding="utf-8")
    (folder / "OPEN-01.yml").unlink()
    greeting = GREETING.replace("OPEN-01", "OPEN-04").replace("lexicon:greeting", "很高兴为您服务")
    (folder / "OPEN-04.yml").write_text(greeting, encoding="utf-8")
    (folder / "CLOSE-02.yml").write_text(
        RULES["CLOSE-02"] + "passes:\n  - {why: 再见, talk: 客服：再见}\n", encoding="utf-8"
    )
    (folder / "lexicons" / "greeting.txt").unlink()
    return folder


@pytest.fixture(scope="module")
def chats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chats") / "chats.jsonl"
    path.write_text(CHATS, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def result(old: Path, new: Path, chats: Path) -> StandardDiff:
    return diff_standards(str(old), str(new), [str(chats)], workers=1)


def changed(diff: StandardDiff) -> list[tuple[str, str, Verdict | None, Verdict | None, str]]:
    return [
        (card.chat, change.rule_id, change.old, change.new, change.grounds)
        for card in diff.cards
        for change in card.verdicts
    ]


def test_what_is_different_in_the_standards(result: StandardDiff) -> None:
    changes = result.changes
    assert changes == StandardChanges(
        added=(("OPEN-04", "主动问候"),),
        removed=(("OPEN-01", "主动问候"),),
        changed=changes.changed,
        settings=("sections.态度.cap 10 → 5",),
        lexicons=changes.lexicons,
    )
    assert [(change.rule_id, change.changes) for change in changes.changed] == [
        ("RESP-01", ("points 3 → 2", "within.chat.first_response_s 30 → 45")),
        ("ATT-03", ("look_for（词表）",)),
        ("CLOSE-02", ("examples",)),
    ]
    assert ("harsh", 1, 2) in changes.lexicons


def test_what_is_different_in_the_chats(result: StandardDiff) -> None:
    fail, passed = Verdict.FAIL, Verdict.PASS
    missing = "检查了第2、4轮坐席发言，未见：问候语"
    assert changed(result) == [
        ("C1", "ATT-03", fail, passed, "原依据：您好，随便你"),
        ("C1", "OPEN-04", None, fail, missing),
        ("C1", "RESP-01", fail, passed, "原依据：首次响应 40 秒，限 30 秒"),
        ("C2", "ATT-03", passed, fail, "您好，看着办吧"),
        ("C2", "OPEN-04", None, fail, missing),
        ("C3", "OPEN-04", None, fail, missing),
    ]
    assert [(card.chat, card.old_score, card.new_score) for card in result.cards] == [
        ("C1", 93, 95),
        ("C2", 100, 91),
        ("C3", 94, 90),
    ]
    assert result.agents == (
        AgentChange("1002_小宁", 1, 100, 91),
        AgentChange("1001_小安", 2, 93.5, 92.5),
    )
    assert result.moves["OPEN-01"] == {("通过", "无此规则"): 3}
    assert result.moves["ATT-03"] == {("违规", "通过"): 1, ("通过", "违规"): 1}
    assert (result.chats, result.parts, result.masked, result.not_comparable) == (4, 3, False, {})


def test_a_standard_and_itself(old: Path, chats: Path) -> None:
    diff = diff_standards(str(old), str(old), [str(chats)], workers=1)
    assert (diff.changed, diff.cards, diff.moves, diff.agents) == (False, (), {}, ())
    assert diff.changes == StandardChanges((), (), (), (), ())


def test_the_same_whatever_the_number_of_workers(
    old: Path, new: Path, chats: Path, result: StandardDiff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa_audit.read.buckets.BUCKET_BYTES", 300)
    assert diff_standards(str(old), str(new), [str(chats)], workers=2) == result


@pytest.fixture(scope="module")
def nights(old: Path, chats: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A night masked and one unmasked."""
    out = tmp_path_factory.mktemp("nights")
    masked, plain = (
        run([str(chats)], out / name, RunOptions(standard=old, workers=1, mask=mask))
        for name, mask in (("masked", True), ("plain", False))
    )
    return masked.folder, plain.folder


def test_on_an_unmasked_night(old: Path, new: Path, nights: tuple[Path, Path], result: StandardDiff) -> None:
    diff = diff_standards(str(old), str(new), [str(nights[1])], workers=1)
    # the chat without a customer is not in the results of a night
    assert (diff.cards, diff.moves, diff.agents, diff.chats) == (result.cards, result.moves, result.agents, 3)


def test_on_a_masked_night(old: Path, new: Path, nights: tuple[Path, Path], result: StandardDiff) -> None:
    for folder in (nights[0], nights[0] / "results"):
        diff = diff_standards(str(old), str(new), [str(folder)], workers=1)
        assert (diff.masked, diff.not_comparable) == (True, {"COMP-04": 1})
        assert diff.cards[:2] == result.cards[:2]
        unsure = diff.cards[2]
        assert (unsure.chat, unsure.unsure, unsure.old_score, unsure.new_score) == (
            "C3",
            ("COMP-04",),
            None,
            None,
        )
        # the mean leaves the chat out whose score is open
        assert diff.agents[1] == AgentChange("1001_小安", 1, 93, 95)
    told = "".join(text for _, text in diff_lines(diff))
    assert "无法比较（结果已脱敏）COMP-04 引导站外　1 份：判定取决于被脱敏的内容；请用原始会话比较" in told


def test_a_night_under_its_own_standard_knows_what_the_text_said(
    old: Path, nights: tuple[Path, Path]
) -> None:
    diff = diff_standards(str(old), str(old), [str(nights[0])], workers=1)
    assert (diff.changed, diff.not_comparable) == (False, {"COMP-04": 1})


def test_configurations_are_compared(old: Path, chats: Path, tmp_path: Path) -> None:
    path = tmp_path / "strict.yml"
    answered = "{points: 9, service_hours: 09:00-22:00, within: {phone: {rings: 4}}}"
    text = f"standard: {old}\nrules:\n  RESP-01: {answered}\n  ATT-03: {{status: off}}\n"
    path.write_text(text, encoding="utf-8")
    diff = diff_standards(str(old), str(path), [str(chats)], workers=1)
    assert diff.changes.removed == (("ATT-03", "生硬用语"),)
    assert diff.changes.changed[0].changes == (
        "points 3 → 9",
        "within.phone.rings 3 → 4",
        "service_hours 无 → 09:00-22:00",
    )
    assert [(card.old_score, card.new_score) for card in diff.cards] == [(93, 91)]


def test_both_kinds_at_once(old: Path, chats: Path, nights: tuple[Path, Path]) -> None:
    with pytest.raises(InputError, match=r"holds transcripts, .* results; compare on one kind at a time"):
        diff_standards(str(old), str(old), [str(nights[0]), str(chats)], workers=1)


def command(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["standard", "diff", *map(str, arguments), "--workers", "1"])
    return result.exit_code, result.output


def test_command(old: Path, new: Path, chats: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    files = ("--json", tmp_path / "d.json", "--csv", tmp_path / "d.csv")
    code, output = command(old, new, "--on", chats, *files)
    assert code == 0
    assert max(map(display_width, output.splitlines())) <= 40
    assert command(old, new, "--on", chats)[1] == output
    assert command(old, new, "--on", chats, "--fail-on-change")[0] == 3
    assert command(old, old, "--on", chats, "--fail-on-change")[0] == 0
    told = json.loads((tmp_path / "d.json").read_text("utf-8"))
    assert [card["chat"] for card in told["cards"]] == ["C1", "C2", "C3"]
    assert told["moves"][0] == {"rule": "ATT-03", "old": "违规", "new": "通过", "count": 1}
    rows = list(csv.reader((tmp_path / "d.csv").read_text("utf-8-sig").splitlines()))
    assert rows[0][:3] == ["会话ID", "坐席", "规则编号"]
    assert rows[1] == ["C1", "1001_小安", "ATT-03", "生硬用语", "违规", "通过", "4.0", "0.0", "93.0", "95.0", "原依据：您好，随便你"]  # fmt: skip


def test_what_the_command_refuses(old: Path, chats: Path, tmp_path: Path) -> None:
    code, output = command(old, tmp_path / "no", "--on", chats)
    assert (code, "there is no such folder" in output) == (2, True)
    code, output = command(old, old, "--on", tmp_path / "no.jsonl")
    assert (code, "no such file or folder" in output) == (2, True)


def test_a_text_that_a_spreadsheet_would_run(old: Path, tmp_path: Path) -> None:
    path = tmp_path / "chats.jsonl"
    path.write_text(chat("=C1", "客：在吗\n服：=随便你"), encoding="utf-8")
    other = tmp_path / "other"
    shutil.copytree(old, other)
    (other / "ATT-03.yml").write_text(HARSH.replace("lexicon:harsh", "没有这话"), encoding="utf-8")
    command(other, old, "--on", path, "--csv", tmp_path / "d.csv")
    rows = list(csv.reader((tmp_path / "d.csv").read_text("utf-8-sig").splitlines()))
    assert (rows[1][0], rows[1][-1]) == ("'=C1", "'=随便你")


def test_a_score_that_moves_without_a_verdict() -> None:
    card = CardChange("C1", "小安", 90, 95, 90, 95, old_fatal=False, new_fatal=False, verdicts=())
    assert (card.scored_anew, card.moved, card.comparable) == (True, 5, True)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("判定变化", 8, ["判定变化"]),
        ("判定变化", 7, ["判定变", "化"]),
        ("abc def ghi", 8, ["abc def", "ghi"]),
        ("长", 1, ["长"]),
    ],
)
def test_lines_of_a_narrow_terminal(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width) == lines
