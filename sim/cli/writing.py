"""A file that a command writes beside what it prints."""

from __future__ import annotations

from pathlib import Path

from sim.core.errors import BadInput


def write(path: Path, text: str) -> None:
    """Write a file, whole or not at all.

    Raises:
        BadInput: it cannot be written.
    """
    try:
        partial = path.with_name(f".{path.name}.partial")
        partial.write_text(text)
        partial.replace(path)
    except (OSError, ValueError) as error:
        problem = error.strerror if isinstance(error, OSError) else error
        raise BadInput(f"{path}: {problem or error}", "a file that can be written") from None
