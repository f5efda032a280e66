"""What a configuration changes in a standard: in force everywhere, refused with file and line where it cannot be."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from click.testing import CliRunner
from small_standard import RULES, chat, rule_text, write_standard

from qa_audit.audit import Auditor
from qa_audit.cli import main
from qa_audit.config import Config, load_config
from qa_audit.errors import InvalidConfiguration
from qa_audit.pipeline import RunOptions, run
from qa_audit.read.jsonl import parse_transcript
from qa_audit.records import Severity, Verdict
from qa_audit.report.rules import rule_table
from qa_audit.rule import Grade, Standard
from qa_audit.rulebook import load_standard, open_standard
from qa_audit.store import read_manifest

ANSWER = rule_text(
    id="ATT-05",
    check="respond",
    when="{side: customer, look_for: 太慢了}",
    look_for="抱歉",
    wanted="致歉",
    within="{rounds: 1}",
)
CHANGES = """\
service_hours: "08:00-22:00"
rules:
  RESP-01: {points: 1, within: {chat: {first_response_s: 45}, email: {first_response_s: 600}}}
  OPEN-01: {status: off}
  ATT-03: {severity: major, status: trial}
  ATT-05: {within: {rounds: 2, seconds: 60}}
sections:
  态度: {cap: none}
  开场: {cap: 3}
grades:
  - {name: 差, at_least: 0}
  - {name: 好, at_least: 90}
"""
SAID = (
    "OPEN-01 停用",
    "RESP-01 分值 3 → 1",
    "RESP-01 服务时段 09:00-23:00 → 08:00-22:00",
    "RESP-01 在线首次响应 30 → 45",
    "RESP-01 邮件首次响应 无 → 600",
    "ATT-03 状态 正式 → 试行",
    "ATT-03 严重程度 一般 → 重要",
    "ATT-05 时限（话轮） 1 → 2",
    "ATT-05 时限（秒） 无 → 60",
    "开场 扣分上限 无 → 3",
    "态度 扣分上限 10 → 无",
    "等级 优秀 ≥ 95、合格 ≥ 70、待改进 ≥ 0 → 好 ≥ 90、差 ≥ 0",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    answered = RULES["RESP-01"] + 'service_hours: "09:00-23:00"\n'
    return write_standard(tmp_path / "standard", {**RULES, "RESP-01": answered, "ATT-05": ANSWER})


def configured(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "qa-audit.yml"
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def changed(folder: Path, text: str) -> Standard:
    return open_standard(folder, configured(folder.parent, text)).standard


def test_everything_that_can_be_changed(folder: Path) -> None:
    standard = changed(folder, CHANGES)
    assert standard.adjusted == SAID
    assert [rule.id for rule in standard.off] == ["OPEN-01"]
    assert "OPEN-01" not in [rule.id for rule in standard.rules]
    answered = standard.rule("RESP-01")
    assert (answered.points, answered.service_hours) == (1.0, (480, 1320))
    assert answered.limits == {
        "chat": {"first_response_s": 45.0},
        "phone": {"rings": 3.0},
        "email": {"first_response_s": 600.0},
    }
    harsh = standard.rule("ATT-03")
    assert (harsh.severity, harsh.status, harsh.points) == (Severity.MAJOR, "trial", 4.0)
    within = standard.rule("ATT-05").within
    assert (within.rounds, within.seconds) == (2, 60.0)
    assert [(section.name, section.cap) for section in standard.sections] == [
        ("开场", 3.0),
        ("态度", None),
        ("结束", None),
    ]
    assert standard.grades == (Grade("好", 90.0), Grade("差", 0.0))
    assert standard.rule("CLOSE-02").adjusted == ()


def test_the_hash_says_which_limits_were_in_force(folder: Path) -> None:
    plain = load_standard(folder).standard
    one = changed(folder, "rules: {RESP-01: {points: 1}, ATT-03: {points: 2}}")
    assert one.hash == changed(folder, "rules: {ATT-03: {points: 2}, RESP-01: {points: 1}}").hash
    others = {changed(folder, f"rules: {{RESP-01: {{{text}}}}}").hash for text in ("points: 1", "points: 2", "status: off")}  # fmt: skip
    assert len({plain.hash, one.hash, *others}) == 5


@pytest.mark.parametrize(
    "text",
    ["{}", "rules: {RESP-01: {points: 3.0}}", "rules: {RESP-01: {within: {chat: {first_response_s: 30}}}}"],
)
def test_what_changes_nothing_leaves_the_standard(folder: Path, text: str) -> None:
    assert changed(folder, text) == load_standard(folder).standard


def test_hours_of_one_rule_go_before_those_of_all(folder: Path) -> None:
    text = "service_hours: 08:00-22:00\nrules: {RESP-01: {service_hours: 10:00-12:00}}"
    assert changed(folder, text).rule("RESP-01").service_hours == (600, 720)


def test_hours_in_which_something_may_be_done() -> None:
    standard = open_standard(
        None, Config.model_validate({"rules": {"COMP-06": {"hours": "09:00-21:00"}}})
    ).standard
    assert standard.rule("COMP-06").hours == (540, 1260)
    assert standard.adjusted == ("COMP-06 允许时段 08:00-22:00 → 09:00-21:00",)


def test_a_rule_yields_to_none_that_is_off(tmp_path: Path) -> None:
    rules = {**RULES, "ATT-03": RULES["ATT-03"] + "yields_to: [ATT-01]\n"}
    folder = write_standard(tmp_path / "standard", rules)
    assert changed(folder, "rules: {ATT-01: {status: off}}").rule("ATT-03").yields_to == ()


FAULTS = {
    "rule": ("rules:\n  RESP-1: {points: 3}", ['2: there is no rule "RESP-1"; did you mean "RESP-01"?']),
    "rule in small letters": (
        "rules: {resp-01: {points: 3}}",
        ['1: there is no rule "resp-01"; did you mean "RESP-01"?'],
    ),
    "key": ("rules:\n  RESP-01:\n    point: 3", ['3: unknown key "point"; did you mean "points"?']),
    "value": (
        "rules:\n  RESP-01: {points: many}\n  ATT-01: {status: of}",
        [
            '2: "points" "many": a number is wanted',
            '3: "status" cannot be "of"; did you mean "off"?; one of off, trial, live is wanted',
        ],
    ),
    "hours": (
        "rules:\n  RESP-01:\n    service_hours: 9-23",
        ['3: "service_hours": 9-23 is not like 09:00-23:00'],
    ),
    "nothing": ("rules:\n  RESP-01:", ['2: "RESP-01" has no value; write one or remove the key']),
    "measure": (
        "rules:\n  RESP-01:\n    within:\n      chat: {first_response: 3}",
        ['4: there is no measure "first_response"; did you mean "first_response_s"?'],
    ),
    "channel": ("rules: {RESP-01: {within: {fone: {rings: 3}}}}", ['1: unknown key "fone"; did you mean "phone"?']),
    "bound": (
        "rules: {RESP-01: {within: {chat: {first_response_s: soon}}}}",
        ['1: "first_response_s" "soon": a number is wanted'],
    ),
    "window": ("rules: {ATT-05: {within: {round: 2}}}", ['1: unknown key "round"; did you mean "rounds"?']),
    "no window": (
        "rules: {ATT-03: {within: {rounds: 2}}}",
        ['1: check "forbid" does not read "within" (only limit, respond, echo); remove it'],
    ),
    "no hours": (
        "rules: {ATT-03: {service_hours: 09:00-12:00}}",
        ['1: check "forbid" does not read "service_hours" (only limit); remove it'],
    ),
    "no hours to change": (
        "rules: {RESP-01: {hours: 09:00-12:00}}",
        ['1: RESP-01 has no "hours" to change; remove it'],
    ),
    "points of a veto": (
        "rules: {ATT-01: {points: 3}}",
        ["1: a critical rule costs no points; remove them or change its severity"],
    ),
    "severity without points": ("rules: {ATT-01: {severity: major}}", ["1: a major rule needs points; add them"]),
    "no points": ("rules: {RESP-01: {points: 0}}", ["1: a minor rule needs points; add them"]),
    "section": ("sections: {服务态度: {cap: 3}}", ['1: there is no section "服务态度"; did you mean "态度"?']),
    "cap": ("sections: {态度: {cap: -1}}", ['1: "cap": Input should be greater than or equal to 0', '1: "cap" cannot be "-1"; one of none is wanted']),
    "grade twice": (
        "grades:\n  - {name: 好, at_least: 90}\n  - {name: 好, at_least: 0}",
        ['3: grade "好" is there already; give it another name'],
    ),
    "grade of a veto": ("grades: [{name: 致命, at_least: 0}]", ['1: grade "致命" is there already; give it another name']),
    "two in two places": (
        "sections: {态: {cap: 3}}\nrules: {XX-01: {status: off}}",
        [
            '2: there is no rule "XX-01"; one of OPEN-01, RESP-01, ATT-01, ATT-03, ATT-05, CLOSE-02 is wanted',
            '1: there is no section "态"; did you mean "态度"?',
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), FAULTS.values(), ids=FAULTS)
def test_fault(folder: Path, text: str, wanted: list[str]) -> None:
    with pytest.raises(InvalidConfiguration) as raised:
        changed(folder, text)
    assert raised.value.errors == [f"{folder.parent}/qa-audit.yml:{fault}" for fault in wanted]


def test_a_rule_that_another_waits_for(tmp_path: Path) -> None:
    follows = rule_text(id="ATT-06", check="respond", when="{rule: ATT-03}", look_for="抱歉", wanted="致歉")
    folder = write_standard(tmp_path / "standard", {**RULES, "ATT-06": follows})
    with pytest.raises(InvalidConfiguration) as raised:
        changed(folder, "rules:\n  ATT-03:\n    status: off")
    assert raised.value.errors == [
        f"{tmp_path}/qa-audit.yml:3: ATT-06 waits for ATT-03; take ATT-06 off too, or leave both"
    ]
    off = "rules: {ATT-03: {status: off}, ATT-06: {status: off}}"
    assert [rule.id for rule in changed(folder, off).off] == ["ATT-03", "ATT-06"]


def test_a_fault_of_what_a_program_gave(folder: Path) -> None:
    with pytest.raises(InvalidConfiguration, match=r'^configuration:1: there is no rule "RESP-9"'):
        open_standard(folder, Config.model_validate({"rules": {"RESP-9": {"points": 3}}}))


def test_another_process_reads_the_same(folder: Path) -> None:
    config = configured(folder.parent, CHANGES)
    assert open_standard(folder, pickle.loads(pickle.dumps(config))).standard.adjusted == SAID  # noqa: S301 - our own bytes


TALK = "10:00:00 客：在吗\n10:00:40 服：好的，随便你\n10:01:00 客：谢谢\n10:01:05 服：再见"


def test_verdicts_and_score(folder: Path) -> None:
    transcript = parse_transcript(chat("C1", TALK).encode(), source="a", line_number=1, config=Config())
    plain, adjusted = (
        Auditor.open(config, standard=folder).audit([transcript]).scorecards[0]
        for config in (Config(), configured(folder.parent, CHANGES))
    )
    verdicts = {result.rule_id: result.verdict for result in plain.results}
    assert (verdicts["RESP-01"], verdicts["OPEN-01"], plain.score, plain.grade) == (
        Verdict.FAIL,
        Verdict.FAIL,
        100 - 3 - 5 - 4,
        "合格",
    )
    verdicts = {result.rule_id: result.verdict for result in adjusted.results}
    # 40 s are in time now, OPEN-01 is off, ATT-03 is on trial
    assert (verdicts["RESP-01"], "OPEN-01" in verdicts, adjusted.score, adjusted.grade) == (
        Verdict.PASS,
        False,
        100,
        "好",
    )


def test_the_workbook_says_what_is_in_force(folder: Path) -> None:
    table = rule_table(changed(folder, CHANGES))
    titles = [column.title for column in table.columns]
    rows = {str(row[0]): dict(zip(titles, row, strict=True)) for row in table.rows()}
    assert titles[-1] == "配置调整"
    assert rows["RESP-01"]["配置调整"] == "；".join(s.removeprefix("RESP-01 ") for s in SAID[1:5])
    assert (rows["RESP-01"]["分值"], rows["RESP-01"]["限值"]) == (-1.0, "在线：首次响应 ≤ 45 秒；电话：振铃 ≤ 3 声；邮件：首次响应 ≤ 600 秒")  # fmt: skip
    assert (rows["OPEN-01"]["状态"], rows["OPEN-01"]["配置调整"]) == ("停用", "停用")
    assert rows["CLOSE-02"]["配置调整"] is None
    assert [column.title for column in rule_table(load_standard(folder).standard).columns] == titles[:-1]


def test_a_night_says_what_was_in_force(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(chat("C1", TALK), encoding="utf-8")
    config = configured(tmp_path, CHANGES)
    night = run(
        [str(tmp_path / "a.jsonl")], tmp_path / "out", RunOptions(config=config, standard=folder, workers=1)
    )
    manifest = read_manifest(night.folder / "run.json")
    assert manifest["standard_adjusted"] == list(SAID)
    assert manifest["standard_hash"] == changed(folder, CHANGES).hash
    assert manifest["config"]["rules"]["OPEN-01"]["status"] == "off"


def test_list_and_explain(folder: Path, tmp_path: Path) -> None:
    configured(tmp_path, CHANGES)
    arguments = ["--standard", str(folder), "--config", str(tmp_path / "qa-audit.yml")]
    listed = CliRunner().invoke(main, ["standard", "list", *arguments])
    lines = listed.output.splitlines()
    assert lines[0].split("\t") == [
        *("RESP-01", "首次响应", "minor", "1", "limit", "live", "未实测"),
        *(said.removeprefix("RESP-01 ") for said in SAID[1:5]),
    ]
    assert lines[-1].split("\t") == ["OPEN-01", "主动问候", "major", "5", "require", "off", "未实测"]
    explained = CliRunner().invoke(main, ["standard", "explain", "RESP-01", *arguments])
    assert "配置　分值 3 → 1；服务时段 09:00-23:00 → 08:00-22:00；" in explained.output
    assert (
        "状态　停用（配置）"
        in CliRunner().invoke(main, ["standard", "explain", "OPEN-01", *arguments]).output
    )
    (tmp_path / "qa-audit.yml").write_text("rules: {RESP-1: {points: 1}}", encoding="utf-8")
    refused = CliRunner().invoke(main, ["standard", "list", *arguments])
    assert refused.exit_code == 2
    assert 'did you mean "RESP-01"?' in refused.output
