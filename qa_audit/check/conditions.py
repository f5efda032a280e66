"""Conditions: ``applies_when`` and ``waive_when``, in three values (None: the data is missing)."""

from __future__ import annotations

from qa_audit.check.evidence import not_applicable, undecidable
from qa_audit.facts import FACTS
from qa_audit.records import RuleResult, Verdict
from qa_audit.rule import Condition, Rule
from qa_audit.view import AgentView


def holds(view: AgentView, condition: Condition) -> bool | None:  # noqa: PLR0911 - one return a kind
    """Whether a condition holds; None if that cannot be known."""
    match condition.kind:
        case "fact":
            return FACTS[condition.fact](view)
        case "channel":
            return view.transcript.channel in condition.values
        case "direction":
            direction = view.transcript.direction
            return None if direction is None else direction in condition.values
        case "topic":
            topic = view.contact.topic
            return topic in condition.values if topic else None
        case "said":
            return _said(view, condition)
        case "not":
            inner = holds(view, condition.parts[0])
            return None if inner is None else not inner
        case "any":
            return _any([holds(view, part) for part in condition.parts])
        case "all":
            return _all([holds(view, part) for part in condition.parts])


def _said(view: AgentView, condition: Condition) -> bool:
    assert condition.where is not None
    assert condition.expression is not None
    rounds = view.scope(condition.where) or ()
    return any(True for _ in view.said_in(condition.expression, rounds))


def _any(values: list[bool | None]) -> bool | None:
    if True in values:
        return True
    return None if None in values else False


def _all(values: list[bool | None]) -> bool | None:
    if False in values:
        return False
    return None if None in values else True


def unmet_condition(view: AgentView, rule: Rule) -> RuleResult | None:
    """The result of a rule whose ``applies_when`` does not hold, or cannot be known to; None if it holds."""
    if rule.applies_when is None:
        return None
    applies = holds(view, rule.applies_when)
    if applies is None:
        return undecidable(rule, reason(view, rule.applies_when))
    return None if applies else not_applicable(rule, reason(view, rule.applies_when))


def reason(view: AgentView, condition: Condition) -> str:
    """Why a condition does not hold, in the words of the standard or of the fact."""
    if condition.why:
        return condition.why
    match condition.kind:
        case "all":
            return "；".join(reason(view, part) for part in condition.parts if holds(view, part) is not True)
        case "any":
            return "；".join(reason(view, part) for part in condition.parts)
        case "not" if holds(view, condition) is False:
            return _name(condition.parts[0])
        case _ if holds(view, condition) is None:
            return f"数据不足：{_name(condition)}"
        case _:
            return f"不符合：{_name(condition)}"


def _name(condition: Condition) -> str:  # noqa: PLR0911 - one return a kind
    """A condition that holds, in words."""
    if condition.why:
        return condition.why
    match condition.kind:
        case "fact":
            return (FACTS[condition.fact].__doc__ or condition.fact).rstrip("。")
        case "channel":
            return f"渠道为{'、'.join(condition.values)}"
        case "direction":
            return f"呼叫方向为{'、'.join(condition.values)}"
        case "topic":
            return f"会话主题为{'、'.join(condition.values)}"
        case "said":
            return "说过相应用语"
        case "not":
            return f"并非“{_name(condition.parts[0])}”"
        case _:
            return "；".join(_name(part) for part in condition.parts)


def fact(view: AgentView, rule: Rule) -> RuleResult:
    """A condition on the record holds; undecidable where the data to know it is missing."""
    assert rule.holds is not None, "the rulebook requires holds for this check"
    known = holds(view, rule.holds)
    if known is None:
        return undecidable(rule, reason(view, rule.holds))
    return RuleResult(rule.id, Verdict.PASS if known else Verdict.FAIL, wanted="" if known else rule.wanted)


def waive_reason(view: AgentView, condition: Condition) -> str:
    """Why a fail costs nothing: a condition that holds, of alternatives those that do."""
    if condition.kind == "any" and not condition.why:
        return "；".join(waive_reason(view, part) for part in condition.parts if holds(view, part))
    return _name(condition)
