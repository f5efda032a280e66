"""One function per check kind: an agent's view and a rule in, a RuleResult out."""

from __future__ import annotations

from collections.abc import Callable

from qa_audit.check.compared import echo, state
from qa_audit.check.measured import limit, mood, ratio
from qa_audit.check.repeated import repeat
from qa_audit.check.said import forbid, require, respond
from qa_audit.records import RuleResult
from qa_audit.rule import Rule
from qa_audit.view import AgentView

Check = Callable[[AgentView, Rule], RuleResult]

CHECKS: dict[str, Check] = {
    "forbid": forbid,
    "require": require,
    "respond": respond,
    "limit": limit,
    "repeat": repeat,
    "echo": echo,
    "state": state,
    "ratio": ratio,
    "mood": mood,
}
