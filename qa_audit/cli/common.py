"""What the commands share: exit codes, options, progress, dates, and how text is printed and written."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.progress import TaskID

    from qa_audit.config import Config
    from qa_audit.engine.local import Progress

UNREADABLE, WRONG, FAILED = 1, 2, 3
FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
NEW_FILE = click.Path(path_type=Path, dir_okay=False)

config_option = click.option("--config", type=FILE, help="qa-audit.yml; without it the defaults hold.")
standard_option = click.option("--standard", type=FOLDER, help="Folder of a standard of your own.")


class Group(click.Group):
    """A group whose commands end with a message and exit code 2 where the user can mend what is wrong."""

    def invoke(self, ctx: click.Context) -> object:
        """Runs a command."""
        from qa_audit.errors import QaAuditError

        try:
            return super().invoke(ctx)
        except QaAuditError as error:
            click.echo(str(error), err=True)
            ctx.exit(WRONG)


@contextmanager
def progress_bar() -> Iterator[Progress | None]:
    """A progress bar on the terminal's stderr; none where nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bars

    tasks: dict[str, TaskID] = {}
    with Bars(console=Console(stderr=True), transient=True) as bars:

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done)

        yield show


def read_config(path: Path | None) -> Config:
    """The configuration in a file, or the defaults."""
    from qa_audit.config import load_config

    return load_config(path)


def parse_date(text: str | None, *, option: str = "--date") -> str | None:
    """A date as written on the command line. Raises BadParameter for what is none."""
    from datetime import date

    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise click.BadParameter(f"{text} is no date; write it like 2026-11-20", param_hint=option) from None


def write_text(path: Path, text: str) -> None:
    """A file of UTF-8, its folder made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """A CSV file with a byte order mark, so that Excel reads its Chinese."""
    import csv

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


def print_wrapped(lines: Iterable[tuple[int, str]]) -> None:
    """Lines with their depth, broken where the terminal ends."""
    import shutil

    from qa_audit.workbook.text import wrapped

    columns = shutil.get_terminal_size().columns
    for depth, text in lines:
        first, *rest = wrapped(text, columns - 2 * depth - 2) or [""]
        click.echo("  " * depth + first)
        for more in rest:
            click.echo("  " * (depth + 1) + more)
