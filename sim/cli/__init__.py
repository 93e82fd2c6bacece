"""The command line. Exit codes: 0 as expected, 1 violated, 2 usage or bad input, 3 undetermined."""

from __future__ import annotations

import gc
import sys
from importlib import import_module

import typer

from sim.cli.streams import guard, say_error, unprinted
from sim.core.errors import BadInput

COMMANDS = {
    "explore": "sim.cli.explore:explore",
    "check": "sim.cli.check:check",
    "outcomes": "sim.cli.outcomes:outcomes_",
    "predict": "sim.cli.predict:predict_",
    "compare": "sim.cli.compare:compare_",
    "necessity": "sim.cli.necessity:necessity",
    "replay": "sim.cli.replay:replay",
    "shrink": "sim.cli.shrink:shrink_",
    "report": "sim.cli.report:report",
    "scenarios": "sim.cli.scenarios:scenarios",
    "accept": "sim.cli.accept:accept",
    "calibrate": "sim.cli.calibrate:calibrate",
    "profile": "sim.cli.profile:profile",
    "promela": "sim.cli.promela:promela_",
    "releases": "sim.cli.releases:releases",
    "hunt": "sim.cli.hunt:hunt_",
}
"""Where each command is. Only the one that is called is imported: half of a cold start went into the others."""
INTERRUPTED_OF_TYPER = 130
"""What typer makes of an interrupt."""


def command_line(words: list[str]) -> typer.Typer:
    """The command that the first word names; all of them if it names none, for help and for an error."""
    app = typer.Typer(
        name="sim", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
    )
    app.callback()(sim)
    named = [word for word in words[:1] if word in COMMANDS]
    for name in named or COMMANDS:
        module, function = COMMANDS[name].split(":")
        app.command(name)(getattr(import_module(module), function))
    return app


def sim() -> None:
    """Can an exported service get lost? A simulator of multi-cluster export state."""


def run() -> None:
    """Run the command line; what a user can cause ends in one clear line."""
    out = guard()
    code = _code()
    problem = unprinted(out)
    if problem:
        say_error(problem)
        code = 2
    gc.freeze()  # the interpreter need not look through all that was made for what it could free at its end
    sys.exit(code)


def _code() -> int:
    """What the command exits with."""
    try:
        code = command_line(sys.argv[1:])(standalone_mode=False)
    except BadInput as error:
        for each in (error, *error.more):
            say_error(each.problem, each.accepted)
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
