"""One bucket of transcripts → scorecards: segment, moods, check, score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from qa_audit import paths
from qa_audit.check.evidence import not_applicable
from qa_audit.check.judge import Judge, no_contacts
from qa_audit.check.measured import measures_of
from qa_audit.config import Config
from qa_audit.contact.conversation import chat_text, with_words
from qa_audit.contact.escalation import Signs, escalation_of
from qa_audit.contact.predict import ChatModel
from qa_audit.course import course_of
from qa_audit.errors import InputError, InvalidStandard
from qa_audit.hours import is_open
from qa_audit.records import (
    EMOTIONS,
    Contact,
    Estimate,
    Problem,
    RoundMood,
    RuleResult,
    Scorecard,
    Transcript,
    Unanswered,
    Verdict,
)
from qa_audit.rule import Rule, Standard
from qa_audit.rulebook import Loaded, language_of, open_standard
from qa_audit.rulebook.load import in_order
from qa_audit.satisfaction.predict import SatisfactionModel
from qa_audit.score import agent_result, score
from qa_audit.segment import Conversation, Segmenter
from qa_audit.sentiment.predict import MoodModel
from qa_audit.sentiment.turns import CustomerTurn, turns_of
from qa_audit.sentiment.weights import CARD_FILE
from qa_audit.view import AgentView

ESCALATION_RULE = "MOOD-02"


@dataclass(frozen=True, slots=True)
class Audited:
    """What auditing some transcripts gave; every one of them is in one of the three."""

    scorecards: tuple[Scorecard, ...]
    unanswered: tuple[Unanswered, ...]
    problems: tuple[Problem, ...]


class Satisfaction(Protocol):
    """A model of who ends a chat dissatisfied, in place of the chat model's own; ``hash`` is its identity."""

    @property
    def hash(self) -> str:
        """What the results depend on."""

    def dissatisfied(
        self, conversations: Sequence[Conversation], moods: Sequence[Mapping[int, RoundMood]]
    ) -> Sequence[Estimate | None]:
        """P(dissatisfied) of each conversation; ``moods`` by the first message of each customer round."""


@dataclass(frozen=True)
class Auditor:
    """A standard, a mood model, a chat model (None: topics and outcomes stay unknown) and a configuration, ready to audit.

    Built once per process.

    Raises (when first used):
        InvalidStandard: the standard names a threshold that the mood model does not have.
    """

    loaded: Loaded
    model: MoodModel
    config: Config
    chat_model: ChatModel | None = None
    folders: tuple[Path | None, Path | None] = (None, None)
    satisfaction: Satisfaction | None = None

    @classmethod
    def open(cls, config: Config, *, standard: Path | None = None, model: Path | None = None) -> Auditor:
        """An auditor from a standard folder and a model folder; None: those of the configuration, or shipped.

        A folder that holds only one of the models is completed by the shipped ones.

        Raises:
            InvalidModel: a model cannot be used.
            InputError: the folder holds no model at all.
        """
        mood, chat, satisfaction = _models(model or config.models)
        auditor = cls(open_standard(standard, config), mood, config, chat, (standard, model), satisfaction)
        auditor.check_thresholds()
        return auditor

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process opens it anew: automata cannot be pickled."""
        return _open, (self.config, *self.folders)

    @property
    def model_hash(self) -> str:
        """The identity of all models."""
        models = (self.model, self.chat_model, self.satisfaction)
        return "+".join(model.hash for model in models if model is not None)

    @property
    def standard(self) -> Standard:
        """The standard audited against."""
        return self.loaded.standard

    @cached_property
    def segmenter(self) -> Segmenter:
        """The segmenter, with the standard's user words."""
        words = [word for _, word in self.loaded.lexicons.entries("user_words")]
        return Segmenter(self.config.segmenter, words)

    @cached_property
    def judge(self) -> Judge:
        """The judge of the whole standard."""
        return self.judge_of(self.standard.rules)

    def prepare(self) -> None:
        """Builds everything that is otherwise built when first asked for; before forking, say."""
        assert self.judge.rules, "a standard without rules is refused by the rulebook"

    def judge_of(self, rules: Sequence[Rule]) -> Judge:
        """A judge of some rules."""
        language = language_of(rules, self.loaded.lexicons, self.config.masks)
        return Judge(
            tuple(in_order(rules)), language, self.segmenter, self.moods, self.model.thresholds, self.contacts
        )

    def check_thresholds(self) -> None:
        """Every threshold that a rule names is one of the model's."""
        known = self.model.thresholds
        missing = [
            self.loaded.sources[rule.id].document.at(
                key, f'the mood model has no threshold "{name}"; it has {", ".join(sorted(known))}'
            )
            for rule in self.standard.rules
            for key, name in _thresholds(rule)
            if name and name not in known
        ]
        if missing:
            raise InvalidStandard(missing)

    def moods(self, conversations: Sequence[Conversation]) -> list[dict[int, RoundMood]]:
        """The mood of every customer round, by its first message, for a batch of conversations."""
        turns: list[CustomerTurn] = []
        places: list[tuple[int, int]] = []
        for number, conversation in enumerate(conversations):
            spoken = [(round_, conversation.round_text(round_)) for round_ in conversation.rounds]
            spoken = [(round_, text) for round_, text in spoken if text.strip()]
            turns += turns_of((round_.role, text) for round_, text in spoken)
            places += [(number, round_.messages[0]) for round_, _ in spoken if round_.role == "customer"]
        moods: list[dict[int, RoundMood]] = [{} for _ in conversations]
        if turns:
            probabilities = self.model.probabilities(turns)
            labels = self.model.labels(probabilities)
            for (number, message), label, row in zip(places, labels, probabilities.tolist(), strict=True):
                moods[number][message] = RoundMood(message, label, (row[0], row[1], row[2]))
        return moods

    def contacts(
        self, conversations: Sequence[Conversation], moods: Sequence[Mapping[int, RoundMood]]
    ) -> list[Contact]:
        """Topic, outcome, emotion, end mood and their probabilities of each conversation; empty without a chat model."""
        if self.chat_model is None:
            contacts = no_contacts(conversations, moods)
        else:
            chats = [chat_text(c, own) for c, own in zip(conversations, moods, strict=True)]
            readings = self.chat_model.readings(chats)
            contacts = [with_words(*each) for each in zip(readings, chats, conversations, strict=True)]
        if self.satisfaction is None:
            return contacts
        estimates = self.satisfaction.dissatisfied(conversations, moods)
        return [replace(c, dissatisfied=own) for c, own in zip(contacts, estimates, strict=True)]

    def audit(self, transcripts: Sequence[Transcript]) -> Audited:
        """Scorecards of all agents, unanswered chats, and chats that cannot be audited; nothing is masked yet."""
        audible = [t for t in transcripts if any(m.role == "customer" for m in t.messages)]
        problems = [_no_customer(t) for t in transcripts if not any(m.role == "customer" for m in t.messages)]
        scorecards: list[Scorecard] = []
        unanswered: list[Unanswered] = []
        for transcript, views in zip(audible, self.judge.views(audible), strict=True):
            if not views:
                unanswered.append(_unanswered(transcript, self.judge))
            escalation = self.escalation(views)
            scorecards += [self.scorecard(view, escalation) for view in views]
        return Audited(tuple(scorecards), tuple(unanswered), tuple(problems))

    def escalation(self, views: Sequence[AgentView]) -> Estimate | None:
        """How likely a chat's matter goes further, from all its agents' parts; None if nobody can say.

        What a customer announces is what ``ESCALATION_RULE`` finds; a standard without it still sees the other signs.
        """
        if not views:
            return None
        announced = {
            e for v in views if (r := v.results.get(ESCALATION_RULE)) is not None for e in r.evidence
        }
        waits = [s for view in views if (s := measures_of(view).get("longest_wait_s")) is not None]
        first = views[0]
        return escalation_of(
            Signs(
                first.conversation,
                tuple(mood for _, mood in sorted(first.moods.items())),
                first.contact,
                sorted(announced, key=lambda e: (e.message, e.start)),
                max(waits, default=None),
            )
        )

    def scorecard(self, view: AgentView, escalation: Estimate | None = None) -> Scorecard:
        """What one agent's part of a chat comes to; ``escalation`` is that of the whole chat."""
        contact = view.contact
        feared = contact.dissatisfied
        results = tuple(view.results[rule.id] for rule in self.standard.rules if rule.id in view.results)
        points = score(results, self.standard)
        first_messages = {r.messages[0] for r in view.customer}
        moods = tuple(view.moods[m] for m in sorted(first_messages & view.moods.keys()))
        return Scorecard(
            transcript=view.transcript,
            agent=view.agent,
            round_of=view.conversation.round_of,
            results=results,
            moods=moods,
            deductions=points.deductions,
            bonus=points.bonus,
            score=points.score,
            score_before_fatal=points.score_before_fatal,
            grade=points.grade,
            decided=points.decided,
            alerts=points.alerts,
            measures=measures_of(view),
            counts_for_30s=self._counts_for_30s(view),
            topic=contact.topic,
            outcome=contact.outcome,
            emotion=contact.emotion,
            end_mood=contact.end_mood,
            course=course_of(moods),
            emotions=dict(zip(EMOTIONS, contact.emotions, strict=True)) if contact.emotions else {},
            emotion_evidence=contact.emotion_evidence,
            dissatisfied=feared.probability if feared is not None else None,
            dissatisfied_factors=feared.factors if feared is not None else (),
            escalation=escalation.probability if escalation is not None else None,
            escalation_factors=escalation.factors if escalation is not None else (),
        )

    def _counts_for_30s(self, view: AgentView) -> bool:
        """Whether a chat enters the 30-second rate: opened in service hours (JD: 09:00–23:00), not left off line."""
        transcript = view.transcript
        if transcript.channel != "chat" or transcript.offline or view.took_over == "human":
            return False
        opened = transcript.began_at
        return opened is not None and is_open(opened, self.config.service_minutes)


def _thresholds(rule: Rule) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The thresholds of the mood model that a rule names, with their keys; empty where it names none."""
    yield ("threshold",), rule.threshold
    if rule.when is not None:
        yield ("when", "mood"), rule.when.mood
        yield ("when", "mood_unsure"), rule.when.mood_unsure
    for number, part in enumerate(rule.parts):
        for key, name in _thresholds(part):
            yield ("parts", number, *key), name


def _open(config: Config, standard: Path | None, model: Path | None) -> Auditor:
    return Auditor.open(config, standard=standard, model=model)


def _models(folder: Path | None) -> tuple[MoodModel, ChatModel | None, SatisfactionModel | None]:
    """The models of a folder, completed by the shipped ones."""
    shipped = paths.shipped("models")
    if folder is None:
        return MoodModel.load(shipped), ChatModel.find(shipped), None
    own = ChatModel.find(folder)
    satisfaction = SatisfactionModel.find(folder)
    has_moods = (folder / CARD_FILE).exists()
    if own is None and satisfaction is None and not has_moods:
        raise InputError(f"{folder}: holds no model; train one into it with `qa-audit train`")
    moods = MoodModel.load(folder if has_moods else shipped)
    return moods, own or ChatModel.find(shipped), satisfaction


def _no_customer(transcript: Transcript) -> Problem:
    return Problem(
        transcript.source,
        transcript.line,
        transcript.id,
        "会话中没有客户发言，未质检",
        "核对导出是否完整；若为坐席内部会话可忽略",
    )


def _unanswered(transcript: Transcript, judge: Judge) -> Unanswered:
    """A chat nobody answered: RESP-01 fails for a known agent, and is undecidable without times.

    Whoever is known by automatic replies alone is the agent it was assigned to. Left off line, or opened outside the
    hours of service, it was nobody's to answer in time.
    """
    named = (m.agent for m in transcript.messages if m.role == "agent" and m.agent)
    agent = transcript.assigned_agent or next(named, None)
    rule = next((r for r in judge.rules if r.id == "RESP-01"), None)
    if agent is None or rule is None:
        return Unanswered(transcript, agent, None)
    opened = transcript.began_at
    closed = opened is not None and rule.service_hours is not None and not is_open(opened, rule.service_hours)
    timed = transcript.channel == "chat" and any(m.at is not None for m in transcript.messages)
    if transcript.offline or closed:
        result = not_applicable(rule, "离线留言" if transcript.offline else "会话不在服务时段")
    elif not timed:
        result = RuleResult(rule.id, Verdict.UNDECIDABLE, wanted="人工应答", note="没有消息时间")
    else:
        result = RuleResult(rule.id, Verdict.FAIL, wanted="人工应答", note="客户发言后无人工应答")
    return Unanswered(transcript, agent, result)


def transcript_agent_result(rule: Rule, view: AgentView) -> RuleResult:
    """What an agent-level rule would say of a night of this one chat (for its examples)."""
    seconds = measures_of(view).get("first_response_s")
    return agent_result(rule, view.transcript.channel, [] if seconds is None else [seconds])
