"""Two-phase commit with 7 resource managers: Spin beside the plain search, which finds just as many worlds.

Spin is given the model that is exported, and one written by hand with a process for each manager and for the
transaction manager. Both sides begin with nothing: Spin with making and compiling its C program, the plain search with
the start of Python. Partial-order reduction is off, as the plain search has none.
"""

from __future__ import annotations

import subprocess
import sys
import time

from benchmarks.speed import figure, row
from sim.explore.promela import promela, worlds_and_command
from sim.explore.tables import Tables
from tests.explore.spin import MISSING, Counted, counted
from tests.explore.two_phase_commit import WORLDS, TwoPhase

MANAGERS, TURNS = 7, 3
BY_HAND = """
#define MANAGERS {managers}
mtype = {{ working, prepared, committed, aborted, undecided }};
mtype rm[MANAGERS] = working;
mtype tm = undecided;
bool sent[MANAGERS], received[MANAGERS], commit, abort;

active [MANAGERS] proctype manager() {{
end:
  do
  :: d_step {{ rm[_pid] == working -> rm[_pid] = prepared; sent[_pid] = true }}
  :: d_step {{ rm[_pid] == working -> rm[_pid] = aborted }}
  :: d_step {{ commit -> rm[_pid] = committed }}
  :: d_step {{ abort -> rm[_pid] = aborted }}
  od
}}

active proctype transaction() {{
end:
  do
{receive}
  :: d_step {{ tm == undecided && {all_received} -> tm = committed; commit = true }}
  :: d_step {{ tm == undecided -> tm = aborted; abort = true }}
  od
}}
"""
COLD = """
import sys, time
from sim.explore.plain import Plain
from sim.explore.tables import Tables
from tests.explore.two_phase_commit import TwoPhase
began = time.perf_counter()
tables = Tables()
search = Plain(tables)
search.begin(tables.packing.load(TwoPhase(int(sys.argv[1])).machine()))
assert not search.run()
print(search.worlds, time.perf_counter() - began)
"""


def by_hand(managers: int) -> str:
    """The model as one would write it for Spin."""
    receive = "\n".join(
        f"  :: d_step {{ tm == undecided && sent[{r}] -> received[{r}] = true }}" for r in range(managers)
    )
    all_received = " && ".join(f"received[{r}]" for r in range(managers))
    return BY_HAND.format(managers=managers, receive=receive, all_received=all_received)


def cold(managers: int) -> tuple[int, float, float]:
    """The worlds that the plain search finds in a process of its own; its seconds, and those of the search alone."""
    began = time.perf_counter()
    command = [sys.executable, "-c", COLD, str(managers)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - began
    worlds, alone = done.stdout.split()
    return int(worlds), seconds, float(alone)


def main() -> bool:
    """The counts, which must be equal, and the best time of each, which has no limit."""
    if MISSING:
        print(f"left out: not installed: {', '.join(MISSING)}")
        return True
    began = time.perf_counter()
    tables = Tables()
    exported = promela(tables, tables.packing.load(TwoPhase(MANAGERS).machine()))
    export_s = time.perf_counter() - began
    _, command = worlds_and_command(exported)
    models = {"the exported model": exported, "a model written by hand": by_hand(MANAGERS)}
    searches, spun = [], dict[str, list[Counted]]()
    for _ in range(TURNS):
        searches.append(cold(MANAGERS))
        for name, model in models.items():
            spun.setdefault(name, []).append(counted(model, command))
    worlds = {found for found, _, _ in searches}
    ok = []
    for name, turns in spun.items():
        states = {turn.states for turn in turns}
        ok.append(row(f"two-phase commit, {MANAGERS} managers: states of Spin, {name}",
                      ", ".join(map(str, sorted(states))), f"just {WORLDS[MANAGERS]}",
                      reached=states == worlds == {WORLDS[MANAGERS]}))  # fmt: skip
    figure("the plain search, in a process of its own, seconds", min(seconds for _, seconds, _ in searches))
    figure("  the search alone", min(alone for _, _, alone in searches))
    for name, turns in spun.items():
        best = min(turns, key=lambda turn: turn.seconds)
        figure(f"Spin on {name}, seconds", best.seconds)
        figure("  spin -a", best.generate_s)
        figure("  gcc -O3", best.compile_s)
        figure("  pan", best.run_s)
    figure("the export, which searches as well, seconds", export_s)
    return all(ok)
