"""Models of one's own: named in the configuration, completed by those shipped."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qa_audit import paths
from qa_audit.audit import Auditor
from qa_audit.config import Config, load_config
from qa_audit.errors import InputError, InvalidConfiguration

SHIPPED = paths.shipped("models")


def copied(folder: Path, *names: str) -> Path:
    folder.mkdir()
    for name in names:
        for suffix in (".json", ".npz"):
            shutil.copy(SHIPPED / f"{name}{suffix}", folder)
    return folder


@pytest.mark.parametrize("names", [("mood",), ("chat",), ("mood", "chat")])
def test_a_folder_with_some_models_is_completed_by_the_shipped_ones(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    folder = copied(tmp_path / "own", *names)
    auditor = Auditor.open(Config(models=folder))
    assert auditor.model_hash == Auditor.open(Config()).model_hash
    assert auditor.chat_model is not None


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no model; train one into it with `qa-audit train`"):
        Auditor.open(Config(models=tmp_path))


def test_the_folder_is_meant_from_the_configuration_file(tmp_path: Path) -> None:
    folder = copied(tmp_path / "own", "mood")
    (tmp_path / "qa-audit.yml").write_text("models: own\n", "utf-8")
    assert load_config(tmp_path / "qa-audit.yml").models == folder


def test_a_folder_that_is_not_there_names_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "qa-audit.yml").write_text("models: none\n", "utf-8")
    with pytest.raises(InvalidConfiguration, match=r"qa-audit\.yml:1.*there is no folder.*qa-audit train"):
        load_config(tmp_path / "qa-audit.yml")
