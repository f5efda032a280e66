"""Expressions, conditions and scopes, from what a rule file holds to the nouns that checks read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from qa_audit.facts import FACTS
from qa_audit.normalise import fold
from qa_audit.rule import Anchor, AnyOf, Condition, Edge, Expression, Like, Near, Side, Tokens, Where
from qa_audit.rulebook.lexicons import PATTERN, Lexicons, phrase
from qa_audit.yamltext import Document, Path, did_you_mean

LEXICON = "lexicon:"
FORMS = ("near", "all", "any", "at_least", "like", "tokens")
CONDITIONS = ("all", "any", "not", "fact", "channel", "direction", "said", "why")
SIDES = ("agent", "customer")
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
        if isinstance(data, str):
            return self._text(data, path)
        if isinstance(data, list):
            return AnyOf(tuple(self.expression(item, (*path, n)) for n, item in enumerate(data)))
        if isinstance(data, Mapping):
            return self._form(data, path)
        self.fault(path, f'"{path[-1]}" is empty; write a phrase, lexicon:NAME, re:… or a list of them')
        return NOTHING

    def _text(self, text: str, path: Path) -> Expression:
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
            if form is None or key not in known.get(form, {form}):
                self.fault((*path, key), f'unknown key "{key}"{did_you_mean(key, FORMS)}')
        match form:
            case "near":
                return self._near(data["near"], (*path, "near"))
            case "all" | "any":
                parts = self._parts(data[form], (*path, form))
                return AnyOf(parts, len(parts) if form == "all" else 1)
            case "at_least":
                return AnyOf(self._parts(data.get("of"), (*path, "of")), int(str(data["at_least"])))
            case "like":
                samples = [fold(str(s)) for s in cast("Sequence[object]", data["like"] or [])]
                return Like(tuple(samples), float(str(data.get("threshold", "0.7"))))
            case "tokens":
                return self._tokens(data, path)
        return NOTHING

    def _parts(self, data: object, path: Path) -> tuple[Expression, ...]:
        if not isinstance(data, list):
            self.fault(path, "a list of expressions is wanted")
            return ()
        return tuple(self.expression(item, (*path, n)) for n, item in enumerate(data))

    def _near(self, data: object, path: Path) -> Expression:
        if not isinstance(data, list) or len(data) != 3 or not str(data[2]).isdigit():
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
        pattern = [_token(token) for token in cast("Sequence[object]", data["tokens"] or [])]
        return Tokens(tuple(pattern), tuple(fold(str(word)) for word in literals))

    def condition(self, data: object, path: Path) -> Condition:
        """``applies_when`` and ``waive_when``: a fact's name, a list (all of them), or one of the forms."""
        if isinstance(data, str):
            if data not in FACTS:
                self.fault(path, f'there is no fact "{data}"{did_you_mean(data, FACTS)}')
            return Condition("fact", fact=data)
        if isinstance(data, list):
            return Condition("all", parts=tuple(self.condition(c, (*path, n)) for n, c in enumerate(data)))
        if not isinstance(data, Mapping):
            self.fault(path, f'"{path[-1]}" is empty; name a fact or a condition')
            return Condition("all")
        for key in data:
            if key not in CONDITIONS:
                self.fault((*path, key), f'unknown key "{key}"{did_you_mean(key, CONDITIONS)}')
        why = str(data.get("why") or "")
        kind = next((key for key in data if key in CONDITIONS and key != "why"), "all")
        return self._condition(kind, data.get(kind), (*path, kind), why)

    def _condition(self, kind: str, value: object, path: Path, why: str) -> Condition:
        match kind:
            case "not":
                return Condition("not", parts=(self.condition(value, path),), why=why)
            case "all" | "any":
                parts = value if isinstance(value, list) else [value]
                conditions = tuple(self.condition(c, (*path, n)) for n, c in enumerate(parts))
                return Condition("all" if kind == "all" else "any", parts=conditions, why=why)
            case "channel" | "direction":
                values = value if isinstance(value, list) else [value]
                named = tuple(str(v) for v in values)
                return Condition("channel" if kind == "channel" else "direction", values=named, why=why)
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
        """``where``: side, rounds, after, before."""
        known = ("side", "rounds", "after", "before")
        for key in data:
            if key not in known:
                self.fault((*path, key), f'unknown key "{key}"{did_you_mean(key, known)}')
        first, last = self._rounds(data.get("rounds", "all"), (*path, "rounds"))
        return Where(
            self._side(data.get("side", "agent"), (*path, "side")),
            first,
            last,
            self._anchor(data.get("after"), (*path, "after")),
            self._anchor(data.get("before"), (*path, "before")),
        )

    def _side(self, value: object, path: Path) -> Side:
        if value not in SIDES:
            self.fault(path, f'side cannot be "{value}"; agent or customer is wanted')
        return "customer" if value == "customer" else "agent"

    def _rounds(self, value: object, path: Path) -> tuple[int | None, int | None]:
        match str(value).split():
            case ["all"]:
                return None, None
            case ["first", number] if number.isdigit():
                return int(number), None
            case ["last", number] if number.isdigit():
                return None, int(number)
        self.fault(path, f'rounds cannot be "{value}"; all, first N or last N is wanted')
        return None, None

    def _anchor(self, data: object, path: Path) -> Anchor | None:
        if data is None:
            return None
        if not isinstance(data, Mapping) or "look_for" not in data:
            self.fault(path, "an anchor wants side and look_for, and may have nth")
            return None
        expression = self.expression(data["look_for"], (*path, "look_for"))
        side = self._side(data.get("side", "customer"), (*path, "side"))
        return Anchor(side, expression, int(str(data.get("nth", "1"))))


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
