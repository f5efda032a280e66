"""A mood model is moved to a team's labels as far as they justify, and stays where they do not."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from qa_audit import paths
from qa_audit.adapting import check_better
from qa_audit.audit import Auditor
from qa_audit.cli import main
from qa_audit.config import Config
from qa_audit.errors import InputError
from qa_audit.records import MOODS, Interval
from qa_audit.sentiment import delta, weights
from qa_audit.sentiment.adapting import PENALTIES, adapt
from qa_audit.sentiment.examples import Example, read_examples
from qa_audit.sentiment.pipeline import Features
from qa_audit.sentiment.predict import MoodModel

SHIPPED = paths.shipped("models")
# what a trade of its own says, which no model knows: moods by words that mean nothing elsewhere
OWN = {"negative": "灰度又飘红了", "neutral": "灰度转到几号桶", "positive": "灰度已落绿"}
KNOWN = {
    "negative": "太差劲了，气死我了，我要投诉",
    "neutral": "请问运费是多少",
    "positive": "非常感谢，辛苦你了",
}


def write(
    folder: Path,
    said: Mapping[str, str],
    *,
    number: int = 12,
    moods: Sequence[str] = MOODS,
    name: str = "own",
) -> Path:
    """Chats of two rounds each, and labels of the second; ``moods``: the label of each of ``records.MOODS``."""
    folder.mkdir(exist_ok=True)
    chats, labels = [], []
    for i in range(number * len(MOODS)):
        kind = i % len(MOODS)
        turns = [("customer", "在吗"), ("agent", "在的，请讲"), ("customer", f"{said[MOODS[kind]]}，批次{i}")]
        chats.append({"id": f"{name}-{i}", "turns": [{"role": r, "text": t} for r, t in turns]})
        labels.append({"id": f"{name}-{i}", "moods": {"2": moods[kind]}})
    for suffix, lines in (("chats", chats), ("labels", labels)):
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder / f"{name}_{suffix}.jsonl").write_text(text, "utf-8")
    return folder


def run(data: Path, out: Path, *more: str) -> Result:
    options = ["train", "mood", str(data), "--adapt", "--out", str(out), "--date", "2026-11-28", *more]
    return CliRunner().invoke(main, options)


def changed_card(folder: Path, **changes: object) -> Path:
    card = json.loads((folder / "mood.json").read_text("utf-8"))
    (folder / "mood.json").write_text(json.dumps(card | changes), "utf-8")
    return folder


@pytest.fixture(scope="module")
def shipped() -> tuple[weights.Weights, Mapping[str, float]]:
    found, card = weights.read(SHIPPED)
    return found, card["thresholds"]


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data that teach something, and the model adapted to them."""
    folder = tmp_path_factory.mktemp("adapted")
    done = run(write(folder / "data", OWN), folder / "model")
    assert done.exit_code == 0, done.output
    return folder


def examples_in(folder: Path) -> list[Example]:
    return read_examples([folder])[0]


def labels(model: MoodModel, examples: Sequence[Example]) -> list[str]:
    return list(model.labels(model.probabilities([one.customer_turn for one in examples])))


def test_corrections_are_learned(adapted: Path) -> None:
    examples = examples_in(adapted / "data")
    expected = [one.label for one in examples]
    assert labels(MoodModel.load(adapted / "model"), examples) == expected
    assert labels(MoodModel.load(SHIPPED), examples) != expected


def test_the_card_says_how_it_did_before_and_after_and_where_it_came_from(adapted: Path) -> None:
    card = json.loads((adapted / "model" / "mood.json").read_text("utf-8"))
    shipped_card = json.loads((SHIPPED / "mood.json").read_text("utf-8"))
    told = card["adapted"]
    assert (told["turns"], told["chats"], told["unlabelled_turns"]) == (36, 36, 36)
    assert told["before"]["macro_f1"]["value"] < told["after"]["macro_f1"]["value"]
    assert told["log_loss_difference_all_turns"]["high"] < 0
    assert told["after"]["log_loss"]["value"] < told["before"]["log_loss"]["value"]
    assert (
        told["after_against_before"]["only_first_right"] > told["after_against_before"]["only_second_right"]
    )
    assert told["penalty"] == card["settings"]["penalty_of_change"]
    assert card["classes"]["chats"] == dict.fromkeys(MOODS, 12)
    assert [one["sha256"] for one in card["lineage"]] == [shipped_card["sha256"]]
    assert card["lineage"][0]["trained_on"] == shipped_card["trained_on"]
    assert [one["name"] for one in card["data"][-2:]] == ["own_chats.jsonl", "own_labels.jsonl"]
    assert card["thresholds"] == shipped_card["thresholds"]


def test_a_night_uses_it_beside_the_shipped_chat_model(adapted: Path) -> None:
    auditor = Auditor.open(Config(models=adapted / "model"))
    assert auditor.model_hash != Auditor.open(Config()).model_hash
    assert auditor.chat_model is not None


def test_adapted_twice_it_starts_from_the_first_and_names_both_ancestors(
    adapted: Path, tmp_path: Path
) -> None:
    model = Path(shutil.copytree(adapted / "model", tmp_path / "model"))
    first = json.loads((model / "mood.json").read_text("utf-8"))
    other = {"negative": "跳线又断码了", "neutral": "跳线走哪个柜", "positive": "跳线已归位"}
    done = run(write(tmp_path / "more", other, name="more"), model, "--from", str(model))
    assert done.exit_code == 0, done.output
    card = json.loads((model / "mood.json").read_text("utf-8"))
    assert [one["sha256"] for one in card["lineage"]] == [first["lineage"][0]["sha256"], first["sha256"]]
    assert {"own_labels.jsonl", "more_labels.jsonl"} <= {one["name"] for one in card["data"]}
    # what the first had learned is still known
    examples = examples_in(adapted / "data")
    assert labels(MoodModel.load(model), examples) == [one.label for one in examples]


def test_without_a_change_the_model_stays_as_it_is(
    shipped: tuple[weights.Weights, Mapping[str, float]], adapted: Path
) -> None:
    found = adapt(*shipped, examples_in(adapted / "data"), seed=0, penalties=[inf])
    assert found.weights is shipped[0]
    assert found.penalty == inf
    assert np.array_equal(found.before, found.after)
    assert found.log_loss.value == 0


def test_a_huge_penalty_leaves_the_probabilities(
    shipped: tuple[weights.Weights, Mapping[str, float]], adapted: Path
) -> None:
    examples = examples_in(adapted / "data")
    found = adapt(*shipped, examples, seed=0, penalties=[1e9])
    turns = [one.customer_turn for one in examples]
    old, new = (MoodModel(one, {}, "").probabilities(turns) for one in (shipped[0], found.weights))
    assert np.abs(old - new).max() < 1e-6


@pytest.mark.parametrize("alone", [True, False], ids=["a turn that stands alone", "in a chat"])
def test_the_weights_apply_a_change_as_plain_sums_do(
    shipped: tuple[weights.Weights, Mapping[str, float]], adapted: Path, *, alone: bool
) -> None:
    examples = examples_in(adapted / "data")[:9]
    turns = [
        Example(one.text, "", one.label, one.group).customer_turn if alone else one.customer_turn
        for one in examples
    ]
    seen = delta.seen(Features.of(shipped[0]), turns).toarray()
    change = np.random.default_rng(4).normal(size=(seen.shape[1], len(MOODS)))
    powers = MoodModel(shipped[0], {}, "").probabilities(turns) * np.exp(seen @ change)
    expected = powers / powers.sum(axis=1, keepdims=True)
    got = MoodModel(delta.with_change(shipped[0], change), {}, "").probabilities(turns)
    assert np.abs(got - expected).max() < 1e-6


def test_what_is_learned_is_the_least_of_loss_and_penalty(
    shipped: tuple[weights.Weights, Mapping[str, float]], adapted: Path
) -> None:
    """At the least, the slope is 0: 2 λ D = Σ weight (target − P) features, written out in dense arrays."""
    examples = examples_in(adapted / "data")
    turns = [one.customer_turn for one in examples]
    seen = delta.seen(Features.of(shipped[0]), turns)
    old = MoodModel(shipped[0], {}, "").probabilities(turns)
    target = np.eye(len(MOODS))[[MOODS.index(one.label) for one in examples]]
    change = delta.learned(seen, delta.logits(old), target, np.ones(len(turns)), penalty=1.0)
    powers = old * np.exp(seen.toarray() @ change)
    wanted = seen.toarray().T @ (target - powers / powers.sum(axis=1, keepdims=True)) / 2
    assert np.abs(change - wanted).max() < 1e-3


def test_turns_that_the_model_is_sure_and_right_of_change_no_label(
    shipped: tuple[weights.Weights, Mapping[str, float]], adapted: Path, tmp_path: Path
) -> None:
    known = examples_in(write(tmp_path / "known", KNOWN))
    assert labels(MoodModel.load(SHIPPED), known) == [one.label for one in known]
    found = adapt(*shipped, known, seed=0, penalties=PENALTIES)
    asked = [*known, *examples_in(adapted / "data")]
    new = MoodModel(found.weights, shipped[1], "")
    assert labels(new, asked) == labels(MoodModel.load(SHIPPED), asked)


def test_labels_that_teach_nothing_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    # the same words have each mood equally often
    data = tmp_path / "data"
    for name, moods in (("a", MOODS), ("b", MOODS[1:] + MOODS[:1]), ("c", MOODS[2:] + MOODS[:2])):
        write(data, KNOWN, moods=moods, number=4, name=name)
    out = tmp_path / "model"
    done = run(data, out)
    assert done.exit_code == 2, done.output
    assert "its mood model" in done.output
    assert "--even-if-worse" in done.output
    assert not out.exists()


def test_it_is_written_all_the_same_when_told_so(tmp_path: Path) -> None:
    data = write(tmp_path / "data", KNOWN)
    done = run(data, tmp_path / "model", "--even-if-worse")
    assert done.exit_code == 0, done.output
    assert MoodModel.load(tmp_path / "model").hash != MoodModel.load(SHIPPED).hash


@pytest.mark.parametrize(
    ("number", "moods", "message"),
    [
        (6, MOODS, r"18 labelled turns of 18 chats are too few .* at least 20 turns of 5 chats"),
        (8, ["negative"] * 3, r"all 24 labelled turns are negative; give turns of other moods"),
    ],
    ids=["few turns", "one mood"],
)
def test_too_few_labels_are_refused(
    shipped: tuple[weights.Weights, Mapping[str, float]],
    tmp_path: Path,
    number: int,
    moods: Sequence[str],
    message: str,
) -> None:
    examples = examples_in(write(tmp_path / "data", OWN, number=number, moods=moods))
    with pytest.raises(InputError, match=message):
        adapt(*shipped, examples, seed=0)


@pytest.mark.parametrize(
    ("said", "name", "on"),
    [
        (OWN, "own", "cross-validation of both"),
        ({mood: f"跳线{text}" for mood, text in OWN.items()}, "more", "turns that neither had learned from"),
    ],
    ids=["the same files", "other files"],
)
def test_another_model_in_out_is_compared_with(
    adapted: Path, tmp_path: Path, said: Mapping[str, str], name: str, on: str
) -> None:
    model = changed_card(shutil.copytree(adapted / "model", tmp_path / "model"), lineage=[])
    data = write(tmp_path / "data", said, name=name)
    done = run(data, model, "--from", str(SHIPPED), "--even-if-worse")
    assert done.exit_code == 0, done.output
    card = json.loads(done.stdout)
    assert card["replaced"]["on"] == on
    assert len(card["lineage"]) == 1


def test_labels_that_have_grown_are_all_learned_from_anew(adapted: Path, tmp_path: Path) -> None:
    model = Path(shutil.copytree(adapted / "model", tmp_path / "model"))
    data = Path(shutil.copytree(adapted / "data", tmp_path / "data"))
    write(
        data, {"negative": "跳线又断码了", "neutral": "跳线走哪个柜", "positive": "跳线已归位"}, name="more"
    )
    done = run(data, model)
    assert done.exit_code == 0, done.output
    card = json.loads(done.stdout)
    assert [one["sha256"] for one in card["lineage"]] == [weights.read(SHIPPED)[1]["sha256"]]
    assert card["adapted"]["turns"] == 72
    assert card["replaced"]["on"] == "nothing: both are adapted from the same model"
    examples = examples_in(data)
    assert labels(MoodModel.load(model), examples) == [one.label for one in examples]


def test_labels_that_the_model_has_learned_from_are_refused(adapted: Path, tmp_path: Path) -> None:
    done = run(adapted / "data", tmp_path / "again", "--from", str(adapted / "model"))
    assert done.exit_code == 2, done.output
    assert "own_labels.jsonl: " in done.output
    assert "has learned from this file already" in done.output


def test_sentences_given_twice_prove_nothing(tmp_path: Path) -> None:
    """Labels drawn by lot teach nothing; with a copy of each among those left out they would seem to."""
    chance = random.Random(7)  # noqa: S311 - made-up labels
    lines = [
        f"{chance.choice('000000np')}\t桶{number}换了{chance.randrange(10**6)}号架\n" for number in range(40)
    ]
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.tsv").write_text("".join(lines), "utf-8")
    done = CliRunner().invoke(
        main,
        [
            "train",
            "mood",
            *(str(tmp_path / f"{name}.tsv") for name in "abc"),
            "--adapt",
            "--out",
            str(tmp_path / "m"),
        ],
    )
    assert done.exit_code == 2, done.output
    assert "its mood model stays" in done.output


def test_chats_and_sentences_are_measured_apart(tmp_path: Path) -> None:
    data = write(tmp_path / "data", OWN)
    (data / "own.tsv").write_text("".join(f"n\t灰度飘红第{i}回\n" for i in range(8)), "utf-8")
    done = run(data, tmp_path / "model", "--even-if-worse")
    assert done.exit_code == 0, done.output
    measured = json.loads(done.stdout)["measured"]
    assert [measured[kind]["macro_f1"]["n"] for kind in ("chats", "written")] == [36, 8]


def test_what_sentences_gain_does_not_pay_for_what_chats_lose(
    shipped: tuple[weights.Weights, Mapping[str, float]], adapted: Path
) -> None:
    chats = examples_in(adapted / "data")
    sentences = [Example(f"灰度{i}", "", "negative", f"s:{i}", written=True) for i in range(200)]
    examples = [*chats, *sentences]
    truth = np.array([MOODS.index(one.label) for one in examples])
    found = adapt(*shipped, examples, seed=0, penalties=[inf])
    wrong, right = np.where(truth == 0, 1, 0), truth
    of_chats = np.arange(len(examples)) < len(chats)
    better = replace(
        found,
        penalty=1.0,
        log_loss=Interval(-1.0, -1.5, -0.5, len(examples)),
        given_before=np.where(of_chats, right, wrong),
        given=np.where(of_chats, wrong, right),
    )
    with pytest.raises(InputError, match=r"macro-F1 1\.000 → 0\.000"):
        check_better(better, examples, SHIPPED)
    check_better(replace(better, given=right), examples, SHIPPED)


def test_a_folder_that_cannot_be_made_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    done = run(write(tmp_path / "data", OWN), tmp_path / "file" / "model")
    assert done.exit_code == 2, done.output
    assert "nothing can be written at" in done.output


@pytest.mark.parametrize("files", [None, [{"name": "a.tsv"}]], ids=["no files", "half a file"])
def test_a_card_that_does_not_name_its_data_is_refused(adapted: Path, tmp_path: Path, files: object) -> None:
    base = changed_card(shutil.copytree(adapted / "model", tmp_path / "base"), data=files)
    done = run(write(tmp_path / "data", KNOWN, name="more"), tmp_path / "model", "--from", str(base))
    assert done.exit_code == 2, done.output
    assert "does not say what it was trained on" in done.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--from", str(SHIPPED)), "give --adapt"),
        (("--adapt", "--cases", "c.jsonl"), "--cases is for training anew"),
    ],
    ids=["from", "cases"],
)
def test_options_that_do_not_go_together(tmp_path: Path, options: Sequence[str], message: str) -> None:
    data = write(tmp_path / "data", OWN)
    done = CliRunner().invoke(main, ["train", "mood", str(data), "--out", str(tmp_path / "m"), *options])
    assert done.exit_code == 2
    assert message in done.output


def test_a_folder_without_a_model_cannot_be_adapted(tmp_path: Path) -> None:
    data = write(tmp_path / "data", OWN)
    done = run(data, tmp_path / "model", "--from", str(data))
    assert done.exit_code == 2
    assert "mood.json: cannot be read" in done.output


def test_the_command_gives_the_same_bytes_again(adapted: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "qa_audit", "train", "mood", str(adapted / "data"), "--adapt"]
    command += ["--out", str(tmp_path), "--date", "2026-11-28"]
    done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
    assert json.loads(done.stdout)["adapted"]["turns"] == 36
    for name in ("mood.npz", "mood.json"):
        assert (tmp_path / name).read_bytes() == (adapted / "model" / name).read_bytes()
