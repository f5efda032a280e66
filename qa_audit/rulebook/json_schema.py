"""JSON Schemas of the hand-written files, for editors: from the pydantic models, with each key described.

They know the keys, their types and the names that never change (facts, measures, cues). What only a whole standard
shows (lexicons, sections, other rules) is left to ``qa-audit standard test``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from qa_audit.check.measured import AGENT_MEASURES, MEASURES
from qa_audit.config import Config
from qa_audit.facts import FACTS
from qa_audit.rulebook.expressions import FIELDS, SIDES
from qa_audit.rulebook.keys import described
from qa_audit.rulebook.schema import NEEDS, ONLY, LimitsFile, RuleFile, StandardFile, WithinFile

Schema = dict[str, Any]
DIALECT = "http://json-schema.org/draft-07/schema#"
RULE, STANDARD, CONFIG = "rule.schema.json", "standard.schema.json", "qa-audit.schema.json"
CONDITIONS = ("applies_when", "waive_when", "holds")
PATTERNS = {
    "hours": r"^\d\d?:\d\d\s*[-–~]\s*\d\d?:\d\d$",
    "service_hours": r"^\d\d?:\d\d\s*[-–~]\s*\d\d?:\d\d$",
    "RuleFile.id": r"^[A-Z]{3,5}-\d\d$",
    "RuleFile.name": r"^[a-z0-9]+(-[a-z0-9]+)*$",
}
# YAML is read as text: a phrase may look like a number
SCALAR: Schema = {"type": ["string", "number", "boolean"]}
COUNT: Schema = {"type": "integer", "minimum": 1}


def schemas() -> dict[str, Schema]:
    """The schema of a rule file, of ``_standard.yml`` and of the configuration, by file name."""
    return {RULE: _rule(), STANDARD: _of(StandardFile), CONFIG: _config()}


def write_schemas(folder: Path) -> list[Path]:
    """Writes them to a folder; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, schema in schemas().items():
        files.append(folder / name)
        files[-1].write_text(json.dumps(schema, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return files


def hint(schema: str, folder: str = "schema") -> str:
    """The line by which an editor with a YAML language server finds the schema of a file."""
    return f"# yaml-language-server: $schema={folder}/{schema}\n"


def _of(model: type[BaseModel]) -> Schema:
    schema = model.model_json_schema(by_alias=True)
    parts = schema.pop("$defs", {})
    for name, part in {model.__name__: schema, **parts}.items():
        if "properties" in part:
            part["properties"] = {key: _key(name, key, value) for key, value in part["properties"].items()}
        part.pop("title", None)
    return {"$schema": DIALECT, **schema, "$defs": {**parts, **_shared()}}


def _key(model: str, key: str, schema: Schema) -> Schema:
    """One key, with its description and without pydantic's titles and nulls."""
    said = described(model, key)
    pattern = PATTERNS.get(f"{model}.{key}") or PATTERNS.get(key)
    if key == "where":
        plain = _ref("where")
    elif not {"type", "anyOf", "$ref", "enum"} & schema.keys():
        plain = _ref("condition" if key in CONDITIONS else "expression")
    elif pattern is not None:
        plain = {"type": "string", "pattern": pattern}
    else:
        plain = _plain(schema)
    if "default" in schema and schema["default"] not in (None, "", [], {}):
        plain = {**plain, "default": schema["default"]}
    return {**plain, "description": said} if said else plain


def _plain(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """Texts take any scalar, a key that may be left out takes no null, references stand alone."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"allOf": [{"$ref": schema["$ref"]}]}
    if "anyOf" in schema:
        branches = [_plain(one) for one in schema["anyOf"] if one != {"type": "null"}]
        return branches[0] if len(branches) == 1 else {"anyOf": branches}
    if schema.get("type") == "string" and not {"enum", "const", "pattern"} & schema.keys():
        return SCALAR
    return {key: _plain(value) for key, value in schema.items() if key not in ("title", "default")}


def _ref(name: str) -> Schema:
    return {"allOf": [{"$ref": f"#/$defs/{name}"}]}


def _object(required: tuple[str, ...] = (), **properties: Any) -> Schema:  # noqa: ANN401 - JSON
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _many(item: Schema) -> Schema:
    return {"type": "array", "items": item, "minItems": 1}


def _shared() -> dict[str, Schema]:
    """What is read by ``expressions`` and not by pydantic."""
    expression, condition = _ref("expression"), _ref("condition")
    anchor = _object(("look_for",), side={"enum": list(SIDES)}, look_for=expression, nth=COUNT)
    near = {"type": "array", "minItems": 3, "maxItems": 3}
    scope = {
        "side": {"enum": list(SIDES)},
        "rounds": {"type": "string", "pattern": "^(all|unanswered|(first|last) [1-9][0-9]*)$"},
        "ignoring": expression,
        "within_s": {"type": "string", "pattern": "^(first|last) [0-9]+([.][0-9]+)?$"},
        "after": anchor,
        "before": anchor,
    }
    why = SCALAR
    facts = {"enum": sorted(FACTS)}
    fields = {
        name: _object((name,), why=why, **{name: {"anyOf": [{"enum": list(values)}, _many({"enum": list(values)})]}})
        for name, values in FIELDS.items()
    }  # fmt: skip
    return {
        "expression": {
            "anyOf": [
                {**SCALAR, "minLength": 1},
                _many(expression),
                _object(("near",), near=near),
                _object(("all",), all=_many(expression)),
                _object(("any",), any=_many(expression)),
                _object(("at_least", "of"), at_least=COUNT, of=_many(expression)),
                _object(("like",), like=_many(SCALAR), threshold={"type": "number", "maximum": 1}),
                _object(("tokens", "literals"), tokens={"type": "array"}, literals=_many(SCALAR)),
            ]
        },
        "condition": {
            "anyOf": [
                facts,
                _many(condition),
                _object(("fact",), fact=facts, why=why),
                _object(("not",), why=why, **{"not": condition}),
                _object(("all",), all={"anyOf": [condition, _many(condition)]}, why=why),
                _object(("any",), any={"anyOf": [condition, _many(condition)]}, why=why),
                *fields.values(),
                _object(("said",), said=_object(("look_for",), look_for=expression, **scope), why=why),
            ]
        },
        "where": _object((), **scope),
        "limits": _limits(),
        "window": _of_keys(WithinFile),
    }


def _limits() -> Schema:
    measures = {name: {"type": "number", "minimum": 0} for name in (*MEASURES, *AGENT_MEASURES)}
    return _object((), **{channel: _object((), **measures) for channel in LimitsFile.model_fields})


def _of_keys(model: type[BaseModel]) -> Schema:
    schema = model.model_json_schema()
    return _object(
        (), **{key: _key(model.__name__, key, value) for key, value in schema["properties"].items()}
    )


def _rule() -> Schema:
    """What each check needs and reads stands in conditions on ``check``."""
    schema = _of(RuleFile)
    schema["allOf"] = [_when(check, needed) for check, needed in NEEDS.items()]
    part = schema["$defs"]["PartFile"]
    part["properties"]["within"] = {"anyOf": [_ref("limits"), _ref("window")]}
    return schema


def _when(check: str, needed: tuple[str, ...]) -> Schema:
    refused: dict[str, Any] = {key: False for key, checks in ONLY.items() if check not in checks}
    if check in ONLY["within"]:
        refused["within"] = _ref("limits" if check == "limit" else "window")
    return {
        "if": {"properties": {"check": {"const": check}}, "required": ["check"]},
        "then": {"required": list(needed), "properties": refused},
    }


def _config() -> Schema:
    schema = _of(Config)
    header = {"anyOf": [SCALAR, _many(SCALAR)]}
    columns = schema["properties"]["columns"]
    columns["additionalProperties"] = header
    override = schema["$defs"]["RuleOverride"]["properties"]
    override["within"] = {**override["within"], "anyOf": [_ref("limits"), _ref("window")]}
    return schema
