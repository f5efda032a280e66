"""``qa-audit review collect``: returned workbooks → checked, kept beside the nights, and summed up.

files → tables → what was said (``gather``) → one answer of each person (``settle``) → kept (``kept``)
→ final scores (``final``), figures of rules (``estimates``), of reviewers (``agreement``), labels (``labels``)
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from qa_audit.errors import InputError
from qa_audit.read.jsonl import to_json
from qa_audit.records import Scorecard, Transcript
from qa_audit.report.places import key
from qa_audit.review.agreement import agreement
from qa_audit.review.estimates import qualities
from qa_audit.review.final import FinalChat, final_chat
from qa_audit.review.gather import gather, grids_of
from qa_audit.review.gathered import Gathered, TypedFinal
from qa_audit.review.kept import nights_kept, read_kept, write_kept, write_rows
from qa_audit.review.labels import label
from qa_audit.review.outcome import Outcome, outcome_book
from qa_audit.review.quality import write_quality
from qa_audit.review.records import (
    ChatReview,
    Judgement,
    MoodFix,
    NightReviews,
    ReviewProblem,
    RuleAppeals,
    merged,
)
from qa_audit.review.settle import consolidated, settled_moods, settled_rules
from qa_audit.review.source import Runs, gathered_by_night, nights_above, runs_in
from qa_audit.rule import Standard
from qa_audit.snapshot import read_snapshot
from qa_audit.store import read_results
from qa_audit.workbook.books import write_outcome_book
from qa_audit.workbook.package import OUTCOME_RUN
from qa_audit.workbook.returned import Returned, read_returned

READABLE = (".xlsx", ".xlsm")
OTHER_TABLES = (".xls", ".xlsb", ".ods", ".et", ".csv", ".numbers")
UNSIGNED = "未署名"
CLOSE = 0.05  # points: scores are shown with one decimal
Judged = tuple[list[Judgement], list[ChatReview], list[MoodFix]]


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection came to."""

    nights: tuple[str, ...]
    files: int
    verdicts: int
    scores: int
    moods: int
    changed: int
    problems: tuple[ReviewProblem, ...]


def collect(returned: Sequence[Path], target: Path, *, out: Path | None = None) -> Collected:
    """Collects the workbooks in ``returned`` (files, folders), keeps them under ``out`` and sums up in ``target``.

    ``out`` is the folder of the nights; without it the folders above the workbooks are searched. The same workbooks
    collected twice give the same; nothing is written into them.

    Raises:
        InputError: a path does not exist, there are no workbooks, or no nights.
    """
    files, problems = _files(returned)
    out = out or nights_above(returned)
    runs = runs_in(out)
    by_night: defaultdict[str, Gathered] = defaultdict(Gathered)
    stems = Counter(path.stem for path in files)
    for path in files:
        book = _opened(path, runs, problems)
        if book is not None and (grids := grids_of(book)):
            name = path.stem if stems[path.stem] == 1 else f"{path.parent.name}/{path.stem}"
            read = partial(gather, grids, str(path), unsigned=f"{UNSIGNED}（{name}）")
            for night, found in gathered_by_night(runs.of(book.run_id or ""), grids, read).items():
                by_night[night].add(found)
    chats: list[FinalChat] = []
    labels: dict[tuple[str, str], dict[str, object]] = {}
    transcripts: dict[str, Transcript] = {}
    reviews: list[NightReviews] = []
    for name in sorted(by_night):
        problems += by_night[name].problems
        now, faults = consolidated(name, by_night[name])
        problems += faults
        whole = _merged(read_kept(out, name), now)
        closing = _Closing(whole, read_snapshot(out / name))
        finished = list(closing.finish(read_results(sorted((out / name / "results").glob("*.parquet")))))
        problems += _typed_over(by_night[name].finals, finished)
        whole = replace(whole, appeals=closing.appeals())
        write_kept(out, whole)
        chats += finished
        labels |= closing.labels
        transcripts |= closing.transcripts
        reviews.append(whole)
    rules = qualities([read_kept(out, name) for name in nights_kept(out)])
    write_quality(out, rules)
    ordered = tuple(sorted(set(problems), key=_place))
    titles = {rule.id: rule.title for name in by_night for rule in read_snapshot(out / name).rules}
    outcome = Outcome(len(files), tuple(chats), tuple(reviews), rules, titles, agreement(reviews), ordered)
    _write(target, outcome, labels, transcripts)
    return Collected(
        nights=tuple(sorted(by_night)),
        files=len(files),
        verdicts=sum(len(found.judgements) for found in by_night.values()),
        scores=sum(said.record.score is not None for found in by_night.values() for said in found.chats),
        moods=sum(len(found.moods) for found in by_night.values()),
        changed=sum(chat.final_score != chat.machine_score for chat in chats),
        problems=ordered,
    )


def _place(problem: ReviewProblem) -> tuple[str, str, int, str, str]:
    """Files, sheets and rows in order."""
    digits = "".join(c for c in problem.cell if c.isdigit())
    return problem.file, problem.sheet, int(digits or 0), problem.cell, problem.what


def _files(returned: Sequence[Path]) -> tuple[list[Path], list[ReviewProblem]]:
    """The workbooks, in order; tables in other formats are reported, all else is passed over."""
    files: list[Path] = []
    problems = []
    for path in returned:
        if not path.exists():
            raise InputError(f"{path}: does not exist; give returned workbooks or their folder")
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in inside:
            if not file.is_file() or file.name.startswith(("~$", ".")):
                continue
            if file.suffix.lower() in READABLE:
                files.append(file)
            elif file.suffix.lower() in OTHER_TABLES and (file.name != "problems.csv" or file == path):
                what = f"{file.suffix} 文件无法收集"
                problems.append(
                    ReviewProblem(str(file), "", "", what, "请在原工作簿中填写，或另存为 .xlsx 后重新收回")
                )
    files = list(dict.fromkeys(files))
    if not files and not problems:
        raise InputError(
            f"{', '.join(map(str, returned))}: no workbook (.xlsx) there; give the returned workbooks"
        )
    return files, problems


def _opened(path: Path, runs: Runs, problems: list[ReviewProblem]) -> Returned | None:
    """A workbook of one of these runs; what is none is reported."""
    try:
        book = read_returned(path)
    except InputError as error:
        what, _, remedy = str(error).partition("；")
        problems.append(ReviewProblem(str(path), "", "", what, remedy))
        return None
    if book.run_id == OUTCOME_RUN:
        return None
    if book.run_id is None:
        what = "不是 qa-audit 的工作簿，或文件属性中的运行编号已丢失"
        problems.append(
            ReviewProblem(
                str(path), "", "", what, "请在原工作簿中填写，用 Excel、WPS 或 LibreOffice 保存为 .xlsx"
            )
        )
        return None
    if not runs.of(book.run_id):
        what = f"运行编号 {book.run_id} 不在结果目录中：该晚（周报、月报的某一晚）已重新质检，或属于别的目录"
        problems.append(
            ReviewProblem(
                str(path),
                "",
                "",
                what,
                "请用 --from 指出这些晚所在的目录；已重新质检的，请在现有的工作簿（或重新生成的周报、月报）中复核",
            )
        )
        return None
    return book


def _merged(before: NightReviews, now: NightReviews) -> NightReviews:
    """What was kept with what was collected now, which holds where both speak of the same."""
    return NightReviews(
        now.night,
        merged(before.judgements, now.judgements),
        merged(before.chats, now.chats),
        merged(before.moods, now.moods),
        merged(before.follow_ups, now.follow_ups),
        merged(before.strata, now.strata),
    )


class _Closing:
    """Closes a night: every chat with its final score, labels, and what was appealed against, in one pass."""

    def __init__(self, reviews: NightReviews, standard: Standard) -> None:
        self.night, self.standard = reviews.night, standard
        self.judged: defaultdict[tuple[str, str], Judged] = defaultdict(lambda: ([], [], []))
        for judgement in reviews.judgements:
            self.judged[judgement.chat, judgement.agent][0].append(judgement)
        for review in reviews.chats:
            self.judged[review.chat, review.agent][1].append(review)
        for fix in reviews.moods:
            self.judged[fix.chat, fix.agent][2].append(fix)
        self.agents = {agent for _, agent in self.judged}
        self.labels: dict[tuple[str, str], dict[str, object]] = {}
        self.transcripts: dict[str, Transcript] = {}
        self.counts: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def finish(self, cards: Iterable[Scorecard]) -> Iterator[FinalChat]:
        """The chats in order of agent and id."""
        finished = []
        for card in cards:
            where = (card.transcript.id, card.agent)
            judgements, reviews, fixes = self.judged.get(where, ([], [], []))
            final = final_chat(self.night, card, self.standard, judgements, reviews)
            finished.append(final)
            made = label(*where, settled_rules(card, judgements), settled_moods(fixes))
            if made is not None:
                self.labels[where] = made
                self.transcripts[card.transcript.id] = card.transcript
            if card.agent in self.agents:
                self._count_appeals(card, final)
        return iter(sorted(finished, key=lambda one: (one.agent, one.chat)))

    def _count_appeals(self, card: Scorecard, final: FinalChat) -> None:
        """An appeal is against the rules that its reason names, by id or title; naming none, against all charged."""
        charged = {
            d.rule_id for d in card.deductions if not d.waived and (d.points or d.severity == "critical")
        }
        named = {
            rule
            for rule in charged
            if rule in final.appeal_reason or self.standard.rule(rule).title in final.appeal_reason
        }
        granted = final.appeal_result in ("成立", "部分成立")
        for rule in charged:
            self.counts[rule]["charged"] += 1
            if final.appeal and rule in (named or charged):
                self.counts[rule]["appealed"] += 1
                self.counts[rule]["decided"] += bool(final.appeal_result)
                # granted for the chat: for the rules taken back in it, where there are some
                self.counts[rule]["upheld"] += granted and (rule in final.overturned or not final.overturned)

    def appeals(self) -> tuple[RuleAppeals, ...]:
        """The appeals by rule."""
        return tuple(
            RuleAppeals(rule, own["charged"], own["appealed"], own["decided"], own["upheld"])
            for rule, own in sorted(self.counts.items())
        )


def _typed_over(finals: Sequence[TypedFinal], chats: Sequence[FinalChat]) -> Iterator[ReviewProblem]:
    """Figures that somebody typed over the formula of 最终得分, where they are not what it comes to."""
    known = {key(chat.chat, chat.agent): chat for chat in chats}
    for typed in finals:
        chat = known.get(typed.key)
        right = () if chat is None else (chat.final_score, chat.machine_score)
        if chat is not None and not any(
            value is not None and abs(value - typed.value) < CLOSE for value in right
        ):
            what = f"“最终得分”是公式，被改为 {typed.value:g}，未收集"
            yield ReviewProblem(typed.file, typed.sheet, typed.cell, what, "要改分请填写“复核得分”")


def _write(
    target: Path,
    outcome: Outcome,
    labels: Mapping[tuple[str, str], Mapping[str, object]],
    transcripts: Mapping[str, Transcript],
) -> None:
    """The outcome for people, and labels with their chats: the folder is what evaluate and train take."""
    target.mkdir(parents=True, exist_ok=True)
    write_outcome_book(target / "final.xlsx", outcome_book(outcome))
    write_rows(target / "final.parquet", FinalChat, outcome.chats)
    lines = (json.dumps(labels[where], ensure_ascii=False) for where in sorted(labels))
    (target / "labels.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    (target / "chats.jsonl").write_bytes(
        b"".join(to_json(transcripts[chat]) + b"\n" for chat in sorted(transcripts))
    )
    with (target / "review_problems.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("文件", "工作表", "单元格", "问题", "处理办法"))
        writer.writerows((p.file, p.sheet, p.cell, p.what, p.remedy) for p in outcome.problems)
