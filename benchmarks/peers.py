"""The mood model beside what people use today, on the same customer turns.

    python benchmarks/peers.py DATA... [--rounds N] [--json FILE]

DATA: labelled chats as for `qa-audit train mood`. Needs the packages of the dependency group "peers" (SnowNLP, cnsenti);
a peer that is not installed is left out and named. What is learned here is measured by cross-validation over chats, so
no model has seen a turn that it is asked about; the peers come as they are, and SnowNLP's two cuts are chosen on these
very turns, in its favour. Speeds: the best of N rounds over all turns, one process, one thread, models loaded before.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline

from qa_audit.records import MOODS
from qa_audit.sentiment import pipeline
from qa_audit.sentiment.examples import Example, measured_on, mood_numbers, read_examples
from qa_audit.sentiment.figures import MoodFigures, mood_figures
from qa_audit.sentiment.predict import MoodModel
from qa_audit.sentiment.train import FOLDS, save, train

Labels = npt.NDArray[np.int64]
SEED = 1
NEGATIVE, NEUTRAL, POSITIVE = range(3)
CUTS = np.arange(1, 100) / 100


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("data", type=Path, nargs="+")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--json", type=Path)
    given = options.parse_args()

    examples = read_examples(given.data)[0]
    chats = measured_on(examples)
    turns = [example for example, chat in zip(examples, chats, strict=True) if chat]
    truth = mood_numbers(turns)
    groups = [turn.group for turn in turns]

    said: dict[str, Labels] = {}
    speed: dict[str, float] = {}
    trained = train(examples, seed=SEED, trained_on=date(2000, 1, 1))
    said["qa-audit"] = trained.out_of_fold.labels[chats]
    with tempfile.TemporaryDirectory() as folder:
        save(trained, Path(folder))
        model = MoodModel.load(Path(folder))
    seen = [turn.customer_turn for turn in turns]
    speed["qa-audit"] = rate(lambda: model.probabilities(seen), len(seen), given.rounds)
    oracle = pipeline.fit(examples)
    name = "qa-audit's pipeline in scikit-learn"
    said[name] = said["qa-audit"]
    speed[name] = rate(lambda: oracle.decision_function(seen), len(seen), given.rounds)

    texts = [turn.text for turn in turns]
    name = "scikit-learn, plain character n-grams"
    said[name] = plain_cross_validated(turns, truth)
    fitted = plain().fit(texts, truth)
    speed[name] = rate(lambda: fitted.predict(texts), len(texts), given.rounds)

    for name, peer in (("SnowNLP", snownlp), ("cnsenti", cnsenti)):
        if importlib.util.find_spec(name.lower()) is None:
            print(f"{name} is not installed: left out (install the dependency group peers)")
            continue
        label = f"{name} {version(name.lower())}"
        said[label], speed[label] = peer(texts, truth)

    figures = {name: mood_figures(truth, labels, groups, seed=SEED) for name, labels in said.items()}
    show(figures, speed, n=len(turns), chats=len(set(groups)), negative=int((truth == NEGATIVE).sum()))
    if given.json:
        table = {name: asdict(own) | {"turns_per_s": round(speed[name])} for name, own in figures.items()}
        given.json.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", "utf-8")


def plain() -> object:
    """What a first attempt with scikit-learn looks like."""
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=2, sublinear_tf=True)
    return make_pipeline(vectors, LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000))


def plain_cross_validated(turns: Sequence[Example], truth: Labels) -> Labels:
    said = np.empty_like(truth)
    texts = np.array([turn.text for turn in turns], dtype=object)
    folds = GroupKFold(FOLDS, shuffle=True, random_state=SEED)
    for inside, outside in folds.split(texts, groups=[turn.group for turn in turns]):
        said[outside] = plain().fit(texts[inside], truth[inside]).predict(texts[outside])
    return said


def snownlp(texts: Sequence[str], truth: Labels) -> tuple[Labels, float]:
    """Its P(positive) cut twice, where the macro-F1 on these turns is highest."""
    from snownlp import SnowNLP

    SnowNLP("好").sentiments  # noqa: B018 - loads the model
    start = time.perf_counter()
    scores = np.array([SnowNLP(text).sentiments if text.strip() else 0.5 for text in texts])
    speed = len(texts) / (time.perf_counter() - start)

    def cut(low: float, high: float) -> Labels:
        return np.where(scores < low, NEGATIVE, np.where(scores > high, POSITIVE, NEUTRAL))

    pairs = [(low, high) for low in CUTS for high in CUTS if low <= high]
    best = max(pairs, key=lambda pair: f1_score(truth, cut(*pair), average="macro"))
    return cut(*best), speed


def cnsenti(texts: Sequence[str], _: Labels) -> tuple[Labels, float]:
    """The sign of its positive words less its negative ones."""
    from cnsenti import Sentiment

    sentiment = Sentiment()
    sentiment.sentiment_count("好")
    start = time.perf_counter()
    counts = [sentiment.sentiment_count(text) for text in texts]
    speed = len(texts) / (time.perf_counter() - start)
    return np.array([int(np.sign(count["pos"] - count["neg"])) + NEUTRAL for count in counts]), speed


def rate(call: Callable[[], object], n: int, rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return n / best


def show(
    figures: dict[str, MoodFigures], speed: dict[str, float], *, n: int, chats: int, negative: int
) -> None:
    print(f"{n} customer turns of {chats} chats, {negative} of them {MOODS[NEGATIVE]}")
    print(
        f"{'':38} {'accuracy':>8} {'macro-F1':>20} {'neg. P':>6} {'neg. R':>6} {'neg. F1':>7} {'turns/s':>9} {'ratio':>7}"
    )
    for name, own in figures.items():
        macro = f"{own.macro_f1.value:.3f} [{own.macro_f1.low:.3f}, {own.macro_f1.high:.3f}]"
        print(
            f"{name:38} {own.accuracy.value:8.3f} {macro:>20} {own.negative_precision.value:6.3f} "
            f"{own.negative_recall.value:6.3f} {own.negative_f1.value:7.3f} {speed[name]:9,.0f} "
            f"{speed['qa-audit'] / speed[name]:6.1f}×"
        )


if __name__ == "__main__":
    main()
