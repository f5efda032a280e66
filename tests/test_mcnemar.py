"""Two models on the same cases: McNemar's exact test, and differences with intervals over chats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, f1_score

from qa_audit.cli import main
from qa_audit.mcnemar import Paired, compare, exact_p

MOODS = st.sampled_from(["negative", "neutral", "positive"])
PAIRS = st.lists(st.builds(Paired, st.sampled_from("abc"), MOODS, MOODS, MOODS), min_size=1, max_size=30)


@given(st.integers(0, 60), st.integers(0, 60))
def test_p_is_that_of_the_binomial_test(first: int, second: int) -> None:
    expected = binomtest(first, first + second).pvalue if first + second else 1.0
    assert exact_p(first, second) == pytest.approx(expected)


@given(PAIRS)
def test_figures_are_those_of_scikit_learn(pairs: list[Paired]) -> None:
    found = compare("mood", pairs)
    truth = [pair.expected for pair in pairs]
    first, second = [pair.first for pair in pairs], [pair.second for pair in pairs]
    labels = sorted(set(truth))

    def macro(given: list[str]) -> float:
        return float(f1_score(truth, given, labels=labels, average="macro", zero_division=0))

    assert found.accuracy.value == pytest.approx(
        accuracy_score(truth, first) - accuracy_score(truth, second), abs=1e-4
    )
    assert found.macro_f1.value == pytest.approx(macro(first) - macro(second), abs=1e-4)
    neither = sum(a != t != b for t, a, b in zip(truth, first, second, strict=True))
    assert found.both + found.only_first + found.only_second + neither == found.n


@given(PAIRS)
def test_swapping_the_models_turns_the_signs(pairs: list[Paired]) -> None:
    one = compare("mood", pairs)
    other = compare("mood", [Paired(p.chat, p.expected, p.second, p.first) for p in pairs])
    assert (one.only_first, one.only_second, one.p) == (other.only_second, other.only_first, other.p)
    assert one.accuracy.value == pytest.approx(-(other.accuracy.value or 0.0))
    assert one.macro_f1.low == pytest.approx(-(other.macro_f1.high or 0.0), abs=1e-4)


def test_a_model_is_compared_with_cases_of_another(tmp_path: Path) -> None:
    chats = [
        {"id": f"c{i}", "turns": [{"role": "agent", "agent": "a", "text": "您好"}, {"role": "customer", "text": text}]}
        for i, text in enumerate(["谢谢你", "你们就会骗人，太差了", "请问几点发货"])
    ]  # fmt: skip
    (tmp_path / "chats.jsonl").write_text("".join(json.dumps(chat) + "\n" for chat in chats), "utf-8")
    moods = ["positive", "negative", "neutral"]
    labels = [{"id": f"c{i}", "moods": {"1": mood}} for i, mood in enumerate(moods)]
    (tmp_path / "gold.jsonl").write_text("".join(json.dumps(one) + "\n" for one in labels), "utf-8")
    other = [
        {"id": f"c{i}", "turn": 1, "expected": mood, "got": "neutral", "probabilities": [0.1, 0.8, 0.1]}
        for i, mood in enumerate(moods)
    ]
    (tmp_path / "other.jsonl").write_text("".join(json.dumps(case) + "\n" for case in other), "utf-8")
    figures = tmp_path / "figures.json"
    options = ["--chats", tmp_path / "chats.jsonl", "--against", tmp_path / "other.jsonl", "--json", figures]
    done = CliRunner().invoke(main, ["evaluate", str(tmp_path / "gold.jsonl"), *map(str, options)])
    assert done.exit_code == 0, done.output
    assert "two models on the same cases" in done.output
    found = json.loads(figures.read_text("utf-8"))["compared"]["mood"]
    assert (found["n"], found["both_right"], found["only_first_right"], found["only_second_right"]) == (
        3,
        1,
        2,
        0,
    )
    assert found["mcnemar_p"] == pytest.approx(0.5)
