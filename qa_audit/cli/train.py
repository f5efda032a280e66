"""``qa-audit train``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qa_audit.cli.common import (
    FILE,
    FOLDER,
    NEW_FILE,
    Group,
    config_option,
    parse_date,
    read_config,
    write_text,
)

if TYPE_CHECKING:
    from qa_audit.rated import RatedSource


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
    help="Write the mood model even if the one that it replaces is better.",
)


@click.group(cls=TrainGroup, subcommand_metavar="[all|mood|chat|satisfaction|satisfaction-test] DATA...")
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
@click.option("--adapt", is_flag=True, help="Move a trained model to these labels instead of training anew.")
@click.option(
    "--from",
    "base",
    type=FOLDER,
    help="With --adapt: folder of the model to adapt; default: the one in --out unless it was adapted from the one shipped, else that.",
)
def train_mood(
    *,
    cases: Path | None,
    even_if_worse: bool,
    adapt: bool,
    base: Path | None,
    **given: Any,  # noqa: ANN401 - same
) -> None:
    """Train the model of the customer's mood in each round, or adapt one."""
    from qa_audit.training import adapt_mood
    from qa_audit.training import train_mood as train_model

    if adapt:
        if cases is not None:
            raise click.UsageError("--cases is for training anew; leave it out with --adapt")
        _print_cards([adapt_mood(**_training(**given), base=base, even_if_worse=even_if_worse)])
        return
    if base is not None:
        raise click.UsageError("--from names the model that --adapt starts from; give --adapt, too")
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


ratings_option = click.option(
    "--ratings", type=FILE, help="CSV of chat ids and ratings; without it, those in the transcripts."
)
scale_option = click.option(
    "--scale", default="1-5", show_default=True, metavar="LOW-HIGH", help="The numbers that ratings can be."
)
words_option = click.option("--words", is_flag=True, help="Texts are word ids between spaces.")


@train.command("satisfaction")
@data_argument
@out_option
@day_option
@seed_option
@licence_option
@ratings_option
@scale_option
@words_option
@config_option
@click.option(
    "--classes",
    type=click.Choice(["2", "3", "5"]),
    default="3",
    show_default=True,
    help="2: dissatisfied (up to 2 of 5), satisfied (from 4); 3: with neutral between; 5: each rating.",
)
@click.option(
    "--test",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Rated chats that are kept back: the model is measured on them, too.",
)
@click.option(
    "--plot/--no-plot", default=True, help="Draw the calibration as satisfaction.png (needs matplotlib)."
)
def train_satisfaction(
    *,
    ratings: Path | None,
    scale: str,
    words: bool,
    config: Path | None,
    classes: str,
    test: tuple[Path, ...],
    plot: bool,
    **given: Any,  # noqa: ANN401 - same
) -> None:
    """Train a model of the customers' satisfaction from rated chats."""
    from qa_audit.training import SatisfactionJob
    from qa_audit.training import train_satisfaction as train_model

    job = SatisfactionJob(
        **_training(**given),
        source=_source(ratings=ratings, scale=scale, words=words),
        classes=int(classes),
        test=test,
        plot=plot,
        config=read_config(config),
    )
    card, problems = train_model(job)
    for problem in problems:
        click.echo(f"{problem.source}:{problem.line}: {problem.reason}；{problem.remedy}", err=True)
    _print_cards([card])


@train.command("satisfaction-test")
@click.argument("model", type=click.Path(path_type=Path, exists=True, file_okay=False))
@data_argument
@seed_option
@ratings_option
@scale_option
@words_option
@config_option
@click.option("--cases", type=NEW_FILE, help="Write what is said of each chat here, as JSON Lines.")
def test_satisfaction(
    *,
    model: Path,
    data: tuple[Path, ...],
    seed: int,
    cases: Path | None,
    config: Path | None,
    **rated: Any,  # noqa: ANN401 - same
) -> None:
    """Measure a trained satisfaction model on rated chats, or apply it to chats without ratings."""
    from qa_audit.training import measure_satisfaction

    source = _source(**rated)
    figures, rows = measure_satisfaction(model, data, source, read_config(config), seed=seed)
    if cases is not None:
        write_text(cases, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    _print_cards([figures])


def _source(*, ratings: Path | None, scale: str, words: bool) -> RatedSource:
    from qa_audit.rated import RatedSource
    from qa_audit.satisfaction.ratings import Scale

    return RatedSource(ratings, Scale.of(scale), words)
