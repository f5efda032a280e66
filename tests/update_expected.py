"""What auditing samples/ gives, and ``python tests/update_expected.py`` to store it in samples/expected.json."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from qa_audit.audit import Auditor
from qa_audit.config import Config
from qa_audit.read.buckets import load_bucket, spill
from qa_audit.records import Problem, RuleResult, Scorecard, Unanswered, Verdict
from qa_audit.score import statistics_of

SAMPLES = Path(__file__).parent.parent / "samples"
STORED = SAMPLES / "expected.json"
Expected = dict[str, object]


def expected() -> Expected:
    """Every value under its whole name, so that a line of a diff says by itself what has changed.

    “C1120-01 1007_林晓 ATT-01” is the verdict of a rule on one agent's part of a chat; score, grade, bonus and
    alerts stand beside them, then agents' own alerts, chats that nobody answered, and problems.
    """
    with tempfile.TemporaryDirectory() as folder:
        spilled = spill([str(SAMPLES)], Path(folder), config=Config())
        loaded = [load_bucket(bucket, config=Config()) for bucket in spilled.buckets]
    auditor = Auditor.open(Config())
    audited = auditor.audit([transcript for bucket in loaded for transcript in bucket.transcripts])
    problems = [*spilled.problems, *(p for bucket in loaded for p in bucket.problems), *audited.problems]
    found: Expected = {}
    for card in sorted(audited.scorecards, key=_key):
        found |= {f"{card.transcript.id} {card.agent} {name}": value for name, value in _card(card).items()}
    for agent, own in _by_agent(audited.scorecards).items():
        found[f"agent {agent}"] = " ".join(
            a.rule_id for a in statistics_of(agent, own, auditor.standard).alerts
        )
    for chat in audited.unanswered:
        found[f"unanswered {chat.transcript.id}"] = _unanswered(chat)
    for problem in sorted(problems, key=_place):
        if Path(problem.source).suffix in (
            ".jsonl",
            ".csv",
            ".xlsx",
        ):  # README and sources are no transcripts
            found[f"problem {Path(problem.source).name}:{problem.line}"] = problem.reason
    return found


def _key(card: Scorecard) -> tuple[str, str]:
    return card.transcript.id, card.agent


def _place(problem: Problem) -> tuple[str, int]:
    return problem.source, problem.line


def _by_agent(cards: Sequence[Scorecard]) -> dict[str, list[Scorecard]]:
    return {agent: [c for c in cards if c.agent == agent] for agent in sorted({c.agent for c in cards})}


def _card(card: Scorecard) -> dict[str, object]:
    """Score, grade and alerts, then every rule that applied."""
    return {
        "score": card.score,
        "score before fatal": card.score_before_fatal,
        "grade": card.grade,
        "bonus": card.bonus,
        "alerts": " ".join(card.alerts),
        "topic, outcome, emotion": f"{card.topic} {card.outcome} {card.emotion}",
        **{r.rule_id: _result(r) for r in card.results if r.verdict is not Verdict.NOT_APPLICABLE},
    }


def _result(result: RuleResult) -> str:
    """“fail “您自己操作错””, “fail waived: 已计入 ATT-01”, “pass”, “undecidable: 没有消息时间”."""
    text = str(result.verdict)
    if result.waived:
        text += f" waived: {result.waived}"
    if result.verdict is Verdict.FAIL:
        text += "".join(f" “{evidence.text}”" for evidence in result.evidence)
        if result.measured is not None:
            text += f" {result.measured:g}{result.unit}"
    return f"{text}: {result.note}" if result.note else text


def _unanswered(chat: Unanswered) -> str:
    return f"{chat.agent or '—'} {_result(chat.result) if chat.result is not None else '—'}"


def as_text(found: Expected) -> str:
    """The stored form: one value a line, so that a change shows as a few lines of a diff."""
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Writes the stored file."""
    STORED.write_text(as_text(expected()), encoding="utf-8")
    sys.stdout.write(f"{STORED}\n")


if __name__ == "__main__":
    main()
