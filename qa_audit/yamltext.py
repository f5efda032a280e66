"""YAML read as text, with line numbers: what people write by hand in rules, lexicons and configuration.

Every scalar stays the text that was written (``no``, ``1:30`` and ``010`` are not guessed at), a repeated key is
an error, and each error says ``path:line: what; remedy``. The types are given by the pydantic schema afterwards.
"""

from __future__ import annotations

import difflib
import re
import typing
from dataclasses import dataclass, field

import yaml
from pydantic import BaseModel

if typing.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

Data = dict[str, "Data"] | list["Data"] | str | None
Path = tuple[str | int, ...]
# libyaml where the wheel has it: eight times the speed, the same nodes
Loader: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
WANTED = {
    "bool": "true or false is wanted",
    "int": "a whole number is wanted",
    "float": "a number is wanted",
    "string": "text is wanted",
    "list": "a list is wanted",
    "tuple": "a list is wanted",
    "set": "a list is wanted",
    "frozen_set": "a list is wanted",
    "dict": "keys and values are wanted",
    "mapping": "keys and values are wanted",
    "model": "keys and values are wanted",
    "date": "a date is wanted, such as 2014-03-15",
    "date_from_datetime": "a date is wanted, such as 2014-03-15",
}


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file: ``data`` is dicts, lists and text only; ``errors`` are faults of the file itself."""

    path: str
    data: Data
    errors: tuple[str, ...] = ()
    root: yaml.Node | None = field(default=None, repr=False)

    def line(self, path: Path = ()) -> int:
        """The 1-based line of a key or list item, or of its nearest ancestor that is there."""
        line, node = 1, self.root
        if node is not None:
            line = node.start_mark.line + 1
        for step in path:
            for name, mark, child in _children(node):
                if name == step:
                    line, node = mark, child
                    break
            else:
                break
        return line

    def inside(self, path: Path) -> Document:
        """What stands under a key or list item, as a document whose lines are those of the file."""
        data, node = self.data, self.root
        for step in path:
            data = data[step]  # type: ignore[index]  # the path is one of this document
            node = next((child for name, _, child in _children(node) if name == step), None)
        return Document(self.path, data, (), node)

    def at(self, path: Path, message: str) -> str:
        """``path:line: message`` for a fault at this key."""
        return f"{self.path}:{self.line(path)}: {message}"


def load(text: str, path: str) -> Document:
    """The one document in ``text``; ``path`` is only quoted in errors. Never raises: see ``errors``."""
    try:
        root = yaml.compose(text, Loader=Loader)
    except yaml.YAMLError as error:
        return Document(path, None, (_syntax_error(error, text, path),))
    if root is None:
        return Document(path, None)
    reader = _Reader(path)
    data = reader.data_of(root)
    return Document(path, data, tuple(reader.errors), root)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean "unless"?`` for a word close to a known one, else nothing."""
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f'; did you mean "{close[0]}"?' if close else ""


def describe(
    error: ValidationError, document: Document, *, model: type[BaseModel], prefix: Path = ()
) -> list[str]:
    """Every fault pydantic found, one ``path:line: …`` line each, in the order of the file.

    ``model`` is the schema that was validated (for its known keys); ``prefix`` is where in the document the
    validated part stands.
    """
    found: dict[str, int] = {}
    for fault in error.errors():
        key_expected = fault["type"] in ("missing", "extra_forbidden")
        path = _path_in(document.data, prefix + fault["loc"], key_expected=key_expected)
        found.setdefault(document.at(path, _message(fault, path, model)), document.line(path))
    return sorted(found, key=lambda line: found[line])


class _Reader:
    """Turns nodes into data, collecting the faults; aliases share one value."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.errors: list[str] = []
        self._done: dict[int, Data] = {}
        self._open: set[int] = set()

    def data_of(self, node: yaml.Node) -> Data:
        """The value of a node; a node that contains itself is an error and reads as empty."""
        key = id(node)
        if key in self._open:
            self._fault(node, "an alias (*) stands inside what it names; write the value out")
            return None
        if key not in self._done:
            self._open.add(key)
            self._done[key] = self._build(node)
            self._open.remove(key)
        return self._done[key]

    def _build(self, node: yaml.Node) -> Data:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.data_of(item) for item in node.value]
        assert isinstance(node, yaml.ScalarNode)
        text: str = node.value
        return text if text or node.style else None  # a plain nothing is no value, "" is a text

    def _mapping(self, node: yaml.MappingNode) -> Data:
        data: dict[str, Data] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._fault(key_node, "a key must be text; put it in quotes")
                continue
            key: str = key_node.value
            if key in data:
                self._fault(
                    key_node, f'key "{key}" is repeated (first in line {lines[key]}); keep one of them'
                )
                continue
            lines[key] = key_node.start_mark.line + 1
            data[key] = self.data_of(value_node)
        return data

    def _fault(self, node: yaml.Node, message: str) -> None:
        self.errors.append(f"{self.path}:{node.start_mark.line + 1}: {message}")


def _children(node: yaml.Node | None) -> Iterator[tuple[str | int, int, yaml.Node]]:
    """(name, 1-based line, node) of the direct children of a mapping or list."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield key.value, key.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield index, value.start_mark.line + 1, value


def _syntax_error(error: yaml.YAMLError, text: str, path: str) -> str:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        # libyaml counts the position in bytes, PyYAML in characters: look for the character again
        found = yaml.reader.Reader.NON_PRINTABLE.search(text)
        line = text.count("\n", 0, found.start()) + 1 if found else 1
        return f"{path}:{line}: not valid YAML: a control character stands here; remove it"
    mark = error.problem_mark
    if "quoted scalar" in (error.context or "") and error.context_mark is not None:
        mark = error.context_mark  # a quote never closed is found out at the end of the file only
    line = mark.line + 1
    near = text.split("\n")[max(mark.line - 1, 0) : mark.line + 1]
    for number, written in enumerate(near, start=max(mark.line, 1)):
        if wide := re.match(r"\s*-?\s*([A-Za-z_]+)\s*：", written):
            return (
                f'{path}:{number}: not valid YAML: "：" after {wide[1]}; write a half-width colon and a space'
            )
    tabbed = re.match("[^\n]*\t", text.split("\n")[mark.line]) if mark.line < text.count("\n") + 1 else None
    remedy = "indent with spaces, not tabs" if tabbed else "check quotes, colons and indentation"
    return f"{path}:{line}: not valid YAML: {error.problem}; {remedy}"


def _path_in(data: Data, location: Path, *, key_expected: bool) -> Path:
    """A pydantic location without the steps that name a union's branch and not a place in the file.

    ``key_expected``: the last step is the name of a key, be it there or not.
    """
    path: list[str | int] = []
    for number, step in enumerate(location):
        inside = (isinstance(data, dict) and step in data) or (
            isinstance(data, list) and isinstance(step, int) and step < len(data)
        )
        if inside:
            data = data[step]  # type: ignore[index]  # the test above says it is there
            path.append(step)
        elif key_expected and isinstance(data, dict) and number == len(location) - 1:
            path.append(step)
    return tuple(path)


def _message(fault: ErrorDetails, path: Path, model: type[BaseModel]) -> str:
    """What is wrong and what is wanted, in the words of the file."""
    name = _name(path)
    kind, context, value = fault["type"], fault.get("ctx", {}), fault["input"]
    if fault["loc"][-1:] == ("[key]",) and kind == "literal_error":
        known = re.findall("'([^']*)'", context["expected"])
        return f"unknown key {name}{did_you_mean(str(value), known) or _list_of(known)}"
    if kind == "extra_forbidden":
        known = _known_keys(model, path[:-1])
        return f"unknown key {name}{did_you_mean(str(path[-1]), known) or _list_of(known)}"
    if kind == "missing":
        return f"key {name} is missing; add it"
    if kind == "value_error":
        return f"{name}: {context['error']}"
    if value is None:
        return f"{name} has no value; write one or remove the key"
    return _wrong_value(fault, name)


def _wrong_value(fault: ErrorDetails, name: str) -> str:
    kind, value = fault["type"], fault["input"]
    if kind in ("literal_error", "enum"):
        known = re.findall("'([^']*)'", fault["ctx"]["expected"])
        return f'{name} cannot be "{value}"{did_you_mean(str(value), known)}; one of {", ".join(known)} is wanted'
    wanted = WANTED.get(kind.rpartition("_")[0])
    if wanted is None:
        return f"{name}: {fault['msg']}"
    shown = f' "{value}"' if isinstance(value, str) else ""
    return f"{name}{shown}: {wanted}"


def _list_of(known: list[str]) -> str:
    return f"; known keys: {', '.join(known)}" if known else ""


def _name(path: Path) -> str:
    """The last key of a path; items are counted from 1, as a person would."""
    if not path:
        return "the file"
    last = path[-1]
    return f"{_name(path[:-1])}, item {last + 1}" if isinstance(last, int) else f'"{last}"'


def _known_keys(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that may stand at this place, following fields and looking through lists and mappings."""
    models = [model]
    for step in path:
        for current in models:
            known = {info.alias or name: info.annotation for name, info in current.model_fields.items()}
            if step in known:
                models = list(_models_in(known[str(step)]))
                break
    return sorted({info.alias or name for current in models for name, info in current.model_fields.items()})


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _models_in(part)
