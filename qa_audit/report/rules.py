"""规则说明: the rules applied, each with its limits, an example of a pass and of a fail, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator

from qa_audit.records import Severity, Verdict
from qa_audit.report import wording
from qa_audit.report.evidence import highlight
from qa_audit.report.table import RULES, Column, Rich, Row, Run, Table
from qa_audit.rule import Example, Rule, Standard

COLUMNS = (
    Column("规则编号", 10, "center"),
    Column("规则名称", 18, "wrap"),
    Column("一级指标", 16, "center"),
    Column("严重程度", 9, "center", tones=wording.SEVERITY_TONES),
    Column("分值", 7, "decimal"),
    Column("状态", 7, "center", tones=(("试行", "muted"), ("停用", "muted"))),
    Column("为什么", 30, "wrap"),
    Column("限值", 20, "wrap"),
    Column("违规示例", 36, "wrap"),
    Column("通过示例", 36, "wrap"),
    Column("推荐话术", 34, "wrap"),
    Column("标准来源", 20, "wrap"),
    Column("实测依据", 10, "center"),
)
# only where a configuration changes the standard: what is in force then differs from the rule files
ADJUSTED = Column("配置调整", 22, "wrap")
OFF = "停用"


def rule_table(standard: Standard) -> Table:
    """The table of all rules, in the order of the standard; those taken out by the configuration come last."""

    def rows() -> Iterator[Row]:
        for rule in standard.rules:
            cells = _row(rule, "试行" if rule.status == "trial" else "正式")
            yield (*cells, "；".join(rule.adjusted) or None) if standard.adjusted else cells
        for rule in standard.off:
            yield (*_row(rule, OFF), OFF)

    columns = (*COLUMNS, ADJUSTED) if standard.adjusted else COLUMNS
    return Table(RULES, "rules", columns, rows, empty="标准中没有规则。")


def _row(rule: Rule, status: str) -> Row:
    return (
        rule.id,
        rule.title,
        rule.section,
        wording.SEVERITIES[rule.severity],
        cost(rule),
        status,
        rule.why,
        wording.limits(rule) or None,
        _example(rule, Verdict.FAIL),
        _example(rule, Verdict.PASS),
        rule.advice or None,
        wording.source(rule),
        rule.measured_on,
    )


def cost(rule: Rule) -> float | None:
    """The points of a rule as they change the score: negative, positive for a bonus, None where it costs none."""
    if rule.severity in (Severity.CRITICAL, Severity.ALERT, Severity.NOTE) or not rule.points:
        return None
    return rule.points if rule.severity is Severity.BONUS else -rule.points


def _example(rule: Rule, verdict: Verdict) -> Rich | str | None:
    """The first example of this verdict: why, then the talk line by line, its evidence marked."""
    example = next((example for example in rule.examples if example.verdict is verdict), None)
    if example is None:
        return None
    runs = [Run(f"（{example.why}）")] if example.why else []
    for line in _lines(example):
        runs += [Run("\n")] if runs else []
        runs += line.runs if isinstance(line, Rich) else (Run(line),)
    return Rich(tuple(runs)) if any(run.hit for run in runs) else "".join(run.text for run in runs)


def _lines(example: Example) -> Iterator[Rich | str]:
    for message in example.transcript.messages:
        lead = f"{wording.speaker(message)}："
        # an example of a pass marks what was wanted; only what is wrong is shown in red
        spans = [
            (start + len(lead), end + len(lead))
            for index, start, end in example.evidence
            if index == message.index
        ]
        yield highlight(lead + wording.spoken(message), spans if example.verdict is Verdict.FAIL else ())
