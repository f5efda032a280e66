"""From a folder of rule files to a ``Standard``; all faults at once, each with file, line and remedy."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ValidationError

from qa_audit import paths
from qa_audit.errors import InvalidStandard
from qa_audit.rule import Grade, Rule, Section, Standard
from qa_audit.rulebook.build import RuleBuilder
from qa_audit.rulebook.folder import COMMON, misnamed, rule_files
from qa_audit.rulebook.lexicons import Lexicons, load_cues
from qa_audit.rulebook.schema import RuleFile, StandardFile
from qa_audit.rulebook.text import nearest, read_text
from qa_audit.rulebook.verification import load_procedures
from qa_audit.yamltext import Document, describe, did_you_mean, load

# the line by which an editor finds a schema says nothing of the standard
HINT = re.compile(rb"\A(?:\xef\xbb\xbf)?# yaml-language-server:[^\n]*\n")


@dataclass(frozen=True, slots=True)
class RuleSource:
    """A rule file as read, before its expressions are: the clause test takes keys out of it."""

    document: Document
    file: RuleFile


@dataclass(frozen=True, slots=True)
class Loaded:
    """A standard with its lexicons and sources; ``own_lexicons`` is the folder that belongs to it alone."""

    standard: Standard
    lexicons: Lexicons
    sources: Mapping[str, RuleSource]
    own_lexicons: Path


def load_standard(folder: Path | None = None) -> Loaded:
    """The standard in ``folder`` (None: the one shipped), with ``folder/lexicons`` before the shipped lexicons.

    Raises:
        InvalidStandard: with every fault found, one line each.
    """
    folder = folder or paths.STANDARD
    if not folder.is_dir():
        raise InvalidStandard([f"{folder}: there is no such folder; copy one with “qa-audit standard init”"])
    shipped = paths.shipped("lexicons")
    own = shipped if folder.resolve() == paths.STANDARD.resolve() else folder / "lexicons"
    lexicons = Lexicons(*dict.fromkeys(part for part in (own, shipped) if part.is_dir()))
    common, errors = _common(folder / COMMON)
    errors += misnamed(folder, folder / "lexicons")
    sources: dict[str, RuleSource] = {}
    rules: list[Rule] = []
    files = rule_files(folder)
    for file in files:
        source, faults = _read(file)
        errors += faults
        if source is not None:
            builder = RuleBuilder(source.document, source.file, lexicons)
            rules.append(builder.rule())
            errors += builder.errors
            sources[source.file.id] = source
    if not rules and not errors:
        errors.append(f"{folder}: holds no rules; copy some from the shipped standard")
    # a rule whose own file is broken is there all the same: it is mended where it is broken
    errors += _together(common, rules, sources, {file.stem for file in files} | sources.keys())
    load_cues(lexicons)
    load_procedures(lexicons)
    errors += lexicons.errors
    if errors or common is None:
        raise InvalidStandard(list(dict.fromkeys(errors)))
    standard = _standard(common, rules, folder, lexicons)
    return Loaded(standard, lexicons, sources, own)


def _common(path: Path) -> tuple[StandardFile | None, list[str]]:
    if not path.is_file():
        return None, [f"{path}: is missing; copy it from the shipped standard"]
    document = _opened(path)
    read, errors = _validated(document, StandardFile)
    if not isinstance(read, StandardFile):
        return None, errors
    return read, [*errors, *_repeated(read, document)]


def _repeated(common: StandardFile, document: Document) -> Iterator[str]:
    """Names and bounds given twice: which of them holds would be chance."""
    lists = (
        ("sections", "name", [section.name for section in common.sections]),
        ("sections", "letter", [section.letter for section in common.sections]),
        ("grades", "name", [common.fatal_grade, *(grade.name for grade in common.grades)]),
        ("grades", "at_least", [f"{grade.at_least:g}" for grade in common.grades]),
    )
    for key, field, values in lists:
        extra = len(values) - len(getattr(common, key))  # the grade of a veto is not in the list
        for number, value in enumerate(values):
            if value in values[:number]:
                yield document.at(
                    (key, number - extra, field), f'{field} "{value}" is there already; give another'
                )


def _read(path: Path) -> tuple[RuleSource | None, list[str]]:
    document = _opened(path)
    read, errors = _validated(document, RuleFile)
    if not isinstance(read, RuleFile):
        return None, errors
    if read.id != path.stem:
        errors.append(document.at(("id",), f'id "{read.id}" is not the name of the file; rename one of them'))
    return RuleSource(document, read), errors


def _opened(path: Path) -> Document:
    errors: list[str] = []
    document = load(read_text(path, errors), str(path))
    return replace(document, errors=(*errors, *document.errors))


def _validated(document: Document, model: type[BaseModel]) -> tuple[BaseModel | None, list[str]]:
    errors = list(document.errors)
    if document.data is None and errors:
        return None, errors  # not YAML at all: what is missing in it says nothing more
    try:
        return model.model_validate(document.data), errors
    except ValidationError as error:
        return None, [*errors, *describe(error, document, model=model)]


def _together(
    common: StandardFile | None,
    rules: Iterable[Rule],
    sources: Mapping[str, RuleSource],
    known: Collection[str],
) -> Iterator[str]:
    """Faults that only show between files: unknown sections and rules, cycles; ``known`` are the ids there are."""
    sections = [section.name for section in common.sections] if common is not None else []
    for rule in rules:
        document = sources[rule.id].document
        if common is not None and rule.section not in sections:
            yield document.at(
                ("section",), f'there is no section "{rule.section}"{nearest(rule.section, sections)}'
            )
        for other in rule.yields_to:
            if other not in known:
                yield document.at(("yields_to",), _no_rule(other, known))
        for part, key in ((rule, ()), *((part, ("parts", n)) for n, part in enumerate(rule.parts))):
            if part.when is not None and part.when.rule and part.when.rule not in known:
                yield document.at((*key, "when", "rule"), _no_rule(part.when.rule, known))
    by_id = {rule.id: rule for rule in rules}
    for cycle in _cycles(by_id):
        key = ("yields_to",) if cycle[1] in by_id[cycle[0]].yields_to else ("when", "rule")
        yield sources[cycle[0]].document.at(
            key, f"rules depend on each other: {' → '.join(cycle)}; remove one link"
        )


def _no_rule(rule_id: str, known: Iterable[str]) -> str:
    hint = did_you_mean(rule_id, known) or "; name a rule of this standard"
    return f'there is no rule "{rule_id}"{hint}'


def depends_on(rule: Rule) -> tuple[str, ...]:
    """The rules that must have run before this one."""
    return (*rule.yields_to, *sorted(waits_for(rule)))


def waits_for(rule: Rule) -> set[str]:
    """The rules whose hits this one follows: without them it can decide nothing."""
    return {part.when.rule for part in (rule, *rule.parts) if part.when is not None and part.when.rule}


def _cycles(rules: Mapping[str, Rule]) -> Iterator[list[str]]:
    """Every chain of rules that comes back to its first, found along one walk through all of them."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> Iterator[list[str]]:
        if name in path:
            yield [*path[path.index(name) :], name]
        elif name in rules and name not in done:
            for other in depends_on(rules[name]):
                yield from walk(other, [*path, name])
            done.add(name)

    for start in sorted(rules):
        yield from walk(start, [])


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """The rules, each after those it depends on, otherwise by id."""
    by_id = {rule.id: rule for rule in rules}
    done: dict[str, Rule] = {}

    def visit(name: str) -> None:
        if name in done or name not in by_id:
            return
        for other in sorted(depends_on(by_id[name])):
            visit(other)
        done[name] = by_id[name]

    for name in sorted(by_id):
        visit(name)
    return list(done.values())


def _standard(common: StandardFile, rules: list[Rule], folder: Path, lexicons: Lexicons) -> Standard:
    order = {section.name: number for number, section in enumerate(common.sections)}
    grades = sorted(common.grades, key=lambda grade: -grade.at_least)
    return Standard(
        title=common.title,
        version=common.version,
        mode=common.mode,
        sections=tuple(Section(s.name, s.letter, s.cap) for s in common.sections),
        grades=tuple(Grade(g.name, g.at_least) for g in grades),
        fatal_grade=common.fatal_grade,
        rules=tuple(sorted(rules, key=lambda rule: (order[rule.section], rule.id))),
        hash=_hash([folder / COMMON, *rule_files(folder)]),
        lexicon_hash=_hash(_lists_in_force(lexicons)),
    )


def _lists_in_force(lexicons: Lexicons) -> Iterable[Path]:
    """The lexicon files that are read: a shipped one behind a standard's own of the same name is not."""
    return {f.name: f for part in reversed(lexicons.folders) for f in part.iterdir() if f.is_file()}.values()


def _hash(files: Iterable[Path]) -> str:
    """sha256 of names and contents, the same wherever the folder lies."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda f: (f.name, f.as_posix())):
        content = HINT.sub(b"", file.read_bytes().replace(b"\r\n", b"\n"), count=1)
        digest.update(f"{file.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
