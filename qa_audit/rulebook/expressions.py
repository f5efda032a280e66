"""Expressions, conditions and scopes, from what a rule file holds to the nouns that checks read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, cast

from qa_audit.facts import FACTS
from qa_audit.normalise import fold
from qa_audit.records import TOPICS
from qa_audit.rule import Anchor, AnyOf, Condition, Edge, Expression, Like, Near, Side, Tokens, Where
from qa_audit.rulebook.lexicons import PATTERN, Lexicons, phrase
from qa_audit.rulebook.text import nearest
from qa_audit.yamltext import Document, Path

LEXICON = "lexicon:"
WIDE_COLON = re.compile("(lexicon|re)\\s*：")
FORMS = ("near", "all", "any", "at_least", "like", "tokens")
CONDITIONS = ("all", "any", "not", "fact", "channel", "direction", "topic", "said", "why")
SIDES = ("agent", "customer")
ANCHOR = ("side", "look_for", "nth")
FIELDS: dict[Literal["channel", "direction", "topic"], tuple[str, ...]] = {
    "channel": ("chat", "phone", "email"),
    "direction": ("inbound", "outbound"),
    "topic": TOPICS,
}
NOTHING = AnyOf(())


class ExpressionReader:
    """Reads one rule file; every fault is added to ``errors`` with file and line, and reading goes on."""

    def __init__(self, document: Document, lexicons: Lexicons, edge: Edge | None = None) -> None:
        self.document = document
        self.lexicons = lexicons
        self.edge = edge
        self.errors: list[str] = []

    def fault(self, path: Path, message: str) -> None:
        """Notes a fault of a key."""
        self.errors.append(self.document.at(path, message))

    def expression(self, data: object, path: Path) -> Expression:
        """``look_for`` and its like: a text, a list (any of them) or one of the forms."""
        if not data:
            self.fault(path, "nothing to look for; write a phrase, lexicon:NAME, re:… or a list of them")
            return NOTHING
        if isinstance(data, str):
            return self._text(data, path)
        if isinstance(data, list):
            return AnyOf(tuple(self.expression(item, (*path, n)) for n, item in enumerate(data)))
        return self._form(cast("Mapping[str, object]", data), path)

    def _text(self, text: str, path: Path) -> Expression:
        if wide := WIDE_COLON.match(text):
            self.fault(path, f'"{wide[0]}" is written with a half-width colon: {wide[1]}:')
            return NOTHING
        if text.startswith(LEXICON):
            name = text.removeprefix(LEXICON)
            if unknown := self.lexicons.unknown(name):
                self.fault(path, unknown)
            return self.lexicons.expression(name, self.edge)
        if text.startswith(PATTERN):
            return self.lexicons.pattern(text, f"{self.document.path}:{self.document.line(path)}")
        return phrase(text, self.edge)

    def _form(self, data: Mapping[str, object], path: Path) -> Expression:
        form = next((name for name in FORMS if name in data), None)
        known = {
            "tokens": {"tokens", "literals"},
            "like": {"like", "threshold"},
            "at_least": {"at_least", "of"},
        }
        for key in data:
            if form is not None and key in FORMS and key != form:
                self.fault((*path, key), f"one form is wanted, not {form} and {key}; put them in a list")
            elif form is None or key not in known.get(form, {form}):
                prefix = f"; write {key}:… without a space" if key in ("lexicon", "re") else ""
                self.fault((*path, key), f'unknown key "{key}"{prefix or nearest(key, FORMS)}')
        match form:
            case "near":
                return self._near(data["near"], (*path, "near"))
            case "all" | "any":
                parts = self._parts(data[form], (*path, form))
                return AnyOf(parts, len(parts) if form == "all" else 1)
            case "at_least":
                at_least = self._count(data["at_least"], (*path, "at_least"))
                return AnyOf(self._parts(data.get("of"), (*path, "of")), at_least)
            case "like":
                return self._like(data, path)
            case "tokens":
                return self._tokens(data, path)
        return NOTHING

    def _parts(self, data: object, path: Path) -> tuple[Expression, ...]:
        if not isinstance(data, list):
            self.fault(path, "a list of expressions is wanted")
            return ()
        return tuple(self.expression(item, (*path, n)) for n, item in enumerate(data))

    def _count(self, data: object, path: Path) -> int:
        """A whole number from 1."""
        if not str(data).isdecimal() or int(str(data)) < 1:
            self.fault(path, f'"{data}": a whole number from 1 is wanted')
            return 1
        return int(str(data))

    def _like(self, data: Mapping[str, object], path: Path) -> Expression:
        samples, threshold = data["like"], str(data.get("threshold", "0.7"))
        if not isinstance(samples, list) or not samples:
            self.fault((*path, "like"), "like wants a list of sample sentences")
            samples = []
        if re.fullmatch(r"1(?:\.0*)?|0?\.\d+", threshold) is None:
            self.fault((*path, "threshold"), f'"{threshold}": a similarity up to 1 is wanted, such as 0.7')
            threshold = "1"
        return Like(tuple(fold(str(sample)) for sample in samples), float(threshold))

    def _near(self, data: object, path: Path) -> Expression:
        if not isinstance(data, list) or len(data) != 3 or not str(data[2]).isdecimal():
            self.fault(path, "near wants two expressions and a number of characters: [a, b, 6]")
            return NOTHING
        return Near(self.expression(data[0], (*path, 0)), self.expression(data[1], (*path, 1)), int(data[2]))

    def _tokens(self, data: Mapping[str, object], path: Path) -> Expression:
        literals = data.get("literals")
        if not isinstance(literals, list) or not literals:
            self.fault(
                path, "tokens wants literals: words of which one must occur before the pattern is tried"
            )
            literals = []
        tokens = data["tokens"] if isinstance(data["tokens"], list) else []
        pattern = [_token(token) for token in tokens]
        if reason := _pattern_fault(pattern):
            self.fault((*path, "tokens"), f"not a pattern of spaCy's Matcher: {reason}")
        return Tokens(tuple(pattern), tuple(fold(str(word)) for word in literals))

    def condition(self, data: object, path: Path) -> Condition:
        """``applies_when`` and ``waive_when``: a fact's name, a list (all of them), or one of the forms."""
        if isinstance(data, str):
            if data not in FACTS:
                self.fault(path, f'there is no fact "{data}"{nearest(data, FACTS)}')
            return Condition("fact", fact=data)
        if isinstance(data, list):
            return Condition("all", parts=tuple(self.condition(c, (*path, n)) for n, c in enumerate(data)))
        if not isinstance(data, Mapping):
            self.fault(path, "no condition stands here; name a fact or write one")
            return Condition("all")
        unknown = [key for key in data if key not in CONDITIONS]
        for key in unknown:
            self.fault((*path, key), f'unknown key "{key}"{nearest(key, CONDITIONS)}')
        kinds = [key for key in data if key in CONDITIONS and key != "why"]
        if len(kinds) > 1:
            self.fault(
                path, f"one condition is wanted, not {' and '.join(kinds)}; put them in a list under all"
            )
        elif not kinds and not unknown:
            self.fault(path, f"no condition stands here; one of {', '.join(CONDITIONS[:-1])} is wanted")
        if not kinds:
            return Condition("all")
        return self._condition(kinds[0], data[kinds[0]], (*path, kinds[0]), str(data.get("why") or ""))

    def _condition(self, kind: str, value: object, path: Path, why: str) -> Condition:
        match kind:
            case "not":
                return Condition("not", parts=(self.condition(value, path),), why=why)
            case "all" | "any":
                parts = value if isinstance(value, list) else [value]
                conditions = tuple(self.condition(c, (*path, n)) for n, c in enumerate(parts))
                return Condition("all" if kind == "all" else "any", parts=conditions, why=why)
            case "channel" | "direction" | "topic":
                values = value if isinstance(value, list) else [value]
                named = tuple(str(v) for v in values)
                for name in named:
                    if name not in FIELDS[kind]:
                        self.fault(path, f'{kind} cannot be "{name}"{nearest(name, FIELDS[kind])}')
                return Condition(kind, values=named, why=why)
            case "said" if isinstance(value, Mapping):
                where = self.where({k: v for k, v in value.items() if k != "look_for"}, path)
                look_for = self.expression(value.get("look_for"), (*path, "look_for"))
                return Condition("said", expression=look_for, where=where, why=why)
        if kind == "fact":
            inner = self.condition(value, path)
            return Condition("fact", fact=inner.fact, why=why)
        self.fault(path, f"{kind} wants keys and values")
        return Condition("all")

    def where(self, data: Mapping[str, object], path: Path) -> Where:
        """``where``: side, rounds, ignoring, within_s, after, before."""
        known = ("side", "rounds", "ignoring", "within_s", "after", "before")
        for key in data:
            if key not in known:
                self.fault((*path, key), f'unknown key "{key}"{nearest(key, known)}')
        unanswered = data.get("rounds") == "unanswered"
        rounds = "all" if unanswered else data.get("rounds", "all")
        first, last = self._rounds(rounds, (*path, "rounds"))
        first_s, last_s = self._within_s(data.get("within_s"), (*path, "within_s"))
        return Where(
            self._side(data.get("side", "agent"), (*path, "side")),
            first,
            last,
            self._anchor(data.get("after"), (*path, "after")),
            self._anchor(data.get("before"), (*path, "before")),
            unanswered=unanswered,
            first_s=first_s,
            last_s=last_s,
            ignoring=self.expression(data["ignoring"], (*path, "ignoring")) if "ignoring" in data else None,
        )

    def _side(self, value: object, path: Path) -> Side:
        if value not in SIDES:
            self.fault(path, f'side cannot be "{value}"; agent or customer is wanted')
        return "customer" if value == "customer" else "agent"

    def _rounds(self, value: object, path: Path) -> tuple[int | None, int | None]:
        match str(value).split():
            case ["all"]:
                return None, None
            case ["first", number] if number.isdecimal() and int(number):
                return int(number), None
            case ["last", number] if number.isdecimal() and int(number):
                return None, int(number)
        self.fault(path, f'rounds cannot be "{value}"; all, first N, last N or unanswered is wanted')
        return None, None

    def _within_s(self, value: object, path: Path) -> tuple[float | None, float | None]:
        match str(value or "").split():
            case []:
                return None, None
            case ["first", number] if number.isdecimal() and int(number):
                return float(number), None
            case ["last", number] if number.isdecimal() and int(number):
                return None, float(number)
        self.fault(path, f'within_s cannot be "{value}"; first N or last N (seconds) is wanted')
        return None, None

    def _anchor(self, data: object, path: Path) -> Anchor | None:
        if data is None:
            return None
        if not isinstance(data, Mapping):
            self.fault(path, "an anchor wants look_for, and may have side and nth")
            return None
        for key in data:
            if key not in ANCHOR:
                self.fault((*path, key), f'unknown key "{key}"{nearest(key, ANCHOR)}')
        if "look_for" not in data:
            self.fault(path, "an anchor wants look_for, and may have side and nth")
            return None
        expression = self.expression(data["look_for"], (*path, "look_for"))
        side = self._side(data.get("side", "customer"), (*path, "side"))
        return Anchor(side, expression, self._count(data.get("nth", "1"), (*path, "nth")))


def _pattern_fault(pattern: Sequence[Mapping[str, object]]) -> str:
    """What spaCy's Matcher has against a pattern; empty if it takes it."""
    from spacy.matcher import Matcher
    from spacy.vocab import Vocab

    try:
        Matcher(Vocab(), validate=True).add("pattern", [[dict(token) for token in pattern]])
    except ValueError as error:  # MatchPatternError is one
        return " ".join(str(error).split())
    return ""


def _token(data: object) -> dict[str, object]:
    """One token of a spaCy pattern: YAML was read as text, so numbers and booleans are made here."""
    if not isinstance(data, Mapping):
        return {"LOWER": fold(str(data))}
    return {str(key): _value(value) for key, value in data.items()}


def _value(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _value(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_value(inner) for inner in value]
    text = str(value)
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdigit() else fold(text) if text not in ("!", "?", "+", "*") else text
