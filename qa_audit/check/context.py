"""Where A of ``respond`` counts: in answer to what, and what was said before."""

from __future__ import annotations

from collections.abc import Sequence

from qa_audit.records import Kind
from qa_audit.rule import Expression, Given, When
from qa_audit.segment import clauses
from qa_audit.view import AgentView, Said


def in_context(view: AgentView, when: When, hits: Sequence[Said]) -> list[Said]:
    """The hits that answer what ``when`` wants answered, without those that what was said before excuses."""
    return [
        said
        for said in hits
        if not (_concerns(view, when.answering, said) and not _in_answer(view, when, said))
        and not (when.unheard and _heard(view, when, said))
        and not (_concerns(view, when.except_given, said) and _was_said(view, when, said))
    ]


def _concerns(view: AgentView, given: Given | None, said: Said) -> bool:
    """Whether a hit is one of those that depend on what was said."""
    if given is None or given.hits is None:
        return given is not None
    start, end = said.span
    return any(a <= start and end <= b for a, b in view.hits(given.hits, said.message))


def _in_answer(view: AgentView, when: When, said: Said) -> bool:
    """Whether the other side's last round before a hit holds what it must answer."""
    assert when.answering is not None, "asked only where it is given"
    position = view.conversation.round_of[said.message]
    other = "customer" if when.side == "agent" else "agent"
    before = [r for r in view.rounds(other) if r.index < position][-1:]
    return any(True for _ in view.said_in(when.answering.said, before))


def _heard(view: AgentView, when: When, said: Said) -> bool:
    """Whether the other side has used these words before, to a bot or a colleague too; not only asked about them."""
    words = view.conversation.text(said.message)[slice(*said.span)]
    other = "customer" if when.side == "agent" else "agent"
    before = view.transcript.messages[: said.message]
    asked = when.unheard_except
    return any(
        m.role == other
        and words in view.conversation.text(m.index)
        and not (asked is not None and view.hits(asked, m.index))
        for m in before
    )


def _was_said(view: AgentView, when: When, said: Said) -> bool:
    """Whether anybody has said, up to the round of a hit, what excuses it."""
    assert when.except_given is not None, "asked only where it is given"
    position = view.conversation.round_of[said.message]
    before = [r for side in ("customer", "agent") for r in view.rounds(side) if r.index <= position]
    return any(True for _ in view.said_in(when.except_given.said, before))


def says_more(
    view: AgentView, no_answer: Expression, messages: Sequence[int], behind: tuple[int, int]
) -> list[Said]:
    """What stands behind a place (message, character) and is no hit of ``no_answer``: clauses, a picture or a card."""
    more: list[Said] = []
    for message in messages:
        spans, text = view.hits(no_answer, message), view.conversation.text(message)
        if view.transcript.messages[message].kind in SHOWN and (message, 0) >= behind:
            more.append(Said(message, (0, len(text))))
        for start, end in clauses(text):
            without = (message, start) >= behind and not any(
                low < end and start < high for low, high in spans
            )
            if without and sum(map(str.isalnum, text[start:end])) >= SHORTEST_ANSWER:
                more.append(Said(message, (start, end)))
    return more


SHOWN: tuple[Kind, ...] = ("image", "card", "voice")  # nobody can say that there was no answer in it
SHORTEST_ANSWER = 3  # 是顺丰, 周五到: what is shorter is hardly more than 嗯嗯
