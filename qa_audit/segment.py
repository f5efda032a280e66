"""Words, sentences, rounds and agents of a transcript.

Words come from jieba's dictionary (without its HMM, which invents words such as 好亲 across 您好|亲),
through rjieba, its Rust port, or jieba itself; both give the same words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from qa_audit.names import names_in, without_names
from qa_audit.normalise import Normalised, normalise
from qa_audit.records import Message, Round, Transcript

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

Span = tuple[int, int]
SegmenterName = Literal["rjieba", "jieba"]

# jieba without HMM joins runs of ASCII letters and digits and nothing else; rjieba also joins 4.5%, i-phone.
ASCII_RUN = re.compile(r"[a-z0-9]+|[^a-z0-9]", re.IGNORECASE)
ASCII_PAIR = re.compile(r"[!-~]{2}")
ASCII_WORD = re.compile(r"[\x00-\x7f]*[^a-zA-Z0-9][\x00-\x7f]*")
ASCII_DICTIONARY = frozenset({"AT&T", "c#", "C#", "c++", "C++"})  # the only such words of jieba's dictionary
# A sentence ends after its closing marks; “ belongs to the sentence it opens, ” to the one it closes.
SENTENCE = re.compile(r"(?:[^\n;。!?…~]|(?<=\d)~(?=\d))*(?:[;。!?…~]+[”’)\]】》]*|\n|$)")
CLAUSE = re.compile(r"[^\s,;。!?…~、:]+")
# Frequent enough that a user word wins over its parts, as in jieba's own dictionary for common words.
USER_WORD_FREQUENCY = 20_000
MOST_NAMES = 10_000  # patterns of names kept
UNNAMED_AGENT = "未标明坐席"


class Segmenter:
    """Words of normalised text, by jieba's dictionary and our own user words."""

    def __init__(self, name: SegmenterName = "rjieba", user_words: Sequence[str] = ()) -> None:
        self.name = name
        self._names: dict[tuple[str, ...], re.Pattern[str] | None] = {}
        self._search = _rjieba(user_words) if name == "rjieba" else _jieba(user_words)

    def names(self, transcript: Transcript) -> re.Pattern[str] | None:
        """The names of the agents of a transcript, as they stand in its texts."""
        agents = {m.agent for m in transcript.messages if m.agent} | {transcript.assigned_agent or ""}
        key = tuple(sorted(agents - {""}))
        if key not in self._names:
            if len(self._names) > MOST_NAMES:
                self._names.clear()
            self._names[key] = names_in(key, lambda name: len(self.words(name)) == 1)
        return self._names[key]

    def words(self, text: str) -> list[Span]:
        """Spans of the words of ``text``, in order, without gaps; long words only whole."""
        spans: list[Span] = []
        for start, end in sorted(self._search(text), key=lambda span: (span[0], -span[1])):
            if start == (spans[-1][1] if spans else 0):
                spans.append((start, end))
        return spans

    def edges(self, text: str) -> tuple[frozenset[int], frozenset[int]]:
        """Where words start and where they end, those inside long words (search mode) included."""
        spans = self._search(text)
        return frozenset(start for start, _ in spans), frozenset(end for _, end in spans)


def _rjieba(user_words: Sequence[str]) -> Callable[[str], list[Span]]:
    import rjieba

    whole = frozenset(user_words) | ASCII_DICTIONARY
    tokenizer = rjieba.Jieba()
    for word in user_words:
        tokenizer.add_word(word, USER_WORD_FREQUENCY, None)

    def search(text: str) -> list[Span]:
        tokens = tokenizer.tokenize(text, "search", hmm=False)
        if ASCII_PAIR.search(text) is None:  # nothing that the two would cut apart in different ways
            return [(start, end) for _, start, end in tokens]
        spans = []
        for word, start, end in tokens:
            if ASCII_WORD.fullmatch(word) and word not in whole:
                spans += [(start + m.start(), start + m.end()) for m in ASCII_RUN.finditer(word)]
            else:
                spans.append((start, end))
        return spans

    return search


def _jieba(user_words: Sequence[str]) -> Callable[[str], list[Span]]:
    import logging
    import warnings

    with warnings.catch_warnings():
        # its sources are older than Python's complaint about "\."
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()  # not the module's own: its dictionary is shared by everybody
    for word in user_words:
        tokenizer.add_word(word, USER_WORD_FREQUENCY)

    def search(text: str) -> list[Span]:
        return [(start, end) for _, start, end in tokenizer.tokenize(text, mode="search", HMM=False)]

    return search


def clauses(text: str) -> list[Span]:
    """Spans of the stretches of normalised ``text`` between marks or white space."""
    return [m.span() for m in CLAUSE.finditer(text)]


def sentences(text: str) -> list[Span]:
    """Spans of the sentences of normalised ``text``: newline, ;, 。, !, ?, …… and ~ end one; no empty ones."""
    return [m.span() for m in SENTENCE.finditer(text) if text[m.start() : m.end()].strip()]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A transcript, segmented: normalised texts, rounds, and the round of each message (-1: none).

    Words are cut only for the messages where a check asks for them.
    """

    transcript: Transcript
    normalised: tuple[Normalised, ...]
    rounds: tuple[Round, ...]
    round_of: tuple[int, ...]
    segmenter: Segmenter
    _edges: dict[int, tuple[frozenset[int], frozenset[int]]] = field(default_factory=dict, repr=False)

    def text(self, message: int) -> str:
        """The normalised text of a message."""
        return self.normalised[message].text

    def edges(self, message: int) -> tuple[frozenset[int], frozenset[int]]:
        """Word starts and word ends of a message."""
        if message not in self._edges:
            self._edges[message] = self.segmenter.edges(self.text(message))
        return self._edges[message]

    def round_text(self, round_: Round) -> str:
        """The normalised text of a round, its messages joined by newlines."""
        return "\n".join(self.text(i) for i in round_.messages)


def speaker(message: Message, transcript: Transcript) -> str:
    """The human agent of a message; transcripts that name none have one unnamed agent."""
    return message.agent or transcript.assigned_agent or UNNAMED_AGENT


def is_own(message: Message) -> bool:
    """Whether a human agent wrote or said this message: automatic replies and what was taken back are not theirs."""
    return message.role == "agent" and not message.auto and message.kind != "recalled"


def rounds_of(transcript: Transcript) -> tuple[tuple[Round, ...], tuple[int, ...]]:
    """The rounds of a transcript, and the round of each message.

    System notices, automatic replies and recalled messages belong to no round and split none. Bots have rounds of
    their own; once a human agent has come, a bot that speaks in between splits nobody's round.
    """
    groups: list[tuple[str, str | None, list[int]]] = []
    round_of: list[int] = []
    human = False
    for message in transcript.messages:
        if message.role == "system" or message.auto or message.kind == "recalled":
            round_of.append(-1)
            continue
        agent = speaker(message, transcript) if message.role == "agent" else None
        human = human or message.role == "agent"
        at = len(groups) - 1
        while human and message.role != "bot" and at >= 0 and groups[at][0] == "bot":
            at -= 1
        if at < 0 or groups[at][:2] != (message.role, agent):
            groups.append((message.role, agent, []))
            at = len(groups) - 1
        groups[at][2].append(message.index)
        round_of.append(at)
    rounds = tuple(
        Round(index, role, agent, tuple(messages))  # type: ignore[arg-type]  # role comes from a Message
        for index, (role, agent, messages) in enumerate(groups)
    )
    return rounds, tuple(round_of)


def segment(transcript: Transcript, segmenter: Segmenter) -> Conversation:
    """The conversation of a transcript."""
    rounds, round_of = rounds_of(transcript)
    normalised = tuple(normalise(message.text) for message in transcript.messages)
    names = segmenter.names(transcript)
    if names is not None:
        normalised = tuple(without_names(text, names) for text in normalised)
    return Conversation(transcript, normalised, rounds, round_of, segmenter)


@cache
def _vocab() -> Vocab:
    from spacy.lang.zh import ChineseDefaults
    from spacy.vocab import create_vocab

    return create_vocab("zh", ChineseDefaults)  # a bare Vocab knows no LOWER, SHAPE or LIKE_NUM


def doc_of(text: str, words: Sequence[Span]) -> Doc:
    """A spaCy Doc of our own words; ``doc[i].idx`` are offsets into ``text``."""
    from spacy.tokens import Doc

    assert all(a[1] == b[0] for a, b in pairwise(words)), "words leave no gap"
    return Doc(_vocab(), words=[text[start:end] for start, end in words], spaces=[False] * len(words))
