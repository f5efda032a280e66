"""Reads a page of a night back the way a browser does: by its elements."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any


@dataclass
class ReadPage:
    """The head, the list as columns, and the parts with the chats, unpacked."""

    policy: str
    head: dict[str, Any]
    list: dict[str, Any]
    parts: list[list[dict[str, Any]]]

    def row(self, chat: str) -> dict[str, Any]:
        number = self.list["id"].index(chat)
        return {
            name: column["names"][column["of"][number]] if isinstance(column, dict) else column[number]
            for name, column in self.list.items()
        }

    def detail(self, chat: str) -> dict[str, Any]:
        row = self.row(chat)
        return self.parts[row["part"] - 1][row["place"]]


@dataclass
class _Elements(HTMLParser):
    scripts: dict[str, str] = field(default_factory=dict)
    policy: str = ""
    tags: list[str] = field(default_factory=list)
    _open: str | None = None

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""
        if tag in ("script", "style"):
            self._open = given.get("id") or tag
            self.scripts[self._open] = ""

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self.scripts[self._open] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._open = None


def elements(text: str) -> _Elements:
    read = _Elements()
    read.feed(text)
    read.close()
    return read


def unpacked(text: str) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(text)))


def read_page(path: Path) -> ReadPage:
    read = elements(path.read_text(encoding="utf-8"))
    parts = [unpacked(text) for name, text in read.scripts.items() if name.startswith("part-")]
    return ReadPage(read.policy, json.loads(read.scripts["head"]), parts[0], parts[1:])
