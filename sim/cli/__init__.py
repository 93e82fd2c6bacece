"""The command line. Exit codes: 0 as expected, 1 violated, 2 usage or bad input, 3 undetermined."""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer

from sim.cli.calibrate import calibrate
from sim.cli.check import check
from sim.cli.compare import compare_, necessity
from sim.cli.explore import explore
from sim.cli.outcomes import outcomes_
from sim.cli.profile import profile
from sim.cli.replay import replay
from sim.cli.report import report
from sim.cli.scenarios import scenarios
from sim.cli.shrink import shrink_
from sim.cli.streams import guard, say_error, unprinted
from sim.core.errors import BadInput

app = typer.Typer(
    name="sim",
    help="Can an exported service get lost? A simulator of multi-cluster export state.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
COMMANDS: dict[str, Callable[..., None]] = {
    "explore": explore,
    "check": check,
    "outcomes": outcomes_,
    "compare": compare_,
    "necessity": necessity,
    "replay": replay,
    "shrink": shrink_,
    "report": report,
    "scenarios": scenarios,
    "calibrate": calibrate,
    "profile": profile,
}
for name, command in COMMANDS.items():
    app.command(name)(command)
INTERRUPTED_OF_TYPER = 130
"""What typer makes of an interrupt."""


def run() -> None:
    """Run the command line; what a user can cause ends in one clear line."""
    out = guard()
    code = _code()
    problem = unprinted(out)
    if problem:
        say_error(problem)
        code = 2
    sys.exit(code)


def _code() -> int:
    """What the command exits with."""
    try:
        code = app(standalone_mode=False)
    except BadInput as error:
        say_error(error.problem, error.accepted)
        return 2
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED_OF_TYPER
    except OSError as error:  # of a standard stream: what else can fail is told as BadInput where it does
        say_error(str(error))
        return 2
    except Exception as error:
        return _usage(error)
    if code == INTERRUPTED_OF_TYPER:
        print("interrupted", file=sys.stderr)  # noqa: T201
        return 3
    return int(code or 0)


def _usage(error: Exception) -> int:
    """Show an error that typer found in the command line; its class lies elsewhere in each of typer's versions."""
    show = getattr(error, "show", None)
    if show is None:
        raise error
    show()
    return int(getattr(error, "exit_code", 2))
