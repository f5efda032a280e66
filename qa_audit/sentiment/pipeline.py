"""The mood model as a scikit-learn pipeline: what is trained, and the oracle of ``predict``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from qa_audit.records import MOODS
from qa_audit.sentiment.examples import measured_on, mood_numbers
from qa_audit.sentiment.predict import GROUP_COUNT_CAP, shapes
from qa_audit.sentiment.turns import CustomerTurn, clean
from qa_audit.sentiment.weights import Weights
from qa_audit.sentiment.words import GROUP_OF_WORD, GROUPS, WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa_audit.sentiment.examples import Example
    from qa_audit.sentiment.ngrams import Floats

# Chosen by cross-validation over the chats that the card measures on; see ``card.SELECTION``.
INVERSE_PENALTY = 3.0
SCALES = {"text": 1.0, "words": 0.2, "shape": 0.3, "before": 0.3}
FEWEST_TEXTS = 3
WRITTEN_WEIGHT = 0.5  # of a written sentence against a turn of a chat
MOST_ITERATIONS = 1000
SETTINGS: dict[str, float] = {
    "inverse_penalty": INVERSE_PENALTY,
    "fewest_texts": FEWEST_TEXTS,
    "written_weight": WRITTEN_WEIGHT,
} | {f"scale_{name}": scale for name, scale in SCALES.items()}


def build(*, with_before: bool = True) -> Pipeline:
    """An untrained pipeline from ``CustomerTurn`` to moods, numbered as ``records.MOODS``.

    ``with_before``: whether it looks at the agent's round before; scikit-learn refuses to learn from no words.
    """
    words = CountVectorizer(analyzer="char", ngram_range=(1, 4), vocabulary=WORDS, lowercase=False)
    blocks = [
        ("text", make_pipeline(FunctionTransformer(_texts), _tfidf(longest=4))),
        ("words", make_pipeline(FunctionTransformer(_texts), words, FunctionTransformer(_group_counts))),
        ("shape", make_pipeline(FunctionTransformer(_texts), FunctionTransformer(_shape_columns))),
    ]
    if with_before:
        blocks.append(("before", make_pipeline(FunctionTransformer(_befores), _tfidf(longest=2))))
    features = FeatureUnion(blocks, transformer_weights={name: SCALES[name] for name, _ in blocks})
    moods = LogisticRegression(C=INVERSE_PENALTY, max_iter=MOST_ITERATIONS)
    return Pipeline([("features", features), ("moods", moods)])


def fit(examples: Sequence[Example]) -> Pipeline:
    """A pipeline trained on ``examples``, moods balanced."""
    turns = [example.customer_turn for example in examples]
    texts_with = Counter(character for before in _befores(turns) for character in set(before))
    trained = build(with_before=max(texts_with.values(), default=0) >= FEWEST_TEXTS)
    trained.fit(turns, mood_numbers(examples), moods__sample_weight=_sample_weights(examples))
    return trained


def export(trained: Pipeline, calibration: Floats) -> Weights:
    """The weights of a trained pipeline, its scales multiplied into the coefficients."""
    blocks = dict(trained["features"].transformer_list)
    text, before = blocks["text"][-1], blocks["before"][-1] if "before" in blocks else None
    widths = [len(text.idf_), len(GROUPS), 2]
    parts = np.split(trained["moods"].coef_.T, np.cumsum(widths))
    coefficients = {name: part * SCALES[name] for name, part in zip(SCALES, parts, strict=True)}
    return Weights(
        text_ngrams=text.get_feature_names_out().astype(np.str_),
        text_idf=text.idf_,
        text_coef=coefficients["text"],
        before_ngrams=before.get_feature_names_out().astype(np.str_)
        if before is not None
        else np.empty(0, np.str_),
        before_idf=before.idf_ if before is not None else np.empty(0),
        before_coef=coefficients["before"],
        words=np.array(WORDS),
        word_group=np.array(GROUP_OF_WORD),
        word_coef=coefficients["words"],
        shape_coef=coefficients["shape"],
        intercept=trained["moods"].intercept_,
        calibration=calibration,
    )


def _sample_weights(examples: Sequence[Example]) -> Floats:
    """Moods weigh the same in sum, within chats and within written sentences.

    Written sentences are mostly upset or glad, turns of chats mostly neither; balanced on their own, the written
    ones teach words and not how often each mood occurs.
    """
    truth, chats = mood_numbers(examples), measured_on(examples)
    weights = np.ones(len(examples))
    for members, weight in ((chats, 1.0), (~chats, WRITTEN_WEIGHT)):
        share = np.bincount(truth[members], minlength=len(MOODS)) * len(MOODS) / max(members.sum(), 1)
        weights[members] = weight / share[truth[members]]
    return weights


def _tfidf(*, longest: int) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer="char", ngram_range=(1, longest), min_df=FEWEST_TEXTS, sublinear_tf=True, lowercase=False
    )


def _texts(turns: Sequence[CustomerTurn]) -> list[str]:
    return clean([turn.text for turn in turns])


def _befores(turns: Sequence[CustomerTurn]) -> list[str]:
    return clean([turn.before for turn in turns])


def _group_counts(word_counts: Any) -> Floats:  # noqa: ANN401 - a scipy matrix, which ships no types
    membership = np.eye(len(GROUPS))[np.array(GROUP_OF_WORD)]
    counts: Floats = word_counts @ membership
    return np.minimum(counts, GROUP_COUNT_CAP)


def _shape_columns(texts: Sequence[str]) -> Floats:
    return np.stack(shapes(texts), axis=1)
