"""What the command line finds: scenarios and releases by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.defects.defect import PREFIX
from models.model import ScenarioModel
from models.releases import JUDGED, RELEASES
from models.releases.fleet import Fleet
from models.releases.guards import guards_of
from models.releases.named import release
from models.scenarios import loading, text
from models.scenarios.scenario import COPIES, DATA_PLANE_OPTION, ONLY, WITH_COPIES
from sim.core import BadInput
from sim.core.hunting import Hunter
from sim.core.model import Alone, Defect, Log, Measured, SearchPlan
from sim.core.setting import as_text


class SubmarinerCatalogue:
    """Implements :class:`sim.core.model.Catalogue`."""

    def scenarios(self) -> list[str]:
        return text.names()

    def describe(self, scenario: str) -> tuple[str, dict[str, str]]:
        """What the scenario is about, and its options with default and meaning."""
        loaded, values = loading.load(scenario, {})
        known = loading.options(scenario)
        return loaded.about, {
            f"{name}={as_text(values[name])}": f"{option.about} ({option.accepted()})" for name, option in known.items()
        }

    def everywhere(self) -> dict[str, str]:
        """The settings that every scenario has, with their meaning."""
        return {
            f"{ONLY}=web-1": "restricts the scenario to one of its services",
            f"{COPIES}=on": "how agents copy: on, at once (in one step, and only whether it is there) or off",
            "delay.call=constant 5": "a delay by its name: constant MS, uniform LOW HIGH, lognormal MEDIAN P95 or "
            "rare SHARE LOW HIGH",
        }

    def combined(self) -> dict[str, str]:
        """Algorithms that are made of others, as examples, with their meaning."""
        return {
            '"0.19.1+0.22@b"': "0.22 in cluster b, 0.19.1 in all others",
            '"0.19.1 without GUARD"': "without one of the guards that sim necessity lists",
        }

    def algorithms(self) -> list[str]:
        return list(RELEASES)

    def measured(self) -> list[Measured]:
        """What was measured with the real agent, to be compared with simulated times."""
        from models.measured.operations import measured

        return measured()

    def logs(self, path: str, algorithm: str) -> Iterator[Log]:
        """The ways in which a log of calls may have begun, the likeliest first; each with the model to explain it.

        The algorithm is the one that the log names, unless one is given.

        Raises:
            BadInput: the log cannot be read, or the algorithm is unknown.
        """
        from models.logs.log import logs

        return logs(path, release(algorithm) if algorithm else None)

    def defects(self) -> list[Defect]:
        """Known defects of releases."""
        from models.defects.defect import defects

        return defects()

    def expected(self, scenario: str, settings: dict[str, str]) -> dict[str, str]:
        """What each algorithm is expected to do: "fails" or "holds", which is expected where the file says nothing, but
        for known defects, of which nothing is.
        """
        loaded, values = loading.load(scenario, settings)
        named = {expectation.release: expectation.under(values) for expectation in loaded.expect}
        return named or dict.fromkeys(JUDGED, "" if scenario.startswith(PREFIX) else "holds")

    def settings(self, scenario: str, settings: dict[str, str]) -> dict[str, Any]:
        """The value of every option."""
        return loading.load(scenario, settings)[1]

    def digest(self, scenario: str) -> str:
        loading.content(scenario)  # its options may be such that it needs others than the defaults
        return text.digest(scenario)

    def search(self, scenario: str, settings: dict[str, str], algorithm: str) -> ScenarioModel:
        """The scenario under one algorithm as a search looks at it.

        Raises:
            BadInput: an unknown scenario, option, value or algorithm.
        """
        return ScenarioModel(loading.for_search(scenario, settings)[0], release(algorithm))

    def alone(
        self, scenario: str, settings: dict[str, str], *, symmetry: bool, algorithm: str = ""
    ) -> tuple[list[Alone], str]:
        """The services that a search looks at one by one, or why it must not."""
        from models.scenarios.alone import alone

        found = release(algorithm) if algorithm else None
        return alone(loading.for_search(scenario, settings)[0], symmetry=symmetry, release=found)

    def search_plan(self, scenario: str, settings: dict[str, str]) -> SearchPlan:
        """What a search of the scenario judges, and the settings under which it does."""
        loaded, values = loading.for_search(scenario, settings)
        return SearchPlan(
            {key: as_text(value) for key, value in values.items()},
            tuple(loaded.search.judged),
            loaded.search.may_stop,
            {key: as_text(value) for key, value in loaded.search.set.items() if key == DATA_PLANE_OPTION},
        )

    def model(self, scenario: str, settings: dict[str, str], algorithm: str) -> ScenarioModel:
        """The scenario under one algorithm, ready to run.

        Raises:
            BadInput: an unknown scenario, option, value or algorithm; or one that is for searches alone.
        """
        loaded = loading.load(scenario, settings)[0]
        if loaded.copies != "on":
            raise BadInput(
                f"copies is {loaded.copies}, which is for searches alone: in time, agents would be too fast",
                WITH_COPIES,
            )
        return ScenarioModel(loaded, release(algorithm))

    def hunter(self) -> Hunter:
        """What a hunt is told."""
        from models.hunt.hunter import SubmarinerHunter

        return SubmarinerHunter()

    def guards(self, algorithm: str) -> dict[str, str]:
        """The guards of an algorithm, each with what it does; ``<algorithm> without <guard>`` names it without one."""
        found = release(algorithm)
        return {} if isinstance(found, Fleet) else guards_of(found)


CATALOGUE = SubmarinerCatalogue()
