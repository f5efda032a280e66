"""Renews what is generated of the docs; --check only says whether it is up to date.

The rule table of README.md, the facts of docs/rules.md, and a page for every rule in docs/rules/.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from qa_audit.facts import FACTS
from qa_audit.records import Severity, Transcript, Verdict
from qa_audit.report.wording import SEVERITIES, VERDICTS
from qa_audit.rule import Example, Rule
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
            f"| [{rule.id}](docs/rules/{rule.id}.md) | {rule.title} | {rule.section} | {SEVERITIES[rule.severity]} | {points} "
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


# what an example says beside its talk
FIELDS = ("channel", "direction", "rings", "ring_s", "ended_by", "audio_channels", "offline")
EXAMPLES = re.compile(r"^(?:fails|passes|not_applicable|undecidable):", re.MULTILINE)
CHECK = re.compile(r"^check:", re.MULTILINE)
LEXICON = re.compile(r"lexicon:([a-z_]+)")


def page_of(rule: Rule, source: str) -> str:
    """The page of one rule: what it is for, what it decides, by which words, and all its examples."""
    points = f"{rule.points:g} 分" if rule.points else "不扣分"
    lines = [
        f"# {rule.id} {rule.title}",
        "",
        f"{rule.section} · {SEVERITIES[rule.severity]} · {points} · {STATUS[rule.status]} · 依据：{rule.measured_on}",
        "",
        f"**为何** {rule.why}",
        "",
        f"**推荐话术** {rule.advice}",
        *(f"- {topic}：{advice}" for topic, advice in rule.advice_on.items()),
        "",
        f"**出处** {rule.source}",
        "",
        "## 判定",
        "",
        "```yaml",
        _decides(source),
        "```",
    ]
    lexicons = sorted(set(LEXICON.findall(source)))
    if lexicons:
        links = "、".join(f"[{name}](../../lexicons/{name}.txt)" for name in lexicons)
        lines += ["", f"词表：{links}"]
    for verdict, heading in sorted(VERDICTS.items(), key=lambda item: item[0] is not Verdict.FAIL):
        examples = [example for example in rule.examples if example.verdict is verdict]
        if examples:
            lines += ["", f"## {heading}（{len(examples)} 例）"]
            for example in examples:
                lines += [
                    "",
                    f"{example.why}{_said_beside(example)}",
                    "",
                    "```text",
                    example.talk.rstrip(),
                    "```",
                ]
    return "\n".join(lines) + "\n"


def _said_beside(example: Example) -> str:
    """The transcript's fields that matter to an example, and whether its fail costs nothing."""
    plain = Transcript(example.transcript.id, ())
    fields = [
        f"{name}: {value}"
        for name in FIELDS
        if (value := getattr(example.transcript, name)) != getattr(plain, name)
    ]
    if example.transcript.opened_at is not None:
        fields.append(f"{example.transcript.opened_at:%H:%M}")
    return (
        f"（{'，'.join([*fields, *(['不扣分'] if example.waived else [])])}）"
        if fields or example.waived
        else ""
    )


def _decides(source: str) -> str:
    """The part of a rule file that decides: from its check to its examples."""
    check, examples = CHECK.search(source), EXAMPLES.search(source)
    assert check is not None, "a rule without a check is refused by the rulebook"
    return source[check.start() : examples.start() if examples else None].rstrip()


def pages() -> dict[str, str]:
    """The page of every rule, by its path."""
    loaded = load_standard()
    return {
        f"docs/rules/{rule.id}.md": page_of(rule, Path(rule.path).read_text("utf-8"))
        for rule in loaded.standard.rules
    }


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
    wanted = {name: renewed(ROOT / name) for name in PARTS} | pages()
    written = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "rules").glob("*.md")}
    stale = [name for name, text in wanted.items() if _read(ROOT / name) != text]
    orphans = sorted(written - wanted.keys())
    if "--check" in sys.argv:
        if stale or orphans:
            raise SystemExit(f"not up to date: {', '.join([*stale, *orphans])}; run: make docs")
        return
    for name in stale:
        (ROOT / name).parent.mkdir(exist_ok=True)
        (ROOT / name).write_text(wanted[name], "utf-8")
    for name in orphans:
        (ROOT / name).unlink()


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


if __name__ == "__main__":
    main()
