"""The repository keeps its own rules: import directions, lengths, and nothing that names a machine."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(p for top in ("sim", "models", "benchmarks", "tests") for p in (ROOT / top).rglob("*.py"))
LINES_MAX, FUNCTION_LINES_MAX = 400, 60


def test_import_directions_hold() -> None:
    """``sim`` knows no models, ``models`` know no engine: import-linter reads the contracts of pyproject.toml."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout


def test_the_engine_speaks_no_kubernetes() -> None:
    words = ("kubernetes", "submariner", "lighthouse", "coredns", "endpointslice", "serviceexport", "kubelet")
    said = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in (ROOT / "sim").rglob("*.py")
        for word in words
        if word in path.read_text().lower() and "No Kubernetes" not in path.read_text()
    ]
    allowed = {"sim/study/conclude.py: coredns"}  # the note on what an operator sees
    assert set(said) <= allowed


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_short(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= LINES_MAX
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            doc = ast.get_docstring(node)
            length = (node.end_lineno or 0) - node.lineno + 1 - (doc.count("\n") + 1 if doc else 0)
            assert length <= FUNCTION_LINES_MAX, f"{node.name} has {length} lines"


def test_the_readme_names_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text()
    assert "make explore" in text
    assert "make test" in text
    assert len(text.splitlines()) <= 120


def test_model_code_uses_no_clock_no_chance_and_no_identity() -> None:
    banned = {"time", "random", "uuid", "datetime", "secrets"}
    for path in [*(ROOT / "models").rglob("*.py"), *(ROOT / "sim" / "core").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not banned & {name.split(".")[0] for name in names}, path
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("id", "hash"), path
