"""A mood model takes the place of another only where it is not worse on turns new to both."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qa_audit.cli import main
from qa_audit.records import MOODS

SAID = {"negative": "怎么还没到啊", "neutral": "请问在哪里改地址", "positive": "谢谢,辛苦了"}
ODD = {"negative": "嗯嗯", "neutral": "哦哦", "positive": "呃呃"}


def talks(name: str, said: dict[str, str], *, number: int = 12) -> list[dict[str, object]]:
    return [
        {"id": f"{name}-{i}", "turns": [{"role": "customer", "text": f"{said[mood]}{i}"}]}
        for i, mood in enumerate(MOODS * number)
    ]


def write(folder: Path, name: str, said: dict[str, str], *, swapped: bool = False) -> Path:
    """Chats and labels; ``swapped``: every label is wrong."""
    folder.mkdir(exist_ok=True)
    chats = talks(name, said)
    moods = (MOODS[1:] + MOODS[:1]) if swapped else MOODS
    labels = [{"id": chat["id"], "moods": {"0": moods[i % 3]}} for i, chat in enumerate(chats)]
    for suffix, lines in (("chats", chats), ("labels", labels)):
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder / f"{name}_{suffix}.jsonl").write_text(text, "utf-8")
    return folder


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def train(data: Path, out: Path, *more: str) -> Result:
    options = ["train", "mood", str(data), "--out", str(out), "--date", "2026-11-28", "--seed", "1", *more]
    return CliRunner().invoke(main, options)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model that knows what people say."""
    folder = tmp_path_factory.mktemp("good")
    done = train(write(folder / "data", "first", SAID), folder / "model")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["replaced"] is None
    return folder


@pytest.fixture
def model(good: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(good / "model", tmp_path / "model"))


def test_a_worse_model_is_refused_and_the_other_stays(model: Path, tmp_path: Path) -> None:
    # new turns, labelled as before; what is learned beside them says the contrary
    data = write(write(tmp_path / "data", "new", SAID), "wrong", SAID, swapped=True)
    before = (model / "mood.npz").read_bytes()
    # the other has learned from the wrong ones, so it is asked about the new ones alone
    card = json.loads((model / "mood.json").read_text("utf-8"))
    card["data"] += [
        {"name": "wrong_labels.jsonl", "kind": "labels", "sha256": sha256(data / "wrong_labels.jsonl")}
    ]
    (model / "mood.json").write_text(json.dumps(card), "utf-8")
    done = train(data, model)
    assert done.exit_code == 2
    assert "better on 36 turns that neither had learned from" in done.output
    assert "--even-if-worse" in done.output
    assert (model / "mood.npz").read_bytes() == before


def test_it_is_replaced_when_told_so(model: Path, tmp_path: Path) -> None:
    data = write(tmp_path / "data", "new", SAID, swapped=True)
    before = (model / "mood.npz").read_bytes()
    done = train(data, model, "--even-if-worse")
    assert done.exit_code == 0, done.output
    assert (model / "mood.npz").read_bytes() != before


def test_a_better_model_takes_its_place_and_its_card_says_by_how_much(model: Path, tmp_path: Path) -> None:
    done = train(write(tmp_path / "data", "odd", ODD), model)
    assert done.exit_code == 0, done.output
    card = json.loads((model / "mood.json").read_text("utf-8"))
    assert card["replaced"]["on"] == "turns that neither had learned from"
    assert card["replaced"]["n"] == 36
    assert card["replaced"]["only_first_right"] > card["replaced"]["only_second_right"]


def test_the_same_files_are_compared_by_cross_validation(good: Path, model: Path) -> None:
    done = train(good / "data", model)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)["replaced"]
    assert told["on"] == "cross-validation of both"
    assert told["macro_f1"][0] == told["macro_f1"][1]


def test_what_the_other_has_learned_already_tells_nothing(good: Path, model: Path, tmp_path: Path) -> None:
    write(tmp_path / "data", "first", SAID)
    shutil.copy(good / "data" / "first_chats.jsonl", tmp_path / "data")
    card = json.loads((model / "mood.json").read_text("utf-8"))
    card["data"].append({"name": "more.jsonl", "kind": "labels", "sha256": "0" * 64})
    (model / "mood.json").write_text(json.dumps(card), "utf-8")
    done = train(tmp_path / "data", model)
    assert done.exit_code == 2
    assert "cannot be compared" in done.output
