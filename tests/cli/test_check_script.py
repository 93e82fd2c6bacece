"""What ``sim check`` says of a script that a schedule carries out in part, and where so many worlds are too few."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tests.cli.run import joined, sim
from tests.models.worlds import BASE, EXPORTED_AGAIN


def test_a_schedule_says_what_of_the_script_it_leaves_out(tmp_path: Path) -> None:
    """The environment may stop before the crash; then every schedule from some step on is lost."""
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({**BASE, "broker": "b", "script": EXPORTED_AGAIN}))
    said = joined(sim("check", str(path), "--algorithm", "0.19.1", "--walks", "200"))
    found = re.search(r" without agent a killed: at step (\d+) the environment stops, as it may; --whole-script ", said)
    assert found is not None, said
    assert re.search(
        r"point of no return step \d+ \(every schedule from there was searched, without agent a killed\)", said
    )
    whole = sim("check", str(path), "--algorithm", "0.19.1", "--whole-script", "--worlds", "5000", "--no-explain")
    found_so = r"violated in \d+ steps: found by \d+ walks and shrunk; the search for a shorter one was ended"
    assert re.search(found_so, joined(whole))
    assert " without " not in joined(whole).split("coverage")[0]
