"""One returned workbook → what people said in it, each with its cell, and every cell that cannot be taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from qa_audit.records import Mood, Scorecard, Verdict
from qa_audit.report.chats import YES
from qa_audit.report.places import parts_of
from qa_audit.report.table import column_letter
from qa_audit.review import cells
from qa_audit.review.cells import BadCell
from qa_audit.review.gathered import Gathered, Night, Said, TypedFinal
from qa_audit.review.grid import (
    BOOKS,
    CHATS,
    DEDUCTIONS,
    HIT,
    KEY,
    QUEUE,
    SAMPLE,
    STRATA,
    TRANSCRIPTS,
    UNANSWERED,
    Grid,
    Kind,
    Line,
    as_text,
    grid_of,
)
from qa_audit.review.machine import Changed, changed, hits_of, moods_of
from qa_audit.review.records import (
    ChatReview,
    FollowUp,
    Judgement,
    MoodFix,
    Record,
    ReviewProblem,
    Source,
    StratumSize,
)
from qa_audit.workbook.returned import CellValue, Returned

NO_ROUND = "这一行不是客户一轮发言的第一行，或是插入的行，情绪未收集"
INSERTED = "这一行没有隐藏的 _key，是插入或粘贴的行，未收集"
T = TypeVar("T")


def grids_of(book: Returned) -> tuple[Grid, ...]:
    """The tables of a workbook that people fill in."""
    return tuple(grid for sheet in book.sheets if (grid := grid_of(sheet)) is not None)


def chat_keys(grids: Iterable[Grid]) -> set[str]:
    """The keys (chat, agent) that a workbook speaks of."""
    found = set()
    for grid in grids:
        for line in grid.lines():
            parts = parts_of(line.key)
            if len(parts) > 1:
                found.add(line.key if len(parts) == 2 else line.key.rpartition("|")[0])
    return found


def gather(grids: tuple[Grid, ...], file: str, night: Night, *, unsigned: str) -> Gathered:
    """Everything that people wrote into these tables; ``unsigned`` names who gave no name."""
    reader = _Reader(file, night, grids, unsigned)
    reader.read()
    return reader.found


class _Reader:
    """Reads the tables of one file."""

    def __init__(self, file: str, night: Night, grids: tuple[Grid, ...], unsigned: str) -> None:
        self.file, self.night, self.grids = file, night, grids
        self.found = Gathered()
        self.sheet = ""
        self.names, self.only_name = _names(grids)
        self.unsigned = unsigned
        self.strata: dict[tuple[str, str], StratumSize] = {}

    def read(self) -> None:
        self._missing_sheets()
        tables: dict[Kind, Callable[[Line], None]] = {
            STRATA: self._stratum, CHATS: self._chat, DEDUCTIONS: self._deduction, QUEUE: self._queued,
            SAMPLE: self._sampled, TRANSCRIPTS: self._message, UNANSWERED: self._unanswered,
        }  # fmt: skip
        for kind, take in tables.items():
            for grid in self.grids:
                if grid.kind is kind:
                    self._table(grid, take)

    def _missing_sheets(self) -> None:
        kinds = {grid.kind for grid in self.grids}
        for book in BOOKS:
            if not kinds & set(book[:2]):
                continue
            for kind in book:
                if kind not in kinds:
                    self._problem(
                        "",
                        f"缺少工作表“{kind.title}”，或其表头已改动，其中的内容未收集",
                        "请恢复该工作表和表头后重新收回",
                    )

    def _table(self, grid: Grid, take: Callable[[Line], None]) -> None:
        self.sheet = grid.title
        lost = grid.missing
        for title in lost:
            cell = f"第{grid.header_row}行"
            self._problem(
                cell, f"找不到表头“{title}”，该列未收集", "请恢复原表头（列的位置可以变动）后重新收回"
            )
        if KEY in lost or HIT in lost:
            return
        lines = list(grid.lines())
        keyed = [line for line in lines if line.key]
        for line in lines if keyed else ():
            if not line.key:
                self._unkeyed(grid.kind, line)
        for line in keyed:
            if grid.kind is CHATS:
                self._typed_final(grid, line)
            take(line)

    # one row of each kind of sheet

    def _stratum(self, line: Line) -> None:
        if not line.text("抽取数") and not line.text("层内总数"):
            return  # a decoy
        hit, sampled, population = (
            line.text(HIT),
            _count(line.value("抽取数")),
            _count(line.value("层内总数")),
        )
        machine = _machine(self.night.cards.get(line.key), hit)
        if machine is None or not 0 < sampled <= population:
            self._problem(line.cell("层内总数"), "抽样信息已改动，这一项不计入准确率", "请恢复原文件中的数值")
            return
        new = line.text("新坐席") == YES
        stratum = StratumSize(self.night.run_id, parts_of(hit)[0], machine, new, sampled, population)
        self.strata[line.key, hit] = stratum
        self.found.strata.add(stratum)

    def _chat(self, line: Line) -> None:
        if (card := self._card(line, CHATS)) is None:
            return
        review = ChatReview(
            card.transcript.id,
            card.agent,
            self._reviewer(line.key),
            score=self._take(line, "复核得分", cells.points),
            note=self._words(line, "意见"),
            appeal=self._take(line, "申诉", lambda value: cells.chosen(value, cells.YES_NO)),
            appeal_reason=self._words(line, "申诉理由"),
            appeal_result=self._take(
                line, "申诉结果", lambda value: cells.chosen(value, cells.APPEAL_RESULTS)
            ),
        )
        if review.appeal_result and not review.appeal:
            self._problem(
                line.cell("申诉"),
                "填写了申诉结果，“申诉”却不是“是”，申诉结果未收集",
                "请在“申诉”中选择“是”，或清空申诉结果",
            )
            review = replace(review, appeal_result=None)
        if (review.score, review.appeal) != (None, None) or review.note or review.appeal_reason:
            self.found.chats.append(self._said(review, line, "复核得分"))

    def _deduction(self, line: Line) -> None:
        if (card := self._card(line, DEDUCTIONS)) is not None:
            self._judge(line, card, "复核判定", "marked", note=self._words(line, "复核说明"))

    def _queued(self, line: Line) -> None:
        if (card := self._card(line, QUEUE)) is None:
            return
        score, note = self._take(line, "复核得分", cells.points), self._words(line, "意见")
        judged = self._judge(line, card, "复核判定", "marked", note=note)
        if score is not None or (note and not judged):
            who = self._reviewer(line.key, line)
            review = ChatReview(card.transcript.id, card.agent, who, score, note, None, "", None)
            self.found.chats.append(self._said(review, line, "复核得分"))

    def _sampled(self, line: Line) -> None:
        if (card := self._card(line, SAMPLE)) is not None:
            self._judge(line, card, "判定", "blind", note=self._words(line, "意见"))

    def _message(self, line: Line) -> None:
        value = line.value("情绪更正")
        *_, number = parts_of(line.key)
        if value == "" or (card := self._card(line, TRANSCRIPTS)) is None:
            return
        mood: Mood | None = self._take(line, "情绪更正", lambda cell: cells.chosen(cell, cells.MOODS))
        if mood is not None:
            chat_key = line.key.rpartition("|")[0]
            fix = MoodFix(card.transcript.id, card.agent, int(number), self._reviewer(chat_key), mood)
            self.found.moods.append(self._said(fix, line, "情绪更正"))

    def _unanswered(self, line: Line) -> None:
        chat = self.night.unanswered.get(line.key)
        if chat is None:
            if line.filled(UNANSWERED):
                self._unknown(line)
            return
        state = self._take(line, "跟进情况", lambda value: cells.chosen(value, cells.STATES))
        who, note = self._words(line, "跟进人"), self._words(line, "意见")
        if state or who or note:
            follow_up = FollowUp(
                chat.transcript.id, chat.agent or "", who or self.unsigned, state or "", note
            )
            self.found.follow_ups.append(self._said(follow_up, line, "跟进情况"))

    # parts of rows

    def _judge(self, line: Line, card: Scorecard, title: str, source: Source, *, note: str) -> bool:
        choices = cells.BLIND_VERDICTS if source == "blind" else cells.VERDICTS
        verdict = self._take(line, title, lambda value: cells.chosen(value, choices))
        if verdict is None:
            return False
        hit = line.text(HIT)
        if not hit:
            self._problem(
                line.cell(title),
                "这一行没有可判定的规则，判定未收集",
                "请填写“复核得分”，或在坐席工作簿的扣分明细中判定",
            )
            return False
        rule_id = parts_of(hit)[0]
        machine = _machine(card, hit)
        assert machine is not None  # the row has its place in the results
        judgement = Judgement(
            card.transcript.id, card.agent, rule_id, hit, source, self._reviewer(line.key, line), verdict, machine, note, self.night.run_id
        )  # fmt: skip
        if source == "blind" and (stratum := self.strata.get((line.key, hit))):
            sampled, population, new = stratum.sampled, stratum.population, stratum.new
            judgement = replace(judgement, sampled=sampled, population=population, new=new)
        self.found.judgements.append(self._said(judgement, line, title))
        return True

    def _card(self, line: Line, kind: Kind) -> Scorecard | None:
        """The chat of a row if it is still the row of that chat; whatever of the machine was changed is reported."""
        key = line.key if kind is not TRANSCRIPTS else line.key.rpartition("|")[0]
        card = self.night.cards.get(key)
        if card is None or not self._has_place(line, kind, card):
            if line.filled(kind):
                self._unknown(line)
            return None
        corrected = self.night.corrected.get(key, card)
        changes = min(
            (tuple(changed(line, kind, one, self.night.standard)) for one in (card, corrected)), key=len
        )
        elsewhere = [change for change in changes if change.identity]
        if elsewhere and line.filled(kind):
            self._changed(line, elsewhere[0])
        for change in changes if not elsewhere else ():
            self._changed(line, change)
        return None if elsewhere else card

    @staticmethod
    def _has_place(line: Line, kind: Kind, card: Scorecard) -> bool:
        """Whether the chat has the finding, the rule or the round that the row names."""
        if kind is DEDUCTIONS or (kind is QUEUE and line.text(HIT)):
            return line.text(HIT) in hits_of(card)
        if kind is SAMPLE:
            return line.text(HIT) in {result.rule_id for result in card.results}
        return kind is not TRANSCRIPTS or line.key.rpartition("|")[2] in moods_of(card)

    def _typed_final(self, grid: Grid, line: Line) -> None:
        value, cell = line.value("最终得分"), line.cell("最终得分")
        if isinstance(value, float) and cell not in grid.sheet.formulas:
            self.found.finals.append(TypedFinal(line.key, value, self.file, self.sheet, cell))

    def _take(self, line: Line, title: str, meaning: Callable[[CellValue], T | None]) -> T | None:
        """What a cell says; a bad one is reported and says nothing."""
        try:
            return meaning(_one_value(line, title))
        except BadCell as bad:
            self._problem(line.cell(title), f"{bad.what}，未收集", bad.remedy)
            return None

    def _words(self, line: Line, title: str) -> str:
        return self._take(line, title, cells.words) or ""

    def _reviewer(self, key: str, line: Line | None = None) -> str:
        own = self._words(line, "复核人") if line is not None else ""
        return own or self.names.get(key) or self.only_name or self.unsigned

    def _said(self, record: Record, line: Line, title: str) -> Said[Record]:
        return Said(record, self.file, self.sheet, line.cell(title))

    # problems

    def _unkeyed(self, kind: Kind, line: Line) -> None:
        if kind is not TRANSCRIPTS:
            where = f"{_first(line)}{line.number}"
            self._problem(where, INSERTED, "请在原有的行中填写；需要补充的问题请写在“意见”中")
        elif line.filled(kind):  # most lines of a transcript have no key
            self._problem(line.cell("情绪更正"), NO_ROUND, "请填写在客户该轮的第一行")

    def _unknown(self, line: Line) -> None:
        self._problem(
            line.cell(KEY),
            f"该晚的结果中没有这一行（{line.key} {line.text(HIT)}".rstrip() + "），未收集",
            "请用该晚的原始工作簿填写；隐藏列 _key、_hit 不要改动",
        )

    def _changed(self, line: Line, change: Changed) -> None:
        what = f"“{change.title}”应为“{change.expected}”，现为“{change.found}”"
        if change.identity:
            self._problem(
                line.cell(change.title),
                f"{what}，与隐藏的 _key 不是同一行，未收集",
                "只排序了部分列或粘贴错位；请恢复原值，选中整个表后再排序",
            )
        else:
            self._problem(
                line.cell(change.title),
                f"机器的值已改动：{what}",
                "机器的值以结果为准；要改分请填写“复核得分”，要改判请填写“复核判定”",
            )

    def _problem(self, cell: str, what: str, remedy: str) -> None:
        sheet = self.sheet
        self.found.problems.append(ReviewProblem(self.file, sheet, cell, what, remedy))


def _names(grids: tuple[Grid, ...]) -> tuple[dict[str, str], str]:
    """The reviewer of each chat as some row of it says, and the one name of the whole file if there is just one."""
    names: dict[str, str] = {}
    everybody = set()
    for grid in grids:
        for line in grid.lines() if grid.kind in (CHATS, QUEUE, SAMPLE) else ():
            if name := line.text("复核人"):
                names.setdefault(line.key, name)
                everybody.add(name)
    return names, everybody.pop() if len(everybody) == 1 else ""


def _count(value: CellValue) -> int:
    """A whole number; 0 for what is none."""
    return int(value) if isinstance(value, float) and value.is_integer() else 0


def _machine(card: Scorecard | None, hit: str) -> Verdict | None:
    rule_id = parts_of(hit)[0]
    return (
        next((result.verdict for result in card.results if result.rule_id == rule_id), None) if card else None
    )


def _one_value(line: Line, title: str) -> CellValue:
    values = {as_text(value): value for value in line.all(title) if value != ""}
    if len(values) > 1:
        raise BadCell(f"有多列“{title}”，填写不一致：{'、'.join(values)}", "请只保留一列")
    return next(iter(values.values()), "")


def _first(line: Line) -> str:
    return next(column_letter(i) for i, value in enumerate(line.values) if value != "")
