"""How much a mood model gains by being adapted to chats it was not trained on, and what it forgets.

    python benchmarks/adapting.py --data FILE... --team FILE... [--sizes 25 50 ...] [--seeds 3] [--only-corrections]

A base is trained on ``--data``. Chats (or sentences) of ``--team`` are split: a third is kept back, of the others so
many are labelled as ``--sizes`` says. Compared on those kept back: the base, one trained on the team's turns alone, the
adapted one. ``--fifth`` takes the team from ``--data`` itself: a fifth of its chats, which the base then does not learn
from. ``--only-corrections`` leaves of the team's labels those that the base has wrong, and one in twenty of the others.
``--forgetting FILE...``: labelled files on which the base and the last adapted model are compared.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qa_audit.errors import InputError
from qa_audit.sentiment import pipeline
from qa_audit.sentiment.adapting import adapt
from qa_audit.sentiment.examples import Example, measured_on, mood_numbers, read_examples
from qa_audit.sentiment.figures import mood_figures
from qa_audit.sentiment.predict import MoodModel, calibrated, decided
from qa_audit.sentiment.train import train

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa_audit.sentiment.ngrams import Floats
    from qa_audit.sentiment.train import Trained

CORRECTED_AT_RANDOM = 0.05


def main() -> None:
    """Parses the arguments, runs, prints."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--data", type=Path, nargs="+", required=True)
    options.add_argument("--team", type=Path, nargs="+", default=[])
    options.add_argument("--fifth", action="store_true")
    options.add_argument("--sizes", type=int, nargs="+", default=[25, 50, 100, 200, 400])
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--only-corrections", action="store_true")
    options.add_argument("--forgetting", type=Path, nargs="*", default=[])
    given = options.parse_args()
    known = read_examples(given.data)[0]
    team = read_examples(given.team)[0] if given.team else []
    if given.fifth:
        groups = _drawn([one for one in known if not one.written], seed=99)
        chosen = set(groups[: len(groups) // 5])
        team = [one for one in known if one.group in chosen]
        known = [one for one in known if one.group not in chosen]
    base = train(known, seed=0, trained_on=date(2000, 1, 1))
    print("size seed model     macro-F1 neg-F1 log loss  (turns, penalty, loss in training)")
    for seed in range(given.seeds):
        groups = _drawn(team, seed=seed)
        kept_back = set(groups[: len(groups) // 3])
        tested = [one for one in team if one.group in kept_back]
        for size in given.sizes:
            if size > len(groups) - len(kept_back):
                break
            labelled = set(groups[len(kept_back) :][:size])
            own = [one for one in team if one.group in labelled]
            if given.only_corrections:
                own = _corrections(base, own, seed=seed)
            _compare(base, own, tested, given.forgetting, at=f"{size:4} {seed:4}")


def _compare(
    base: Trained, own: Sequence[Example], tested: Sequence[Example], others: Sequence[Path], *, at: str
) -> None:
    thresholds = base.card.thresholds
    _show(at, "base", _said(base.weights, tested), tested, thresholds)
    truth = mood_numbers(own)
    if len(set(truth)) > 1 and measured_on(own).any():
        alone = pipeline.fit(own)
        if len(alone.in_chat.classes_) == 3:
            scores = alone.decision_function([one.customer_turn for one in tested])
            own_p = calibrated(scores[1], 1.0, np.zeros(3))
            _show(at, "scratch", own_p, tested, {"negative": 0.4, "positive": 0.4})
    try:
        found = adapt(base.weights, thresholds, own, seed=0)
    except InputError as error:
        print(at, error)
        return
    loss = found.log_loss
    note = f"({len(own)}, {found.penalty:g}, {loss.value:+.4f}, up to {loss.high:+.4f})"
    _show(at, "adapted", _said(found.weights, tested), tested, thresholds, note)
    for path in others:
        more = read_examples([path])[0]
        for name, weights in (("base", base.weights), ("adapted", found.weights)):
            _show(f"{path.name[:9]:9}", name, _said(weights, more), more, thresholds)


def _drawn(examples: Sequence[Example], *, seed: int) -> list[str]:
    groups = sorted({one.group for one in examples})
    return [groups[i] for i in np.random.default_rng(seed).permutation(len(groups))]


def _corrections(base: Trained, own: Sequence[Example], *, seed: int) -> list[Example]:
    wrong = decided(_said(base.weights, own), base.card.thresholds) != mood_numbers(own)
    kept = wrong | (np.random.default_rng(seed).random(len(own)) < CORRECTED_AT_RANDOM)
    return [one for one, keep in zip(own, kept, strict=True) if keep]


def _said(weights: object, examples: Sequence[Example]) -> Floats:
    model = MoodModel(weights, {}, "")  # type: ignore[arg-type]
    return model.probabilities([one.customer_turn for one in examples])


def _show(
    at: str, name: str, said: Floats, tested: Sequence[Example], thresholds: object, note: str = ""
) -> None:
    truth = mood_numbers(tested)
    groups = [one.group for one in tested]
    figures = mood_figures(truth, decided(said, thresholds), groups, seed=0)  # type: ignore[arg-type]
    loss = -np.log(np.maximum(said[np.arange(len(truth)), truth], 1e-12)).mean()
    macro, negative = figures.macro_f1.value, figures.negative_f1.value
    print(f"{at} {name:8}  {macro:.3f}    {negative:.3f}  {loss:.4f}  {note}", flush=True)


if __name__ == "__main__":
    main()
