"""The satisfaction model: what it sees, that numpy says what scikit-learn says, and its files."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rated_chats import write_dialogues

from qa_audit.errors import InputError
from qa_audit.records import Message, Transcript
from qa_audit.satisfaction import pipeline, weights
from qa_audit.satisfaction.chats import Speller, Turn, chat_of
from qa_audit.satisfaction.examples import RatedChat, read_dialogues
from qa_audit.satisfaction.features import COURSE_COLUMNS, Spoken, courses
from qa_audit.satisfaction.pipeline import Scaling
from qa_audit.satisfaction.predict import SatisfactionModel, contributions, decided, scores_of
from qa_audit.satisfaction.train import FOLDS, folds, measure, train
from qa_audit.segment import Segmenter, segment
from qa_audit.sentiment.weights import InvalidModel

BEGAN = datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> list[RatedChat]:
    return read_dialogues(write_dialogues(tmp_path_factory.mktemp("d") / "d.txt", of_each=40))


@pytest.fixture(scope="module")
def model(examples: list[RatedChat]) -> SatisfactionModel:
    return SatisfactionModel(train(examples, classes=3, spelling="words", seed=0).weights, "of a test")


@pytest.mark.parametrize("classes", [2, 3])
def test_numpy_says_what_scikit_learn_says(examples: list[RatedChat], classes: int) -> None:
    chosen = [e for e in examples if classes == 3 or e.rating != 3.0]
    truth = np.array([int((e.rating or 0) - 1) * (classes - 1) // 4 for e in chosen])
    data = pipeline.prepare([e.chat for e in chosen], "words", turns=False)
    scaling = Scaling.of(data.seen.dense, np.arange(len(chosen)))
    matrix = pipeline.matrix_of(data.seen, data.ngrams, scaling)
    learned = pipeline.learn(matrix, truth, seed=0)
    head = pipeline.head_of(learned, data.ngrams, scaling, classes=classes)
    ours = scores_of(contributions(data.seen, head), head.intercept, chats=len(chosen))
    theirs = learned.decision_function(matrix)
    np.testing.assert_allclose(ours if classes == 3 else ours[:, 1], theirs, atol=1e-6)


def test_the_model_of_turns_says_what_scikit_learn_says(examples: list[RatedChat]) -> None:
    from qa_audit.satisfaction.moods import turn_scores

    data = pipeline.prepare([e.chat for e in examples], "words", turns=True)
    assert data.turns is not None
    assert data.turn_ngrams is not None
    matrix = pipeline.turn_matrix(data.turns, data.turn_ngrams)
    labels = np.array([label for e in examples for label in e.turn_labels or ()]) - 1
    head = pipeline.fit_turns(matrix, labels, data.turn_ngrams, seed=0)
    coefficients = np.vstack(
        [head.parts[p] / (1.0 if p in ("own", "place") else pipeline.AROUND_SCALE) for p in head.parts]
    )
    theirs = matrix @ coefficients + head.intercept
    np.testing.assert_allclose(turn_scores(data.turns, head.parts, head.intercept), theirs, atol=1e-6)


def test_written_and_read_again_it_says_the_same(
    tmp_path: Path, model: SatisfactionModel, examples: list[RatedChat]
) -> None:
    weights.write(model.weights, {}, tmp_path)
    again = SatisfactionModel.load(tmp_path)
    chats = [e.chat for e in examples[::7]]
    np.testing.assert_allclose(again.probabilities(chats), model.probabilities(chats), atol=1e-6)
    first = (tmp_path / "satisfaction.npz").read_bytes()
    weights.write(again.weights, {}, tmp_path / "twice")
    assert (tmp_path / "twice" / "satisfaction.npz").read_bytes() == first


def test_labels_of_turns_are_learned_from_but_never_looked_at(
    model: SatisfactionModel, examples: list[RatedChat]
) -> None:
    assert model.weights.turns is not None
    stripped = [replace(e, turn_labels=None) for e in examples]
    assert measure(model, stripped, seed=0) == measure(model, examples, seed=0)


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_what_stands_beside_a_chat_does_not_matter(
    model: SatisfactionModel, examples: list[RatedChat], data: st.DataObject
) -> None:
    numbers = data.draw(st.lists(st.integers(0, len(examples) - 1), min_size=1, max_size=8))
    together = model.probabilities([examples[n].chat for n in numbers])
    alone = [model.probabilities([examples[n].chat])[0] for n in numbers]
    np.testing.assert_array_equal(together, np.array(alone))
    np.testing.assert_allclose(together.sum(axis=1), 1.0)


@pytest.mark.parametrize(
    "chat", [(), (Turn(customer=True, text=""),), (Turn(customer=False, text="1 2"),), (Turn(True, "999"),)]
)
def test_chats_with_next_to_nothing_get_probabilities(
    model: SatisfactionModel, chat: tuple[Turn, ...]
) -> None:
    given = model.probabilities([chat])
    assert np.isfinite(given).all()
    assert model.answers(given)[0] in model.classes


def test_chats_kept_back_are_told_apart(model: SatisfactionModel, tmp_path: Path) -> None:
    others = read_dialogues(write_dialogues(tmp_path / "other.txt", of_each=30, seed=9))
    found = measure(model, others, seed=0)
    assert found.answers.macro_f1.value is not None
    assert found.answers.macro_f1.value > 0.85
    assert found.auc.value is not None
    assert found.auc.value > 0.9
    assert set(found.short) == {"macro_f1", "auc", "spearman"}


def test_training_again_gives_the_same_weights(model: SatisfactionModel, examples: list[RatedChat]) -> None:
    again = train(examples, classes=3, spelling="words", seed=0)
    for part, own in again.weights.head.parts.items():
        np.testing.assert_array_equal(own, model.weights.head.parts[part])


def test_too_few_chats_of_a_class_are_refused(examples: list[RatedChat]) -> None:
    few = [e for e in examples if e.rating != 3.0] + [e for e in examples if e.rating == 3.0][:4]
    with pytest.raises(InputError, match=r'of 84 rated chats 4 are "neutral"; at least 10 .* --classes 2$'):
        train(few, classes=3, spelling="words", seed=0)


def test_chats_without_ratings_are_refused(examples: list[RatedChat]) -> None:
    with pytest.raises(InputError, match=r"no chat has a rating; give a file of chat ids and ratings"):
        train([replace(e, rating=None) for e in examples], classes=3, spelling="words", seed=0)


def test_chats_of_one_customer_stay_in_one_fold() -> None:
    truth = np.arange(200) % 3
    groups = [f"customer {number // 4}" for number in range(200)]
    fold = folds(truth, groups, seed=0)
    assert set(fold.tolist()) == set(range(FOLDS))
    for number in range(0, 200, 4):
        assert len(set(fold[number : number + 4].tolist())) == 1


def test_a_model_of_word_ids_cannot_audit_transcripts(tmp_path: Path, model: SatisfactionModel) -> None:
    weights.write(model.weights, {}, tmp_path)
    with pytest.raises(
        InputError, match=r"satisfaction\.json: .*trained on word ids and cannot read transcripts"
    ):
        SatisfactionModel.find(tmp_path)
    assert SatisfactionModel.find(tmp_path / "elsewhere") is None


def test_damaged_weights_are_refused(tmp_path: Path, model: SatisfactionModel) -> None:
    weights.write(replace(model.weights, calibration=np.zeros(2)), {}, tmp_path)
    with pytest.raises(InvalidModel, match=r"calibration or shares do not fit 3 classes"):
        SatisfactionModel.load(tmp_path)


def test_the_course_knows_the_end_from_the_beginning() -> None:
    chat_of_turn = np.array([0, 0, 0, 1, 1, 1])
    negative = np.array([0.9, 0.1, 0.1, 0.1, 0.1, 0.9])
    rows = courses(chat_of_turn, negative, 1 - negative, chats=3)
    assert rows.shape == (3, COURSE_COLUMNS)
    assert not np.allclose(rows[0], rows[1])
    assert np.isfinite(rows[2]).all()  # a chat in which no customer wrote


@given(st.lists(st.sampled_from(["7", "8", "9"]), max_size=6))
def test_every_known_word_is_one_character(words: list[str]) -> None:
    known = (Turn(customer=True, text="7 8"),)
    speller = Speller.of("words", [known, known])
    (spelled,) = speller.spelled([" ".join(words)])
    assert len(spelled) == len(words) + 2
    assert (spelled.count("\ue000")) == words.count("9")


def test_texts_cannot_fake_the_edges_of_a_turn() -> None:
    spoken = Spoken.of([(Turn(customer=True, text="a\2b\3c"),)], Speller("characters"))
    (text,) = spoken.texts["customer"]
    assert (text.count("\2"), text.count("\3")) == (1, 1)


def test_waits_are_those_for_the_other_side() -> None:
    def message(index: int, role: str, minutes: float, text: str) -> Message:
        return Message(index, role, text, at=BEGAN + timedelta(minutes=minutes))  # type: ignore[arg-type]

    messages = (
        message(0, "customer", 0, "在吗"),
        message(1, "customer", 1, "有货吗"),
        message(2, "agent", 3, "有的"),
        message(3, "customer", 3.5, "谢谢"),
    )
    chat = chat_of(segment(Transcript("a", messages), Segmenter()), {})
    assert [(t.customer, t.text, t.waited_s) for t in chat] == [
        (True, "在吗\n有货吗", None),
        (False, "有的", 120.0),
        (True, "谢谢", 30.0),
    ]


def test_a_rare_class_is_chosen_before_it_is_the_likeliest() -> None:
    shares = np.array([0.04, 0.64, 0.32])
    given = np.array([[0.3, 0.6, 0.1], [0.1, 0.8, 0.1], [0.0, 0.5, 0.5]])
    assert decided(given, shares).tolist() == [0, 1, 2]
    assert decided(given, np.full(3, 1 / 3)).tolist() == given.argmax(axis=1).tolist()
