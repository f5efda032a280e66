"""The mood model in scikit-learn: what is trained, and the oracle of ``predict``.

Two linear heads look at the same features of the words. ``alone`` learns from written sentences and judges turns that
are all that the customer said. ``in_chat`` learns from chats, sees what ``alone`` says beside what was said around the
turn, and judges every other turn. Being linear in each other, both come to one table of coefficients.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from qa_audit.records import MOODS
from qa_audit.sentiment.examples import measured_on, mood_numbers
from qa_audit.sentiment.ngrams import code_points
from qa_audit.sentiment.predict import (
    EARLIER_REACH,
    GROUP_COUNT_CAP,
    LATER_REACH,
    calibrated,
    positions,
    shapes,
)
from qa_audit.sentiment.turns import CustomerTurn, clean
from qa_audit.sentiment.weights import Array, Weights
from qa_audit.sentiment.words import GROUP_OF_WORD, GROUPS, WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from qa_audit.sentiment.examples import Example
    from qa_audit.sentiment.ngrams import Floats, Integers

# Chosen by cross-validation over the chats that the card measures on; see ``card.SELECTION``.
SCALES = {
    "text": 1.0,
    "words": 0.2,
    "shape": 0.3,
    "before": 0.3,
    "after": 0.4,
    "agent": 1.2,
    "earlier": 0.1,
    "later": 0.1,
    "position": 0.3,
    "alone": 0.7,
}
OF_THE_TURN = 3  # the first scales: all that is known of a turn that stands alone
PENALTY_ALONE, PENALTY_IN_CHAT = 10.0, 3.0
BALANCE_IN_CHAT = 0.5  # 1: moods weigh the same in sum; 0: as often as they occur
FEWEST_TEXTS = 3
MOST_ITERATIONS = 1000
SETTINGS: dict[str, float] = {
    "inverse_penalty_alone": PENALTY_ALONE,
    "inverse_penalty_in_chat": PENALTY_IN_CHAT,
    "balance_in_chat": BALANCE_IN_CHAT,
    "fewest_texts": FEWEST_TEXTS,
} | {f"scale_{name}": scale for name, scale in SCALES.items()}

Matrix = Any  # a scipy matrix, which ships no types


class Features:
    """What is counted of turns; ``agent`` is None where no agent says anything often enough."""

    def __init__(
        self,
        text: TfidfVectorizer,
        agent: TfidfVectorizer | None,
        words: Sequence[str],
        group_of_word: Sequence[int],
    ) -> None:
        self.text, self.agent = text, agent
        self.words = CountVectorizer(analyzer="char", ngram_range=(1, 4), vocabulary=words, lowercase=False)
        self._membership = np.eye(max(group_of_word) + 1)[np.array(group_of_word)]

    @classmethod
    def learned(cls, turns: Sequence[CustomerTurn]) -> Self:
        """The n-grams that occur often enough in ``turns``, and our own words."""
        text = _tfidf(longest=4).fit(clean([turn.text for turn in turns]))
        spoken = clean(sorted({text for turn in turns for text in (turn.before, turn.after, *turn.agent)}))
        counts = CountVectorizer(analyzer="char", lowercase=False, token_pattern=None)
        often = any(spoken) and (counts.fit_transform(spoken) > 0).sum(axis=0).max() >= FEWEST_TEXTS
        return cls(text, _tfidf(longest=2).fit(spoken) if often else None, WORDS, GROUP_OF_WORD)

    @classmethod
    def of(cls, weights: Weights) -> Self:
        """The features that the coefficients of ``weights`` belong to."""
        text = _known(_tfidf(longest=4), weights.text_ngrams, weights.text_idf)
        agents = len(weights.agent_idf) > 0
        agent = _known(_tfidf(longest=2), weights.agent_ngrams, weights.agent_idf) if agents else None
        return cls(text, agent, weights.words.tolist(), weights.word_group.tolist())

    def blocks(self, turns: Sequence[CustomerTurn]) -> dict[str, Matrix]:
        """The features of ``turns`` by block, not yet scaled; all blocks of ``SCALES`` but the last."""
        texts = clean([turn.text for turn in turns])
        return {
            "text": self.text.transform(texts),
            "words": sparse.csr_matrix(self._groups(texts)),
            "shape": sparse.csr_matrix(np.stack(shapes(code_points(texts)[0]), axis=1)),
            "before": self._agent([(turn.before,) for turn in turns]),
            "after": self._agent([(turn.after,) for turn in turns]),
            "agent": self._agent([turn.agent for turn in turns]),
            "earlier": self._group_sums([turn.earlier[-EARLIER_REACH:] for turn in turns]),
            "later": self._group_sums([turn.later[:LATER_REACH] for turn in turns]),
            "position": sparse.csr_matrix(positions(turns)),
        }

    def _groups(self, texts: Sequence[str]) -> Floats:
        counted: Floats = np.minimum(self.words.transform(texts) @ self._membership, GROUP_COUNT_CAP)
        return counted

    def _group_sums(self, rounds: Sequence[tuple[str, ...]]) -> Matrix:
        which, texts = _membership(rounds)
        return which @ sparse.csr_matrix(self._groups(texts))

    def _agent(self, rounds: Sequence[tuple[str, ...]]) -> Matrix:
        """The mean of the TF-IDF rows of an agent's rounds."""
        which, texts = _membership(rounds)
        if self.agent is None:
            return sparse.csr_matrix((len(rounds), 0))
        lengths = np.array([max(len(own), 1) for own in rounds])
        return sparse.diags(1 / lengths) @ which @ self.agent.transform(texts)


@dataclass(frozen=True, slots=True)
class TrainedMoods:
    """Both heads, trained; ``stacked``: whether ``in_chat`` sees what ``alone`` says."""

    features: Features
    alone: LogisticRegression
    in_chat: LogisticRegression
    stacked: bool

    def decision_function(self, turns: Sequence[CustomerTurn]) -> Floats:
        """What the calibration starts from: shape (2, turns, 3), of ``alone`` and of ``in_chat``."""
        blocks = self.features.blocks(turns)
        alone = self.alone.decision_function(_of_the_turn(blocks))
        in_chat = self.in_chat.decision_function(_all(blocks, alone if self.stacked else None))
        return np.stack([alone, in_chat])

    def probabilities(self, turns: Sequence[CustomerTurn], calibration: Floats) -> Floats:
        """P of each of ``records.MOODS``, each turn by the head for it: what ``predict`` must give."""
        return of_heads(self.decision_function(turns), calibration, stands_alone(turns))


def stands_alone(turns: Sequence[CustomerTurn]) -> npt.NDArray[np.bool_]:
    """Which turns are all that the customer said."""
    return np.array([turn.alone for turn in turns], dtype=np.bool_)


def of_heads(scores: Floats, calibration: Floats, alone: npt.NDArray[np.bool_]) -> Floats:
    """Probabilities from the scores (2, turns, 3) and calibrations (2, 4) of both heads."""
    first, second = (calibrated(own, by[0], by[1:]) for own, by in zip(scores, calibration, strict=True))
    return np.where(alone[:, None], first, second)


def fit(examples: Sequence[Example]) -> TrainedMoods:
    """Both heads trained on ``examples``: written sentences for ``alone``, chats for ``in_chat``.

    Where there is only one kind, both learn from it, and ``in_chat`` does not see ``alone``, which knows its turns.
    """
    turns = [example.customer_turn for example in examples]
    truth, chats = mood_numbers(examples), measured_on(examples)
    written = ~chats if (~chats).any() else chats
    features = Features.learned(turns)
    blocks = features.blocks(turns)
    words = _of_the_turn(blocks).tocsr()
    alone = _regression(PENALTY_ALONE).fit(
        words[written], truth[written], sample_weight=_weights(truth[written], 1.0)
    )
    stacked = bool((~chats).any())
    seen = _all(blocks, alone.decision_function(words) if stacked else None).tocsr()
    in_chat = _regression(PENALTY_IN_CHAT).fit(
        seen[chats], truth[chats], sample_weight=_weights(truth[chats], BALANCE_IN_CHAT)
    )
    return TrainedMoods(features, alone, in_chat, stacked)


def export(trained: TrainedMoods, calibration: Floats) -> Weights:
    """The weights of a trained model, its scales and ``alone``'s part in ``in_chat`` multiplied in."""
    features = trained.features
    agent_ngrams, agent_idf = np.empty(0, np.str_), np.empty(0)
    if features.agent is not None:
        agent_ngrams = features.agent.get_feature_names_out().astype(np.str_)
        agent_idf = features.agent.idf_
    agents = len(agent_idf)
    width = {
        "text": len(features.text.idf_),
        "words": len(GROUPS),
        "shape": 2,
        "before": agents,
        "after": agents,
        "agent": agents,
        "earlier": len(GROUPS),
        "later": len(GROUPS),
        "position": 5,
        "alone": 3 if trained.stacked else 0,
    }
    ends = np.cumsum(list(width.values()))
    parts = np.split(trained.in_chat.coef_.T, ends[:-1])
    in_chat = {name: part * SCALES[name] for name, part in zip(SCALES, parts, strict=True)}
    own = np.split(trained.alone.coef_.T, ends[: OF_THE_TURN - 1])
    alone = {name: part * SCALES[name] for name, part in zip(list(SCALES)[:OF_THE_TURN], own, strict=True)}
    intercept = trained.in_chat.intercept_
    if trained.stacked:
        intercept = intercept + trained.alone.intercept_ @ in_chat["alone"]
        for name, part in alone.items():
            in_chat[name] = in_chat[name] + part @ in_chat["alone"]
    return Weights(
        text_ngrams=features.text.get_feature_names_out().astype(np.str_),
        text_idf=features.text.idf_,
        text_coef=np.hstack([alone["text"], in_chat["text"]]),
        agent_ngrams=agent_ngrams,
        agent_idf=agent_idf,
        agent_coef=np.hstack([in_chat["before"], in_chat["after"], in_chat["agent"]]),
        words=np.array(WORDS),
        word_group=np.array(GROUP_OF_WORD),
        word_coef=np.hstack([alone["words"], in_chat["words"], in_chat["earlier"], in_chat["later"]]),
        shape_coef=np.hstack([alone["shape"], in_chat["shape"]]),
        position_coef=in_chat["position"],
        intercept=np.concatenate([trained.alone.intercept_, intercept]),
        calibration=calibration,
    )


def _of_the_turn(blocks: dict[str, Matrix]) -> Matrix:
    return sparse.hstack([blocks[name] * SCALES[name] for name in list(SCALES)[:OF_THE_TURN]])


def _all(blocks: dict[str, Matrix], alone: Floats | None) -> Matrix:
    scaled = [block * SCALES[name] for name, block in blocks.items()]
    return sparse.hstack(scaled if alone is None else [*scaled, sparse.csr_matrix(alone * SCALES["alone"])])


def _membership(rounds: Sequence[tuple[str, ...]]) -> tuple[Matrix, list[str]]:
    """Which of the distinct texts each turn has, as a matrix of counts, and the texts, cleaned."""
    number = {text: i for i, text in enumerate(sorted({text for own in rounds for text in own}))}
    columns = [number[text] for own in rounds for text in own]
    rows = np.repeat(np.arange(len(rounds)), [len(own) for own in rounds])
    shape = (len(rounds), max(len(number), 1))
    return sparse.csr_matrix((np.ones(len(columns)), (rows, columns)), shape=shape), clean(
        list(number) or [""]
    )


def _weights(truth: Integers, balance: float) -> Floats:
    """The weight of each example: rare moods weigh more, so that at a balance of 1 all weigh the same in sum."""
    share = np.bincount(truth, minlength=len(MOODS)) * len(MOODS) / max(len(truth), 1)
    weights: Floats = share[truth] ** -balance
    return weights


def _regression(inverse_penalty: float) -> LogisticRegression:
    return LogisticRegression(C=inverse_penalty, max_iter=MOST_ITERATIONS)


def _known(vectorizer: TfidfVectorizer, ngrams: Array, idf: Floats) -> TfidfVectorizer:
    vectorizer.set_params(vocabulary=ngrams.tolist())
    vectorizer.idf_ = idf
    return vectorizer


def _tfidf(*, longest: int) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer="char", ngram_range=(1, longest), min_df=FEWEST_TEXTS, sublinear_tf=True, lowercase=False
    )
