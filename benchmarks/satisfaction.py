"""The satisfaction model on published data of word ids: cross-validated, and on the part kept back.

    python benchmarks/satisfaction.py FOLDER [--kept-back text_test.txt]

FOLDER holds a folder a shop with ``text_train.txt`` and the part kept back (default ``text_dev.txt``), as published
with Song et al. 2019 (doi:10.18653/v1/D19-1019). Beside it stands a plain pipeline of scikit-learn: TF-IDF of the words of
both sides, one to three in a row, and a linear support vector machine.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from qa_audit.records import Interval
from qa_audit.satisfaction.examples import RatedChat, read_dialogues
from qa_audit.satisfaction.figures import Figures
from qa_audit.satisfaction.predict import SatisfactionModel
from qa_audit.satisfaction.train import measure, numbers, train

CLASSES = 3


def plain(learned: Sequence[RatedChat], kept: Sequence[RatedChat]) -> float:
    """Macro-F1 of the plain pipeline."""

    def texts(chats: Sequence[RatedChat]) -> list[str]:
        return [
            " ".join(
                f"{'c' if turn.customer else 'a'}{word}" for turn in one.chat for word in turn.text.split()
            )
            for one in chats
        ]

    words = TfidfVectorizer(token_pattern=r"\S+", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    model = make_pipeline(words, LinearSVC(C=0.3, class_weight="balanced", random_state=0))
    model.fit(texts(learned), numbers(learned, CLASSES))
    given = np.asarray(model.predict(texts(kept)))
    return float(f1_score(numbers(kept, CLASSES), given, average="macro"))


def shown(figures: Figures) -> str:
    """macro-F1, AUC and Spearman with their intervals."""
    return " | ".join(map(_interval, (figures.answers.macro_f1, figures.auc, figures.spearman)))


def _interval(own: Interval) -> str:
    return f"{own.value:.3f} [{own.low:.3f}, {own.high:.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kept-back", default="text_dev.txt")
    given = parser.parse_args()
    print("| shop, chats | macro-F1 | AUC | Spearman |\n|---|---|---|---|")
    for folder in sorted(path.parent for path in given.folder.glob("*/text_train.txt")):
        learned = read_dialogues(folder / "text_train.txt")
        kept = read_dialogues(folder / given.kept_back)
        trained = train(learned, classes=CLASSES, spelling="words", seed=0)
        model = SatisfactionModel(trained.weights, "")
        print(f"| {folder.name}, {len(learned)} cross-validated | {shown(trained.measured)} |")
        print(f"| {folder.name}, {len(kept)} kept back | {shown(measure(model, kept, seed=0))} |")
        print(
            f"| {folder.name}, {len(kept)} kept back, plain pipeline | {plain(learned, kept):.3f} | | |",
            flush=True,
        )


if __name__ == "__main__":
    main()
