"""What a verdict rests on, as a reader sees it: the sentence with the hit marked, the rounds searched, the measure."""

from __future__ import annotations

from collections.abc import Iterable

from qa_audit.records import Evidence, Message, Role, RuleResult, Scorecard, Transcript
from qa_audit.report import wording
from qa_audit.report.table import Look, Rich, Run
from qa_audit.rule import Rule

SENTENCE_ENDS = "。！？!?；;\n…～~"
LONGEST_QUOTE = 120  # characters; a sentence of dictated speech may have no end
AT_THE_END = ("customer_ended",)  # facts of how a chat ended


def highlight(text: str, spans: Iterable[tuple[int, int]], *, look: Look = "agent") -> Rich | str:
    """``text`` with these spans marked (they may overlap or be out of order); plain text where there is none."""
    runs: list[Run] = []
    done = 0
    for start, end in _joined(spans, len(text)):
        runs += [Run(text[done:start]), Run(text[start:end], hit=True, look=look)]
        done = end
    if not runs:
        return text
    runs.append(Run(text[done:]))
    return Rich(tuple(run for run in runs if run.text))


def _joined(spans: Iterable[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        low, high = max(start, 0), min(end, length)
        if low >= high:
            continue
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return joined


def look_of(message: Message) -> Look:
    """How a hit in a message is shown: what a customer said is no fault of the agent's, though it shows one."""
    return "customer" if message.role == "customer" else "agent"


def quote(transcript: Transcript, evidence: Evidence, *, at_most: int = LONGEST_QUOTE) -> Rich | str:
    """The sentence around a hit, the hit marked; cut with … on both sides beyond ``at_most`` characters."""
    message = transcript.messages[evidence.message]
    text = message.text
    low = max(text.rfind(mark, 0, evidence.start) for mark in SENTENCE_ENDS) + 1
    ends = [found for mark in SENTENCE_ENDS if (found := text.find(mark, evidence.end)) >= 0]
    high = min(ends) + 1 if ends else len(text)
    room = max(at_most - (evidence.end - evidence.start), 0) // 2
    cut_low, cut_high = max(low, evidence.start - room), min(high, evidence.end + room)
    before, after = "…" if cut_low > low else "", "…" if cut_high < high else ""
    sentence = text[cut_low:cut_high]
    stripped = sentence.lstrip()
    shift = len(before) - cut_low - (len(sentence) - len(stripped))
    span = (evidence.start + shift, evidence.end + shift)
    return highlight(before + stripped.rstrip() + after, [span], look=look_of(message))


def anchor(card: Scorecard, rule: Rule, result: RuleResult, evidence: Evidence | None) -> int:
    """The message a deduction points at: that of its words, else where it was due, else the first."""
    if evidence is not None:
        return evidence.message
    if is_due_at_the_end(rule, result):
        return max((i for i, turn in enumerate(card.round_of) if turn >= 0), default=0)
    known = _searched(card, result)
    return card.round_of.index(known[0]) if known else 0


def is_due_at_the_end(rule: Rule, result: RuleResult) -> bool:
    """Whether what is missing was due at the end of the chat: in its last rounds or seconds, or who ended it."""
    if rule.parts:
        missing = [part for part in rule.parts if part.wanted and part.wanted in result.wanted]
        return bool(missing) and all(is_due_at_the_end(part, result) for part in missing)
    ended = rule.holds is not None and rule.holds.fact in AT_THE_END
    return rule.where.last is not None or rule.where.last_s is not None or ended


def _searched(card: Scorecard, result: RuleResult) -> list[int]:
    return [index for index in result.searched if index in card.round_of]


def grounds(transcript: Transcript, rule: Rule, result: RuleResult, evidence: Evidence | None) -> Rich | str:
    """What one deduction rests on: the words said, or what was searched for in vain, or the measure and its limit."""
    missing = unseen(rule, result)
    if evidence is not None:
        said = quote(transcript, evidence)
        if result.measured is not None:
            return _followed(said, f"（{wording.measure(rule, result)}）")
        return _followed(said, f"（{missing}）") if missing else said
    if result.measured is not None:
        return wording.measure(rule, result)
    return missing or result.note or rule.title


def shortened(text: str, at_most: int) -> str:
    """The beginning of a text on one line, cut with … beyond ``at_most`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= at_most else line[: at_most - 1] + "…"


def exchange(card: Scorecard, rule: Rule, result: RuleResult, *, at_most: int) -> tuple[str, ...]:
    """What was said where something was due, for a verdict without words of its own: 客户：“…”, 坐席：“…”.

    Each line is cut to ``at_most`` characters. At the end of a chat they are the last that each side said.
    """
    if not _searched(card, result):
        return ()
    messages = card.transcript.messages
    there = anchor(card, rule, result, None)
    if is_due_at_the_end(rule, result):
        own = next((i for i in range(there, -1, -1) if _speaks(card, i, "agent")), None)
        start = there
    else:
        own = next((i for i in range(there, len(messages)) if _speaks(card, i, "agent")), None)
        start = there if own is None else own
    asked = next((i for i in range(start, -1, -1) if _speaks(card, i, "customer")), None)
    return tuple(
        f"{wording.ROLES[messages[i].role]}：“{shortened(messages[i].text, at_most)}”"
        for i in sorted(i for i in (asked, own) if i is not None)
    )


def _speaks(card: Scorecard, index: int, role: Role) -> bool:
    message = card.transcript.messages[index]
    return message.role == role and bool(message.text) and card.round_of[index] >= 0


def unseen(rule: Rule, result: RuleResult) -> str:
    """“检查了第1、2轮坐席发言，未见：问候或欢迎”; empty where nothing was searched for."""
    lack = lacking(rule, result)
    side = wording.ROLES[rule.where.side]
    return f"检查了第{wording.rounds(result.searched)}轮{side}发言，{lack}" if lack else ""


def lacking(rule: Rule, result: RuleResult) -> str:
    """“未见：问候或欢迎”; empty where nothing was searched for."""
    if not result.searched or result.measured is not None:
        return ""  # a measure names the rounds it was taken over
    return f"未见：{result.wanted or rule.title}"


def _followed(said: Rich | str, more: str) -> Rich:
    runs = said.runs if isinstance(said, Rich) else (Run(said),)
    return Rich((*runs, Run(more)))
