"""A wheel built from the tree holds standard, lexicons, models and the page's parts, and works without the tree."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from qa_audit import __version__
from qa_audit.rulebook import load_standard

ROOT = Path(__file__).parent.parent
SHIPPED = {
    "qa_audit/standard": "qa_audit/standard",
    "qa_audit/page": "qa_audit/page",
    "lexicons": "qa_audit/_data/lexicons",
    "models": "qa_audit/_data/models",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=ROOT,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert built.returncode == 0, built.stderr
    return folder / f"qa_audit-{__version__}-py3-none-any.whl"


def files_of(folder: str) -> dict[str, str]:
    """The files of a folder of the tree with their sha256, under the names they have in a wheel."""
    return {
        f"{SHIPPED[folder]}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (ROOT / folder).iterdir()
        if path.is_file()
    }


@pytest.mark.parametrize("folder", SHIPPED)
def test_a_wheel_holds_every_file_of(folder: str, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        found = {
            name: hashlib.sha256(archive.read(name)).hexdigest()
            for name in archive.namelist()
            if name.rpartition("/")[0] == SHIPPED[folder]
        }
    assert found == files_of(folder)
    assert found


def test_a_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = archive.read(f"qa_audit-{__version__}.dist-info/METADATA").decode()
    code = {path.relative_to(ROOT).as_posix() for path in (ROOT / "qa_audit").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == code
    assert "qa_audit/py.typed" in names
    assert {name.split("/")[0] for name in names} == {"qa_audit", f"qa_audit-{__version__}.dist-info"}
    assert "License-Expression: Apache-2.0" in metadata.splitlines()


SCRIPT = """
import json, sys
import qa_audit
from qa_audit import paths
from qa_audit.audit import Auditor
from qa_audit.config import Config
auditor = Auditor.open(Config())
standard, lexicons = auditor.standard, auditor.loaded.lexicons
print(json.dumps({
    "package": qa_audit.__file__,
    "rule": standard.rules[0].path,
    "lexicons": [str(folder) for folder in lexicons.folders],
    "models": str(paths.shipped("models")),
    "hashes": [standard.hash, standard.lexicon_hash],
    "model": auditor.model_hash,
}))
"""


def test_an_unpacked_wheel_works_without_the_tree(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    printed = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    found = json.loads(printed.stdout)
    standard = load_standard().standard
    inside = tmp_path / "qa_audit"
    assert found == {
        "package": str(inside / "__init__.py"),
        "rule": str(inside / "standard" / f"{standard.rules[0].id}.yml"),
        "lexicons": [str(inside / "_data" / "lexicons")],
        "models": str(inside / "_data" / "models"),
        "hashes": [standard.hash, standard.lexicon_hash],
        "model": found["model"],
    }
    assert [len(digest) for digest in found["model"].split("+")] == [64, 64]
