"""What an agent affirms without saying it: a yes to what the customer has just said."""

from __future__ import annotations

from qa_audit.records import Round
from qa_audit.rule import Agreed
from qa_audit.view import AgentView, Said


def before(view: AgentView, round_: Round) -> list[Round]:
    """The customer's round that one of the agent's answers; none if somebody else spoke last."""
    return [r for r in view.customer if r.index == round_.index - 1]


def affirmed(view: AgentView, round_: Round, agreed: Agreed) -> Said | None:
    """The yes that an agent's round begins with; None if it has none, or takes it back."""
    first = round_.messages[0]
    hits = view.hits(agreed.by, first)
    if not hits:
        return None
    if agreed.excepted is not None and any(view.hits(agreed.excepted, m) for m in round_.messages):
        return None
    return Said(first, hits[0])


def agreements(view: AgentView, rounds: tuple[Round, ...], agreed: Agreed) -> list[Said]:
    """The yeses that answer a round in which the customer says what ``agreed`` looks for."""
    assert agreed.expression is not None, "the rulebook requires look_for for forbid"
    found = []
    for round_ in rounds:
        asked = any(True for _ in view.said_in(agreed.expression, before(view, round_)))
        yes = affirmed(view, round_, agreed) if asked else None
        if yes is not None:
            found.append(yes)
    return found
