"""The replies of a round, as ``repeat`` compares them whole (``unit: reply``)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_audit.match.similar import Bigrams, bigrams, cosine
from qa_audit.records import Round
from qa_audit.rule import Rule, Similarity
from qa_audit.view import AgentView, Said, Span

# Clauses that a comma joins are one reply: 已出库,请耐心等待. A space may part two messages or only breathe.
REPLY = re.compile(r"[^\s;。!?…~]+")
CLAUSE = re.compile(r"[^,、:]+")
FEWEST = 5  # characters of a reply that counts towards a round's repeated ones
A_WORD = 2  # characters: what tells 红色的有货 from 蓝色的有货


@dataclass(frozen=True, slots=True)
class Reply:
    """A stretch of a message without its excepted words; ``text`` is what is left without the ignored words too.

    ``length`` counts the letters and digits of all of it.
    """

    said: Said
    text: str
    grams: Bigrams
    length: int


def replies_of(view: AgentView, rounds: Sequence[Round], rule: Rule) -> list[list[Reply]]:
    """For each round its replies that say more than a word or two, of messages that might repeat something."""
    assert rule.similar is not None, "the rulebook requires similar for this check"
    grams = {m: set(bigrams(view.unmasked(m))) for r in rounds for m in r.messages}
    said_by = Counter(gram for r in rounds for gram in {g for m in r.messages for g in grams[m]})
    # to look for all that is excepted costs more than to see that most messages hold little that others hold
    often = {gram for gram, number in said_by.items() if number >= rule.similar.times}
    return [
        [
            reply
            for message in round_.messages
            if len(grams[message] & often) >= FEWEST - 1
            for reply in _replies(view, message, rule.similar, rule)
        ]
        for round_ in rounds
    ]


def _replies(view: AgentView, message: int, similar: Similarity, rule: Rule) -> Iterator[Reply]:
    text = view.unmasked(message)
    excepted = view.hits(rule.excepted, message) if rule.excepted is not None else []
    ignored = view.hits(similar.ignoring, message) if similar.ignoring is not None else []
    left_out = [*excepted, *ignored]
    for whole in REPLY.finditer(text):
        kept = [span for span in _clauses(whole) if not _mostly(excepted, span)]
        core = "".join(
            text[i] for span in kept for i in range(*span) if text[i].isalnum() and not _covers(left_out, i)
        )
        if len(core) >= FEWEST:
            yield Reply(
                Said(message, (kept[0][0], kept[-1][1])), core, bigrams(core), sum(map(str.isalnum, whole[0]))
            )


def _clauses(whole: re.Match[str]) -> Iterator[Span]:
    for clause in CLAUSE.finditer(whole[0]):
        yield whole.start() + clause.start(), whole.start() + clause.end()


def _mostly(spans: Sequence[Span], span: Span) -> bool:
    """Whether half of ``span`` or more lies in ``spans``, which do not overlap."""
    covered = sum(max(0, min(end, span[1]) - max(start, span[0])) for start, end in spans)
    return 2 * covered >= span[1] - span[0]


def _covers(spans: Sequence[Span], at: int) -> bool:
    return any(start <= at < end for start, end in spans)


def repeated(rounds: Sequence[Sequence[Reply]], similar: Similarity) -> Iterator[Said]:
    """The replies of every round that repeats ``min_characters`` or more of what ``times`` rounds say."""
    for number, replies in enumerate(rounds):
        earlier = rounds[max(0, number - similar.look_back) : number]
        again = [
            reply
            for reply in replies
            if 1 + sum(any(_same(reply, other, similar.threshold) for other in r) for r in earlier)
            >= similar.times
        ]
        if sum(reply.length for reply in again) >= similar.min_characters:
            yield from (reply.said for reply in again)


def _same(a: Reply, b: Reply, threshold: float) -> bool:
    return cosine(a.grams, b.grams) >= threshold and not _contrasted(a.text, b.text)


def _contrasted(a: str, b: str) -> bool:
    """Whether they are the same but for a number, or a word in each: two answers in one form."""
    if [c for c in a if c.isdigit()] != [c for c in b if c.isdigit()]:
        return True
    return all(1 <= len(only) <= A_WORD for only in (set(a) - set(b), set(b) - set(a)))
