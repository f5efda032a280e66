"""What an agent answers to the customer's questions, and what stands unanswered."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from qa_audit.check.evidence import counted
from qa_audit.records import Round
from qa_audit.rule import Expression
from qa_audit.view import AgentView


def answers_of(
    view: AgentView, asked: Expression, rounds: Sequence[Round], *, excepted: Expression | None = None
) -> list[tuple[int, ...]]:
    """The messages of ``rounds`` after each customer round that holds ``asked``, up to the next such round.

    What the agent says while the customer goes on without a question belongs to the same answer: a 嗯 that only shows
    that somebody listens is followed by more.
    """
    hits, _ = counted(view, view.customer, asked, excepted=excepted)
    questions = sorted({view.conversation.round_of[said.message] for said in hits})
    answers = []
    for start, end in pairwise([*questions, len(view.conversation.rounds)]):
        messages = tuple(m for r in rounds if start < r.index < end for m in r.messages)
        if messages:
            answers.append(messages)
    return answers
