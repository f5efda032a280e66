"""``qa-audit review``: the way back of workbooks that people filled in."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from qa_audit.cli.common import FOLDER, UNREADABLE, Group

MOST_SHOWN = 50  # problems on the terminal; all of them are in the file


@click.group(cls=Group)
def review() -> None:
    """Collect the workbooks that people have reviewed."""


@review.command()
@click.argument("returned", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--from", "nights", type=FOLDER, help="Folder of the nights; default: the one above the workbooks."
)
@click.option("--out", type=FOLDER, required=True, help="Folder for final.xlsx, final.parquet, labels.jsonl.")
def collect(*, returned: tuple[Path, ...], nights: Path | None, out: Path) -> None:
    """Check returned workbooks cell by cell, score anew, measure rules and reviewers, export labels."""
    from qa_audit.review.collect import collect as collected

    result = collected(returned, out, out=nights)
    for label, text in (
        ("工作簿", f"{result.files} 本，质检日期 {'、'.join(result.nights) or '—'}"),
        ("收集", f"判定 {result.verdicts} 项，复核得分 {result.scores} 项，情绪更正 {result.moods} 项"),
        ("改分", f"{result.changed} 通"),
        ("结果", str(out)),
    ):
        click.echo(f"{label + '　' * (3 - len(label))} {text}")
    for problem in result.problems[:MOST_SHOWN]:
        click.echo(f"{problem.place}: {problem.what}；{problem.remedy}", err=True)
    if result.problems:
        click.echo(f"{len(result.problems)} 项未收集，见 {out / 'review_problems.csv'}", err=True)
        sys.exit(UNREADABLE)
