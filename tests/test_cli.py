"""The command line: exit codes, messages on stderr, data on stdout, help that is quick and narrow."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from small_standard import RULES, chat, rule_text, write_standard

from qa_audit import __version__
from qa_audit.cli import main

GOOD = chat("C1", "10:00:00 客：在吗\n10:00:05 服：您好\n10:00:30 客：怎么弄\n10:00:40 服：您点这里。再见")
FATAL = chat(
    "C2", "10:00:00 客：在吗\n10:00:45 服：您自己操作错，您自己看着办", closed_at="2026-11-20T10:05:00+08:00"
)


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_standard(tmp_path_factory.mktemp("rules") / "standard", RULES)


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    path = tmp_path / "chats.jsonl"
    path.write_text(GOOD + FATAL, encoding="utf-8")
    return path


def call(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args], prog_name="qa-audit")


def command(*args: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from qa_audit.cli import main; main()", *map(str, args)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        timeout=60,
    )


def audit(chats: Path, standard: Path, *more: str | Path) -> Result:
    return call("run", chats, "--out", chats.parent / "out", "--standard", standard, "--workers", "1", *more)


def test_audited(chats: Path, standard: Path) -> None:
    result = audit(chats, standard)
    assert (result.exit_code, result.stderr) == (0, "")
    assert re.sub(r"[\d.]+ 秒", "0.5 秒", result.stdout) == (
        "会话　 2 通，已质检 2 通，未质检 0 通\n"
        "　　　 （其中无人应答 0 通；无法读取的数据 0 条）\n"
        "坐席　 1 人，平均分 93.0\n"
        "待复核 致命 1 通，预警 0 通\n"
        "用时　 0.5 秒\n"
        f"结果　 {chats.parent}/out/2026-11-20\n"
        "　　　   agents/*.xlsx  每位坐席一本\n"
        "　　　   team.xlsx      团队一览\n"
        "　　　   review.xlsx    复核清单与抽样\n"
        "　　　   problems.csv   未能质检的数据及原因\n"
    )


def test_reported_again(chats: Path, standard: Path) -> None:
    audit(chats, standard)
    night, again = chats.parent / "out" / "2026-11-20", chats.parent / "again"
    result = call("report", "--from", night, "--out", again, "--standard", standard, "--workers", "1")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"2026-11-20　坐席 1 人，会话 2 通，平均分 93.0\n　结果 {again}\n"
    refused = call("report", "--from", night, "--standard", standard)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"{night}/agents/1001_小安.xlsx: is there already and may hold reviews")
    wrong = call("report", "--from", night.parent, "--from-date", "20.11.")
    assert "20.11. is no date; write it like 2026-11-20" in wrong.stderr


def test_something_was_unreadable(chats: Path, standard: Path) -> None:
    chats.write_text(GOOD + "{bad\n", encoding="utf-8")
    result = audit(chats, standard)
    unreadable = chats.parent / "out" / "2026-11-20" / "problems.csv"
    assert (result.exit_code, result.stderr) == (1, f"部分数据无法读取，原因见 {unreadable}\n")
    assert "无法读取的数据 1 条" in result.stdout


def test_fail_on_critical(chats: Path, standard: Path) -> None:
    assert audit(chats, standard, "--fail-on", "critical").exit_code == 3
    chats.write_text(GOOD, encoding="utf-8")
    assert audit(chats, standard, "--fail-on", "critical", "--replace").exit_code == 0
    chats.write_text(GOOD + FATAL + "{bad\n", encoding="utf-8")
    assert audit(chats, standard, "--fail-on", "critical", "--replace").exit_code == 3, "the graver code"


def test_a_night_that_is_there(chats: Path, standard: Path) -> None:
    assert audit(chats, standard, "--date", "2026-11-01").exit_code == 0
    again = audit(chats, standard, "--date", "2026-11-01")
    assert (again.exit_code, again.stdout) == (2, "")
    assert again.stderr.startswith(f"{chats.parent}/out/2026-11-01: this night has been audited already")
    assert audit(chats, standard, "--date", "2026-11-01", "--replace").exit_code == 0


def test_masking_is_asked_for_by_configuration_and_option(chats: Path, standard: Path) -> None:
    config = chats.parent / "qa-audit.yml"
    masked = {}
    for name, text, options in (
        ("default", "{}", []),
        ("option", "{}", ["--no-mask"]),
        ("file", "mask: false", []),
    ):
        config.write_text(text, encoding="utf-8")
        out = chats.parent / name
        result = call(
            "run", chats, "--out", out, "--standard", standard, "--workers", "1", "--config", config, *options
        )
        assert result.exit_code == 0
        masked[name] = json.loads((out / "2026-11-20" / "run.json").read_text("utf-8"))["masked"]
    assert masked == {"default": True, "option": False, "file": False}


USAGE = {
    "no inputs": (["run", "--out", "x"], "Missing argument 'INPUTS...'"),
    "no out": (["run", "x"], "Missing option '--out'"),
    "date": (["run", "x", "--out", "y", "--date", "20 Nov"], "Invalid value for --date: 20 Nov is no date; write it like 2026-11-20"),
    "workers": (["run", "x", "--out", "y", "--workers", "0"], "0 is not in the range x>=1"),
    "fail-on": (["run", "x", "--out", "y", "--fail-on", "major"], "'major' is not 'critical'"),
    "unknown option": (["run", "x", "--out", "y", "--worker", "1"], "No such option '--worker'"),
    "unknown command": (["audit"], "No such command 'audit'"),
    "no configuration": (["run", "x", "--out", "y", "--config", "no.yml"], "File 'no.yml' does not exist"),
    "no rule": (["standard", "explain", "ATT-99"], "there is no rule ATT-99"),
    "no gold": (["evaluate", "no.jsonl", "--chats", "."], "File 'no.jsonl' does not exist"),
    "no night": (["show", "C1", "--from", "no"], "Path 'no' does not exist"),
}  # fmt: skip


@pytest.mark.parametrize(("args", "message"), USAGE.values(), ids=USAGE)
def test_usage(args: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = call(*args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert list(tmp_path.iterdir()) == [], "nothing written"


def test_wrong_input_configuration_or_standard(chats: Path, standard: Path, tmp_path: Path) -> None:
    no_input = audit(tmp_path / "no.jsonl", standard)
    assert no_input.stderr == f"{tmp_path}/no.jsonl: no such file or folder; check the path\n"
    no_standard = audit(chats, tmp_path / "no")
    assert (
        no_standard.stderr
        == f"{tmp_path}/no: there is no such folder; copy one with “qa-audit standard init”\n"
    )
    (tmp_path / "qa-audit.yml").write_text("timezon: Asia/Shanghai\nmask: perhaps\n", encoding="utf-8")
    config = audit(chats, standard, "--config", tmp_path / "qa-audit.yml")
    assert [line.removeprefix(f"{tmp_path}/") for line in config.stderr.splitlines()] == [
        'qa-audit.yml:1: unknown key "timezon"; did you mean "timezone"?',
        'qa-audit.yml:2: "mask" "perhaps": true or false is wanted',
    ]
    for result in (no_input, no_standard, config):
        assert (result.exit_code, result.stdout) == (2, "")
    assert not (tmp_path / "out").exists(), "nothing written"


def test_every_fault_of_a_standard_is_a_line(tmp_path: Path) -> None:
    folder = write_standard(tmp_path / "standard", {"ATT-03": rule_text(unles="[negated]", points="x")})
    for result in (call("standard", "test", folder), call("standard", "list", "--standard", folder)):
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.splitlines() == [
            f'{folder}/ATT-03.yml:7: "points" "x": a number is wanted',
            f'{folder}/ATT-03.yml:14: unknown key "unles"; did you mean "unless"?',
        ]


def test_list(standard: Path) -> None:
    result = call("standard", "list", "--standard", standard)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "OPEN-01\t主动问候\tmajor\t5\trequire\tlive\t未实测",
        "RESP-01\t首次响应\tminor\t3\tlimit\tlive\t未实测",
        "ATT-01\t责怪客户\tcritical\t0\tforbid\tlive\t未实测",
        "ATT-03\t生硬用语\tminor\t4\tforbid\tlive\t未实测",
        "CLOSE-02\t礼貌结束语\tminor\t2\trequire\tlive\t未实测",
    ]


def test_explain(standard: Path) -> None:
    result = call("standard", "explain", "att-01", "--standard", standard)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[0] == "ATT-01 责怪客户（态度，致命）"
    unknown = call("standard", "explain", "ATT-02", "--standard", standard)
    assert unknown.exit_code == 2
    assert 'there is no rule ATT-02; did you mean "ATT-03"?' in unknown.stderr


def test_test(tmp_path: Path) -> None:
    passes = "".join(f"\n  - {{why: 第{n}例, talk: 客服：您好}}" for n in range(4))
    fails = "".join(f"\n  - {{why: 第{n}例, talk: '客服：[[随便你吧]]'}}" for n in range(4))
    text = rule_text(look_for="[随便你吧]", passes=passes, fails=fails)
    folder = write_standard(tmp_path / "standard", {"ATT-03": text})
    for file in (folder / "lexicons").glob("*.txt"):
        if file.stem in ("blame", "greeting", "harsh"):  # no rule of this standard uses them
            file.unlink()
    clean = call("standard", "test", folder)
    assert (clean.exit_code, clean.stderr) == (0, "")
    assert re.fullmatch(r"1 rules, 8 examples, 0 clauses, \d+ lexicons: 0 faults\n", clean.stdout)
    (folder / "ATT-03.yml").write_text(
        text.replace("[[随便你吧]]", "随便你吧", 1) + "unless: [negated]\n", "utf-8"
    )
    wrong = call("standard", "test", folder)
    assert wrong.exit_code == 2
    assert wrong.stderr.splitlines() == [
        f"{folder}/ATT-03.yml:20: the failing example “第0例” states no [[evidence]], searched or measured",
        f"{folder}/ATT-03.yml:20: example “第0例”: evidence is ['随便你吧'] ((0, 0, 4),), [] () is wanted",
        f"{folder}/ATT-03.yml:24: no example of ATT-03 depends on “unless”; add one that does, or remove the key",
    ]
    assert wrong.stdout.endswith(": 3 faults\n")


def test_init(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    result = call("standard", "init", folder)
    count = len([path for path in folder.rglob("*") if path.is_file()])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        f"{count} files in {folder}; run with --standard {folder}, test with: qa-audit standard test {folder}\n"
    )
    again = call("standard", "init", folder)
    assert (again.exit_code, again.stdout) == (2, "")
    assert again.stderr == f"{folder}: is not empty; give a new folder\n"


def test_evaluate(chats: Path, standard: Path, tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text(
        '{"id": "C1", "verdicts": {"OPEN-01": "pass"}}\n{"id": "C2", "verdicts": {"ATT-01": "fail"}}\n{"id": "C3"}\n', "utf-8"
    )  # fmt: skip
    figures, cases = tmp_path / "new" / "figures.json", tmp_path / "new" / "cases.jsonl"
    result = call(
        "evaluate", gold, "--chats", chats, "--standard", standard, "--json", figures, "--cases", cases
    )
    assert result.exit_code == 0
    assert result.stderr == "chat C3 has labels and is not in --chats\n"
    assert [line.split()[:3] for line in result.stdout.splitlines()[1:]] == [
        ["ATT-01", "1", "1"],
        ["OPEN-01", "1", "0"],
    ]
    written = json.loads(figures.read_text("utf-8"))
    chats_as_wholes = {
        "topic",
        "resolved",
        "emotion",
        "end_mood",
        "fairness",
        "rating",
        "emotion_probabilities",
    }
    assert set(written) == {"rules", "mood", "compared", "chats_not_found"} | chats_as_wholes
    assert {"n", "n_fail", "precision", "recall", "f1", "kappa", "accuracy"} <= set(
        written["rules"]["ATT-01"]
    )
    (first, second) = map(json.loads, cases.read_text("utf-8").splitlines())
    assert (first["rule"], second["rule"], list(second)) == ("OPEN-01", "ATT-01", ["id", "rule", "expected", "got", "evidence"])  # fmt: skip
    assert second["evidence"] == [{"turn": 1, "text": "您自己操作错"}]


def test_show(chats: Path, standard: Path) -> None:
    audit(chats, standard)
    night = chats.parent / "out" / "2026-11-20"
    result = call("show", "C2", "--from", night)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [re.sub("　〔[a-z]+〕", "", line) for line in result.stdout.splitlines()]
    for line in (
        "主题：.+　解决情况：.+　客户情绪：.+",
        "情绪走势：中性 → 中性（持平）　最差第 1 条（中性）",
        r"不满概率 \d+%（对数几率：.+ [+-][\d.]+）",
        r"升级风险 \d%（对数几率：.+ [+-][\d.]+）",
    ):
        assert re.fullmatch(line, lines.pop(1))
    assert lines == [
        "C2　1001_小安　0 分 致命（5 条规则已判定）",
        "   1 10:00:00 客户：在吗",
        "   2 10:00:45 客服：您自己操作错，您自己看着办",
        "",
        "× OPEN-01",
        "    检查了第 2 轮，未见：问候语",
        "× RESP-01",
        "    实测 45秒，限 30秒",
        "× ATT-01",
        "    第 2 条：“您自己操作错”",
        "× ATT-03",
        "    第 2 条：“自己看着办”",
        "× CLOSE-02",
        "    检查了第 2 轮，未见：结束语",
    ]
    for folder, fault in (
        (night, "has no chat C9; problems.csv lists what was not audited"),
        (chats.parent / "out", "holds no results; give the folder of a night, OUT/<date>"),
    ):
        missing = call("show", "C9", "--from", folder)
        assert (missing.exit_code, missing.stdout, missing.stderr) == (2, "", f"{folder}: {fault}\n")


def test_version() -> None:
    assert call("--version").stdout == f"qa-audit, version {__version__}\n"


def commands(group: click.Command = main, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command, as it is typed after ``qa-audit``."""
    yield path
    if isinstance(group, click.Group):
        for name, inner in group.commands.items():
            yield from commands(inner, (*path, name))


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_help_fits_a_narrow_terminal(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "--help"], prog_name="qa-audit", terminal_width=60)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"Usage: {' '.join(['qa-audit', *path])}")
    assert [line for line in result.stdout.splitlines() if len(line) > 60] == []


HEAVY = (
    "spacy",
    "sklearn",
    "scipy",
    "numpy",
    "openpyxl",
    "pyarrow",
    "pydantic",
    "yaml",
    "jieba",
    "rjieba",
    "opencc",
    "re2",
)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom qa_audit.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, encoding="utf-8")
    assert (result.returncode, result.stderr) == (0, "[]\n")
    assert result.stdout.startswith("Usage: ")


EXITS = {
    0: ([GOOD], ["--fail-on", "critical"]),
    1: ([GOOD, "{bad\n"], []),
    2: ([], []),
    3: ([GOOD, FATAL, "{bad\n"], ["--fail-on", "critical"]),
}


@pytest.mark.parametrize(
    ("code", "lines", "more"), [(code, *given) for code, given in EXITS.items()], ids=map(str, EXITS)
)
def test_exit_code_of_the_process(
    code: int, lines: list[str], more: list[str], standard: Path, tmp_path: Path
) -> None:
    chats = tmp_path / "chats.jsonl"
    if lines:
        chats.write_text("".join(lines), encoding="utf-8")
    result = command("run", chats, "--out", tmp_path / "out", "--standard", standard, "--workers", "1", *more)
    assert result.returncode == code
    if code == 2:
        assert (result.stdout, result.stderr) == ("", f"{chats}: no such file or folder; check the path\n")
        assert list(tmp_path.iterdir()) == []
    else:
        unreadable = f"部分数据无法读取，原因见 {tmp_path}/out/2026-11-20/problems.csv\n"
        assert result.stderr == (unreadable if code == 1 else "")
        assert f"结果　 {tmp_path}/out/2026-11-20" in result.stdout.splitlines()
