"""What a hunt has found is on disk while it goes on, survives its end, and is gone on with."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from models.catalogue import CATALOGUE
from models.hunt.listed import LISTED
from sim.cli.corpus import Corpus
from sim.explore.hunt import Effort, hunt
from sim.report.hunt_pages import Extent, called, races
from sim.study.hunting import EFFORTS, merged
from sim.study.journal import NAME, Journal, Line
from tests.cli.run import sim

HUNTER = CATALOGUE.hunter()
EFFORT = Effort(walks=20, worlds=300, doom_worlds=300, ends=1)
MOST = "6"
MANY = "40"
"""So many that a hunt is in the midst of them when a signal comes."""


def lines(out: Path) -> int:
    path = out / NAME
    return path.read_bytes().count(b"\n") if path.exists() else 0


def begun(out: Path, most: str = MOST) -> subprocess.Popen[str]:
    """A hunt that has reached some configurations, but not all."""
    words = ("hunt", "--budget", "tiny", "--most", most, "--jobs", "1", "--no-releases", "--out", str(out))
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    for _ in range(600):
        if lines(out) >= 2 or process.poll() is not None:
            break
        time.sleep(0.1)
    return process


def test_an_interrupted_hunt_keeps_its_findings_and_says_what_it_did_not_reach(tmp_path: Path) -> None:
    with begun(tmp_path, MANY) as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    found = [page for page in tmp_path.glob("*.md") if page.name != "index.md"]
    assert process.returncode == (1 if found else 3), err
    assert "Traceback" not in err
    reached = lines(tmp_path)
    assert 2 <= reached < int(MANY)
    said = f"{int(MANY) - reached} were not reached"
    assert said in out
    assert said in (tmp_path / "index.md").read_text()


def test_a_killed_hunt_is_gone_on_with(tmp_path: Path) -> None:
    with begun(tmp_path) as process:
        process.kill()
    reached = lines(tmp_path)
    assert reached >= 2
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'{"version": "cut o')
    command = ("hunt", "--budget", "tiny", "--most", MOST, "--jobs", "1", "--no-releases")
    done = sim(*command, "--out", str(tmp_path))
    assert done.returncode == 1  # something was found, though not all configurations were asked for
    assert "larger ones were not asked for" in done.stdout
    assert not (tmp_path / NAME).exists()
    whole = sim(*command, "--out", str(tmp_path / "whole"))
    strip = re.compile(r"--out \S+|results?/\S+|/\S+/")
    pages = [
        {p.name: strip.sub("", p.read_text()) for p in sorted(f.glob("*.md"))} for f in (tmp_path, tmp_path / "whole")
    ]
    assert pages[0] == pages[1]
    assert whole.stdout == done.stdout


def test_what_only_another_release_has_is_said_and_is_not_the_algorithm_s() -> None:
    done = sim("hunt", "--algorithm", "level", "--budget", "tiny", "--jobs", "1", "--no-releases")
    assert done.returncode == 0, done.stderr
    assert "not of level, found where the list says that they are:\nn8-ports-or-timestamps" in done.stdout
    assert re.search(r"^n8-ports-or-timestamps .*; under\s+0\.22$", done.stdout, re.M | re.S)
    *_, last = done.stdout.splitlines()
    assert re.fullmatch(
        r"level: 0 causes in \d+ configurations, \d+ of them searched to the end; "
        r"and 1 cause of the list that other releases have, found there",
        last,
    )


def test_a_journal_knows_its_cells_and_not_those_of_another_version(tmp_path: Path) -> None:
    task = (HUNTER.configurations("tiny")[0], "0.19.1", EFFORT, None)
    cell = hunt(HUNTER, task[0], task[1], task[2])
    journal = Journal(tmp_path)
    assert journal.find(task) is None
    journal.keep(task, cell)
    journal.close(done=False)
    assert Journal(tmp_path).find(task) == cell
    assert Journal(tmp_path).find((task[0], "0.19.0", EFFORT, None)) is None
    line = msgspec.json.decode((tmp_path / NAME).read_bytes(), type=Line)
    (tmp_path / NAME).write_bytes(msgspec.json.encode(msgspec.structs.replace(line, version="another")) + b"\n")
    assert Journal(tmp_path).find(task) is None


def test_the_table_has_every_race_and_says_why_what_is_missing_is() -> None:
    assert {race.name for race in LISTED} == {
        "R1c",
        "N7",
        "N8",
        "N9",
        "N11",
        *(f"R{number}" for number in range(1, 29)),
    }
    cell = hunt(HUNTER, next(c for c in HUNTER.configurations("tiny") if "by hand" in c.words), "0.19.1", EFFORT)
    said = {race.name: says for race, says in races(merged([cell]), [cell], Extent(1, 1, LISTED))}
    assert said["R5"].startswith("found under 0.19.1 in: one cluster")
    assert said["R28"].startswith("not looked for: it came after 0.22")
    assert said["R6"] == "not found in 1 configurations"


def test_the_command_of_a_page_finds_it_again(tmp_path: Path) -> None:
    """Of what only many walks find, too: two agents of one cluster, on a ground where more is walked."""
    words = "not exported yet; a new agent of a rolls out, then export in a"
    (it,) = [each for each in HUNTER.configurations("small") if each.words.endswith(words)]
    assert it.effort > 1
    walked = msgspec.structs.replace(EFFORTS["small"], worlds=0, doom_worlds=500, ends=1)
    cell = hunt(HUNTER, it, "0.19.1", walked)
    findings = merged([cell])
    assert {"N5", "R6"} <= {finding.found.cause.name for finding in findings}
    Corpus(tmp_path, "", Extent(1, 1), "small", walked).write(findings, [cell], has_asked_releases=False)
    pages = [page.read_text() for page in tmp_path.glob("*.md") if page.name != "index.md"]
    command = re.findall(r"    python -m sim (hunt .*)", pages[0])[0]
    done = sim(*shlex.split(command), "--jobs", "1")
    assert done.returncode == 1, done.stderr
    for finding in findings:
        assert f"Known as: {called(finding)}. Found under 0.19.1" in done.stdout
    assert "## Reproduce" not in done.stdout


def test_a_command_says_how_much_was_done_where_that_is_not_usual(tmp_path: Path) -> None:
    it = next(each for each in HUNTER.configurations("tiny") if "by hand" in each.words)
    cell = hunt(HUNTER, it, "0.19.1", EFFORT)
    Corpus(tmp_path, "", Extent(1, 1), "tiny", EFFORT).write(merged([cell]), [cell], has_asked_releases=False)
    (page,) = tmp_path.glob("r*.md")
    assert f" --budget tiny --walks {EFFORT.walks} --no-releases" in page.read_text()


@pytest.mark.parametrize("search", ["5", "{set: 5}", "{set: [1]}", "null"])
def test_a_scenario_whose_search_is_none_is_refused(search: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: mine\nabout: of a search\nhosts: [a]\nbroker: a\nobserve_ms: 600000\n"
        f"exports: {{services: 1, from: [a]}}\nscript: []\nsearch: {search}\n"
    )
    done = sim("hunt", "--configuration", str(path), "--no-releases", "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert done.stderr.startswith("error: ") and "search" in done.stderr
