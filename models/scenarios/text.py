"""The texts of scenarios: one YAML file each beside this one, a file of the user's, or a known defect."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from models.defects import defect as defects
from models.scenarios.scripts import check_entries
from models.scenarios.timing import texts
from models.scenarios.yaml_file import parsed
from sim.core import BadInput, unknown

SCRIPT = "script"
"""The scenario on which a file is run that is a list of operations."""


def names() -> list[str]:
    """The names of the scenarios that come with the program."""
    folder = resources.files(__package__ or "models.scenarios")
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def raw(name: str) -> tuple[str, Any]:
    """The text and the content of a scenario that comes with the program, of a defect, or of a file of the user's,
    which is read each time, as it may have been changed.
    """
    if name.startswith(defects.PREFIX):
        text, defect = defects.load(name.removeprefix(defects.PREFIX))
        return text, defect.content()
    if name.endswith((".yaml", ".yml")):
        return _content(name, _read(Path(name)))
    return _content(name, _shipped(name))


@lru_cache(maxsize=64)
def _shipped(name: str) -> str:
    """The text of a scenario that comes with the program."""
    if name not in names():
        raise unknown("scenario", name, [*names(), "a file ending in .yaml"])
    return (resources.files(__package__ or "models.scenarios") / f"{name}.yaml").read_text()


@lru_cache(maxsize=64)
def _content(name: str, text: str) -> tuple[str, Any]:
    """The text of a scenario, and what it says; of a script, with what it is put into."""
    content = parsed(text, f"scenario {name}")
    if isinstance(content, list):  # a script alone
        check_entries(content, name)
        base_text, base = raw(SCRIPT)
        return base_text + text, {**base, "name": Path(name).stem, "script": content}
    if not isinstance(content, dict):
        raise BadInput(
            f"scenario {name} is empty", accepted="a mapping, or a list of operations; see docs/SCENARIOS.md"
        )
    return text, content


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"scenario file {path} cannot be read: {reason}") from None


def digest(name: str) -> str:
    """A digest of the scenario's file and of the delays that it may use."""
    parts = [raw(name)[0], *texts()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
