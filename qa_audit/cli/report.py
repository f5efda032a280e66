"""``qa-audit report``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from qa_audit.cli.common import FOLDER, config_option, parse_date, progress_bar, read_config, standard_option

if TYPE_CHECKING:
    from qa_audit.reporting import ReportedPage


@click.command()
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="A night's folder, its results folder, or the folder of nights.",
)
@click.option("--out", type=FOLDER, help="Where the workbooks go; default: beside the results.")
@click.option("--agent", "agents", multiple=True, help="Only this agent's workbook; can be repeated.")
@click.option("--from-date", help="First night, YYYY-MM-DD.")
@click.option("--to-date", help="Last night, YYYY-MM-DD.")
@click.option(
    "--period", type=click.Choice(["week", "month"]), help="Whole weeks or months; default: the last."
)
@click.option(
    "--html",
    is_flag=True,
    help="Write a page per night to look at in a browser, night.html, and no workbooks.",
)
@config_option
@standard_option
@click.option("--workers", type=click.IntRange(min=1), help="Processes; default: one per processor.")
@click.option("--replace", is_flag=True, help="Write over workbooks that are there (their reviews are lost).")
def report(  # noqa: PLR0913 - one parameter an option
    *,
    source: Path,
    out: Path | None,
    agents: tuple[str, ...],
    from_date: str | None,
    to_date: str | None,
    period: Literal["week", "month"] | None,
    html: bool,
    config: Path | None,
    standard: Path | None,
    workers: int | None,
    replace: bool,
) -> None:
    """Write workbooks or pages without auditing again: of a night, a week, a month or any days."""
    from qa_audit import reporting

    options = reporting.ReportOptions(
        config=read_config(config),
        standard=standard,
        agents=agents,
        first=parse_date(from_date, option="--from-date"),
        last=parse_date(to_date, option="--to-date"),
        period=period,
        workers=workers or 0,
        replace=replace,
    )
    if html:
        _print_pages(reporting.report_pages(source, out, options))
        return
    with progress_bar() as progress:
        reported = reporting.report(source, out, options, progress=progress)
    for one in reported:
        for remark in one.remarks:
            click.echo(remark, err=True)
        mean = one.team.statistics.mean_score.value
        said = "—" if mean is None else f"{mean:.1f}"
        click.echo(f"{one.label}　坐席 {one.team.agents} 人，会话 {one.team.chats} 通，平均分 {said}")
        click.echo(f"　结果 {one.folder}")


def _print_pages(pages: tuple[ReportedPage, ...]) -> None:
    for page in pages:
        for remark in page.remarks:
            click.echo(remark, err=True)
        written = page.written
        click.echo(f"{page.path}　会话 {written.chats} 通，{written.bytes / 1e6:.1f} MB")
        if written.unlisted:
            click.echo(f"　另有 {written.unlisted} 通优先级较低的会话没有列出")
        if written.without_transcript:
            click.echo(
                f"　{written.without_transcript} 通只列出判定，全文没有收入；用 qa-audit show 会话号 查看"
            )
