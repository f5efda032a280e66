"""One agent's workbook, as rows: 总览, 逐通评分, 扣分明细, 会话全文, 规则说明."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qa_audit.records import AgentReport
from qa_audit.report.chats import chat_table
from qa_audit.report.coaching import coaching, focus
from qa_audit.report.deductions import deduction_table
from qa_audit.report.examples import Example, Kind
from qa_audit.report.overview import Overview, overview
from qa_audit.report.places import places
from qa_audit.report.rank import Rank
from qa_audit.report.rules import rule_table
from qa_audit.report.survey import survey
from qa_audit.report.table import Table
from qa_audit.report.transcripts import transcript_table
from qa_audit.rule import Standard


@dataclass(frozen=True, slots=True)
class AgentBook:
    """The sheets of one agent's workbook in reading order, and the run they come from."""

    agent: str
    night: str
    run_id: str
    overview: Overview
    tables: tuple[Table, ...]


def agent_sheets(
    report: AgentReport,
    standard: Standard,
    *,
    rank: Rank | None = None,
    examples: Mapping[Kind, Example] | None = None,
) -> AgentBook:
    """The workbook of one agent, chats in order of time.

    ``rank`` is as ``rank.ranks`` gives it for the team, ``examples`` the team's good example of each rule.
    """
    cards = report.scorecards
    seen = survey(cards, standard)
    rules = focus(seen, standard)
    wanted = {rule.id for rule in rules}
    good = {seen.index[example.chat] for (rule_id, _), example in seen.own.best.items() if rule_id in wanted}
    where = places(seen.sizes, shown=good)
    deductions = deduction_table(cards, standard, where, shown=seen.shown)
    lines = coaching(cards, rules, seen, where, team=examples)
    return AgentBook(
        agent=report.statistics.agent,
        night=report.night,
        run_id=report.run_id,
        overview=overview(report, standard, lines, rank, period=seen.period(report.night)),
        tables=(
            chat_table(cards, standard, where, deductions, shown=seen.shown),
            deductions,
            transcript_table(cards, standard, where, shown=seen.shown),
            rule_table(standard),
        ),
    )
