"""The command line. Exit codes: 0 as expected, 1 violated, 2 usage or bad input, 3 undetermined."""

from __future__ import annotations

import os
import sys

import typer

from sim.cli.calibrate import calibrate
from sim.cli.check import check
from sim.cli.explore import explore
from sim.cli.replay import replay
from sim.cli.report import report
from sim.cli.scenarios import scenarios
from sim.core.errors import BadInput

app = typer.Typer(
    name="sim",
    help="Can an exported service get lost? A simulator of multi-cluster export state.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (explore, check, replay, report, scenarios, calibrate):
    app.command()(command)


def run() -> None:
    """Run the command line; what a user can cause ends in one clear line."""
    try:
        app()
    except BadInput as error:
        print(f"error: {error.problem}", file=sys.stderr)  # noqa: T201
        if error.accepted:
            print(f"accepted: {error.accepted}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader (head, less) has gone
        sys.exit(0)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)  # noqa: T201
        sys.exit(3)
