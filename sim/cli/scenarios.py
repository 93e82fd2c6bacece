"""``sim scenarios``: what there is to explore."""

from __future__ import annotations

import typer

from sim.study.find import catalogue

COMBINED = {
    '"0.19.1+0.22@b"': "0.22 in cluster b, 0.19.1 in all others",
    '"0.19.1 without GUARD"': "without one of the guards that sim necessity lists",
}
"""Algorithms that are made of others."""


def scenarios() -> None:
    """List scenarios, their options and the algorithms."""
    found = catalogue()
    for name in found.scenarios():
        about, options = found.describe(name)
        typer.echo(f"{name}: {about}")
        for option, meaning in options.items():
            typer.echo(f"  --set {option:<28} {meaning}")
    typer.echo("every scenario:")
    for option, meaning in found.everywhere().items():
        typer.echo(f"  --set {option:<28} {meaning}")
    typer.echo(f"algorithms: {', '.join(found.algorithms())}")
    for combined, meaning in COMBINED.items():
        typer.echo(f"  --algorithm {combined:<22} {meaning}")
