"""``sim scenarios``: what there is to explore."""

from __future__ import annotations

import typer

from sim.study.find import catalogue


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
    for combined, meaning in found.combined().items():
        typer.echo(f"  --algorithm {combined:<22} {meaning}")
