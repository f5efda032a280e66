"""The command line: options → call → exit code. 0 audited, 1 something was unreadable, 2 usage or standard, 3 --fail-on."""

from __future__ import annotations

import click

from qa_audit import __version__
from qa_audit.cli.common import Group
from qa_audit.cli.evaluate import evaluate
from qa_audit.cli.report import report
from qa_audit.cli.review import review
from qa_audit.cli.run import run
from qa_audit.cli.show import show
from qa_audit.cli.standard import standard
from qa_audit.cli.train import train


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="qa-audit")
def main() -> None:
    """Audits Chinese customer-service transcripts against a service standard."""


for command in (run, report, review, standard, evaluate, train, show):
    main.add_command(command)
