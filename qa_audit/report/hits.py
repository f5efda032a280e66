"""规则命中: how often each rule failed, and how often people agreed with that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from qa_audit.intervals import rate_interval
from qa_audit.records import Interval, Severity
from qa_audit.report import wording
from qa_audit.report.agents import bounds, with_data
from qa_audit.report.table import Column, Row, Table
from qa_audit.report.tally import AgentTally, RuleTally
from qa_audit.rule import Rule, Standard

RULE_HITS = "规则命中"
REVIEWED = 13  # cells of what people judged


class Judged(Protocol):
    """What people's reviews say of one rule; ``reviewed`` counts the blind verdicts behind precision, misses and κ."""

    @property
    def reviewed(self) -> int: ...  # noqa: D102
    @property
    def precision(self) -> Interval: ...  # noqa: D102
    @property
    def miss_rate(self) -> Interval: ...  # noqa: D102
    @property
    def kappa(self) -> Interval: ...  # noqa: D102
    @property
    def appeals(self) -> Interval: ...  # noqa: D102
    @property
    def upheld(self) -> Interval: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule over the whole team: ``rate`` is its fails (waived ones included) among what was decided."""

    rule: Rule
    counts: RuleTally
    rate: Interval
    agents: int


def rule_lines(tallies: Sequence[AgentTally], standard: Standard) -> tuple[RuleLine, ...]:
    """Every rule that is decided chat by chat, over all agents; notes have a sheet of their own."""
    lines = []
    for rule in standard.rules:
        if rule.per == "agent" or rule.severity is Severity.NOTE:
            continue
        own = [one.rules[rule.id] for one in tallies if rule.id in one.rules]
        counts = RuleTally(
            sum(c.passes for c in own), sum(c.fails for c in own), sum(c.waived for c in own), sum(c.undecidable for c in own), sum(c.points for c in own)
        )  # fmt: skip
        rate = rate_interval(counts.fails, counts.passes + counts.fails)
        lines.append(RuleLine(rule, counts, rate, sum(c.fails > 0 for c in own)))
    return tuple(lines)


def hit_table(lines: Sequence[RuleLine], judged: Mapping[str, Judged]) -> Table:
    """The table of these lines; ``judged`` is known once reviews have been collected, its columns are hidden before."""
    columns = (
        Column("规则编号", 10, "center"), Column("规则名称", 24), Column("一级指标", 16, "center"),
        Column("严重程度", 9, "center", tones=wording.SEVERITY_TONES), Column("状态", 7, "center", tones=(("试行", "muted"),)),
        Column("判定通数", 9, "integer"), Column("违规通数", 9, "integer", bar=True), Column("其中免扣", 9, "integer"), Column("无法判定", 9, "integer"),
        Column("违规率", 9, "percent"), Column("误差下限", 9, "percent"), Column("误差上限", 9, "percent"),
        Column("扣分合计", 9, "decimal", bar=True), Column("涉及人数", 9, "integer"), Column("实测依据", 10, "center"),
        Column("盲审次数", 9, "integer"), Column("准确率", 9, "percent"), Column("准确率误差下限", 11, "percent"), Column("准确率误差上限", 11, "percent"),
        Column("漏判率", 9, "percent"), Column("漏判率误差下限", 11, "percent"), Column("漏判率误差上限", 11, "percent"),
        Column("一致性κ", 9, "two_decimals"), Column("κ误差下限", 9, "two_decimals"), Column("κ误差上限", 9, "two_decimals"),
        Column("申诉率", 9, "percent"), Column("被扣会话数", 9, "integer"), Column("申诉成立率", 9, "percent"),
    )  # fmt: skip

    def rows() -> Iterator[Row]:
        for line in lines:
            rule, counts = line.rule, line.counts
            wanted = rule.severity is not Severity.BONUS  # a bonus that was not earned is no offence
            yield (
                rule.id, rule.title, rule.section, wording.SEVERITIES[rule.severity], "试行" if rule.status == "trial" else "正式",
                counts.passes + counts.fails, counts.fails if wanted else None, counts.waived if wanted else None, counts.undecidable,
                *(bounds(line.rate) if wanted else (None, None, None)),
                counts.points, line.agents if wanted else None, rule.measured_on, *_judged(judged.get(rule.id)),
            )  # fmt: skip

    return Table(RULE_HITS, "rule_hits", with_data(columns, rows()), rows, empty="标准中没有规则。")


def _judged(found: Judged | None) -> Row:
    if found is None:
        return (None,) * REVIEWED
    return (
        found.reviewed,
        *bounds(found.precision),
        *bounds(found.miss_rate),
        *bounds(found.kappa),
        found.appeals.value,
        found.appeals.n or None,
        found.upheld.value,
    )
