"""Probabilities beside labels and ratings, and what the shipped models reach on rated chats of other trades."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_audit.audit import Auditor
from qa_audit.config import Config
from qa_audit.errors import InputError
from qa_audit.evaluate import Gold, evaluate
from qa_audit.evaluation import evaluate_files, read_all
from qa_audit.probable import Probabilities, Probable, auc_interval, lines, probabilities
from qa_audit.records import Interval, Transcript

RATED = Path(__file__).parent / "moods" / "rated_chats.jsonl"


def test_ratings_beside_what_was_feared() -> None:
    chats = [
        Probable(rating, feared) for rating, feared in ((1, 0.9), (2, 0.3), (3, 0.5), (4, 0.4), (5, 0.1))
    ]
    found = probabilities([*chats, Probable(5), Probable(dissatisfied=0.3)])
    assert found.ratings is not None
    assert (found.ratings.n, found.ratings.auc.n, found.ratings.auc.value) == (5, 4, 0.75)
    assert found.ratings.correlation.value == pytest.approx(0.7)
    assert found.emotions is None


def test_emotions_beside_labels() -> None:
    said = {"none": (0.7, 0.1, 0.1, 0.1), "angry": (0.25, 0.25, 0.25, 0.25)}
    found = probabilities([Probable(emotion=name, emotions=row) for name, row in said.items()])
    assert found.ratings is None
    assert found.emotions is not None
    assert found.emotions.log_loss == pytest.approx(-(np.log(0.7) + np.log(0.25)) / 2)
    assert {name: auc.value for name, auc in found.emotions.auc.items()} == {
        "none": 1.0, "anxious": None, "angry": 1.0, "disappointed": None,
    }  # fmt: skip
    assert json.loads(json.dumps(found.as_dict()))["rating"] is None


def test_nothing_to_compare() -> None:
    assert probabilities([Probable(emotion="bored", emotions=(1.0, 0.0, 0.0, 0.0))]) == Probabilities()
    assert list(lines(Probabilities())) == []
    assert auc_interval(np.array([0.3]), np.array([True])) == Interval(None, None, None, 1)


PAIRS = st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.9]), st.booleans()), min_size=2, max_size=8)


@settings(deadline=None, max_examples=30)
@given(PAIRS)
def test_the_area_is_the_share_of_pairs_in_order(pairs: list[tuple[float, bool]]) -> None:
    found = auc_interval(np.array([p for p, _ in pairs]), np.array([h for _, h in pairs]))
    yes, no = [p for p, h in pairs if h], [p for p, h in pairs if not h]
    if not yes or not no:
        assert found.value is None
        return
    expected = np.mean([(a > b) + (a == b) / 2 for a in yes for b in no])
    assert found.value == pytest.approx(expected)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high


# ------------------------------------------------------------------------------------------------ the shipped models


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    return Auditor.open(Config())


@pytest.fixture(scope="module")
def transcripts() -> list[Transcript]:
    return list(read_all(RATED, Config()))


def test_who_was_dissatisfied_in_other_trades() -> None:
    """Banks, airlines, telecoms …: nothing like them was trained on, and nothing here ever is."""
    ratings = evaluate_files(RATED, RATED, config=Config()).probabilities.ratings
    assert ratings is not None
    assert ratings.n == 90
    assert ratings.auc.value is not None
    assert ratings.auc.value >= 0.97
    assert ratings.correlation.value is not None
    assert ratings.correlation.value >= 0.75


def test_the_worst_rated_are_likeliest_to_go_further(auditor: Auditor, transcripts: list[Transcript]) -> None:
    cards = {card.transcript.id: card for card in auditor.audit(transcripts).scorecards}
    pairs = [(card.escalation, card.transcript.rating) for card in cards.values()]
    feared = np.array([escalation for escalation, _ in pairs], dtype=np.float64)
    area = auc_interval(feared, np.array([rating == 1 for _, rating in pairs])).value
    assert area is not None
    assert area >= 0.92


@pytest.mark.parametrize(
    ("label", "rating"),
    [
        (Gold(id="tel-01"), 1.0),
        (Gold(id="tel-01", rating=4), 4.0),
        (Gold(id="tel-01", satisfaction=2), 2.0),
        (Gold(id="tel-01", satisfaction="满意"), 5.0),
    ],
)
def test_the_label_goes_before_the_transcript(
    label: Gold, rating: float, auditor: Auditor, transcripts: list[Transcript]
) -> None:
    """Several agents had this chat, and none needs to be named for its rating."""
    second = Gold(id="tel-05", rating=rating)
    found = evaluate([label, second], transcripts, auditor).probabilities.ratings
    assert found is not None
    assert found.n == 2
    assert found.correlation.value is None  # both have the same rating


def test_an_unknown_satisfaction_is_named(auditor: Auditor, transcripts: list[Transcript]) -> None:
    with pytest.raises(
        InputError, match='chat tel-01: satisfaction cannot be "so-so"; give 1 to 5, or one of'
    ):
        evaluate([Gold(id="tel-01", satisfaction="so-so")], transcripts, auditor)


def test_emotions_of_models_that_had_not_seen_the_chat(tmp_path: Path) -> None:
    gold, cases = tmp_path / "gold.jsonl", tmp_path / "cases.jsonl"
    gold.write_text(
        '{"id": "bank-01", "emotion": "angry"}\n{"id": "bank-02", "emotion": "none"}\n', encoding="utf-8"
    )
    row = {"none": 0.2, "anxious": 0.0, "angry": 0.8, "disappointed": 0.0}
    case = {"id": "bank-01", "question": "emotion", "expected": "angry", "got": "angry", "probabilities": row}
    topic = {"id": "bank-02", "question": "topic", "expected": "支付", "got": "支付"}
    cases.write_text("".join(json.dumps(line) + "\n" for line in (case, topic)), encoding="utf-8")
    found = evaluate_files(gold, RATED, config=Config(), contacts=cases).probabilities
    assert found.emotions is not None
    assert (found.emotions.n, found.emotions.cross_validated) == (1, True)
    assert found.emotions.log_loss == pytest.approx(-np.log(0.8))
    assert "emotion probabilities (cross-validated): n 1" in "\n".join(lines(found))


def test_the_table_has_lines_for_both(auditor: Auditor, transcripts: list[Transcript]) -> None:
    gold = [
        Gold(id=t.id, agent=None if i else "A03", emotion=None if i else "angry")
        for i, t in enumerate(transcripts)
    ]
    text = "\n".join(lines(evaluate(gold, transcripts, auditor).probabilities))
    assert "dissatisfied, by rating: n 90, AUC of 1-2 against 4-5 0.9" in text
    assert "emotion probabilities (this model; its training chats are not left out): n 1, log loss" in text
