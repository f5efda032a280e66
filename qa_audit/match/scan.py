"""Finds the expressions of a standard in a text: two automata read it once, patterns run where somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import ahocorasick_rs

from qa_audit.match.atoms import atoms
from qa_audit.match.patterns import compiled
from qa_audit.match.similar import Bigrams, bigrams, cosine
from qa_audit.match.tokens import TokenMatcher
from qa_audit.rule import AnyOf, Expression, Like, Near, Phrase, Regex, Tokens

Span = tuple[int, int]
Edges = Callable[[], tuple[frozenset[int], frozenset[int]]]
Words = Callable[[], Sequence[Span]]

NEVER = "\0"  # an automaton refuses to be empty; normalised text holds no control characters


@dataclass(slots=True)
class Found:
    """A text that was looked through: phrases (edges unchecked) and the patterns of which it holds an atom, by number.

    ``live``: the groups of leaves that may have a hit in it; most have none, and are not looked at any further.
    What is asked for is kept: hits of a pattern in ``patterns``, of a group of leaves in ``groups``.
    """

    text: str
    edges: Edges
    words: Words
    sentences: Words
    phrases: dict[int, list[Span]]
    candidates: frozenset[int]
    live: frozenset[int]
    encoded: bytes = b""
    patterns: dict[int, list[Span]] = field(default_factory=dict)
    groups: dict[int, list[Span]] = field(default_factory=dict)


Around = Callable[[], Sequence[Found]]


@dataclass(frozen=True, slots=True)
class _Group:
    """The leaves of one expression, by number."""

    phrases: frozenset[int]
    patterns: frozenset[int]
    tokens: frozenset[int]
    likes: tuple[tuple[tuple[Bigrams, ...], float], ...]


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
        self._phrase_numbers: dict[Phrase, int] = {}
        self._pattern_numbers: dict[Regex, int] = {}
        self._tokens: list[Tokens] = []
        self._groups: list[_Group] = []
        # keyed by identity: hashing a lexicon of a thousand phrases at each look-up would cost more than the search
        self._nodes: dict[int, _Node] = {}
        self._kept: list[Expression] = []
        for expression in expressions:
            if id(expression) not in self._nodes:
                self._nodes[id(expression)] = self._compile(expression)
                self._kept.append(expression)
        self._phrases = list(self._phrase_numbers)
        self._automaton = ahocorasick_rs.AhoCorasick([p.text for p in self._phrases] or [NEVER])
        self._matcher = TokenMatcher(self._tokens)
        self._build_patterns()
        self._build_groups()

    def _compile(self, expression: Expression) -> _Node:
        if isinstance(expression, Near):
            return _Pair(
                self._compile(expression.first), self._compile(expression.second), expression.characters
            )
        if isinstance(expression, AnyOf) and not (expression.at_least == 1 and _only_leaves(expression)):
            return _AtLeast(tuple(self._compile(part) for part in expression.parts), expression.at_least)
        phrases, patterns, tokens = set(), set(), set()
        likes = []
        for leaf in _leaves(expression):
            match leaf:
                case Phrase():
                    phrases.add(self._phrase_numbers.setdefault(leaf, len(self._phrase_numbers)))
                case Regex():
                    patterns.add(self._pattern_numbers.setdefault(leaf, len(self._pattern_numbers)))
                case Like():
                    likes.append((tuple(bigrams(sample) for sample in leaf.samples), leaf.threshold))
                case Tokens():
                    tokens.add(len(self._tokens))
                    self._tokens.append(leaf)
        self._groups.append(_Group(frozenset(phrases), frozenset(patterns), frozenset(tokens), tuple(likes)))
        return len(self._groups) - 1

    def _build_patterns(self) -> None:
        self._patterns = []
        always: list[int] = []
        wanted_by: dict[str, list[int]] = {}
        for number, regex in enumerate(self._pattern_numbers):
            pattern = compiled(regex.pattern)
            # RE2 looks neither ahead nor behind: (?P<hit>…) names the words within what must surround them
            self._patterns.append((pattern, pattern.groupindex.get("hit", 0)))
            needed = atoms(regex.pattern)
            if needed is None:
                always.append(number)
            for atom in needed or ():
                wanted_by.setdefault(atom, []).append(number)
        self._always = frozenset(always)
        self._atoms = ahocorasick_rs.AhoCorasick(list(wanted_by) or [NEVER])
        self._wanted_by = list(wanted_by.values()) or [[]]

    def _build_groups(self) -> None:
        """Which groups a phrase or an atom brings to life; those with tokens, likes or blind patterns always live."""
        of_phrase: list[set[int]] = [set() for _ in self._phrases]
        of_pattern: list[set[int]] = [set() for _ in self._patterns]
        always: set[int] = set()
        for number, group in enumerate(self._groups):
            for phrase in group.phrases:
                of_phrase[phrase].add(number)
            for pattern in group.patterns:
                of_pattern[pattern].add(number)
            if group.tokens or group.likes or group.patterns & self._always:
                always.add(number)
        self._groups_of_phrase = of_phrase
        self._groups_of_pattern = of_pattern
        self._groups_of_atom: dict[int, frozenset[int]] = {}
        self._always_live = frozenset(always)

    def scan(self, text: str, edges: Edges, words: Words, sentences: Words) -> Found:
        """Normalised ``text``, looked through once; words and sentences are cut only where something needs them."""
        phrases: dict[int, list[Span]] = {}
        live = set(self._always_live)
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if number < len(self._phrases):
                phrases.setdefault(number, []).append((start, end))
                live |= self._groups_of_phrase[number]
        candidates = set(self._always)
        for atom in {atom for atom, _, _ in self._atoms.find_matches_as_indexes(text, overlapping=True)}:
            candidates.update(self._wanted_by[atom])
            if atom not in self._groups_of_atom:  # few of the thousands of atoms ever occur
                wanting = (self._groups_of_pattern[pattern] for pattern in self._wanted_by[atom])
                self._groups_of_atom[atom] = frozenset[int]().union(*wanting)
            live |= self._groups_of_atom[atom]
        return Found(text, edges, words, sentences, phrases, frozenset(candidates), frozenset(live))

    def find(self, expression: Expression, found: Found, around: Around = tuple) -> list[Span]:
        """Hits of ``expression`` in a scanned text, in order, none inside another.

        ``around`` gives what was found in the other messages of its round: parts of ``all`` and ``at_least`` that
        stand there count as occurring, without being hits here.
        """
        return self._find(self._nodes[id(expression)], found, around)

    def _find(self, node: _Node, found: Found, around: Around) -> list[Span]:
        match node:
            case int():
                if node not in found.live:
                    return []
                if node not in found.groups:
                    found.groups[node] = longest(self._leaf_spans(self._groups[node], found))
                return found.groups[node]
            case _Pair():
                firsts = self._find(node.first, found, around)
                seconds = self._find(node.second, found, around) if firsts else []
                return longest(
                    (a[0], b[1]) for a in firsts for b in seconds if 0 <= b[0] - a[1] <= node.characters
                )
            case _AtLeast():
                parts = [self._find(part, found, around) for part in node.parts]
                here = longest(span for spans in parts for span in spans)
                missing = node.at_least - sum(map(bool, parts)) if here else 0
                if missing > 0:
                    others = [part for part, spans in zip(node.parts, parts, strict=True) if not spans]
                    missing -= sum(any(self._find(part, text, tuple) for text in around()) for part in others)
                return [] if missing > 0 else here

    def _leaf_spans(self, group: _Group, found: Found) -> Iterator[Span]:
        for phrase in group.phrases & found.phrases.keys():
            yield from self._phrase_spans(phrase, found)
        for pattern in group.patterns & found.candidates:
            if pattern not in found.patterns:
                found.patterns[pattern] = self._pattern_spans(pattern, found)
            yield from found.patterns[pattern]
        if group.tokens:
            yield from (
                span for index, span in self._matcher.find(found.text, found.words) if index in group.tokens
            )
        for samples, threshold in group.likes:
            for start, end in found.sentences():
                if _is_like(found.text[start:end], samples, threshold):
                    yield start, end

    def _phrase_spans(self, phrase: int, found: Found) -> Iterator[Span]:
        spans = found.phrases[phrase]
        if self._phrases[phrase].edge == "any":
            yield from spans
            return
        starts, ends = found.edges()
        yield from (span for span in spans if span[0] in starts and span[1] in ends)

    def _pattern_spans(self, pattern: int, found: Found) -> list[Span]:
        compiled, hit = self._patterns[pattern]
        # bytes: the binding encodes a text anew for every pattern, and most of them do not match
        if not found.encoded:
            found.encoded = found.text.encode()
        spans = [match.span(hit) for match in compiled.finditer(found.encoded)]
        return [_characters(found.encoded, span) for span in spans if span[1] > span[0]]


def _characters(encoded: bytes, span: Span) -> Span:
    """A span of bytes as a span of characters."""
    start = len(encoded[: span[0]].decode())
    return start, start + len(encoded[span[0] : span[1]].decode())


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
