"""Every part of every workbook against the content models of ECMA-376, as the Open XML SDK has them."""

from __future__ import annotations

import zipfile
from collections import Counter
from pathlib import Path

import pytest
from written_books import NAMES, write_books

audit = pytest.importorskip(
    "openxml_audit", reason="openxml-audit is not installed: no workbook was held against the schemas"
)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_books(tmp_path_factory.mktemp("books"))


def faults(path: Path) -> Counter[tuple[str, str, str]]:
    """Part, element and message of everything that the schemas forbid; advice about Excel's habits is left out."""
    found = audit.OpenXmlValidator(max_errors=0).validate(path)
    return Counter((e.part_uri, e.path, e.description) for e in found.errors if e.severity.name == "ERROR")


@pytest.mark.parametrize("name", NAMES)
def test_every_part_is_valid(books: dict[str, Path], name: str) -> None:
    assert faults(books[name]) == {}


def test_a_fault_would_be_seen(books: dict[str, Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(books["agent"]) as source, zipfile.ZipFile(broken, "w") as target:
        for part in source.namelist():
            text = source.read(part)
            if part == "xl/worksheets/sheet2.xml":
                text = text.replace(b"<pageMargins", b"<pageMargin", 1)
            target.writestr(part, text)
    assert faults(broken)
