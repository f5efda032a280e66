"""The chat model as trained: one linear model a question, by scikit-learn over the features that ``predict`` computes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from qa_audit.contact.features import SIDES, Features, SideTable, features
from qa_audit.contact.predict import head_scores
from qa_audit.contact.weights import ANSWERS, DISSATISFIED, ChatWeights, SideWeights
from qa_audit.contact.words import AGENT_ENDINGS, CUSTOMER_ENDINGS, ENDING_WORDS, TOPIC_WORDS
from qa_audit.sentiment.turns import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qa_audit.contact.examples import ChatExample
    from qa_audit.contact.features import ChatText, Side
    from qa_audit.sentiment.ngrams import Floats, Integers
    from qa_audit.sentiment.weights import Array

LONGEST_NGRAM = 2
FEWEST_CHATS = 3
BALANCE = 0.5
WRITTEN_WEIGHT = 0.2  # of a written sentence against a chat
MOST_ITERATIONS = 1000
NEVER = -1e9  # the intercept of an answer that no example has


SETTINGS: dict[str, object] = {
    "longest_ngram": LONGEST_NGRAM,
    "fewest_chats": FEWEST_CHATS,
    "written_weight": WRITTEN_WEIGHT,
}


@dataclass(frozen=True, slots=True)
class Question:
    """How one question is learned: the parts it looks at with their scales, the model, its inverse penalty.

    ``balance``: 0 has answers weigh as often as they occur, 1 all the same. ``margin``: a support vector machine, of
    which no probabilities are made.
    """

    parts: Mapping[str, float]
    inverse_penalty: float
    margin: bool = False
    balance: float = BALANCE


# Chosen by cross-validation over the chats that the card measures on; see ``card.SELECTION``.
QUESTIONS: Mapping[str, Question] = {
    "topic": Question({"customer early": 1.0, "agent early": 1.0, "topic words": 0.3}, 0.3, margin=True),
    "resolved": Question(
        {"customer late": 1.0, "agent late": 1.0, "ending words": 0.3, "mood": 1.0, "shape": 0.3}, 1.0
    ),
    "emotion": Question({"customer upset": 1.0, "mood": 1.0}, 3.0),
    "end_mood": Question({"mood": 1.0}, 3.0),
    # nothing here knows a trade: neither n-grams nor words of topics
    DISSATISFIED: Question({"mood": 1.0, "ending words": 0.3, "shape": 0.3}, 3.0, balance=1.0),
}


@dataclass(frozen=True, slots=True)
class Head:
    """What one question has learned: coefficients (one row an answer) by part, and intercepts."""

    parts: Mapping[str, Floats]
    intercept: Floats


def sides_of(chats: Sequence[ChatText]) -> dict[Side, SideWeights]:
    """The n-grams of each side that stand in enough of the chats, and its words."""
    endings: Mapping[Side, Sequence[str]] = {"customer": CUSTOMER_ENDINGS, "agent": AGENT_ENDINGS}
    return {side: _side([chat.texts(side) for chat in chats], endings[side]) for side in SIDES}


def _side(chats: Sequence[tuple[str, ...]], endings: Sequence[str]) -> SideWeights:
    found: Counter[str] = Counter()
    for texts in chats:
        found.update(_ngrams(clean(texts)))
    ngrams = sorted(ngram for ngram, count in found.items() if count >= FEWEST_CHATS)
    counts = np.array([found[ngram] for ngram in ngrams], dtype=np.float64)
    groups = (*TOPIC_WORDS.values(), *(ENDING_WORDS[name] for name in endings))
    words = [(word, group) for group, members in enumerate(groups) for word in members]
    return SideWeights(
        ngrams=np.array(ngrams, dtype=np.str_),
        idf=(np.log((1 + len(chats)) / (1 + counts)) + 1).astype(np.float32).astype(np.float64),
        words=np.array([word for word, _ in words]),
        word_group=np.array([group for _, group in words], dtype=np.int64),
    )


def _ngrams(texts: Iterable[str]) -> set[str]:
    return {
        text[start : start + length]
        for text in texts
        for length in range(1, LONGEST_NGRAM + 1)
        for start in range(len(text) - length + 1)
    }


@dataclass(frozen=True, slots=True)
class Seen:
    """The features of some chats, and the n-grams they were made with."""

    sides: Mapping[Side, SideWeights]
    features: Features


def seen_by(sides: Mapping[Side, SideWeights], chats: Sequence[ChatText]) -> Seen:
    """What a model of these n-grams sees of chats."""
    tables: dict[Side, SideTable] = {
        side: SideTable(own.ngrams.tolist(), own.idf, own.lexicon) for side, own in sides.items()
    }
    return Seen(sides, features(chats, tables))


def fit(question: str, examples: Sequence[ChatExample], seen: Seen, *, seed: int) -> Head:
    """One question learned from those of the examples that answer it; ``seen`` are their features, in their order."""
    setting, sides = QUESTIONS[question], seen.sides
    own = [number for number, example in enumerate(examples) if question in example.labels]
    matrix = matrix_of(seen.features, setting, sides)[own]
    answers = numbers(question, [examples[number] for number in own])
    written = np.array([examples[number].written for number in own])
    weights = _sample_weights(answers, written, setting.balance)
    kinds = {
        True: LinearSVC(C=setting.inverse_penalty, random_state=seed, max_iter=MOST_ITERATIONS),
        False: LogisticRegression(C=setting.inverse_penalty, max_iter=MOST_ITERATIONS),
    }
    learned = kinds[setting.margin].fit(matrix, answers, sample_weight=weights)
    coefficients, intercept = learned.coef_, learned.intercept_
    if len(learned.classes_) == 2:
        coefficients, intercept = np.vstack([-coefficients, coefficients]), np.r_[-intercept, intercept]
    whole = np.zeros((len(ANSWERS[question]), matrix.shape[1]))
    whole[learned.classes_] = coefficients
    intercepts = np.full(len(whole), NEVER)
    intercepts[learned.classes_] = intercept
    cuts = np.cumsum([_width(part, sides) for part in setting.parts])[:-1]
    split = np.split(whole, cuts, axis=1)
    scaled = {part: own * setting.parts[part] for part, own in zip(setting.parts, split, strict=True)}
    return Head(scaled, intercepts)


def matrix_of(
    seen: Features, setting: Question, sides: Mapping[Side, SideWeights]
) -> sparse.csr_array[np.float64]:
    """The scaled features of one question, as scikit-learn takes them."""
    columns = []
    for part, scale in setting.parts.items():
        if part in seen.dense:
            columns.append(sparse.csr_array(seen.dense[part] * scale))
        else:
            block = seen.blocks[part]
            places = (
                block.rows.astype(np.int32),
                block.columns.astype(np.int32),
            )  # liblinear takes no longer
            shape = (seen.chats, _width(part, sides))
            columns.append(sparse.csr_array((block.values * scale, places), shape=shape))
    return sparse.csr_array(sparse.hstack(columns))


def numbers(question: str, examples: Sequence[ChatExample]) -> Integers:
    """The answers of examples as their numbers in ``ANSWERS``."""
    known = ANSWERS[question]
    return np.array([known.index(example.labels[question]) for example in examples], dtype=np.int64)


def scores(head: Head, seen: Seen) -> Floats:
    """What a head says of chats: shape (chats, answers)."""
    return head_scores(seen.features, head.parts, head.intercept)


def export(
    sides: Mapping[Side, SideWeights], heads: Mapping[str, Head], calibrations: Mapping[str, Floats]
) -> ChatWeights:
    """The weights of what was learned."""
    parts: dict[str, dict[str, Array]] = {
        question: {part: coefficients.T for part, coefficients in head.parts.items()}
        for question, head in heads.items()
    }
    intercepts = {question: head.intercept for question, head in heads.items()}
    return ChatWeights(sides, parts, intercepts, calibrations)


def _width(part: str, sides: Mapping[Side, SideWeights]) -> int:
    return ChatWeights(sides, {}, {}).rows()[part]


def _sample_weights(answers: Integers, written: Integers, balance: float) -> Floats:
    """Rare answers weigh more, within chats and within written sentences."""
    weights = np.ones(len(answers))
    for members, weight in ((~written, 1.0), (written, WRITTEN_WEIGHT)):
        counts = np.bincount(answers[members], minlength=int(answers.max()) + 1)
        share = np.maximum(counts, 1) * np.count_nonzero(counts) / max(int(members.sum()), 1)
        weights[members] = weight * share[answers[members]] ** -balance
    return weights
