"""The delays that a scenario or a setting changes: each must be a distribution, whether or not a run would draw it."""

from __future__ import annotations

from sim.core.errors import BadInput, refuse
from sim.core.model import Model
from sim.timed.delays import quantiles


def check_delay(text: str, where: str) -> None:
    """Check one distribution.

    Raises:
        BadInput: it is none; ``where`` says whose it is.
    """
    try:
        quantiles(text)
    except BadInput as error:
        raise BadInput(f"{where}: {error.problem}", error.accepted) from None


def check_delays(model: Model) -> None:
    """Check the delays that are not those of every scenario; one that is made of another is not told as well.

    Raises:
        BadInput: some of them are no distributions.
    """
    wrong: dict[str, BadInput] = {}
    for name, delay in model.timing.delays.items():
        if delay == model.prepare_timing.delays.get(name) or any(delay.is_.startswith(text.strip()) for text in wrong):
            continue
        try:
            check_delay(delay.is_, f"delay {name} of scenario {model.scenario}")
        except BadInput as error:
            wrong[delay.is_] = error
    refuse(list(wrong.values()))
