"""Token patterns: spaCy's Matcher over a Doc of our own words, asked only where a literal of the pattern occurs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from qa_audit.rule import Tokens
from qa_audit.segment import doc_of

if TYPE_CHECKING:
    from spacy.matcher import Matcher

Span = tuple[int, int]


class TokenMatcher:
    """Token patterns, numbered as given; spaCy is imported when the first text needs it."""

    def __init__(self, patterns: Sequence[Tokens]) -> None:
        self._patterns = patterns
        self._matcher: Matcher | None = None

    def find(self, text: str, words: Callable[[], Sequence[Span]]) -> Iterator[tuple[int, Span]]:
        """(number of the pattern, span) of every match, greedy, in the order of the text."""
        if not any(literal in text for tokens in self._patterns for literal in tokens.literals):
            return
        doc = doc_of(text, words())
        if self._matcher is None:
            self._matcher = self._compile(doc.vocab)
        matches = self._matcher(doc)
        for key, start, end in sorted(matches, key=lambda match: (match[1], match[2], match[0])):
            yield int(doc.vocab.strings[key]), (doc[start].idx, doc[end - 1].idx + len(doc[end - 1]))

    def _compile(self, vocab: object) -> Matcher:
        from spacy.matcher import Matcher

        matcher = Matcher(vocab)  # type: ignore[arg-type]  # spaCy's own Vocab, from the Doc
        for number, tokens in enumerate(self._patterns):
            matcher.add(str(number), [[dict(token) for token in tokens.pattern]], greedy="LONGEST")
        return matcher
