"""Finds the expressions of a standard in a text: each phrase and pattern is looked for once, whoever needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import ahocorasick_rs
import re2

from qa_audit.match.atoms import atoms
from qa_audit.match.similar import Bigrams, bigrams, cosine
from qa_audit.match.tokens import TokenMatcher
from qa_audit.rule import AnyOf, Expression, Like, Near, Phrase, Regex, Tokens

Span = tuple[int, int]
Edges = Callable[[], tuple[frozenset[int], frozenset[int]]]
Found = dict[int, list[Span]]
Around = Callable[[], Sequence[Found]]

NEVER = "\0"  # an automaton refuses to be empty; normalised text holds no control characters


@dataclass(frozen=True, slots=True)
class _Pair:
    """A compiled ``Near``."""

    first: _Node
    second: _Node
    characters: int


@dataclass(frozen=True, slots=True)
class _AtLeast:
    """A compiled ``AnyOf`` that cannot be one group of leaves."""

    parts: tuple[_Node, ...]
    at_least: int


_Node = int | _Pair | _AtLeast  # an int is a group of leaves


class Scanner:
    """Compiled expressions; give all of them to the constructor, then ask for any of them by the same object."""

    def __init__(self, expressions: Iterable[Expression]) -> None:
        self._phrases: dict[Phrase, set[int]] = {}
        self._regexes: dict[Regex, set[int]] = {}
        self._tokens: dict[int, tuple[Tokens, int]] = {}
        self._likes: dict[Like, set[int]] = {}
        self._groups = 0
        # keyed by identity: hashing a lexicon of a thousand phrases at each look-up would cost more than the search
        self._nodes: dict[int, _Node] = {}
        self._kept: list[Expression] = []
        for expression in expressions:
            if id(expression) not in self._nodes:
                self._nodes[id(expression)] = self._compile(expression)
                self._kept.append(expression)
        self._build()

    def _compile(self, expression: Expression) -> _Node:
        if isinstance(expression, Near):
            return _Pair(
                self._compile(expression.first), self._compile(expression.second), expression.characters
            )
        if isinstance(expression, AnyOf) and not (expression.at_least == 1 and _only_leaves(expression)):
            return _AtLeast(tuple(self._compile(part) for part in expression.parts), expression.at_least)
        group = self._groups
        self._groups += 1
        for leaf in _leaves(expression):
            match leaf:
                case Phrase():
                    self._phrases.setdefault(leaf, set()).add(group)
                case Regex():
                    self._regexes.setdefault(leaf, set()).add(group)
                case Like():
                    self._likes.setdefault(leaf, set()).add(group)
                case Tokens():
                    self._tokens[len(self._tokens)] = (leaf, group)
        return group

    def _build(self) -> None:
        self._phrase_list = [(phrase.edge, tuple(sorted(groups))) for phrase, groups in self._phrases.items()]
        self._automaton = ahocorasick_rs.AhoCorasick([p.text for p in self._phrases] or [NEVER])
        if not self._phrases:
            self._phrase_list = [("any", ())]
        options = re2.Options()
        options.case_sensitive = False
        options.log_errors = False
        self._regex_list = []
        self._always: list[int] = []
        wanted_by: dict[str, list[int]] = {}
        for index, (regex, groups) in enumerate(self._regexes.items()):
            pattern = re2.compile(regex.pattern, options)
            # RE2 looks neither ahead nor behind: (?P<hit>…) names the words within what must surround them
            self._regex_list.append((pattern, pattern.groupindex.get("hit", 0), tuple(sorted(groups))))
            needed = atoms(regex.pattern)
            if needed is None:
                self._always.append(index)
            for atom in needed or ():
                wanted_by.setdefault(atom, []).append(index)
        self._atoms = ahocorasick_rs.AhoCorasick(list(wanted_by) or [NEVER])
        self._wanted_by = list(wanted_by.values()) or [[]]
        self._like_list = [
            ([bigrams(sample) for sample in like.samples], like.threshold, tuple(sorted(groups)))
            for like, groups in self._likes.items()
        ]
        self._matcher = TokenMatcher([tokens for tokens, _ in self._tokens.values()])
        self._token_groups = [group for _, group in self._tokens.values()]

    def scan(
        self,
        text: str,
        edges: Edges,
        words: Callable[[], Sequence[Span]],
        sentences: Callable[[], Sequence[Span]],
    ) -> Found:
        """All leaves found in normalised ``text``; words and sentences are cut only where something needs them."""
        found: Found = {}
        self._scan_phrases(text, edges, found)
        self._scan_patterns(text, found)
        for index, span in self._matcher.find(text, words):
            _add(found, (self._token_groups[index],), [span])
        for samples, threshold, groups in self._like_list:
            _add(found, groups, [s for s in sentences() if _is_like(text[s[0] : s[1]], samples, threshold)])
        for group, spans in found.items():
            if len(spans) > 1:
                found[group] = longest(spans)
        return found

    def _scan_phrases(self, text: str, edges: Edges, found: Found) -> None:
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            edge, groups = self._phrase_list[index]
            if edge == "both":
                starts, ends = edges()
                if start not in starts or end not in ends:
                    continue
            _add(found, groups, [(start, end)])

    def _scan_patterns(self, text: str, found: Found) -> None:
        """The patterns of which the text holds an atom; a set of all of them would outgrow RE2's automaton."""
        candidates = set(self._always)
        for atom, _, _ in self._atoms.find_matches_as_indexes(text, overlapping=True):
            candidates.update(self._wanted_by[atom])
        for index in sorted(candidates):
            pattern, hit, groups = self._regex_list[index]
            _add(found, groups, [m.span(hit) for m in pattern.finditer(text) if m.end(hit) > m.start(hit)])

    def find(self, expression: Expression, found: Found, around: Around = tuple) -> list[Span]:
        """Hits of ``expression`` in a scanned text, in order, none inside another.

        ``around`` gives what was found in the other messages of its round: parts of ``all`` and ``at_least`` that
        stand there count as occurring, without being hits here.
        """
        return self._find(self._nodes[id(expression)], found, around)

    def _find(self, node: _Node, found: Found, around: Around) -> list[Span]:
        match node:
            case int():
                return found.get(node, [])
            case _Pair():
                seconds = self._find(node.second, found, around)
                return longest(
                    (a[0], b[1])
                    for a in self._find(node.first, found, around)
                    for b in seconds
                    if 0 <= b[0] - a[1] <= node.characters
                )
            case _AtLeast():
                parts = [self._find(part, found, around) for part in node.parts]
                here = longest(span for spans in parts for span in spans)
                missing = node.at_least - sum(map(bool, parts)) if here else 0
                if missing > 0:
                    others = [part for part, spans in zip(node.parts, parts, strict=True) if not spans]
                    missing -= sum(any(self._find(part, text, tuple) for text in around()) for part in others)
                return [] if missing > 0 else here


def _add(found: Found, groups: Iterable[int], spans: Sequence[Span]) -> None:
    if spans:
        for group in groups:
            found.setdefault(group, []).extend(spans)


def longest(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, without those that overlap an earlier or longer one."""
    kept: list[Span] = []
    for start, end in sorted(set(spans), key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
        elif start < kept[-1][1] and end - start > kept[-1][1] - kept[-1][0]:
            kept[-1] = (start, end)
    return kept


def _only_leaves(expression: Expression) -> bool:
    if isinstance(expression, AnyOf):
        return expression.at_least == 1 and all(_only_leaves(part) for part in expression.parts)
    return not isinstance(expression, Near)


def _leaves(expression: Expression) -> Iterator[Phrase | Regex | Tokens | Like]:
    if isinstance(expression, AnyOf):
        for part in expression.parts:
            yield from _leaves(part)
    elif not isinstance(expression, Near):
        yield expression


def _is_like(sentence: str, samples: Sequence[Bigrams], threshold: float) -> bool:
    grams = bigrams(sentence)
    return any(cosine(grams, sample) >= threshold for sample in samples)
