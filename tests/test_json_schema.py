"""The schemas for editors: they accept every file that ships, refuse a typo, and describe every key."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from qa_audit import paths
from qa_audit.cli import main
from qa_audit.config import Config
from qa_audit.rulebook.json_schema import CONFIG, RULE, STANDARD, schemas
from qa_audit.rulebook.keys import KEYS, described
from qa_audit.rulebook.load import load_standard
from qa_audit.rulebook.schema import RuleFile, StandardFile

# installed by make test; an environment made before it was asked for tells so instead of failing
jsonschema = pytest.importorskip("jsonschema")
RULES = sorted(path for path in paths.STANDARD.glob("*.yml") if path.name != "_standard.yml")


@cache
def validator(name: str) -> Any:
    schema = schemas()[name]
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def read(text: str) -> Any:
    """YAML as an editor reads it: numbers are numbers, but no dates and no sexagesimals (YAML 1.2)."""
    loader = type("Core", (yaml.SafeLoader,), {})
    loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool", ":int", ":float"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }  # fmt: skip
    yaml_12 = (
        ("bool", r"true|false", "tf"),
        ("int", r"[-+]?[0-9]+", "-+0123456789"),
        ("float", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)", "-+.0123456789"),
    )
    for tag, pattern, first in yaml_12:
        loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", _whole(pattern), list(first))
    return yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader with fewer guesses


def _whole(pattern: str) -> Any:
    import re

    return re.compile(rf"^(?:{pattern})$")


def faults(name: str, data: object) -> list[str]:
    return [f"{'.'.join(map(str, e.absolute_path))}: {e.message}" for e in validator(name).iter_errors(data)]


@pytest.mark.parametrize("path", RULES, ids=[path.stem for path in RULES])
def test_every_rule_that_ships(path: Path) -> None:
    assert faults(RULE, read(path.read_text("utf-8"))) == []


def test_the_common_file() -> None:
    assert faults(STANDARD, read((paths.STANDARD / "_standard.yml").read_text("utf-8"))) == []


CONFIGURATION = """\
timezone: Asia/Shanghai
service_hours: "08:00-22:00"
masks: ['\\*+']
columns: {text: 内容, id: [工单, 单号]}
roles: {小二: agent}
rules:
  RESP-01: {points: 3, within: {chat: {first_response_s: 45}}}
  ATT-05: {within: {rounds: 3}}
  COMM-10: {status: off, severity: major}
sections: {服务态度: {cap: none}, 合规: {cap: 20}}
grades: [{name: 好, at_least: 90}]
"""


def test_a_configuration() -> None:
    assert faults(CONFIG, read(CONFIGURATION)) == []
    assert faults(CONFIG, {}) == []


TYPOS: dict[str, tuple[str, str, str]] = {
    "key": ("unless:", "unles:", "'unles' was unexpected"),
    "severity": ("severity: critical", "severity: critcal", "'critcal' is not one of"),
    "check": ("check: forbid", "check: forbit", "'forbit' is not one of"),
    "points": ("check: forbid", "check: forbid\npoints: many", "'many' is not of type 'number'"),
    "cue": ("negated", "negatd", "'negatd' is not one of"),
    "side": ("check: forbid", "check: forbid\nwhere: {side: agnet}", "'agnet' is not one of"),
    "id": ("id: ATT-01", "id: att-1", "does not match"),
    "example": ("- {why:", "- {wy:", "'wy' was unexpected"),
    "key of another check": ("check: forbid", "check: forbid\nsimilar: {threshold: 1}", "False schema does not allow"),
    "key that a check needs": ("check: forbid", "check: require", "'wanted' is a required property"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "wanted"), TYPOS.values(), ids=TYPOS)
def test_a_typo_is_refused(old: str, new: str, wanted: str) -> None:
    text = (paths.STANDARD / "ATT-01.yml").read_text("utf-8")
    assert old in text
    found = faults(RULE, read(text.replace(old, new, 1)))
    assert any(wanted in fault for fault in found), found


OTHERS: dict[str, tuple[str, str, str]] = {
    "measure": ("first_response_s", "first_respons_s", "'first_respons_s' was unexpected"),
    "channel": ("  chat:", "  chta:", "'chta' was unexpected"),
    "hours": ('"09:00-23:00"', "9点到23点", "does not match"),
    "fact": ("{not: left_offline}", "{not: left_ofline}", "not valid under any"),
    "negative": ("first_response_s: 30", "first_response_s: -30", "less than the minimum"),
}


@pytest.mark.parametrize(("old", "new", "wanted"), OTHERS.values(), ids=OTHERS)
def test_a_typo_in_a_limit(old: str, new: str, wanted: str) -> None:
    text = (paths.STANDARD / "RESP-01.yml").read_text("utf-8")
    assert old in text
    found = faults(RULE, read(text.replace(old, new, 1)))
    assert any(wanted in fault for fault in found), found


@pytest.mark.parametrize(
    ("old", "new"),
    [("points: 3", "point: 3"), ("cap: none", "cap: nothing"), ("first_response_s", "first_s"), ("timezone", "timezon")],
)  # fmt: skip
def test_a_typo_in_the_configuration(old: str, new: str) -> None:
    assert faults(CONFIG, read(CONFIGURATION.replace(old, new)))


@pytest.mark.parametrize("model", [RuleFile, StandardFile, Config])
def test_every_key_is_described(model: Any) -> None:
    """What a key means belongs into rulebook/keys.py, in Chinese and in English."""
    schema = model.model_json_schema(by_alias=True)
    models = {model.__name__: schema, **schema.get("$defs", {})}
    keys = [(name, key) for name, part in models.items() for key in part.get("properties", {})]
    assert [pair for pair in keys if described(*pair) is None] == []


def test_descriptions_are_in_two_languages() -> None:
    assert [key for key, (chinese, english) in KEYS.items() if not english.isascii() and "→" not in english and "…" not in english] == []  # fmt: skip
    assert [key for key, (chinese, _) in KEYS.items() if chinese.isascii()] == []


def call(*arguments: object) -> Any:
    return CliRunner().invoke(main, list(map(str, arguments)))


def test_command(tmp_path: Path) -> None:
    printed = call("standard", "schema")
    assert json.loads(printed.output) == schemas()[RULE]
    written = call("standard", "schema", "--out", tmp_path / "schema")
    assert [path.name for path in sorted((tmp_path / "schema").iterdir())] == sorted([RULE, STANDARD, CONFIG])
    assert written.output.splitlines()[0] == f"{tmp_path}/schema/{RULE}\t# yaml-language-server: $schema={tmp_path}/schema/{RULE}"  # fmt: skip


def test_a_copy_is_ready_for_an_editor_and_the_same_standard(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert call("standard", "init", folder).exit_code == 0
    first = (folder / "ATT-01.yml").read_text("utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema=schema/{RULE}"
    assert (folder / "schema" / RULE).is_file()
    copied, shipped = load_standard(folder).standard, load_standard().standard
    assert (copied.hash, copied.lexicon_hash) == (shipped.hash, shipped.lexicon_hash)
    assert {"policy.yml", "cues.yml", "allowed_verification.yml", "harsh.txt"} & {p.name for p in (folder / "lexicons").iterdir()} >= {"policy.yml", "cues.yml", "harsh.txt"}  # fmt: skip
