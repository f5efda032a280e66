"""Runs a standard's own examples through the real path: read → segment → sentiment → check."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qa_audit.audit import Auditor, transcript_agent_result
from qa_audit.check.judge import Judge
from qa_audit.config import Config
from qa_audit.read.jsonl import parse_transcript, to_json
from qa_audit.records import RuleResult, Transcript
from qa_audit.rule import Rule
from qa_audit.rulebook.check import StandardReport, check_standard

MOST_JUDGES = 64  # the clause test builds one for each clause and never comes back to it


class ExampleRunner:
    """Decides one rule on one transcript; the last judges are kept, for examples come rule by rule."""

    def __init__(self, auditor: Auditor) -> None:
        self.auditor = auditor
        self._judges: dict[tuple[int, ...], tuple[Judge, Sequence[Rule]]] = {}

    def __call__(
        self, rules: Sequence[Rule], rule: Rule, transcript: Transcript, agent: str | None
    ) -> RuleResult:
        """The result of ``rule`` for one agent (None: the first), ``rules`` being those it depends on and itself."""
        key = tuple(map(id, rules))
        if key not in self._judges:
            # the rules are kept with their judge: an id is only unique while its object lives
            self._judges[key] = (self.auditor.judge_of(rules), rules)
            if len(self._judges) > MOST_JUDGES:
                del self._judges[next(iter(self._judges))]
        read = parse_transcript(
            to_json(transcript), source="example", line_number=1, config=self.auditor.config
        )
        (views,) = self._judges[key][0].views([read])
        view = next(view for view in views if agent is None or view.agent == agent)
        return transcript_agent_result(rule, view) if rule.per == "agent" else view.results[rule.id]


def prove(config: Config, folder: Path | None) -> StandardReport:
    """Lint, examples and clause test of a standard (None: the shipped one)."""
    auditor = Auditor.open(config, standard=folder)
    return check_standard(auditor.loaded, ExampleRunner(auditor))
