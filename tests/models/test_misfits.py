"""What a scenario file says wrongly inside its fields is told with the value, the place and what is accepted there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from models.catalogue import CATALOGUE
from models.scenarios.loading import load
from models.scenarios.timing import timing
from sim.core import BadInput
from tests.models.worlds import BASE

CASES: list[tuple[dict[str, Any], str, str]] = [
    ({"exports": {"service": 1, "from": ["a"]}},
     "exports: there is no field 'service' (did you mean 'services'?)", "services, from"),
    ({"exports": {"services": "x", "from": ["a"]}}, "exports.services is 'x'", "a whole number"),
    ({"exports": {"from": ["a"]}}, "exports.services is missing", "a whole number"),
    ({"exports": 3}, "exports is 3", "a mapping with any of services, from"),
    ({"exports": {"services": 1, "from": ["a", 3]}}, "exports.from[1] is 3", "a text"),
    ({"exports": {"services": 1, "from": ["a"], "specs": {"a": {"type": "Foo"}}}},
     "exports.specs[a].type is 'Foo'", "one of ClusterIP, Headless"),
    ({"expect": [{"release": "0.19.0", "verdict": "fail"}]}, "expect[0].verdict is 'fail'", "one of fails, holds"),
    ({"broker": ["a"]}, "broker is ['a']", "a text"),
    ({"hosts": {"h": "a"}}, "hosts[h] is 'a'", "a list of texts, as [a, b]"),
    ({"script": 3}, "script is 3", "a list"),
    ({"clusterset_ips": "many"}, "clusterset_ips is 'many'", "a whole number"),
    ({"delays": ["call"]}, "delays is ['call']", "a mapping"),
    ({"search": {"judged": ["I77"]}}, "unknown property (in search.judged of scenario test) 'I77'", "I7"),
    ({"expect": [{"release": "0.99", "verdict": "fails"}]},
     "expect of scenario test: unknown algorithm '0.99'", "0.22"),
    ({"expect": [{"release": 0.22, "verdict": "fails"}]}, "expect[0].release is 0.22", 'a text; "0.22", in quotes'),
    ({"expect": [{"release": "0.22", "verdict": "fails", "unless": {"rt": [1]}}]},
     "unknown option (in expect.unless of scenario test) 'rt'", ""),
    ({"script": [{"at_ms": 1, "do": "export", "cluster": ["a"]}]}, "cluster is ['a'], which is not a text", "a text"),
    ({"script": [{"at_ms": 1, "fault": "agent-crash", "clusters": ["a", 3]}]},
     "clusters[1] is 3", "a text"),

    ({"copies": "of"}, "copies is 'of'", "one of at once, off, on"),
    ({"rtt_ms": "soon"}, "rtt_ms is 'soon'", "a number"),
    ({"options": {"x": {"default": 9, "about": "much", "at_most": 3}}},
     "the default of x is 9", "a whole number at most 3"),
    ({"options": {"x": {"default": "up", "about": "where", "among": ["left", "right"]}}},
     "the default of x is up", "left, right"),
    ({"hosts": {"h": ["a"], "i": ["b", 3]}}, "hosts[i][1] is 3", "a text"),
    ({"options": {"y": {"default": 1, "about": "all"}, "x": {"defalt": 1}}},
     "[x]: there is no field 'defalt' (did you mean 'default'?)", "default, about"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "says", "accepted"), CASES)
def test_misfits(changed: dict[str, Any], says: str, accepted: str, tmp_path: Path) -> None:
    path = tmp_path / "misfit.yaml"
    path.write_text(yaml.safe_dump({**BASE, **changed}))
    with pytest.raises(BadInput) as found:
        CATALOGUE.alone(str(path), {}, symmetry=True, algorithm="0.19.1")
    assert says in found.value.problem
    assert accepted in (found.value.accepted or "")


def test_a_long_value_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "misfit.yaml"
    path.write_text(yaml.safe_dump({**BASE, "broker": list(range(100))}))
    with pytest.raises(BadInput) as found:
        CATALOGUE.search(str(path), {}, "0.19.1")
    assert found.value.problem.endswith("..., which is not a text")
    assert len(found.value.problem) < 200


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: x\nname: y", "line 2, column 1: 'name' stands twice here"),
        ("- {at_ms: 1, do: export, cluster: a, do: unexport}", "line 1, column 38: 'do' stands twice here"),
        ("a: [1\nb: {", "line 2, column 2: expected"),
        ("a: " + "[" * 20_000, "nested too deeply"),
        ("a: !!python/object:os.system x", "could not determine a constructor"),
    ],
    ids=["field", "operation", "bracket", "deep", "tag"],
)
def test_what_is_no_yaml_says_where(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "misfit.yaml"
    path.write_text(text)
    with pytest.raises(BadInput) as found:
        CATALOGUE.search(str(path), {}, "0.19.1")
    assert says in found.value.problem
    assert str(path) in found.value.problem


def test_keys_that_another_mapping_brings_may_be_said_again(tmp_path: Path) -> None:
    path = tmp_path / "merged.yaml"
    one = "{at_ms: 1, do: export, cluster: a}"
    path.write_text(f"- &one {one}\n- &two {{<<: *one, at_ms: 2}}\n- {{<<: *two, do: unexport}}\n")
    assert CATALOGUE.search(str(path), {}, "0.19.1") is not None


@pytest.mark.parametrize("text", ["constant 1 + x", "constant 1 +", "+", "soon"])
def test_a_delay_that_is_none_is_told_by_whoever_draws_from_it(text: str, tmp_path: Path) -> None:
    path = tmp_path / "delays.yaml"
    path.write_text(yaml.safe_dump({**BASE, "rtt_ms": 10.0, "delays": {"call": text}}))
    scenario = load(str(path), {})[0]
    assert timing(scenario).delay("call") == text
