"""The docs say what the code does now."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest

from qa_audit.check import CHECKS
from qa_audit.check.measured import AGENT_MEASURES, MEASURES
from qa_audit.cli import main
from qa_audit.rulebook.schema import RuleFile

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
RULES = (ROOT / "docs" / "rules.md").read_text("utf-8")


def test_the_generated_parts_are_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    runpy.run_path(str(ROOT / "docs" / "generate.py"), run_name="__main__")


def test_every_command_of_the_readme_exists() -> None:
    named = set(re.findall(r"^(?:\.venv/bin/)?qa-audit (\w+)", README, re.MULTILINE))
    assert named == {"run", *set(main.commands) & named}
    assert named <= set(main.commands)


def test_every_command_is_in_the_readme() -> None:
    assert [name for name in main.commands if f"qa-audit {name}" not in README] == []


@pytest.mark.parametrize("check", sorted(CHECKS))
def test_every_check_is_explained(check: str) -> None:
    assert f"| `{check}` |" in RULES


@pytest.mark.parametrize("measure", sorted([*MEASURES, *AGENT_MEASURES]))
def test_every_measure_is_named(measure: str) -> None:
    assert f"`{measure}`" in RULES


@pytest.mark.parametrize(
    "key", sorted((field.alias or name) for name, field in RuleFile.model_fields.items())
)
def test_every_key_of_a_rule_is_named(key: str) -> None:
    assert re.search(rf"\b{key}\b", RULES), f"docs/rules.md does not say what {key} is"


@pytest.mark.parametrize(
    "path",
    [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").glob("*.md"))],
    ids=lambda p: p.name,
)
def test_every_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []
