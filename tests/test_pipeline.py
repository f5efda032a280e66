"""A night from files to its folder: the same whatever the machine does, resumed after a crash, never overwritten."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_standard import RULES, chat, rule_text, write_standard

from qa_audit import __version__, paths, pipeline
from qa_audit.audit import Audited, Auditor
from qa_audit.config import Config
from qa_audit.contact.predict import ChatModel
from qa_audit.errors import InputError, InvalidStandard
from qa_audit.nights import Team
from qa_audit.pipeline import BucketDone, BucketJob, RunOptions, Summary, Workshop, run
from qa_audit.read import buckets
from qa_audit.records import Evidence, Message, RuleResult, Scorecard, Transcript, Unanswered, Verdict
from qa_audit.rulebook import load_standard
from qa_audit.score import TEAM, statistics_of
from qa_audit.sentiment.predict import MoodModel
from qa_audit.store import read_manifest, read_results, read_unanswered

MODELS = paths.shipped("models")
PHONE = "13812345678"
MASKED = "138****5678"
CHATS = {
    "C1": chat("C1", f"10:00:00 客：在吗\n10:00:40 服：您好，这是您自己操作错\n10:01:00 客：我的电话{PHONE}\n10:01:10 服：再见", customer="王小花"),
    "C2": chat("C2", f"11:00:00 客：在吗\n11:00:20 服：您自己看着办\n11:00:30 系：已为您转接\n11:01:10 服1002_小宁：您好，加我{PHONE}吧。再见", customer="李四"),
    "C3": chat("C3", "12:00:00 客：有人吗\n12:00:10 自：您好", assigned_agent="1001_小安", customer="王小花"),
    "C4": chat("C4", "13:00:00 服：有人吗"),
    "C5": chat("C5", "14:00:00 客：在吗\n14:00:05 服1002_小宁：您好\n14:01:00 客：谢谢\n14:01:10 服1002_小宁：祝您愉快"),
    "C6": chat("C6", "23:59:00 客：在吗\n23:59:05 服：您好，再见"),
    "C7": chat("C7", "客：在吗\n服1003_小平：您好，请稍等"),
}  # fmt: skip
FRIENDLY = rule_text(id="COMP-04", name="private-contact", title="引导站外", severity="critical", points="0", look_for="'re:加我1[0-9]{10}'")  # fmt: skip


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_standard(tmp_path_factory.mktemp("rules") / "standard", {**RULES, "COMP-04": FRIENDLY})


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    folder = tmp_path_factory.mktemp("inputs")
    (folder / "a.jsonl").write_text(CHATS["C1"] + CHATS["C2"] + CHATS["C3"] + "{bad\n", encoding="utf-8")
    (folder / "b.jsonl").write_text(CHATS["C4"] + CHATS["C5"] + CHATS["C1"], encoding="utf-8")
    (folder / "c.jsonl").write_text(CHATS["C6"] + CHATS["C7"], encoding="utf-8")
    return tuple(str(folder / name) for name in ("a.jsonl", "b.jsonl", "c.jsonl"))


@pytest.fixture
def _many_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "BUCKET_BYTES", 300)


@pytest.fixture
def _no_workbooks(monkeypatch: pytest.MonkeyPatch, standard: Path) -> None:
    """For what happens before the workbooks: they take most of a small night."""
    team = Team(0, 0, statistics_of(TEAM, [], load_standard(standard).standard))
    monkeypatch.setattr(pipeline, "write_night", lambda *_, **__: team)


def options(standard: Path, **more: Any) -> RunOptions:
    given: dict[str, Any] = {"standard": standard, "workers": 1, **more}
    return RunOptions(**given)


def rows(folder: Path) -> list[Scorecard]:
    cards = read_results(sorted((folder / "results").glob("*.parquet")))
    return sorted(cards, key=lambda card: (card.transcript.id, card.agent))


def unanswered(folder: Path) -> list[Unanswered]:
    chats = read_unanswered(sorted((folder / "unanswered").glob("*.parquet")))
    return sorted(chats, key=lambda one: one.transcript.id)


def problems(folder: Path) -> list[list[str]]:
    text = (folder / "problems.csv").read_text("utf-8-sig")
    return list(csv.reader(text.splitlines()))


@pytest.fixture(scope="module")
def night(standard: Path, inputs: Sequence[str], tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """One night with one worker and one bucket: what every other way must come to."""
    return run(inputs, tmp_path_factory.mktemp("nights") / "out", options(standard))


def test_summary(night: Summary) -> None:
    out = night.folder.parent
    mean: Any = pytest.approx((97 + 89 + 97 + 100 + 100 + 98) / 6)
    assert night == Summary(
        night="2026-11-20",
        folder=out / "2026-11-20",
        chats=7,
        audited=5,
        unanswered=1,
        problems=4,
        unreadable=2,
        agents=3,
        mean_score=mean,
        fatal=2,
        alerts=0,
    )
    assert night.not_audited == 2
    assert sorted(path.name for path in out.iterdir()) == [".customer_key", "2026-11-20"]
    assert sorted(path.relative_to(night.folder).as_posix() for path in night.folder.rglob("*.*")) == [
        "agents/1001_小安.xlsx",
        "agents/1002_小宁.xlsx",
        "agents/1003_小平.xlsx",
        "problems.csv",
        "results/bucket-000.parquet",
        "review.xlsx",
        "run.json",
        "standard.json",
        "team.xlsx",
        "unanswered/bucket-000.parquet",
    ]


def test_scores_of_each_agent_s_part(night: Summary) -> None:
    assert [(c.transcript.id, c.agent, c.score, c.score_before_fatal, c.grade, c.decided) for c in rows(night.folder)] == [
        ("C1", "1001_小安", 0.0, 97.0, "致命", 6),
        ("C2", "1001_小安", 89.0, 89.0, "合格", 6),
        ("C2", "1002_小宁", 0.0, 97.0, "致命", 6),
        ("C5", "1002_小宁", 100.0, 100.0, "优秀", 6),
        ("C6", "1001_小安", 100.0, 100.0, "优秀", 6),
        ("C7", "1003_小平", 98.0, 98.0, "优秀", 5),
    ]  # fmt: skip


def test_a_chat_that_no_human_answered(night: Summary) -> None:
    (chat_,) = unanswered(night.folder)
    assert (chat_.transcript.id, chat_.agent) == ("C3", "1001_小安")
    assert chat_.result == RuleResult("RESP-01", Verdict.FAIL, wanted="人工应答", note="客户发言后无人工应答")


def test_problems(night: Summary, inputs: Sequence[str]) -> None:
    a, b, _ = inputs
    assert problems(night.folder) == [
        ["文件", "行", "会话ID", "原因", "处理建议"],
        [a, "3", "C3", "客户发言后没有人工坐席应答，未评分", "见 review.xlsx 的“无人应答”，安排回访"],
        [a, "4", "", problems(night.folder)[2][3], "每行应是一个完整的 JSON 对象，编码为 UTF-8"],
        [b, "1", "C4", "会话中没有客户发言，未质检", "核对导出是否完整；若为坐席内部会话可忽略"],
        [b, "3", "C1", f"与 {a} 第 1 行是同一会话且内容相同，已去重", "每个会话只导出一次"],
    ]


def test_manifest(night: Summary, inputs: Sequence[str], standard: Path) -> None:
    manifest = read_manifest(night.folder / "run.json")
    loaded = load_standard(standard).standard
    times = (manifest.pop("started_at"), manifest.pop("finished_at"))
    versions = manifest.pop("versions")
    run_id = manifest.pop("run_id")
    assert manifest == {
        "night": "2026-11-20",
        "inputs": [
            {"path": path, "sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest(), "bytes": Path(path).stat().st_size}
            for path in inputs
        ],
        "standard_hash": loaded.hash,
        "lexicon_hash": loaded.lexicon_hash,
        "standard_adjusted": [],
        "model_hash": f"{MoodModel.load(MODELS).hash}+{ChatModel.load(MODELS).hash}",
        "masked": True,
        "seed": 0,
        "config": Config().model_dump(mode="json"),
        "chats": 7,
        "audited": 5,
        "not_audited": 2,
        "not_audited_by_agent": {"1001_小安": 1},
        "unanswered": 1,
        "problems": 4,
        "unreadable": 2,
        "agents": 3,
        "fatal": 2,
        "alerts": 0,
    }  # fmt: skip
    no_customer = [row for row in problems(night.folder) if row[3].startswith("会话中没有客户发言")]
    assert manifest["chats"] == manifest["audited"] + manifest["not_audited"]
    assert manifest["not_audited"] == manifest["unanswered"] + len(no_customer)
    assert manifest["problems"] == len(problems(night.folder)) - 1
    assert manifest["audited"] == len({card.transcript.id for card in rows(night.folder)})
    assert times[0] <= times[1]
    assert versions["qa-audit"] == __version__
    assert len(run_id) == 16


WAYS: dict[str, dict[str, Any]] = {
    "two workers": {"workers": 2},
    "as many workers as processors": {"workers": 0},
    "another order of the files": {"order": (2, 0, 1)},
    "another seed of the sample": {"seed": 7},
}


@pytest.mark.usefixtures("_many_buckets")
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_results_are_the_same_however_they_are_made(
    way: dict[str, Any], night: Summary, standard: Path, inputs: Sequence[str], tmp_path: Path
) -> None:
    more = {key: value for key, value in way.items() if key != "order"}
    ordered = [inputs[number] for number in way.get("order", range(3))]
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".customer_key").write_bytes((night.folder.parent / ".customer_key").read_bytes())
    again = run(ordered, tmp_path / "out", options(standard, **more))
    assert len(list((again.folder / "results").iterdir())) > 3, "more than one bucket"
    assert rows(again.folder) == rows(night.folder)
    assert unanswered(again.folder) == unanswered(night.folder)
    assert problems(again.folder) == problems(night.folder)
    assert replace(again, folder=night.folder) == night


SCRIPT = """
import sys
from pathlib import Path
from qa_audit.pipeline import RunOptions, run
from qa_audit.read import buckets
buckets.BUCKET_BYTES = 300
run(sys.argv[3:], Path(sys.argv[1]), RunOptions(standard=Path(sys.argv[2]), workers=2))
"""


def test_results_do_not_depend_on_the_hash_seed(
    night: Summary, standard: Path, inputs: Sequence[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / ".customer_key").write_bytes((night.folder.parent / ".customer_key").read_bytes())
    other = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    subprocess.run(
        [sys.executable, "-c", SCRIPT, str(out), str(standard), *inputs],
        env={**os.environ, "PYTHONHASHSEED": other},
        check=True,
        timeout=60,
    )
    again = out / "2026-11-20"
    assert rows(again) == rows(night.folder)
    assert unanswered(again) == unanswered(night.folder)
    assert problems(again) == problems(night.folder)
    assert _run_id(again) == _run_id(night.folder)


def _run_id(folder: Path) -> str:
    return str(read_manifest(folder / "run.json")["run_id"])


def _audited_chats(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the chats that are audited from here on."""
    seen: list[str] = []
    audit = Auditor.audit

    def recording(self: Auditor, transcripts: Sequence[Transcript]) -> Audited:
        seen.extend(transcript.id for transcript in transcripts)
        return audit(self, transcripts)

    monkeypatch.setattr(Auditor, "audit", recording)
    return seen


@pytest.mark.usefixtures("_many_buckets")
def test_a_crashed_night_is_resumed(
    night: Summary, standard: Path, inputs: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audited = _audited_chats(monkeypatch)
    whole = pipeline.audit_bucket

    def crashing(shop: Workshop, job: BucketJob) -> BucketDone:
        if "C5" in job.bucket.read_text("utf-8"):
            raise MemoryError("killed")
        return whole(shop, job)

    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "audit_bucket", crashing)
        with pytest.raises(MemoryError, match=r"^killed$"):
            run(inputs, out, options(standard))
    finished = list(audited)
    (work,) = [path for path in out.iterdir() if path.name != ".customer_key"]
    assert finished
    assert "C5" not in finished
    assert work.name.startswith(".work-")
    assert len(list(work.glob("*.done.json"))) < len(list((work / "spill").iterdir()))
    # a results file without its note was not finished: it is written again
    note = next(path for path in work.glob("*.done.json") if json.loads(path.read_text("utf-8"))["chats"])
    redone = (work / "spill" / note.name.replace(".done.json", ".jsonl")).read_text("utf-8")
    note.unlink()

    audited.clear()
    again = run(inputs, out, options(standard))
    assert sorted([*finished, *audited]) == sorted(
        [*CHATS, *(chat_id for chat_id in finished if f'"{chat_id}"' in redone)]
    )
    assert "C5" in audited
    assert [card.score for card in rows(again.folder)] == [card.score for card in rows(night.folder)]
    assert problems(again.folder) == problems(night.folder)
    assert replace(again, folder=night.folder) == night
    assert sorted(path.name for path in out.iterdir()) == [".customer_key", "2026-11-20"]


@pytest.mark.usefixtures("_no_workbooks")
@pytest.mark.usefixtures("_many_buckets")
def test_a_crash_with_other_inputs_is_not_resumed(
    standard: Path, inputs: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "write_night", _killed)
        with pytest.raises(MemoryError):
            run(inputs, out, options(standard))
    audited = _audited_chats(monkeypatch)
    summary = run(inputs[:1], out, options(standard))
    assert sorted(audited) == ["C1", "C2", "C3"]
    assert summary.chats == 3


def _killed(*_: object, **__: object) -> None:
    raise MemoryError


@pytest.mark.usefixtures("_no_workbooks")
def test_a_night_that_is_there_is_only_replaced_on_demand(
    standard: Path, inputs: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    first = run(inputs[:1], out, options(standard))
    (first.folder / "reviewed.txt").write_text("复核", encoding="utf-8")
    refused = (
        f"{first.folder}: this night has been audited already and may hold reviews; "
        "give --replace to write it anew, --date for another night, or another --out"
    )
    with pytest.raises(InputError) as raised:
        run(inputs, out, options(standard))
    assert str(raised.value) == refused
    assert (first.folder / "reviewed.txt").read_text("utf-8") == "复核"
    assert sorted(path.name for path in out.iterdir()) == [".customer_key", "2026-11-20"]
    assert read_manifest(first.folder / "run.json")["chats"] == 3

    audited = _audited_chats(monkeypatch)
    with pytest.raises(InputError) as raised:
        run(inputs, out, options(standard, date="2026-11-20"))
    assert (str(raised.value), audited) == (refused, []), "a night that is named is refused before the work"

    replaced = run(inputs, out, options(standard, replace=True))
    assert replaced.folder == first.folder
    assert read_manifest(first.folder / "run.json")["chats"] == 7
    assert not (first.folder / "reviewed.txt").exists()
    other = run(inputs[:1], out, options(standard, date="2026-11-21"))
    assert other.folder == out / "2026-11-21"


def test_masked_store_and_evidence(night: Summary) -> None:
    first, _, third, *_ = rows(night.folder)
    assert first.transcript.messages[2].text == f"我的电话{MASKED}"
    assert (first.transcript.customer, third.transcript.customer) == ("王**", "李*")
    words = f"加我{MASKED}"
    (result,) = [one for one in third.results if one.rule_id == "COMP-04"]
    assert result == RuleResult("COMP-04", Verdict.FAIL, evidence=(Evidence(3, 3, 16, words),))
    assert third.transcript.messages[3].text[3:16] == words
    assert [d.evidence for d in third.deductions if d.rule_id == "COMP-04"] == [Evidence(3, 3, 16, words)]
    assert (night.folder.parent / ".customer_key").stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("_no_workbooks")
def test_the_key_of_a_customer_is_the_same_in_all_nights_of_a_folder(
    standard: Path, inputs: Sequence[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    first, second = (run(inputs[:1], out, options(standard, date=f"2026-11-2{n}")) for n in (0, 1))
    keys = [[card.customer_key for card in rows(summary.folder)] for summary in (first, second)]
    assert keys[0] == keys[1]
    assert len(set(keys[0])) == 2, "one key a customer"
    elsewhere = run(inputs[:1], tmp_path / "elsewhere", options(standard))
    assert not {card.customer_key for card in rows(elsewhere.folder)} & set(keys[0])


@pytest.mark.usefixtures("_no_workbooks")
def test_without_masking(standard: Path, inputs: Sequence[str], tmp_path: Path) -> None:
    summary = run(inputs, tmp_path / "out", options(standard, mask=False))
    first, _, third, *_ = rows(summary.folder)
    assert first.transcript.messages[2].text == f"我的电话{PHONE}"
    assert first.transcript.customer == "王小花"
    assert [d.evidence for d in third.deductions if d.rule_id == "COMP-04"] == [
        Evidence(3, 3, 16, f"加我{PHONE}")
    ]
    assert read_manifest(summary.folder / "run.json")["masked"] is False


def test_chats_without_any_time_make_an_undated_night(standard: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(CHATS["C7"], encoding="utf-8")
    summary = run([str(tmp_path / "a.jsonl")], tmp_path / "out", options(standard))
    assert (summary.night, summary.folder) == ("undated", tmp_path / "out" / "undated")
    assert (summary.folder / "agents" / "1003_小平.xlsx").exists()


@pytest.mark.usefixtures("_no_workbooks")
def test_the_night_is_the_local_day_of_the_latest_chat(standard: Path, tmp_path: Path) -> None:
    late = chat("L1", "客：在吗\n服：您好", opened_at="2026-11-20T18:30:00Z")
    (tmp_path / "a.jsonl").write_text(CHATS["C5"] + late, encoding="utf-8")
    in_china = run([str(tmp_path / "a.jsonl")], tmp_path / "out", options(standard))
    in_london = run(
        [str(tmp_path / "a.jsonl")], tmp_path / "out", options(standard, config=Config(timezone="Europe/London"))
    )  # fmt: skip
    assert (in_china.night, in_london.night) == ("2026-11-21", "2026-11-20")


def test_a_night_without_any_chat_to_audit(standard: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(CHATS["C3"] + CHATS["C4"], encoding="utf-8")
    summary = run([str(tmp_path / "a.jsonl")], tmp_path / "out", options(standard))
    assert (summary.chats, summary.audited, summary.unanswered, summary.problems) == (2, 0, 1, 2)
    assert summary.unreadable == 0, "nothing was unreadable: exit code 0"
    assert (summary.agents, summary.mean_score) == (0, None)


REFUSED = {
    "no such input": ("no.jsonl", None, InputError),
    "no such standard": ("a.jsonl", "no", InvalidStandard),
}


@pytest.mark.parametrize(("name", "folder", "error"), REFUSED.values(), ids=REFUSED)
def test_nothing_is_written_where_the_input_or_the_standard_is_wrong(
    name: str, folder: str | None, error: type[Exception], standard: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.jsonl").write_text(CHATS["C5"], encoding="utf-8")
    chosen = standard if folder is None else tmp_path / folder
    with pytest.raises(error):
        run([str(tmp_path / name)], tmp_path / "out", options(chosen))
    assert not (tmp_path / "out").exists()


IDENTITY: dict[str, dict[str, Any]] = {
    "date": {"date": "2026-11-19"},
    "mask": {"mask": False},
    "seed": {"seed": 1},
    "config": {"config": Config(service_hours="08:00-20:00")},
}


@pytest.mark.usefixtures("_no_workbooks")
@pytest.mark.parametrize("more", IDENTITY.values(), ids=IDENTITY)
def test_what_the_results_depend_on_names_the_run(
    more: dict[str, Any], night: Summary, standard: Path, inputs: Sequence[str], tmp_path: Path
) -> None:
    other = run(inputs, tmp_path / "out", options(standard, **more))
    assert _run_id(other.folder) != _run_id(night.folder)


@pytest.mark.usefixtures("_no_workbooks")
def test_service_hours_of_the_configuration_go_before_those_of_the_rules(tmp_path: Path) -> None:
    text = RULES["RESP-01"] + "service_hours: 09:00-18:00\n"
    standard = write_standard(tmp_path / "standard", {**RULES, "RESP-01": text})
    (tmp_path / "a.jsonl").write_text(CHATS["C6"], encoding="utf-8")
    verdicts = {}
    for hours in (None, "08:00-24:00", "8:00 – 24:00"):  # however the configuration writes them
        config = Config() if hours is None else Config(service_hours=hours)
        out = tmp_path / f"out-{hours}"
        summary = run([str(tmp_path / "a.jsonl")], out, options(standard, config=config))
        (card,) = rows(summary.folder)
        verdicts[hours] = next(one.verdict for one in card.results if one.rule_id == "RESP-01")
    assert verdicts == {
        None: Verdict.NOT_APPLICABLE,
        "08:00-24:00": Verdict.PASS,
        "8:00 – 24:00": Verdict.PASS,
    }


def test_a_threshold_that_the_model_does_not_have(tmp_path: Path) -> None:
    text = rule_text(check="mood", look_for=None, trajectory="end_negative", threshold="certain")
    folder = write_standard(tmp_path / "standard", {"ATT-03": text})
    known = ", ".join(sorted(MoodModel.load(paths.shipped("models")).thresholds))
    with pytest.raises(InvalidStandard) as raised:
        Auditor.open(Config(), standard=folder)
    assert raised.value.errors == [
        f'{folder}/ATT-03.yml:14: the mood model has no threshold "certain"; it has {known}'
    ]


def test_every_transcript_is_in_one_of_three_places(standard: Path) -> None:
    auditor = Auditor.open(Config(), standard=standard)
    transcripts = [
        Transcript("A", (Message(0, "customer", "在吗"), Message(1, "agent", "您好", agent="小安")), source="a", line=1),
        Transcript("B", (Message(0, "customer", "在吗"), Message(1, "bot", "您好")), source="a", line=2),
        Transcript("C", (Message(0, "agent", "您好", agent="小安"),), source="a", line=3),
        Transcript("D", (Message(0, "customer", "在吗"),), assigned_agent="小安", source="a", line=4),
    ]  # fmt: skip
    audited = auditor.audit(transcripts)
    assert [card.transcript.id for card in audited.scorecards] == ["A"]
    assert [(chat_.transcript.id, chat_.agent) for chat_ in audited.unanswered] == [
        ("B", None),
        ("D", "小安"),
    ]
    assert [chat_.result for chat_ in audited.unanswered] == [
        None,
        RuleResult("RESP-01", Verdict.UNDECIDABLE, wanted="人工应答", note="没有消息时间"),
    ]
    assert [(problem.chat_id, problem.line) for problem in audited.problems] == [("C", 3)]


COUNTED: dict[str, tuple[dict[str, Any], bool]] = {
    "opened at nine": ({"opened_at": "2026-11-20T09:00:00+08:00"}, True),
    "opened at 22:59:59": ({"opened_at": "2026-11-20T22:59:59+08:00"}, True),
    "opened at 23:00": ({"opened_at": "2026-11-20T23:00:00+08:00"}, False),
    "opened at 8:59": ({"opened_at": "2026-11-20T08:59:59+08:00"}, False),
    "opened at ten, written in UTC": ({"opened_at": "2026-11-20T02:00:00Z"}, True),
    "left while off line": ({"opened_at": "2026-11-20T10:00:00+08:00", "offline": True}, False),
    "a call": ({"opened_at": "2026-11-20T10:00:00+08:00", "channel": "phone"}, False),
    "no time": ({}, False),
}


@pytest.mark.usefixtures("_no_workbooks")
def test_which_chats_enter_the_30_second_rate(standard: Path, tmp_path: Path) -> None:
    lines = [chat(name, "客：在吗\n服：您好", **fields) for name, (fields, _) in COUNTED.items()]
    (tmp_path / "a.jsonl").write_text("".join(lines), encoding="utf-8")
    summary = run([str(tmp_path / "a.jsonl")], tmp_path / "out", options(standard))
    assert {card.transcript.id: card.counts_for_30s for card in rows(summary.folder)} == {
        name: counted for name, (_, counted) in COUNTED.items()
    }
