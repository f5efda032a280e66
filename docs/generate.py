"""Renews the generated parts of README.md and docs/rules.md; --check only says whether they are up to date."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from qa_audit.facts import FACTS
from qa_audit.records import Severity, Verdict
from qa_audit.report.wording import SEVERITIES
from qa_audit.rulebook import load_standard
from qa_audit.rulebook.explain import STATUS

ROOT = Path(__file__).parent.parent


def rule_table() -> str:
    """The shipped rules as a Markdown table."""
    standard = load_standard().standard
    lines = [
        "| 规则 | 名称 | 一级指标 | 级别 | 分值 | 状态 | 依据 | 一个违规的例子 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for rule in standard.rules:
        points = f"{rule.points:g}" if rule.severity in (Severity.MAJOR, Severity.MINOR) else "—"
        example = next((e.talk for e in rule.examples if e.verdict is Verdict.FAIL), "")
        shown = " / ".join(_emphasised(line) for line in example.splitlines())
        lines.append(
            f"| {rule.id} | {rule.title} | {rule.section} | {SEVERITIES[rule.severity]} | {points} "
            f"| {STATUS[rule.status]} | {rule.measured_on} | {shown} |"
        )
    return "\n".join(lines)


def _emphasised(line: str) -> str:
    return line.replace("|", "\\|").replace("[[", "**").replace("]]", "**")


def fact_table() -> str:
    """The named facts that conditions may use."""
    lines = ["| fact | holds when |", "|---|---|"]
    lines += [
        f"| `{name}` | {(fact.__doc__ or '').splitlines()[0]} |" for name, fact in sorted(FACTS.items())
    ]
    return "\n".join(lines)


PARTS = {"README.md": {"rules": rule_table}, "docs/rules.md": {"facts": fact_table}}


def renewed(path: Path) -> str:
    """The text of a file with its generated parts made anew."""
    text = path.read_text("utf-8")
    for name, make in PARTS[path.relative_to(ROOT).as_posix()].items():
        pattern = re.compile(rf"(<!-- generated: {name} [^\n]*-->\n).*?(<!-- end -->)", re.DOTALL)
        if not pattern.search(text):
            raise SystemExit(f"{path}: has no place for the generated part {name}")
        text = pattern.sub(lambda m, make=make: f"{m[1]}{make()}\n{m[2]}", text)  # type: ignore[misc]  # mypy: lambda default
    return text


def main() -> None:
    """Writes or checks the files."""
    stale = []
    for name in PARTS:
        path = ROOT / name
        text = renewed(path)
        if text != path.read_text("utf-8"):
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, "utf-8")
    if "--check" in sys.argv and stale:
        raise SystemExit(f"not up to date: {', '.join(stale)}; run: make docs")


if __name__ == "__main__":
    main()
