"""The command line: options → call → exit code. 0 audited, 1 something was unreadable, 2 usage or standard, 3 --fail-on."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qa_audit import __version__

if TYPE_CHECKING:
    from rich.progress import TaskID

    from qa_audit.config import Config
    from qa_audit.engine.local import Progress
    from qa_audit.evaluate import Evaluation
    from qa_audit.pipeline import Summary

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


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="qa-audit")
def main() -> None:
    """Audits Chinese customer-service transcripts against a service standard."""


@main.command()
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
    "--replace", is_flag=True, help="Write a night anew that is there already (its reviews are lost)."
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

    settings = _config(config)
    options = pipeline.RunOptions(
        config=settings,
        date=_date(date),
        standard=standard,
        workers=workers or 0,
        seed=seed,
        mask=settings.mask and not no_mask,
        replace=replace,
    )
    started = time.monotonic()
    with _progress() as progress:
        summary = pipeline.run(inputs, out, options, progress=progress)
    _print_summary(summary, time.monotonic() - started)
    if fail_on == "critical" and summary.fatal:
        sys.exit(FAILED)
    if summary.unreadable:
        click.echo(f"部分数据无法读取，原因见 {summary.folder / 'problems.csv'}", err=True)
        sys.exit(UNREADABLE)


@contextmanager
def _progress() -> Iterator[Progress | None]:
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


def _config(path: Path | None) -> Config:
    from qa_audit.config import load_config

    return load_config(path)


def _date(text: str | None) -> str | None:
    from datetime import date

    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise click.BadParameter(
            f"{text} is no date; write it like 2026-11-20", param_hint="--date"
        ) from None


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


@main.group(cls=Group)
def standard() -> None:
    """List, explain, test or copy a service standard."""


@standard.command("list")
@standard_option
@config_option
def list_rules(*, standard: Path | None, config: Path | None) -> None:
    """List the rules with severity, points and what they were measured on."""
    from qa_audit.rulebook import open_standard

    opened = open_standard(standard, _config(config)).standard
    for rule in (*opened.rules, *opened.off):
        status = "off" if rule in opened.off else rule.status
        cells = [rule.id, rule.title, rule.severity, f"{rule.points:g}", rule.check, status, rule.measured_on]
        click.echo("\t".join([*cells, *rule.adjusted]))


@standard.command()
@click.argument("rule_id")
@standard_option
@config_option
def explain(*, rule_id: str, standard: Path | None, config: Path | None) -> None:
    """Print one rule: why, source, advice, limits and all its examples."""
    from qa_audit.rulebook import open_standard
    from qa_audit.rulebook.explain import explain as explanation
    from qa_audit.yamltext import did_you_mean

    opened = open_standard(standard, _config(config)).standard
    rules = {rule.id: rule for rule in (*opened.rules, *opened.off)}
    wanted = rule_id.upper()
    if wanted not in rules:
        raise click.BadParameter(f"there is no rule {rule_id}{did_you_mean(wanted, rules)}")
    click.echo(explanation(rules[wanted], off=rules[wanted] in opened.off))


@standard.command()
@click.argument("folder", type=FOLDER, required=False)
def test(*, folder: Path | None) -> None:
    """Run a standard's examples, clause test and lint; without FOLDER those of the shipped one."""
    from qa_audit.config import Config
    from qa_audit.proof import prove

    report = prove(Config(), folder)
    for finding in report.findings:
        click.echo(finding, err=True)
    click.echo(
        f"{report.rules} rules, {report.examples} examples, {report.clauses} clauses, {report.lexicons} lexicons:"
        f" {len(report.findings)} faults"
    )
    if report.findings:
        sys.exit(WRONG)


@standard.command()
@click.argument("folder", type=FOLDER)
def init(*, folder: Path) -> None:
    """Copy the shipped standard and its lexicons into FOLDER, to be edited."""
    from qa_audit.rulebook.copy import copy_standard

    count = copy_standard(folder)
    click.echo(
        f"{count} files in {folder}; run with --standard {folder}, test with: qa-audit standard test {folder}"
    )


@standard.command()
@click.option(
    "--out", type=FOLDER, help="Write all schemas to this folder; without it that of a rule is printed."
)
def schema(*, out: Path | None) -> None:
    """Write JSON Schemas of rule files, _standard.yml and qa-audit.yml, for editors."""
    from qa_audit.rulebook.json_schema import RULE, hint, schemas, write_schemas

    if out is None:
        click.echo(json.dumps(schemas()[RULE], ensure_ascii=False, indent=1))
        return
    for file in write_schemas(out):
        click.echo(f"{file}\t{hint(file.name, str(out)).strip()}")


@standard.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--on",
    multiple=True,
    required=True,
    help="Transcripts (file, folder, glob), or the folder of a night.",
)
@config_option
@click.option("--json", "json_path", type=NEW_FILE, help="Write everything here.")
@click.option("--csv", "csv_path", type=NEW_FILE, help="Write every change here, one a row.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes; default: one per processor.")
@click.option("--fail-on-change", is_flag=True, help="Exit with 3 if a verdict or score changes.")
def diff(  # noqa: PLR0913 - one parameter an option
    *,
    old: str,
    new: str,
    on: tuple[str, ...],
    config: Path | None,
    json_path: Path | None,
    csv_path: Path | None,
    workers: int | None,
    fail_on_change: bool,
) -> None:
    """Show which chats and agents come out differently under NEW than under OLD.

    Each is a folder, “shipped”, or a configuration file that names or changes a standard.
    """
    from qa_audit.diff import diff_standards
    from qa_audit.report.diff_text import CSV_HEADER, diff_json, diff_lines, diff_rows

    with _progress() as progress:
        result = diff_standards(old, new, on, config=config, workers=workers or 0, progress=progress)
    _print_wrapped(diff_lines(result))
    if json_path is not None:
        _write(json_path, json.dumps(diff_json(result), ensure_ascii=False, indent=1) + "\n")
    if csv_path is not None:
        _write_csv(csv_path, (CSV_HEADER, *diff_rows(result)))
    if fail_on_change and result.changed:
        sys.exit(FAILED)


@main.command()
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
    config: Path | None,
    standard: Path | None,
) -> None:
    """Compare verdicts, moods, topics and outcomes with labels, and scores with how chats ended; with intervals."""
    from qa_audit.evaluation import evaluate_files

    result = evaluate_files(
        gold, chats, config=_config(config), standard=standard, moods=moods, contacts=contacts
    )
    _print_evaluation(result)
    if json_path is not None:
        _write(json_path, json.dumps(result.as_dict(), ensure_ascii=False, indent=1) + "\n")
    if cases is not None:
        judged = [case.as_dict() for case in result.cases] + [answer.as_dict() for answer in result.answers]
        lines = (json.dumps(case, ensure_ascii=False) for case in judged)
        _write(cases, "".join(f"{line}\n" for line in lines))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """With a byte order mark, so that Excel reads its Chinese."""
    import csv

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


def _print_wrapped(lines: Iterable[tuple[int, str]]) -> None:
    """Lines with their depth, broken where the terminal ends."""
    import shutil

    from qa_audit.workbook.text import wrapped

    columns = shutil.get_terminal_size().columns
    for depth, text in lines:
        first, *rest = wrapped(text, columns - 2 * depth - 2) or [""]
        click.echo("  " * depth + first)
        for more in rest:
            click.echo("  " * (depth + 1) + more)


def _print_evaluation(result: Evaluation) -> None:
    from qa_audit.evaluation import as_table

    click.echo(as_table(result))
    for rule in result.unknown_rules:
        click.echo(f"labels of {rule} are left out: the standard has no such rule", err=True)
    for label in result.unheard:
        click.echo(f"labels of {label} are left out: no such answer is known", err=True)
    for chat in result.not_found:
        click.echo(f"chat {chat} has labels and is not in --chats", err=True)


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


@main.group(cls=TrainGroup, subcommand_metavar="[all|mood|chat] DATA...")
def train() -> None:
    """Train the models from labelled chats and sentences, and write weights and cards."""


@train.command("all")
@data_argument
@out_option
@day_option
@seed_option
@licence_option
@click.option("--cases", type=NEW_FILE, help="Write the cross-validated moods here, for evaluate --moods.")
@click.option(
    "--chat-cases", type=NEW_FILE, help="Write what is said of whole chats here, for evaluate --contacts."
)
def train_all(*, cases: Path | None, chat_cases: Path | None, **given: Any) -> None:  # noqa: ANN401 - as click gives them
    """Train the mood model and, where chats have labels of their own, the chat model."""
    from qa_audit.training import train_all as train_models

    _print_cards(train_models(**_training(**given), cases=cases, chat_cases=chat_cases))


@train.command("mood")
@data_argument
@out_option
@day_option
@seed_option
@licence_option
@click.option("--cases", type=NEW_FILE, help="Write the cross-validated moods here, for evaluate --moods.")
def train_mood(*, cases: Path | None, **given: Any) -> None:  # noqa: ANN401 - same
    """Train the model of the customer's mood in each round."""
    from qa_audit.training import train_mood as train_model

    _print_cards([train_model(**_training(**given), cases=cases)])


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

    text = _date(date)
    notes = dict(one.partition("=")[::2] for one in licences)
    if "" in notes.values():
        raise click.BadParameter("write it like chats.jsonl=Apache-2.0", param_hint="--licence")
    trained_on = day.fromisoformat(text) if text else day.today()  # noqa: DTZ011 - a local date for a card
    return {"data": data, "out": out, "seed": seed, "trained_on": trained_on, "licences": notes}


def _print_cards(cards: Sequence[dict[str, object]]) -> None:
    for card in cards:
        click.echo(json.dumps(card, ensure_ascii=False, indent=1))


@main.command()
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
