"""One function per check kind: an agent's view and a rule in, a RuleResult out."""

from __future__ import annotations

from collections.abc import Callable

from qa_audit.check.parts import OF_ONE_PART, parts
from qa_audit.records import RuleResult
from qa_audit.rule import Rule
from qa_audit.view import AgentView

Check = Callable[[AgentView, Rule], RuleResult]

CHECKS: dict[str, Check] = {**OF_ONE_PART, "parts": parts}
