"""How the searched space grows with services, alone and together, and with restarts; what a world takes in memory.

``python -m benchmarks growth FOLDER`` also writes the table and a figure to a folder.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import yaml

ALGORITHM = "0.19.1"
WORLDS_MAX = 150_000
SERVICES = (1, 2, 4, 8, 16)
RESTARTS = (1, 2, 3)
HEAD = f"{'the agent of a restarts, ' + ALGORITHM:<46} {'worlds':>9} {'seconds':>8} {'bytes/world':>12} {'bits':>5}"
MEASURE = """
import json, resource, sys, time
from models.catalogue import CATALOGUE
from sim.explore.exhaust import Bounds, exhaust
from sim.explore.subject import Subject
from sim.timed.run import settle
name, algorithm, bound, settings, every = *sys.argv[1:3], int(sys.argv[3]), json.loads(sys.argv[4]), sys.argv[5]
alone = CATALOGUE.alone(name, settings, symmetry=True)[0] if every == "alone" else []
several = [{**settings, "only": each.service} for each in alone] or [settings]
began, worlds, grown, hit, bits = time.perf_counter(), 0, 0, False, 0
for chosen in several:
    model = CATALOGUE.search(name, chosen, algorithm)
    subject = Subject(model, settle(model), (model.checked()[0],), may_stop=False)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    done = exhaust(subject, Bounds(worlds=bound))
    grown += resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    worlds, hit, bits = worlds + len(done.search.worlds), hit or bool(done.bound), subject.tables.packing.width
print(json.dumps([worlds, hit, time.perf_counter() - began, 1024 * grown / worlds, bits]))
"""


class Line(msgspec.Struct):
    """One line of the table: worlds (at least so many where ``is_bound_hit``), seconds, bytes and bits of a world."""

    title: str
    count: int
    series: str
    worlds: int
    is_bound_hit: bool
    seconds: float
    bytes_each: float
    bits: int

    def text(self) -> str:
        """The line as it is printed; of small spaces the memory of the program itself would be shown."""
        each = f"{self.bytes_each:.0f}" if self.worlds >= WORLDS_MAX // 10 else "-"
        more = ">" if self.is_bound_hit else " "
        return f"{self.title:<46} {more}{self.worlds:>8} {self.seconds:>8.1f} {each:>12} {self.bits:>5}"


def main() -> bool:
    """Print the table."""
    print(HEAD)
    for line in measured():
        print(line.text(), flush=True)
    return True


def write(folder: Path) -> None:
    """Write the table and the figure."""
    from sim.report.figures import png, svg
    from sim.report.figures_style import style

    lines = measured()
    folder.mkdir(parents=True, exist_ok=True)
    with style():
        figure = growth_figure(lines)
        (folder / "growth.png").write_bytes(png(figure))
        (folder / "growth.svg").write_bytes(svg(figure))
    (folder / "growth.txt").write_text("\n".join([HEAD, *(line.text() for line in lines)]) + "\n")


def measured() -> list[Line]:
    """Services searched alone and together, then restarts of one agent at any moment."""
    lines = [
        measure(
            f"{count} service{'s'[: count - 1]}, {way}",
            count,
            f"services {way}",
            "restart",
            {"services": str(count)},
            way,
        )
        for way in ("alone", "together")
        for count in SERVICES
    ]
    with tempfile.TemporaryDirectory() as folder:
        for count in RESTARTS:
            path = restarted(Path(folder), count)
            lines.append(
                measure(
                    f"1 service, {count} restart{'s'[: count - 1]} at any moment",
                    count,
                    "restarts",
                    path,
                    {},
                    "together",
                )
            )
    return lines


def measure(title: str, count: int, series: str, scenario: str, settings: dict[str, str], way: str) -> Line:
    """One search in a process of its own."""
    command = [sys.executable, "-c", MEASURE, scenario, ALGORITHM, str(WORLDS_MAX), json.dumps(settings), way]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Line(title, count, series, *json.loads(done.stdout))


def restarted(folder: Path, times: int) -> str:
    """A scenario in which the agent of a crashes so many times, at any moment."""
    path = folder / "restarts.yaml"
    script = [{"at_ms": 5000 + 60_000 * turn, "fault": "agent-crash", "clusters": ["a"]} for turn in range(times)]
    scenario = {
        "name": "restarts", "about": "restarts of the agent of a", "hosts": {"host-1": ["a"], "host-2": ["b"]},
        "broker": "a", "exports": {"services": 1, "from": ["a"]}, "observe_ms": 600_000, "script": script,
    }  # fmt: skip
    path.write_text(yaml.safe_dump(scenario))
    return str(path)


def growth_figure(lines: list[Line]) -> Any:
    """Worlds over the number of services or restarts; a bound that was hit is an arrow upwards."""
    from sim.report.figures_style import BLUE, GREEN, VERMILION, lay_out, new_figure

    looks = {
        "services alone": (BLUE, "o", "-", "services, each searched alone"),
        "services together": (VERMILION, "s", "--", "services, searched together"),
        "restarts": (GREEN, "D", ":", "restarts of one agent, at any moment"),
    }
    figure, axes = new_figure(7, 4, "Searched alone, sixteen services cost what one does; restarts multiply")
    for series, (colour, marker, dashes, label) in looks.items():
        chosen = [line for line in lines if line.series == series]
        exact = [line for line in chosen if not line.is_bound_hit]
        axes.plot(
            [line.count for line in exact], [line.worlds for line in exact], color=colour, marker=marker,
            linestyle=dashes, label=label,
        )  # fmt: skip
        for line in chosen:
            if line.is_bound_hit:
                axes.plot([line.count], [line.worlds], color=colour, marker="^", markersize=9, fillstyle="none")
    axes.axhline(WORLDS_MAX, color="black", linewidth=0.6)
    axes.text(16, WORLDS_MAX * 1.15, "bound of the search: at least so many", ha="right", fontsize=9)
    axes.set(xscale="log", yscale="log", xlabel="how many", ylabel="worlds", ylim=(500, WORLDS_MAX * 4))
    axes.set_xticks([*SERVICES, 3], [str(count) for count in [*SERVICES, 3]])
    axes.set_yticks([1_000, 10_000, 100_000], ["1 000", "10 000", "100 000"])
    axes.minorticks_off()
    axes.legend(loc="center right")
    lay_out(figure)
    return figure
