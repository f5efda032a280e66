"""A rule in words, for the terminal: the same examples as in the README and in the workbooks."""

from __future__ import annotations

from collections.abc import Iterator

from qa_audit.records import Verdict
from qa_audit.report.wording import SEVERITIES, VERDICTS
from qa_audit.rule import Example, Rule

STATUS = {"live": "正式", "trial": "试运行，不扣分"}


def explain(rule: Rule, *, off: bool = False) -> str:
    """Everything a reader wants to know of a rule, as lines of text; ``off``: the configuration takes it out."""
    return "\n".join(_lines(rule, off=off))


def _lines(rule: Rule, *, off: bool) -> Iterator[str]:
    points = f"，{rule.points:g} 分" if rule.points else ""
    yield f"{rule.id} {rule.title}（{rule.section}，{SEVERITIES[rule.severity]}{points}）"
    yield f"状态　{'停用（配置）' if off else STATUS[rule.status]}；依据：{rule.measured_on}"
    if rule.adjusted:
        yield f"配置　{'；'.join(rule.adjusted)}"
    yield f"为何　{rule.why}"
    yield f"出处　{rule.source}"
    yield f"建议　{rule.advice}"
    yield from (f"　　　{topic}：{advice}" for topic, advice in rule.advice_on.items())
    for channel, bounds in rule.limits.items():
        yield f"时限　{channel}：{'，'.join(f'{name} ≤ {bound:g}' for name, bound in bounds.items())}"
    for verdict, heading in sorted(VERDICTS.items(), key=lambda item: item[0] is not Verdict.FAIL):
        examples = [example for example in rule.examples if example.verdict is verdict]
        if examples:
            yield f"\n{heading}（{len(examples)} 例）"
            for example in examples:
                yield from _example(example)


def _example(example: Example) -> Iterator[str]:
    stated = []
    if example.measured is not None:
        stated.append(f"实测 {example.measured:g}")
    if example.searched is not None:
        stated.append(f"检查了第 {'、'.join(str(n + 1) for n in example.searched)} 轮")
    if example.waived:
        stated.append("不扣分")
    yield f"  · {example.why}" + (f"（{'；'.join(stated)}）" if stated else "")
    yield from (f"      {line}" for line in example.talk.splitlines())
