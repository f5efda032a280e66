"""``qa-audit standard``: list, explain, test, copy, describe and compare service standards."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from qa_audit.cli.common import (
    FAILED,
    FOLDER,
    NEW_FILE,
    WRONG,
    Group,
    config_option,
    print_wrapped,
    progress_bar,
    read_config,
    standard_option,
    write_csv,
    write_text,
)


@click.group(cls=Group)
def standard() -> None:
    """List, explain, test or copy a service standard."""


@standard.command("list")
@standard_option
@config_option
def list_rules(*, standard: Path | None, config: Path | None) -> None:
    """List the rules with severity, points and what they were measured on."""
    from qa_audit.rulebook import open_standard

    opened = open_standard(standard, read_config(config)).standard
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

    opened = open_standard(standard, read_config(config)).standard
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

    with progress_bar() as progress:
        result = diff_standards(old, new, on, config=config, workers=workers or 0, progress=progress)
    print_wrapped(diff_lines(result))
    if json_path is not None:
        write_text(json_path, json.dumps(diff_json(result), ensure_ascii=False, indent=1) + "\n")
    if csv_path is not None:
        write_csv(csv_path, (CSV_HEADER, *diff_rows(result)))
    if fail_on_change and result.changed:
        sys.exit(FAILED)
