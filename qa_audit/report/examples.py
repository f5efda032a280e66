"""Good examples: of each rule the best pass, of one agent or of the whole team, picked in one reading of the chats."""

from __future__ import annotations

from dataclasses import dataclass, field

from qa_audit.records import RuleResult, Scorecard, Verdict
from qa_audit.report import evidence, wording
from qa_audit.rule import Rule, Standard

QUOTE = 46  # characters, so that three lines of the overview hold a quote


@dataclass(frozen=True, slots=True)
class Example:
    """The pass of a rule that shows best how it is done: the chat, the message (None: a measure), its words or measure.

    The lowest ``rank`` is the best: of measures the smallest, of words those of the best-scored chat, of equals the
    longest; then by agent and chat, so that the order of reading does not matter.
    """

    rank: tuple[float, float, int, str, str]
    chat: str
    message: int | None
    text: str


Kind = tuple[str, str]  # rule, and the unit of its measure: three rings are no example for seconds


@dataclass(slots=True)
class Examples:
    """The best example of each rule among the chats added; one short text a rule, however many chats there are."""

    standard: Standard
    best: dict[Kind, Example] = field(default_factory=dict)

    def add(self, card: Scorecard) -> bool:
        """One more chat; whether it shows something better than those before."""
        better = False
        for result in card.results:
            if result.verdict is Verdict.PASS and (result.evidence or result.measured is not None):
                better |= self._offer(card, result)
        return better

    def merge(self, other: Examples) -> None:
        """The examples of other chats."""
        for kind, example in other.best.items():
            best = self.best.get(kind)
            if best is None or example.rank < best.rank:
                self.best[kind] = example

    def _offer(self, card: Scorecard, result: RuleResult) -> bool:
        said = next((e for e in result.evidence if _is_agents(card, e.message)), None)
        if said is None and result.measured is None:
            return False
        length = min(len(card.transcript.messages[said.message].text), QUOTE) if said else 0
        rank = (result.measured or 0.0, -(card.score or 0.0), -length, card.agent, card.transcript.id)
        kind = kind_of(result)
        best = self.best.get(kind)
        if best is not None and best.rank <= rank:
            return False
        text = (
            f"“{evidence.quote(card.transcript, said, at_most=QUOTE)}”"
            if said
            else wording.measure(self.standard.rule(result.rule_id), result)
        )
        self.best[kind] = Example(rank, card.transcript.id, said.message if said else None, text)
        return True


def kind_of(result: RuleResult) -> Kind:
    """What a result can be an example of."""
    return (result.rule_id, result.unit)


def _is_agents(card: Scorecard, message: int) -> bool:
    said = card.transcript.messages[message]
    return said.role == "agent" and not said.auto


def standard_example(rule: Rule) -> str:
    """What the agent says in the first example of a pass that the standard gives; empty where it has none."""
    example = next((one for one in rule.examples if one.verdict is Verdict.PASS), None)
    if example is None:
        return ""
    marked = {index for index, _, _ in example.evidence}
    said = [m for m in example.transcript.messages if m.role == "agent" and not m.auto and m.text]
    best = next((m for m in said if m.index in marked), said[-1] if said else None)
    return f"“{evidence.shortened(best.text, QUOTE)}”" if best else ""
