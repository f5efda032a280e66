"""Runs a standard's own examples through the real path: read → segment → sentiment → check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from qa_audit.audit import Auditor, transcript_agent_result
from qa_audit.check.judge import Judge
from qa_audit.config import Config
from qa_audit.read.jsonl import parse_transcript, to_json
from qa_audit.records import Contact, RoundMood, RuleResult, Transcript
from qa_audit.rule import Rule
from qa_audit.rulebook.check import StandardReport, check_standard
from qa_audit.segment import Conversation

MOST_JUDGES = 64  # the clause test builds one for each clause and never comes back to it


class ExampleRunner:
    """Decides one rule on one transcript; the last judges are kept, for examples come rule by rule."""

    def __init__(self, auditor: Auditor) -> None:
        self.auditor = auditor
        self._judges: dict[tuple[int, ...], tuple[Judge, Sequence[Rule]]] = {}
        # what the models say of a talk does not hang on the rule that is tried on it
        self._moods: dict[bytes, list[dict[int, RoundMood]]] = {}
        self._contacts: dict[bytes, list[Contact]] = {}
        self._talk = b""

    def __call__(
        self, rules: Sequence[Rule], rule: Rule, transcript: Transcript, agent: str | None
    ) -> RuleResult:
        """The result of ``rule`` for one agent (None: the first), ``rules`` being those it depends on and itself."""
        key = tuple(map(id, rules))
        if key not in self._judges:
            # the rules are kept with their judge: an id is only unique while its object lives
            judge = replace(self.auditor.judge_of(rules), moods=self._moods_of, contacts=self._contacts_of)
            self._judges[key] = (judge, rules)
            if len(self._judges) > MOST_JUDGES:
                del self._judges[next(iter(self._judges))]
        self._talk = to_json(transcript)
        read = parse_transcript(self._talk, source="example", line_number=1, config=self.auditor.config)
        (views,) = self._judges[key][0].views([read])
        view = next(view for view in views if agent is None or view.agent == agent)
        return transcript_agent_result(rule, view) if rule.per == "agent" else view.results[rule.id]

    def _moods_of(self, conversations: Sequence[Conversation]) -> list[dict[int, RoundMood]]:
        if self._talk not in self._moods:
            self._moods[self._talk] = self.auditor.moods(conversations)
        return self._moods[self._talk]

    def _contacts_of(
        self, conversations: Sequence[Conversation], moods: Sequence[Mapping[int, RoundMood]]
    ) -> list[Contact]:
        if self._talk not in self._contacts:
            self._contacts[self._talk] = self.auditor.contacts(conversations, moods)
        return self._contacts[self._talk]


def prove(config: Config, folder: Path | None) -> StandardReport:
    """Lint, examples and clause test of a standard (None: the shipped one)."""
    auditor = Auditor.open(config, standard=folder)
    return check_standard(auditor.loaded, ExampleRunner(auditor))
