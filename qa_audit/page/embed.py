"""Data and programs inside one HTML file: nothing in a text can become markup, nothing can be loaded from outside."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import zlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent
SCRIPTS = ("data.js", "list.js", "chat.js", "main.js")  # in this order; they share one scope
# what ends a script element or a JavaScript line, and lone surrogates, which UTF-8 cannot hold
UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def to_json(value: object) -> str:
    """JSON without spaces that is the same inside a script element and out of it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def packed(text: str) -> str:
    """Text as zlib data in base64: what the browser's DecompressionStream("deflate") reads."""
    return base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")


@cache
def shipped(name: str) -> str:
    """A file of this package: page.html, page.css or one of the scripts."""
    return (PACKAGE / name).read_text(encoding="utf-8")


def page(title: str, head: object, parts: Iterable[str]) -> str:
    """The whole file: ``head`` as JSON, ``parts`` already packed, under a policy that runs and loads nothing else."""
    style, script = shipped("page.css"), "".join(shipped(name) for name in SCRIPTS)
    data = "\n".join(
        f'<script type="text/plain" id="part-{n}">{part}</script>' for n, part in enumerate(parts)
    )
    filled = {
        "policy": f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; base-uri 'none'; form-action 'none'",
        "title": html.escape(title),
        "style": style,
        "head": to_json(head),
        "parts": data,
        "script": script,
    }
    # one pass over the template alone: nothing that is filled in is looked at again
    return re.sub(r"\{\{(\w+)\}\}", lambda found: filled[found[1]], shipped("page.html"))


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"
