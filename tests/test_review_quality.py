from __future__ import annotations

from pathlib import Path

import pytest

from qa_audit.errors import InputError
from qa_audit.records import Interval
from qa_audit.review import Quality, quality
from qa_audit.review.quality import write_quality


def test_where_nothing_was_collected_no_rule_has_figures(tmp_path: Path) -> None:
    assert quality(tmp_path) == {}


def test_figures_are_read_as_they_were_written(tmp_path: Path) -> None:
    rules = {
        "B-1": Quality("B-1", 0, appeals=Interval(0.5, 0.1, 0.9, 2)),
        "A-1": Quality(
            "A-1", 12, precision=Interval(0.9, 0.6, 0.98, 12), kappa=Interval(0.8, None, None, 12)
        ),
    }
    write_quality(tmp_path, rules)
    assert quality(tmp_path) == rules
    assert list(quality(tmp_path)) == ["A-1", "B-1"]


def test_a_broken_file_of_figures_is_named_with_the_remedy(tmp_path: Path) -> None:
    write_quality(tmp_path, {})
    (tmp_path / "reviews" / "quality.json").write_text("[{}]")
    with pytest.raises(
        InputError, match=r"quality\.json: holds no figures of rules .*collect the workbooks again"
    ):
        quality(tmp_path)
