"""One agent's workbook, as rows: 总览, 逐通评分, 扣分明细, 会话全文, 规则说明."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from qa_audit.records import AgentReport, Scorecard
from qa_audit.report.chats import chat_table
from qa_audit.report.coaching import coaching, focus
from qa_audit.report.deductions import deduction_table
from qa_audit.report.examples import Example, Examples, Kind
from qa_audit.report.overview import Overview, overview
from qa_audit.report.places import places
from qa_audit.report.rank import Rank
from qa_audit.report.rules import rule_table
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
    report = replace(report, scorecards=tuple(sorted(report.scorecards, key=by_time)))
    cards = report.scorecards
    rules = focus(report, standard)
    own = Examples(standard)
    for card in cards:
        own.add(card)
    wanted = {rule.id for rule in rules}
    shown = {example.chat for (rule_id, _), example in own.best.items() if rule_id in wanted}
    where = places(cards, shown=frozenset(i for i, card in enumerate(cards) if card.transcript.id in shown))
    deductions = deduction_table(cards, standard, where)
    return AgentBook(
        agent=report.statistics.agent,
        night=report.night,
        run_id=report.run_id,
        overview=overview(report, standard, coaching(report, rules, own, where, team=examples), rank),
        tables=(
            chat_table(cards, standard, where, deductions),
            deductions,
            transcript_table(cards, standard, where),
            rule_table(standard),
        ),
    )


def by_time(card: Scorecard) -> tuple[bool, float, str]:
    """Order of chats: by the time they were opened, those without a time last, then by id."""
    opened = card.transcript.opened_at
    return (opened is None, opened.timestamp() if opened else 0.0, card.transcript.id)
