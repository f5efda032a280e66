"""The mood model trained on sentences written here: exported, loaded and applied."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_audit.errors import QaAuditError
from qa_audit.paths import shipped
from qa_audit.records import MOODS
from qa_audit.sentiment import pipeline, weights
from qa_audit.sentiment.examples import Example
from qa_audit.sentiment.predict import BATCH, MoodModel
from qa_audit.sentiment.train import Trained, save, train
from qa_audit.sentiment.turns import CustomerTurn, turns_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qa_audit.records import Mood
    from qa_audit.sentiment.pipeline import TrainedMoods

STARTS: dict[Mood, tuple[str, ...]] = {
    "negative": ("怎么还没送到", "都等了三天了", "你们太慢了吧", "人呢??", "又坏了气死我", "说好今天来的"),
    "neutral": ("请问几点下班", "地址写错了", "好的", "是蓝色的那个", "订单[数字x]", "发票怎么开"),
    "positive": ("谢谢你", "太好了", "辛苦啦", "解决了 谢谢", "收到了很满意", "服务真好👍"),
}
ENDS = ("", "!", "我的电饭锅", "\n在吗", "…", "快递", "[数字x]号", "这边")
BEFORES = (
    "",
    "请稍等,正在查询",
    "已经催促了",
    "已经为您催促了",
    "请问还有其他问题吗",
    "非常抱歉",
    "真的非常抱歉",
    "抱歉,已经催促了",
)
SAID = tuple(
    (start + end, BEFORES[(i + j) % len(BEFORES)], mood, f"chat-{j}")
    for mood, starts in STARTS.items()
    for i, start in enumerate(starts)
    for j, end in enumerate(ENDS)
) + tuple(
    # the same words in another mood keep the classes from being separable
    ("好的 快递", before, mood, f"chat-{8 + i}")
    for i, before in enumerate(BEFORES)
    for mood in MOODS
)


def in_chats(said: tuple[tuple[str, str, Mood, str], ...]) -> tuple[Example, ...]:
    """Examples of (text, agent's round before, mood, chat), each within its chat."""
    chats: dict[str, list[tuple[str, str, Mood]]] = {}
    for text, before, mood, group in said:
        chats.setdefault(group, []).append((text, before, mood))
    return tuple(
        Example(turn.text, turn.before, mood, group, turn=number, chat=turn)
        for group, rounds in chats.items()
        for number, (turn, (_, _, mood)) in enumerate(
            zip(
                turns_of(
                    spoken
                    for text, before, _ in rounds
                    for spoken in ([("agent", before)] if before else []) + [("customer", text)]
                ),
                rounds,
                strict=True,
            )
        )
    )


EXAMPLES = in_chats(SAID)
WRITTEN = tuple(
    Example(start + end, "", mood, f"written:{mood}{i}{j}", written=True)
    for mood, starts in STARTS.items()
    for i, start in enumerate(starts[::-1])
    for j, end in enumerate(("吧", "呀"))
)
DATA = EXAMPLES + WRITTEN

KNOWN = "".join(sorted({c for example in DATA for c in example.text + example.before}))
CHARACTERS = st.one_of(
    st.sampled_from(KNOWN + "\0 \u3000👍𠮷٣"), st.characters(), st.characters(categories=["Cs"])
)
TEXTS = st.one_of(
    st.text(CHARACTERS, max_size=40),
    st.builds(str.__mul__, st.text(CHARACTERS, max_size=8), st.integers(2, 60)),
)
ROUNDS = st.lists(st.tuples(st.sampled_from(("customer", "agent")), TEXTS), max_size=9)


def some_turns(*, min_size: int = 0, max_size: int) -> st.SearchStrategy[list[CustomerTurn]]:
    """Turns of several chats in any order."""
    turns = st.lists(ROUNDS.map(turns_of), max_size=4).map(
        lambda chats: [turn for own in chats for turn in own]
    )
    return (
        turns.flatmap(st.permutations)
        .map(lambda some: some[:max_size])
        .filter(lambda some: len(some) >= min_size)
    )


def lone_turn(text: str) -> CustomerTurn:
    """A turn that is all that was said."""
    (turn,) = turns_of([("customer", text)])
    return turn


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train(DATA, seed=3, trained_on=date(2025, 1, 2))


@pytest.fixture(scope="module")
def directory(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    save(trained, folder)
    return folder


@pytest.fixture(scope="module")
def model(directory: Path) -> MoodModel:
    return MoodModel.load(directory)


@pytest.fixture(scope="module")
def oracle() -> TrainedMoods:
    return pipeline.fit(DATA)


@settings(deadline=None)
@given(turns=some_turns(min_size=1, max_size=8))
def test_probabilities_are_those_of_scikit_learn(
    turns: list[CustomerTurn], model: MoodModel, oracle: TrainedMoods, trained: Trained
) -> None:
    expected = oracle.probabilities(turns, trained.weights.calibration)
    np.testing.assert_allclose(model.probabilities(turns), expected, rtol=0, atol=1e-6)


@settings(deadline=None)
@given(turns=some_turns(min_size=2, max_size=12))
def test_a_turn_is_judged_the_same_bit_by_bit_whatever_stands_beside_it(
    turns: list[CustomerTurn], model: MoodModel
) -> None:
    together = model.probabilities(turns)
    alone = np.concatenate([model.probabilities([turn]) for turn in turns])
    assert together.tobytes() == alone.tobytes()
    assert together.tobytes() == model.probabilities(turns[::-1])[::-1].tobytes()


@settings(deadline=None)
@given(turns=some_turns(max_size=6))
def test_rows_are_probabilities(turns: list[CustomerTurn], model: MoodModel) -> None:
    rows = model.probabilities(turns)
    assert rows.shape == (len(turns), 3)
    assert (rows >= 0).all()
    np.testing.assert_allclose(rows.sum(axis=1), 1.0, rtol=0, atol=1e-12)


def test_more_turns_than_one_batch_keep_their_order(model: MoodModel) -> None:
    turns = [EXAMPLES[i % 7].customer_turn for i in range(BATCH + 3)]
    rows = model.probabilities(turns)
    np.testing.assert_array_equal(rows, model.probabilities(turns[:7])[np.arange(BATCH + 3) % 7])


@pytest.mark.parametrize("mask", ["[数字x]", "[订单x]", "[时间x]", "<num>", "**", "138****0000", "7", "3.50"])
def test_what_a_mask_hides_changes_nothing(mask: str, model: MoodModel) -> None:
    turns = [
        turns_of(
            [("agent", f"订单{value}"), ("customer", f"我{value}号买的怎么还没送到"), ("customer", "好的")]
        )
        for value in ("8", mask)
    ]
    (first, _), (second, _) = (model.probabilities(own) for own in turns)
    assert first.tobytes() == second.tobytes()


def test_an_emoticon_mask_is_as_good_as_nothing(model: MoodModel) -> None:
    first, second = model.probabilities([lone_turn("谢谢你"), lone_turn("谢谢你#e-s01")])
    assert first.tobytes() == second.tobytes()


def test_labels_follow_the_thresholds_and_negative_goes_first(model: MoodModel) -> None:
    negative, positive = model.thresholds["negative"], model.thresholds["positive"]
    rows = np.array(
        [
            [negative, 1 - negative, 0.0],
            [negative - 0.001, 1.001 - negative, 0.0],
            [0.0, 1 - positive, positive],
            [0.0, 1.001 - positive, positive - 0.001],
            [max(negative, 0.5), 0.0, max(positive, 0.5)],
        ]
    )
    assert model.labels(rows) == ("negative", "neutral", "positive", "neutral", "negative")


def test_what_was_trained_on_is_told_apart(model: MoodModel) -> None:
    turns = [
        lone_turn("你们太慢了吧快递"),
        lone_turn("请问几点下班在吗"),
        lone_turn("谢谢你,很满意"),
    ]
    assert model.labels(model.probabilities(turns)) == MOODS


A_CHAT = (
    ("agent", "您好"),
    ("customer", "请问几点下班"),
    ("agent", "已经催促了"),
    ("customer", "好的"),
    ("agent", "请稍等,正在查询"),
    ("customer", "在吗"),
)
OTHERS = {
    "before": (2, "非常抱歉"),
    "after": (4, "非常抱歉"),
    "agent": (0, "非常抱歉"),
    "earlier": (1, "怎么还没送到"),
    "later": (5, "太好了"),
}


def of_the_second_turn(model: MoodModel, rounds: Sequence[tuple[str, str]]) -> bytes:
    """The probabilities of the customer's second turn."""
    return model.probabilities(turns_of(rounds))[1].tobytes()


@pytest.mark.parametrize(("at", "text"), OTHERS.values(), ids=OTHERS)
def test_what_was_said_around_a_turn_counts(at: int, text: str, model: MoodModel) -> None:
    other = [*A_CHAT[:at], (A_CHAT[at][0], text), *A_CHAT[at + 1 :]]
    assert of_the_second_turn(model, other) != of_the_second_turn(model, A_CHAT)


def test_where_a_turn_stands_counts(model: MoodModel) -> None:
    assert of_the_second_turn(model, A_CHAT[:-1]) != of_the_second_turn(model, A_CHAT)


def test_of_a_turn_that_is_all_the_customer_said_only_the_words_count(model: MoodModel) -> None:
    around = turns_of([("agent", "非常抱歉"), ("customer", "好的"), ("agent", "非常抱歉")])
    first, second = model.probabilities([lone_turn("好的"), *around])
    assert first.tobytes() == second.tobytes()


def test_rounds_out_of_reach_only_count_by_their_number(model: MoodModel) -> None:
    near = [("customer", text) for text in ("好的", "在吗", "好的", "好的")]
    first, second = (
        model.probabilities(turns_of([("customer", text), *near]))[-1] for text in ("气死我了", "太好了")
    )
    assert first.tobytes() == second.tobytes()


def test_applying_a_model_imports_neither_scikit_learn_nor_scipy(directory: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from qa_audit.sentiment.predict import MoodModel\n"
        "from qa_audit.sentiment.turns import turns_of\n"
        "MoodModel.load(Path(sys.argv[1])).probabilities(turns_of([('customer', '谢谢')]))\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'sklearn', 'scipy', 'joblib', 'pandas'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, directory], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_the_same_seed_gives_the_same_bytes(trained: Trained, directory: Path, tmp_path: Path) -> None:
    again = train(DATA, seed=3, trained_on=date(2025, 1, 2))
    save(again, tmp_path)
    for name in (weights.WEIGHTS_FILE, weights.CARD_FILE):
        assert (tmp_path / name).read_bytes() == (directory / name).read_bytes()
    assert again.card == trained.card


def test_the_hash_is_that_of_the_weights_file(model: MoodModel, directory: Path) -> None:
    card = json.loads((directory / weights.CARD_FILE).read_text(encoding="utf-8"))
    assert model.hash == card["sha256"]
    assert re.fullmatch("[0-9a-f]{64}", model.hash)


def copy(directory: Path, target: Path) -> tuple[Path, Path]:
    for name in (weights.WEIGHTS_FILE, weights.CARD_FILE):
        (target / name).write_bytes((directory / name).read_bytes())
    return target / weights.WEIGHTS_FILE, target / weights.CARD_FILE


def change_card(file: Path, **changes: object) -> None:
    card = json.loads(file.read_text(encoding="utf-8")) | changes
    file.write_text(json.dumps(card), encoding="utf-8")


def fault(directory: Path) -> str:
    with pytest.raises(QaAuditError) as raised:
        MoodModel.load(directory)
    message, _, remedy = str(raised.value).rpartition("; ")
    assert remedy == weights.REMEDY
    return message


def test_a_missing_weights_file_is_named(directory: Path, tmp_path: Path) -> None:
    file, _ = copy(directory, tmp_path)
    file.unlink()
    assert fault(tmp_path) == f"{file}: cannot be read (No such file or directory)"


def test_a_missing_card_is_named(tmp_path: Path) -> None:
    assert fault(tmp_path) == f"{tmp_path / 'mood.json'}: cannot be read (No such file or directory)"


def test_truncated_weights_are_refused(directory: Path, tmp_path: Path) -> None:
    file, _ = copy(directory, tmp_path)
    file.write_bytes(file.read_bytes()[:-100])
    assert fault(tmp_path) == f"{file}: damaged, or not the weights that mood.json describes (sha256 differs)"


def test_weights_of_something_else_are_refused(directory: Path, tmp_path: Path) -> None:
    file, card = copy(directory, tmp_path)
    file.write_bytes(b"not a zip archive")
    change_card(card, sha256=weights.sha256(b"not a zip archive"))
    assert fault(tmp_path).startswith(f"{file}: not the weights of a mood model (")


def rewrite(target: Path, trained: Trained, **arrays: np.ndarray) -> Path:
    changed = {name: getattr(trained.weights, name) for name in weights.Weights.__slots__} | arrays
    weights.write(weights.Weights(**changed), trained.card.as_json(), target)
    return target / weights.WEIGHTS_FILE


def test_arrays_that_do_not_fit_together_are_refused(tmp_path: Path, trained: Trained) -> None:
    file = rewrite(tmp_path, trained, intercept=np.zeros(2))
    assert fault(tmp_path) == f"{file}: intercept has the shape (2,), not (6,)"


def test_pickled_arrays_are_not_read(tmp_path: Path, trained: Trained) -> None:
    file = rewrite(tmp_path, trained, words=np.array([{"a": 1}], dtype=object))
    assert fault(tmp_path).startswith(
        f"{file}: not the weights of a mood model (Object arrays cannot be loaded"
    )


def test_weights_that_lack_an_array_are_refused(directory: Path, tmp_path: Path) -> None:
    file, card = copy(directory, tmp_path)
    with zipfile.ZipFile(directory / weights.WEIGHTS_FILE) as whole, zipfile.ZipFile(file, "w") as part:
        for name in whole.namelist():
            if name != "words.npy":
                part.writestr(name, whole.read(name))
    change_card(card, sha256=weights.sha256(file.read_bytes()))
    assert fault(tmp_path) == f"{file}: not the weights of a mood model ('words')"


def test_a_newer_format_is_refused(directory: Path, tmp_path: Path) -> None:
    _, card = copy(directory, tmp_path)
    change_card(card, format=2)
    assert fault(tmp_path) == f"{card}: format 2, but this version of qa-audit reads format 1"


@pytest.mark.parametrize("content", ["[1]", "{}"])
def test_a_card_of_something_else_is_refused(content: str, directory: Path, tmp_path: Path) -> None:
    _, card = copy(directory, tmp_path)
    card.write_text(content, encoding="utf-8")
    assert fault(tmp_path) == f"{card}: not the card of a mood model"


def test_a_card_that_is_not_json_is_refused(directory: Path, tmp_path: Path) -> None:
    _, card = copy(directory, tmp_path)
    card.write_text("{", encoding="utf-8")
    assert fault(tmp_path).startswith(f"{card}: not JSON (")


def test_a_card_without_thresholds_is_refused(directory: Path, tmp_path: Path) -> None:
    _, card = copy(directory, tmp_path)
    change_card(card, thresholds={"negative": 0.3})
    assert fault(tmp_path) == f"{card}: no thresholds for negative and positive"


SHIPPED = {
    "你们这什么破快递,都三天了还没到!": "negative",
    "人呢???": "negative",
    "急死我了,明天就要用": "negative",
    "请问什么时候发货?": "neutral",
    "这个可以开发票吗": "neutral",
    "嗯嗯": "neutral",
    "好的谢谢": "positive",
    "谢谢您,帮了大忙了": "positive",
}


def test_the_shipped_model_judges_plain_turns() -> None:
    model = MoodModel.load(shipped("models"))
    assert (
        dict(zip(SHIPPED, model.labels(model.probabilities([lone_turn(t) for t in SHIPPED])), strict=True))
        == SHIPPED
    )


@pytest.mark.parametrize("text", ["", "[数字x]", "[订单x] [数字x]", "<num>", "**", "#e-s01", "12345"])
def test_the_shipped_model_calls_a_turn_of_masks_neutral(text: str) -> None:
    model = MoodModel.load(shipped("models"))
    assert model.labels(model.probabilities([lone_turn(text)])) == ("neutral",)


def test_the_shipped_model_is_small_and_its_card_says_who_labelled() -> None:
    folder = shipped("models")
    card = json.loads((folder / weights.CARD_FILE).read_text(encoding="utf-8"))
    assert (folder / weights.WEIGHTS_FILE).stat().st_size < 10_000_000
    assert "labelled by a language model" in card["labels"]
    assert card["measured"]["chats"]["macro_f1"]["value"] >= 0.8
    assert all(re.fullmatch("[0-9a-f]{64}", file["sha256"]) and file["licence"] for file in card["data"])
