"""Where A of ``respond`` counts: in answer to what, and what was said before."""

from __future__ import annotations

from collections.abc import Sequence

from qa_audit.rule import Given, When
from qa_audit.view import AgentView, Said


def in_context(view: AgentView, when: When, hits: Sequence[Said]) -> list[Said]:
    """The hits that answer what ``when`` wants answered, without those that what was said before excuses."""
    return [
        said
        for said in hits
        if (when.answering is None or _answers(view, when, said))
        and not (when.unheard and _heard(view, when, said))
        and (when.except_given is None or not _excepted(view, when.except_given, said))
    ]


def _answers(view: AgentView, when: When, said: Said) -> bool:
    """Whether the other side's last round before a hit holds what it must answer."""
    assert when.answering is not None, "asked only where it is given"
    position = view.conversation.round_of[said.message]
    other = "customer" if when.side == "agent" else "agent"
    before = [r for r in view.rounds(other) if r.index < position][-1:]
    return any(True for _ in view.said_in(when.answering, before))


def _heard(view: AgentView, when: When, said: Said) -> bool:
    """Whether the other side has used these words before, to a bot or a colleague too."""
    words = view.conversation.text(said.message)[slice(*said.span)]
    other = "customer" if when.side == "agent" else "agent"
    before = view.transcript.messages[: said.message]
    return any(m.role == other and words in view.conversation.text(m.index) for m in before)


def _excepted(view: AgentView, given: Given, said: Said) -> bool:
    """Whether a hit lies in what does not count once something was said, and it was said up to its round."""
    start, end = said.span
    if not any(a <= start and end <= b for a, b in view.hits(given.excepted, said.message)):
        return False
    position = view.conversation.round_of[said.message]
    before = [r for side in ("customer", "agent") for r in view.rounds(side) if r.index <= position]
    return any(True for _ in view.said_in(given.said, before))
