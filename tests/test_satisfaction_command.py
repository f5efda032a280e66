"""``train satisfaction`` from end to end: files in, model, card and plot out, and a night that uses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rated_chats import chats, write_dialogues, write_jsonl

from qa_audit.audit import Auditor
from qa_audit.cli import main
from qa_audit.config import load_config
from qa_audit.read.buckets import load_bucket, spill
from qa_audit.satisfaction.predict import SatisfactionModel

DAY = ("--date", "2026-11-20")


def called(*given: object) -> Result:
    return CliRunner().invoke(main, ["train", *map(str, given)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("satisfaction")


@pytest.fixture(scope="module")
def trained(folder: Path) -> dict[str, object]:
    data = write_jsonl(folder / "chats.jsonl", chats(of_each=40, times=True))
    test = write_jsonl(folder / "kept-back.jsonl", chats(of_each=15, seed=5, times=True))
    result = called("satisfaction", data, "--test", test, "--out", folder / "models", *DAY)
    assert result.exit_code == 0, result.output
    card: dict[str, object] = json.loads(result.stdout)
    return card


def test_the_card_says_what_was_learned_and_how_well(folder: Path, trained: dict[str, object]) -> None:
    on_disk = json.loads((folder / "models" / "satisfaction.json").read_text("utf-8"))
    assert trained.items() <= on_disk.items()
    assert on_disk["classes"] == {"dissatisfied": 40, "neutral": 40, "satisfied": 40}
    assert [file["name"] for file in on_disk["data"]] == ["chats.jsonl"]
    assert len(on_disk["data"][0]["sha256"]) == 64
    assert on_disk["trained_on"] == "2026-11-20"
    for figures in (on_disk["measured"], on_disk["test"]):
        assert figures["answers"]["macro_f1"]["value"] > 0.8
        for interval in (figures["answers"]["macro_f1"], figures["auc"], figures["spearman"]):
            assert interval["low"] <= interval["value"] <= interval["high"]
    assert sum(own["chats"] for own in on_disk["calibration"]) == 120


def test_the_plot_is_a_png(folder: Path, trained: dict[str, object]) -> None:
    assert trained["seed"] == 0
    assert (folder / "models" / "satisfaction.png").read_bytes().startswith(b"\x89PNG")


def test_an_audit_takes_the_model_of_its_configuration(folder: Path, trained: dict[str, object]) -> None:
    assert trained["chats"] == 120
    config = folder / "qa-audit.yml"
    config.write_text("models: models\n", "utf-8")
    auditor = Auditor.open(load_config(config))
    night = write_jsonl(folder / "night.jsonl", chats(of_each=2, seed=5, times=True))
    spilled = spill([str(night)], folder / "spill", config=auditor.config)
    audited = auditor.audit(
        [t for b in spilled.buckets for t in load_bucket(b, config=auditor.config).transcripts]
    )
    feared = {card.transcript.id: card.dissatisfied or 0.0 for card in audited.scorecards}
    assert feared["s5-r1-0"] + feared["s5-r1-1"] > feared["s5-r5-0"] + feared["s5-r5-1"]
    assert any(card.dissatisfied_factors for card in audited.scorecards)
    assert SatisfactionModel.load(folder / "models").hash in auditor.model_hash


def test_ratings_may_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    rows = chats(of_each=15)
    ratings = tmp_path / "ratings.csv"
    words = {1: "不满意", 3: "一般", 5: "非常满意"}
    ratings.write_text(
        "会话ID,满意度\n" + "".join(f"{row['id']},{words[int(str(row.pop('rating')))]}\n" for row in rows),
        "utf-8",
    )
    data = write_jsonl(tmp_path / "chats.jsonl", rows)
    out = tmp_path / "m"
    result = called(
        "satisfaction", data, "--ratings", ratings, "--classes", "2", "--out", out, "--no-plot", *DAY
    )
    assert result.exit_code == 0, result.output
    card = json.loads(result.stdout)
    assert card["classes"] == {"dissatisfied": 15, "satisfied": 15}
    assert card["left_out"] == 15
    assert [file["name"] for file in card["data"]] == ["chats.jsonl", "ratings.csv"]
    assert not (out / "satisfaction.png").exists()


def of_customers(rows: list[dict[str, object]], first: int) -> list[dict[str, object]]:
    """The rows as chats of customers numbered from ``first``, two each, under ids of their own."""
    return [
        row | {"id": f"{first}-{number}", "customer": f"客户{first + number // 2}"}
        for number, row in enumerate(rows)
    ]


def test_customers_that_were_learned_from_are_not_measured_on(tmp_path: Path) -> None:
    data = write_jsonl(tmp_path / "data.jsonl", of_customers(chats(of_each=12), first=0))
    own = of_customers(
        chats(of_each=12, seed=5), first=12
    )  # six customers of its 18 are among those of the data
    test = write_jsonl(tmp_path / "test.jsonl", own)
    result = called("satisfaction", data, "--test", test, "--out", tmp_path / "m", "--no-plot", *DAY)
    assert result.exit_code == 0, result.output
    card = json.loads(result.stdout)
    assert card["test_left_out"] == 12
    assert card["test"]["answers"]["macro_f1"]["n"] == 24


def test_a_test_of_nothing_but_what_was_learned_from_is_refused(tmp_path: Path) -> None:
    data = write_jsonl(tmp_path / "data.jsonl", chats(of_each=12))
    result = called("satisfaction", data, "--test", data, "--out", tmp_path / "m", "--no-plot", *DAY)
    assert result.exit_code == 2
    assert "all 36 chats, or others of their customers, are also in DATA" in result.stderr
    assert not (tmp_path / "m").exists()


def test_a_chat_that_was_learned_from_is_not_measured_on_where_its_customer_is_not_named(
    tmp_path: Path,
) -> None:
    rows = of_customers(chats(of_each=12), first=0)
    data = write_jsonl(tmp_path / "data.jsonl", rows)
    nameless = [{name: value for name, value in row.items() if name != "customer"} for row in rows]
    test = write_jsonl(tmp_path / "test.jsonl", [*nameless, *chats(of_each=5, seed=5)])
    result = called("satisfaction", data, "--test", test, "--out", tmp_path / "m", "--no-plot", *DAY)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["test_left_out"] == 36


def test_dialogues_that_were_learned_from_are_found_by_any_path_and_others_of_their_name_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, seed in (("a", 0), ("b", 3)):
        (tmp_path / folder).mkdir()
        write_dialogues(tmp_path / folder / "text.txt", of_each=20, seed=seed)
    monkeypatch.chdir(tmp_path)
    given = ("satisfaction", "a/text.txt", "--out", tmp_path / "m", "--no-plot", *DAY)
    assert called(*given, "--test", tmp_path / "a" / "text.txt").exit_code == 2
    other = called(*given, "--test", "b/text.txt")
    assert other.exit_code == 0, other.output
    assert json.loads(other.stdout)["test_left_out"] == 0


def test_word_ids_are_learned_from_and_predicted(tmp_path: Path) -> None:
    data = write_dialogues(tmp_path / "train.txt", of_each=30)
    test = write_dialogues(tmp_path / "test.txt", of_each=10, seed=3, turn_labels=False)
    out, cases = tmp_path / "m", tmp_path / "cases.jsonl"
    learned = called("satisfaction", data, "--test", test, "--out", out, "--no-plot", *DAY)
    assert learned.exit_code == 0, learned.output
    result = called("satisfaction-test", out, test, "--cases", cases)
    assert result.exit_code == 0, result.output
    figures, card = json.loads(result.stdout), json.loads(learned.stdout)
    assert figures["macro_f1"] == card["test"]["answers"]["macro_f1"]["value"]
    rows = [json.loads(line) for line in cases.read_text("utf-8").splitlines()]
    assert len(rows) == figures["chats"] == 30
    assert set(rows[0]) == {"id", "rating", "given", "probabilities"}


def test_texts_of_word_ids_in_transcripts(tmp_path: Path) -> None:
    rows = chats(of_each=12)
    for row in rows:
        for turn in row["turns"]:  # type: ignore[attr-defined]  # rows of JSON
            turn["text"] = " ".join(str(ord(character)) for character in turn["text"])
    data = write_jsonl(tmp_path / "ids.jsonl", rows)
    result = called("satisfaction", data, "--words", "--out", tmp_path / "m", "--no-plot", *DAY)
    assert result.exit_code == 0, result.output
    assert SatisfactionModel.load(tmp_path / "m").speller.spelling == "words"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--scale", "10"), "is no scale of ratings"),
        (("--classes", "5"), 'are "dissatisfied" and 0 are "satisfied"; at least 10 of each are wanted'),
    ],
)
def test_what_cannot_be_learned_says_so(tmp_path: Path, more: tuple[str, ...], message: str) -> None:
    data = write_jsonl(tmp_path / "chats.jsonl", chats(of_each=10))
    result = called("satisfaction", data, "--out", tmp_path / "m", "--no-plot", *more)
    assert result.exit_code == 2
    assert message in result.output


def test_ratings_of_other_chats_are_refused(tmp_path: Path) -> None:
    data = write_jsonl(tmp_path / "chats.jsonl", chats(of_each=1))
    ratings = tmp_path / "ratings.csv"
    ratings.write_text("会话ID,评分\nnobody,5\n", "utf-8")
    result = called("satisfaction", data, "--ratings", ratings, "--out", tmp_path / "m", "--no-plot")
    assert result.exit_code == 2
    assert "no chat id in it is one of the 3 chats read" in result.output


def test_without_matplotlib_the_remedy_comes_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa_audit.satisfaction.plot.find_spec", lambda _: None)
    data = write_jsonl(tmp_path / "chats.jsonl", chats(of_each=1))
    result = called("satisfaction", data, "--out", tmp_path / "m")
    assert result.exit_code == 2
    assert 'pip install "qa-audit[train]", or give --no-plot' in result.output
