"""``qa-audit run``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qa_audit.cli.common import (
    FAILED,
    FOLDER,
    UNREADABLE,
    config_option,
    parse_date,
    progress_bar,
    read_config,
    standard_option,
)

if TYPE_CHECKING:
    from qa_audit.pipeline import Summary


@click.command()
@click.argument("inputs", nargs=-1, required=True)
@click.option("--out", type=FOLDER, required=True, help="Folder of the nights; this one goes to OUT/<date>/.")
@click.option("--date", help="Name of the night, YYYY-MM-DD; default: the day of the latest chat.")
@config_option
@standard_option
@click.option("--workers", type=click.IntRange(min=1), help="Processes; default: one per processor.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the review sample.")
@click.option("--no-mask", is_flag=True, help="Keep phone numbers, names and addresses as they are.")
@click.option("--fail-on", type=click.Choice(["critical"]), help="Exit with 3 if a chat has such a fail.")
@click.option(
    "--replace",
    is_flag=True,
    help="Write a night anew that is there already (reviews not collected yet are lost).",
)
def run(  # noqa: PLR0913 - one parameter an option
    *,
    inputs: tuple[str, ...],
    out: Path,
    date: str | None,
    config: Path | None,
    standard: Path | None,
    workers: int | None,
    seed: int,
    no_mask: bool,
    fail_on: str | None,
    replace: bool,
) -> None:
    """Audit transcripts (files, folders, globs) and write the workbooks of the night."""
    from qa_audit import pipeline

    settings = read_config(config)
    options = pipeline.RunOptions(
        config=settings,
        date=parse_date(date),
        standard=standard,
        workers=workers or 0,
        seed=seed,
        mask=settings.mask and not no_mask,
        replace=replace,
    )
    started = time.monotonic()
    with progress_bar() as progress:
        summary = pipeline.run(inputs, out, options, progress=progress)
    _print_summary(summary, time.monotonic() - started)
    if fail_on == "critical" and summary.fatal:
        sys.exit(FAILED)
    if summary.unreadable:
        click.echo(f"部分数据无法读取，原因见 {summary.folder / 'problems.csv'}", err=True)
        sys.exit(UNREADABLE)


def _print_summary(summary: Summary, seconds: float) -> None:
    mean = "—" if summary.mean_score is None else f"{summary.mean_score:.1f}"
    lines = [
        ("会话", f"{summary.chats} 通，已质检 {summary.audited} 通，未质检 {summary.not_audited} 通"),
        ("", f"（其中无人应答 {summary.unanswered} 通；无法读取的数据 {summary.unreadable} 条）"),
        ("坐席", f"{summary.agents} 人，平均分 {mean}"),
        ("待复核", f"致命 {summary.fatal} 通，预警 {summary.alerts} 通"),
        ("用时", f"{seconds:.1f} 秒"),
        ("结果", str(summary.folder)),
        ("", "  agents/*.xlsx  每位坐席一本"),
        ("", "  team.xlsx      团队一览"),
        ("", "  review.xlsx    复核清单与抽样"),
        ("", "  problems.csv   未能质检的数据及原因"),
    ]
    for label, text in lines:
        click.echo(f"{label + '　' * (3 - len(label))} {text}")
