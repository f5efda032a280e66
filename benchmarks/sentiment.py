"""Turns per second of the mood model as applied, against the scikit-learn pipeline it was exported from.

    python benchmarks/sentiment.py [--data PATH ...] [--turns N] [--rounds N]

Both score the same turns in the same process, in alternating rounds; the best round of each counts. Without
``--data`` (files or directories for `qa-audit train`) turns are made of random phrases, and the pipeline is
trained on them, so that the figures can be had anywhere; with it, on the real ones.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from qa_audit.records import MOODS
from qa_audit.sentiment import pipeline
from qa_audit.sentiment.examples import Example, read_examples
from qa_audit.sentiment.predict import MoodModel
from qa_audit.sentiment.train import save, train
from qa_audit.sentiment.turns import turns_of

PHRASES = {
    "negative": [
        "怎么还没到",
        "等了三天了",
        "太慢了吧",
        "没人理我",
        "气死了",
        "说好今天送",
        "又坏了",
        "你们就会推",
    ],
    "neutral": [
        "请问什么时候发货",
        "订单号是12345678",
        "好的",
        "地址改一下",
        "可以开发票吗",
        "是的",
        "蓝色的那个",
    ],
    "positive": ["谢谢", "太好了", "辛苦你了", "没有了谢谢", "解决了", "服务真好", "收到了很满意", "感谢"],
}
ANSWERS = [
    "您好,请问有什么可以帮您",
    "请稍等,正在为您查询",
    "已经帮您催促了",
    "请问还有其他可以帮到您的吗",
    "",
]
SEED = 20
ROUNDS = 6  # of the customer in a made chat


def made_examples(number: int) -> list[Example]:
    draw = random.Random(SEED)
    letters = [chr(point) for point in range(0x4E00, 0x4E00 + 2000)]
    made = [
        Example(
            text=draw.choice(",。!? ").join(
                [
                    *draw.choices(PHRASES[mood], k=draw.randint(0, 2)),
                    draw.choice(PHRASES[draw.choice(MOODS)]),
                    "".join(draw.choices(letters, k=draw.randint(0, 6))),
                ]
            ),
            before=draw.choice(ANSWERS),
            label=mood,
            group=f"chat-{i // ROUNDS}",
            turn=i,
        )
        for i in range(number)
        for mood in [draw.choices(MOODS, weights=(1, 8, 1))[0]]
    ]
    return [
        example for start in range(0, number, ROUNDS) for example in one_chat(made[start : start + ROUNDS])
    ]


def one_chat(examples: list[Example]) -> list[Example]:
    """The examples as the customer's rounds of one chat, each answered before."""
    spoken = ((("agent", one.before), ("customer", one.text)) for one in examples)
    turns = turns_of(round_ for pair in spoken for round_ in pair)
    return [replace(one, chat=turn) for one, turn in zip(examples, turns, strict=True)]


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--data", type=Path, action="append", default=[])
    options.add_argument("--turns", type=int, default=20_000)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()

    examples = read_examples(given.data)[0] if given.data else made_examples(6000)
    trained = train(examples, seed=SEED, trained_on=date(2000, 1, 1))
    oracle = pipeline.fit(examples)
    with tempfile.TemporaryDirectory() as directory:
        save(trained, Path(directory))
        start = time.perf_counter()
        model = MoodModel.load(Path(directory))
        load_s = time.perf_counter() - start

    # turns of chats only: written sentences have nothing around them and are cheaper
    chats = [example.customer_turn for example in examples if not example.written] or [
        e.customer_turn for e in examples
    ]
    turns = [chats[i % len(chats)] for i in range(given.turns)]
    calibration = trained.weights.calibration
    best_s = {"numpy": float("inf"), "scikit-learn": float("inf")}
    for _ in range(given.rounds):
        start = time.perf_counter()
        ours = model.probabilities(turns)
        best_s["numpy"] = min(best_s["numpy"], time.perf_counter() - start)
        start = time.perf_counter()
        theirs = oracle.probabilities(turns, calibration)
        best_s["scikit-learn"] = min(best_s["scikit-learn"], time.perf_counter() - start)

    characters = np.mean([len(turn.text) + len(turn.before) for turn in turns])
    print(
        f"{len(turns)} turns of {characters:.0f} characters on average, {len(trained.weights.text_ngrams)} n-grams"
    )
    for name, seconds in best_s.items():
        print(f"{name:13s} {len(turns) / seconds:10,.0f} turns/s")
    print(f"ratio         {best_s['scikit-learn'] / best_s['numpy']:10.1f}")
    print(f"difference    {np.abs(ours - theirs).max():10.1e}")
    print(f"load          {load_s:10.3f} s")


if __name__ == "__main__":
    main()
