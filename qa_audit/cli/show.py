"""``qa-audit show``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("chat_id")
@click.option(
    "--from",
    "results",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help="Folder of a night.",
)
def show(*, chat_id: str, results: Path) -> None:
    """Print one chat of a night with its verdicts and evidence."""
    from qa_audit.show import scorecards_of, show_chat

    for card in scorecards_of(chat_id, results):
        click.echo(show_chat(card))
