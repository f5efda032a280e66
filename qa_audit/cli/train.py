"""``qa-audit train``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from qa_audit.cli.common import FOLDER, NEW_FILE, Group, parse_date


class TrainGroup(Group):
    """A group whose command may be left out: then everything is trained that the data has labels for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts the command ``all`` where none is named."""
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["all", *args]
        return super().parse_args(ctx, args)


data_argument = click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
out_option = click.option("--out", type=FOLDER, required=True, help="Folder for the weights and the card.")
day_option = click.option("--date", help="Date for the card, YYYY-MM-DD; default: today.")
seed_option = click.option("--seed", type=int, default=0, show_default=True)
licence_option = click.option(
    "--licence",
    "licences",
    multiple=True,
    metavar="FILE=NOTE",
    help="What the card says of a file's licence.",
)

worse_option = click.option(
    "--even-if-worse",
    is_flag=True,
    help="Replace the mood model in --out also if it is better on turns new to both.",
)


@click.group(cls=TrainGroup, subcommand_metavar="[all|mood|chat] DATA...")
def train() -> None:
    """Train the models from labelled chats and sentences, and write weights and cards."""


@train.command("all")
@data_argument
@out_option
@day_option
@seed_option
@licence_option
@worse_option
@click.option("--cases", type=NEW_FILE, help="Write the cross-validated moods here, for evaluate --moods.")
@click.option(
    "--chat-cases", type=NEW_FILE, help="Write what is said of whole chats here, for evaluate --contacts."
)
def train_all(*, cases: Path | None, chat_cases: Path | None, even_if_worse: bool, **given: Any) -> None:  # noqa: ANN401 - as click gives them
    """Train the mood model and, where chats have labels of their own, the chat model."""
    from qa_audit.training import train_all as train_models

    made = _training(**given)
    _print_cards(train_models(**made, cases=cases, chat_cases=chat_cases, even_if_worse=even_if_worse))


@train.command("mood")
@data_argument
@out_option
@day_option
@seed_option
@licence_option
@worse_option
@click.option("--cases", type=NEW_FILE, help="Write the cross-validated moods here, for evaluate --moods.")
def train_mood(*, cases: Path | None, even_if_worse: bool, **given: Any) -> None:  # noqa: ANN401 - same
    """Train the model of the customer's mood in each round."""
    from qa_audit.training import train_mood as train_model

    _print_cards([train_model(**_training(**given), cases=cases, even_if_worse=even_if_worse)])


@train.command("chat")
@data_argument
@out_option
@day_option
@seed_option
@licence_option
@click.option(
    "--cases", type=NEW_FILE, help="Write what is said of whole chats here, for evaluate --contacts."
)
def train_chat(*, cases: Path | None, **given: Any) -> None:  # noqa: ANN401 - same
    """Train the model of topic, outcome, emotion and end mood of a chat."""
    from qa_audit.training import train_chat as train_model

    _print_cards([train_model(**_training(**given), cases=cases)])


def _training(
    *, data: tuple[Path, ...], out: Path, date: str | None, seed: int, licences: tuple[str, ...]
) -> dict[str, Any]:
    """What training needs, from the options that all its commands have."""
    from datetime import date as day

    text = parse_date(date)
    notes = dict(one.partition("=")[::2] for one in licences)
    if "" in notes.values():
        raise click.BadParameter("write it like chats.jsonl=Apache-2.0", param_hint="--licence")
    trained_on = day.fromisoformat(text) if text else day.today()  # noqa: DTZ011 - a local date for a card
    return {"data": data, "out": out, "seed": seed, "trained_on": trained_on, "licences": notes}


def _print_cards(cards: Sequence[dict[str, object]]) -> None:
    for card in cards:
        click.echo(json.dumps(card, ensure_ascii=False, indent=1))
