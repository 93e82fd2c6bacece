"""``sim calibrate``: measured against simulated times."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sim.cli.progress import Progress
from sim.core.errors import BadInput
from sim.study.calibration import compare, render
from sim.study.find import catalogue


def calibrate(
    seeds: Annotated[int, typer.Option(help="Simulated runs of each operation.")] = 51,
    out: Annotated[Path | None, typer.Option(help="Folder for the table, as text and JSON.")] = None,
) -> None:
    """Compare simulated with measured times for each step of an export, an unexport and a restart."""
    if not 1 <= seeds <= 10_000:
        raise BadInput(f"--seeds {seeds}", "a whole number from 1 to 10000")
    measured = catalogue().measured()
    progress = Progress(len(measured), what="operations")
    rows = []
    for operation in measured:
        rows += compare(operation, seeds)
        progress.advance(1)
    text = render(rows)
    typer.echo(text, nl=False)
    if out is not None:
        write(out, f"python -m sim calibrate --seeds {seeds}\n\n{text}", msgspec.json.format(msgspec.json.encode(rows)))
    raise typer.Exit(0 if all(row.agrees for row in rows) else 1)


def write(out: Path, text: str, rows: bytes) -> None:
    """The table as text and JSON, each file whole or not at all."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, data in (("calibration.txt", text.encode()), ("calibration.json", rows + b"\n")):
            partial = out / f".{name}.partial"
            partial.write_bytes(data)
            partial.replace(out / name)
    except OSError as error:
        raise BadInput(f"{out}: {error.strerror or error}", "a folder that can be written") from None
