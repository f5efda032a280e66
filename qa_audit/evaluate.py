"""Verdicts and moods against labels: precision, recall, F1 of ``fail``, κ over all verdicts, with intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from qa_audit import mcnemar
from qa_audit.answers import Answer, Given, answers_of, figures_dict, figures_of, labels_of, unheard
from qa_audit.audit import Auditor
from qa_audit.contact.weights import CLASSES
from qa_audit.errors import InputError
from qa_audit.fairness import SCALES, Ended, Fairness, fairness
from qa_audit.intervals import kappa, rate_interval
from qa_audit.mcnemar import Comparison, Paired
from qa_audit.probable import SATISFACTION, Emotional, Probabilities, Probable, probabilities
from qa_audit.records import MOODS, Interval, Mood, RoundMood, RuleResult, Transcript, Verdict
from qa_audit.segment import segment
from qa_audit.view import AgentView

VerdictName = Literal["pass", "fail", "not_applicable", "undecidable"]
Moods = Mapping[tuple[str, int], RoundMood]


class Gold(msgspec.Struct):
    """One labelled chat (one agent's part of it); what is absent is not scored.

    ``rating`` is that of its customer, 1 to 5; ``satisfaction`` the same as a number or one of ``SATISFACTION``. Where
    neither is given, the transcript's own counts.
    """

    id: str
    agent: str | None = None
    verdicts: dict[str, VerdictName] = {}
    hits: dict[str, list[int]] = {}
    moods: dict[int, Mood] = {}
    end_mood: str | None = None
    emotion: str | None = None
    resolved: str | None = None
    topic: str | None = None
    rating: float | None = None
    satisfaction: float | str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One judged verdict or mood; ``what`` is the rule's id or the turn."""

    id: str
    what: str | int
    expected: str
    got: str
    evidence: tuple[dict[str, object], ...] = ()

    def as_dict(self) -> dict[str, object]:
        """The line of ``--cases``."""
        key = "rule" if isinstance(self.what, str) else "turn"
        return {
            "id": self.id,
            key: self.what,
            "expected": self.expected,
            "got": self.got,
            "evidence": list(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """How one rule does: counts over all its labelled cases, rates of ``fail``, κ over all verdicts."""

    rule_id: str
    n: int
    n_fail: int
    precision: Interval
    recall: Interval
    f1: float | None
    kappa: Interval
    accuracy: float


@dataclass(frozen=True, slots=True)
class MoodFigures:
    """How the moods do, per customer round."""

    n: int
    accuracy: float
    macro_f1: float
    classes: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures, and every single judgement behind them."""

    rules: tuple[RuleFigures, ...]
    mood: MoodFigures | None
    cases: tuple[Case, ...]
    not_found: tuple[str, ...] = ()
    unknown_rules: tuple[str, ...] = ()
    cross_validated: bool = False
    answers: tuple[Answer, ...] = ()
    answers_cross_validated: bool = False
    unheard: tuple[str, ...] = ()
    fairness: tuple[Fairness, ...] = ()
    compared: tuple[Comparison, ...] = ()
    probabilities: Probabilities = field(default_factory=Probabilities)

    def as_dict(self) -> dict[str, object]:
        """The object of ``--json``."""
        return {
            "rules": {f.rule_id: _rule_dict(f) for f in self.rules},
            "mood": None
            if self.mood is None
            else _mood_dict(self.mood, cross_validated=self.cross_validated),
            **dict.fromkeys(CLASSES),
            **{
                question: figures_dict(figures, cross_validated=self.answers_cross_validated)
                for question, figures in figures_of(self.answers).items()
            },
            "fairness": {one.scale: one.as_dict() for one in self.fairness},
            "compared": mcnemar.as_dict(self.compared),
            **self.probabilities.as_dict(),
            "chats_not_found": list(self.not_found),
        }


def read_gold(path: Path) -> list[Gold]:
    """The labels of a JSON Lines file.

    Raises:
        InputError: lines are not labels; names file, line and what is wrong of every one.
    """
    decoder = msgspec.json.Decoder(Gold)
    gold: list[Gold] = []
    faults: list[str] = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                gold.append(decoder.decode(line))
            except msgspec.DecodeError as error:
                faults.append(f"{path}:{number}: not a label: {error}")
    if faults:
        raise InputError("\n".join(faults))
    if not gold:
        raise InputError(f"{path}: holds no labels; one JSON object a line is wanted")
    return gold


def evaluate(
    gold: Sequence[Gold],
    transcripts: Iterable[Transcript],
    auditor: Auditor,
    *,
    moods: Moods | None = None,
    contacts: Given | None = None,
    emotions: Emotional | None = None,
) -> Evaluation:
    """Judges the labelled chats and compares.

    ``moods``, ``contacts`` and ``emotions`` replace what the models say of rounds and of whole chats (cross-validated ones, say).
    """
    by_id = {transcript.id: transcript for transcript in transcripts}
    wanted = {label.id for label in gold}
    found = [by_id[name] for name in sorted(wanted & by_id.keys())]
    views = dict(zip((t.id for t in found), auditor.judge.views(found), strict=True))
    felt = _felt([by_id[label.id] for label in gold if label.moods and label.id in by_id], auditor, moods)
    known = {rule.id for rule in auditor.standard.rules}
    cases: list[Case] = []
    answers: list[Answer] = []
    ended: list[Ended] = []
    said: list[Probable] = []
    for label in gold:
        if label.id in by_id:
            cases += _cases(label, views[label.id], auditor, felt)
            view = _view_of(label, views[label.id]) if any(labels_of(label).values()) else None
            said.append(_probable(label, by_id[label.id], views[label.id], emotions))
            answers += answers_of(label.id, labels_of(label), view.contact if view else None, contacts)
            ended += _ended(label, view, auditor)
    return Evaluation(
        rules=tuple(_rule_figures(cases)),
        mood=_mood_figures([case for case in cases if isinstance(case.what, int)]),
        cases=tuple(cases),
        not_found=tuple(sorted(wanted - by_id.keys())),
        unknown_rules=tuple(sorted({rule for label in gold for rule in label.verdicts} - known)),
        cross_validated=moods is not None,
        answers=tuple(answers),
        answers_cross_validated=contacts is not None,
        unheard=tuple(sorted({text for label in gold for text in unheard(labels_of(label))})),
        fairness=fairness(ended),
        probabilities=probabilities(said, cross_validated=emotions is not None),
    )


def compared(first: Evaluation, second: Evaluation) -> tuple[Comparison, ...]:
    """Two models' judgements of the same labels, paired: moods, whole chats, and the rules they differ on."""
    pairs: defaultdict[str, list[Paired]] = defaultdict(list)
    for case, other in zip(first.cases, second.cases, strict=True):
        what = case.what if isinstance(case.what, str) else "mood"
        pairs[what].append(Paired(case.id, case.expected, case.got, other.got))
    said = {(answer.id, answer.question): answer.got for answer in second.answers}
    for answer in first.answers:
        if (answer.id, answer.question) in said:
            got = said[answer.id, answer.question]
            pairs[answer.question].append(Paired(answer.id, answer.expected, answer.got, got))
    rules = {figures.rule_id for figures in first.rules}
    return tuple(
        mcnemar.compare(what, own)
        for what, own in sorted(pairs.items(), key=lambda item: (item[0] in rules, item[0]))
        if what not in rules or any(pair.first != pair.second for pair in own)
    )


def _probable(
    label: Gold, transcript: Transcript, views: Sequence[AgentView], emotions: Emotional | None
) -> Probable:
    """What is known of a whole chat beside its probabilities, which are the same for all its agents.

    Raises:
        InputError: the satisfaction is no word that is known.
    """
    given = label.rating if label.rating is not None else label.satisfaction
    if isinstance(given, str):
        if given not in SATISFACTION:
            known = ", ".join(SATISFACTION)
            raise InputError(
                f'chat {label.id}: satisfaction cannot be "{given}"; give 1 to 5, or one of {known}'
            )
        given = SATISFACTION[given]
    rating = transcript.rating if given is None else given
    if not views:
        return Probable(rating)
    contact = views[0].contact
    feared = contact.dissatisfied.probability if contact.dissatisfied is not None else None
    felt = contact.emotions if emotions is None else emotions.get(label.id, ())
    return Probable(rating, feared, label.emotion, felt)


def _ended(label: Gold, view: AgentView | None, auditor: Auditor) -> Iterable[Ended]:
    """The chat with its score and the labels of its end, where it has both."""
    labels = {scale: end for scale in SCALES if (end := getattr(label, scale)) is not None}
    if view is None or not labels:
        return
    card = auditor.scorecard(view)
    if card.score_before_fatal is not None:
        costs: defaultdict[str, float] = defaultdict(float)
        for deduction in card.deductions:
            costs[deduction.rule_id] += deduction.points
        yield Ended(card.score_before_fatal, costs, labels)


def _felt(transcripts: Sequence[Transcript], auditor: Auditor, moods: Moods | None) -> Moods:
    """The mood of every customer message, that of its round; also in chats that nobody answered."""
    if moods is not None:
        return moods
    conversations = [segment(transcript, auditor.segmenter) for transcript in transcripts]
    return {
        (conversation.transcript.id, message): own[round_.messages[0]]
        for conversation, own in zip(conversations, auditor.moods(conversations), strict=True)
        for round_ in conversation.rounds
        for message in round_.messages
        if round_.messages[0] in own
    }


def _cases(label: Gold, views: Sequence[AgentView], auditor: Auditor, felt: Moods) -> list[Case]:
    view = _view_of(label, views) if label.verdicts else None
    known = {rule.id for rule in auditor.standard.rules}
    cases = []
    for rule_id, expected in sorted(label.verdicts.items()):
        if rule_id in known:
            result = view.results.get(rule_id) if view is not None else None
            cases.append(_case(label.id, rule_id, expected, result))
    for turn, expected_mood in sorted(label.moods.items()):
        mood = felt.get((label.id, turn))
        cases.append(Case(label.id, turn, expected_mood, mood.label if mood is not None else "neutral"))
    return cases


def _view_of(label: Gold, views: Sequence[AgentView]) -> AgentView | None:
    """The part a label speaks of; None where the chat was not audited.

    Raises:
        InputError: the chat has several agents and the label names none of them.
    """
    if label.agent is None and len(views) > 1:
        agents = ", ".join(view.agent for view in views)
        raise InputError(f'the label of chat {label.id} needs "agent", one of: {agents}')
    if label.agent is None:
        return views[0] if views else None
    return next((view for view in views if view.agent == label.agent), None)


def _case(chat: str, rule_id: str, expected: str, result: RuleResult | None) -> Case:
    if result is None:
        return Case(chat, rule_id, expected, str(Verdict.NOT_APPLICABLE))
    evidence = tuple({"turn": e.message, "text": e.text} for e in result.evidence)
    return Case(chat, rule_id, expected, str(result.verdict), evidence)


def _rule_figures(cases: Sequence[Case]) -> Iterable[RuleFigures]:
    for rule_id in sorted({case.what for case in cases if isinstance(case.what, str)}):
        pairs = [(case.expected, case.got) for case in cases if case.what == rule_id]
        hits = sum(pair == ("fail", "fail") for pair in pairs)
        precision = rate_interval(hits, sum(got == "fail" for _, got in pairs))
        recall = rate_interval(hits, sum(expected == "fail" for expected, _ in pairs))
        yield RuleFigures(
            rule_id=rule_id,
            n=len(pairs),
            n_fail=recall.n,
            precision=precision,
            recall=recall,
            f1=2 * hits / (precision.n + recall.n) if precision.n + recall.n else None,
            kappa=kappa(pairs),
            accuracy=sum(a == b for a, b in pairs) / len(pairs),
        )


def _mood_figures(cases: Sequence[Case]) -> MoodFigures | None:
    if not cases:
        return None
    classes: dict[str, dict[str, float]] = {name: _class_figures(cases, name) for name in MOODS}
    return MoodFigures(
        n=len(cases),
        accuracy=sum(case.expected == case.got for case in cases) / len(cases),
        macro_f1=sum(figures["f1"] for figures in classes.values()) / len(classes),
        classes=classes,
    )


def _class_figures(cases: Sequence[Case], name: str) -> dict[str, float]:
    hits = sum(case.expected == case.got == name for case in cases)
    given = sum(case.got == name for case in cases)
    truly = sum(case.expected == name for case in cases)
    return {
        "precision": hits / given if given else 0.0,
        "recall": hits / truly if truly else 0.0,
        "f1": 2 * hits / (given + truly) if given + truly else 0.0,
        "n": truly,
    }


def _rule_dict(figures: RuleFigures) -> dict[str, object]:
    return {
        "n": figures.n,
        "n_fail": figures.n_fail,
        "precision": figures.precision.value,
        "precision_interval": [figures.precision.low, figures.precision.high],
        "recall": figures.recall.value,
        "recall_interval": [figures.recall.low, figures.recall.high],
        "f1": figures.f1,
        "kappa": figures.kappa.value,
        "kappa_interval": [figures.kappa.low, figures.kappa.high],
        "accuracy": figures.accuracy,
    }


def _mood_dict(figures: MoodFigures, *, cross_validated: bool) -> dict[str, object]:
    return {
        "n": figures.n,
        "accuracy": figures.accuracy,
        "macro_f1": figures.macro_f1,
        **{name: dict(values) for name, values in figures.classes.items()},
        "cross_validated": cross_validated,
    }
