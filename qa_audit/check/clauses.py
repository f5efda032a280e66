"""The clauses of a round, as ``repeat`` and ``echo`` compare them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa_audit.match.similar import Bigrams, bigrams, coverage, grams_of_runs
from qa_audit.records import Round
from qa_audit.rule import Expression, Rule, Similarity
from qa_audit.segment import clauses
from qa_audit.view import AgentView, Said, Span

EITHER = re.compile(r"(.)[不没]\1")
SHORTEST_TO_LONGEST = 3  # a clause three times as long says more than the shorter one
SAID_ENOUGH = 4  # characters and bigrams of a core: more than one word of two
A_WORD = 2  # characters
SHARED_CORE = 0.34  # 发货 and 到货 share one of three: a character, neither the other nor the word


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a message between marks or spaces, with its bigrams (anonymisation masks left out).

    ``core``: what is left of it without the words that similarity ignores. ``asks``: it holds an expression of
    the rule's ``of`` (True where the rule has none). ``insists``: and words with which a question is put again.
    """

    said: Said
    grams: Bigrams
    core: Bigrams
    asks: bool
    insists: bool = False


def clauses_of(view: AgentView, round_: Round, similar: Similarity, rule: Rule) -> Iterator[Clause]:
    """The clauses of a round that are long enough to compare, without those that are half excepted words or more."""
    for message in round_.messages:
        text = view.unmasked(message)
        excepted = _spans(view, rule.excepted, message)
        ignored = _spans(view, similar.ignoring, message)
        asking = _spans(view, rule.of, message)
        insisting = _spans(view, similar.insisting, message)
        for span in clauses(text):
            grams = bigrams(text[slice(*span)])
            if 2 * _covered(excepted, span) >= span[1] - span[0]:
                continue
            if grams.total() + 1 >= similar.min_characters:
                # the mark that closes a question stands behind its clause
                asks = (
                    rule.of is None
                    or _touches(asking, (span[0], span[1] + 1))
                    or EITHER.search(text, *span) is not None
                )
                core = grams_of_runs(_runs(text, span, ignored)) if ignored else grams
                insists = asks and _touches(insisting, span)
                yield Clause(Said(message, span), grams, core, asks, insists)


def _spans(view: AgentView, expression: Expression | None, message: int) -> list[Span]:
    return view.hits(expression, message) if expression is not None else []


def _covered(spans: Sequence[Span], span: Span) -> int:
    """How many characters of ``span`` lie in ``spans``, which do not overlap."""
    return sum(max(0, min(end, span[1]) - max(start, span[0])) for start, end in spans)


def _touches(spans: Sequence[Span], span: Span) -> bool:
    return any(start < span[1] and span[0] < end for start, end in spans)


def _runs(text: str, span: Span, ignored: Sequence[Span]) -> Iterator[str]:
    """What ``ignored`` leaves of a clause."""
    start = span[0]
    for low, high in ignored:
        if low < span[1] and span[0] < high:
            yield _either_way(text[start : max(start, low)])
            start = max(start, high)
    yield _either_way(text[start : span[1]])


def _either_way(text: str) -> str:
    """支不支持, 硬不硬 and 过没过期 as they are asked with 吗: 支持, 硬, 过期."""
    return EITHER.sub(r"\1", text)


def words_of(
    view: AgentView,
    similar: Similarity,
    messages: Sequence[int],
    *,
    span: Span | None = None,
    framed: Sequence[Span] = (),
) -> Bigrams:
    """Characters and bigrams of some messages (or of a span of one), ``ignoring`` and ``framed`` words left out."""
    runs: list[str] = []
    for message in messages:
        text = view.unmasked(message)
        ignored = sorted([*_spans(view, similar.ignoring, message), *framed])
        for clause in clauses(text):
            if span is None or (span[0] <= clause[0] and clause[1] <= span[1]):
                runs += _runs(text, clause, ignored)
    return grams_of_runs(runs)


def same(a: Clause, b: Clause, threshold: float) -> bool:
    """Whether the shorter of two clauses is covered by the longer one, and they are about the same."""
    shorter, longer = sorted((a.grams, b.grams), key=lambda grams: grams.total())
    return (
        longer.total() <= SHORTEST_TO_LONGEST * shorter.total()
        and coverage(shorter, longer) >= threshold
        and _about_the_same(a, b)
        and not _contrasted(a, b)
    ) or _in_other_words(a, b)


def insisted(a: Clause, b: Clause) -> bool:
    """Whether a clause that insists is about what ``b`` asked: a word in common, or all there is of a short one."""
    shared = a.core & b.core
    return (
        a.insists and b.asks and (any(len(gram) == A_WORD for gram in shared) or (_brief(a) and bool(shared)))
    )


def _brief(clause: Clause) -> bool:
    return len(_characters(clause.core)) <= A_WORD


def follows_up(later: Clause, earlier: Clause, answer: Bigrams, *, answered: bool) -> bool:
    """Whether the later question takes up a word of the answer, or goes on to another after a plain answer."""
    new = {gram for gram in later.core - earlier.core if len(gram) == A_WORD}
    return any(gram in answer for gram in new) or (answered and len(new) >= A_WORD)


def _about_the_same(a: Clause, b: Clause) -> bool:
    """Whether what is left of two clauses without the ignored words is shared; both may be nothing else (怎么办)."""
    smaller, larger = sorted((a.core, b.core), key=lambda grams: grams.total())
    return coverage(smaller, larger) >= SHARED_CORE if smaller else not larger


def _contrasted(a: Clause, b: Clause) -> bool:
    """Whether they are the same but for a word in each (红色的有货吗, 蓝色的有货吗)."""
    mine, theirs = (_characters(clause.core) for clause in (a, b))
    return all(1 <= len(only) <= A_WORD for only in (mine - theirs, theirs - mine))


def _in_other_words(a: Clause, b: Clause) -> bool:
    """Whether two clauses are the same without the ignored words (安装要钱吗, 安装到底要不要钱)."""
    return a.core.total() >= SAID_ENOUGH and a.core == b.core


def _characters(grams: Bigrams) -> set[str]:
    return {gram for gram in grams if len(gram) == 1}
