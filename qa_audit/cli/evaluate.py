"""``qa-audit evaluate``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qa_audit.cli.common import FILE, NEW_FILE, config_option, read_config, standard_option, write_text

if TYPE_CHECKING:
    from qa_audit.evaluate import Evaluation


@click.command()
@click.argument("gold", type=FILE)
@click.option(
    "--chats", type=click.Path(path_type=Path, exists=True), required=True, help="The labelled chats."
)
@click.option("--json", "json_path", type=NEW_FILE, help="Write the figures here.")
@click.option("--cases", type=NEW_FILE, help="Write every single judgement here, one JSON object a line.")
@click.option(
    "--moods", type=FILE, help="Cross-validated moods written by train --cases, instead of the model's."
)
@click.option(
    "--contacts",
    type=FILE,
    help="Cross-validated answers about whole chats written by train chat --cases, instead of the model's.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True),
    help="Compare with another model (McNemar): its folder, or its cross-validated moods.",
)
@config_option
@standard_option
def evaluate(  # noqa: PLR0913 - one parameter an option
    *,
    gold: Path,
    chats: Path,
    json_path: Path | None,
    cases: Path | None,
    moods: Path | None,
    contacts: Path | None,
    against: Path | None,
    config: Path | None,
    standard: Path | None,
) -> None:
    """Compare verdicts, moods, topics and outcomes with labels, and scores with how chats ended; with intervals."""
    from qa_audit.evaluation import evaluate_files

    result = evaluate_files(
        gold,
        chats,
        config=read_config(config),
        standard=standard,
        moods=moods,
        contacts=contacts,
        against=against,
    )
    _print_evaluation(result)
    if json_path is not None:
        write_text(json_path, json.dumps(result.as_dict(), ensure_ascii=False, indent=1) + "\n")
    if cases is not None:
        judged = [case.as_dict() for case in result.cases] + [answer.as_dict() for answer in result.answers]
        lines = (json.dumps(case, ensure_ascii=False) for case in judged)
        write_text(cases, "".join(f"{line}\n" for line in lines))


def _print_evaluation(result: Evaluation) -> None:
    from qa_audit.evaluation import as_table

    click.echo(as_table(result))
    for rule in result.unknown_rules:
        click.echo(f"labels of {rule} are left out: the standard has no such rule", err=True)
    for label in result.unheard:
        click.echo(f"labels of {label} are left out: no such answer is known", err=True)
    for chat in result.not_found:
        click.echo(f"chat {chat} has labels and is not in --chats", err=True)
