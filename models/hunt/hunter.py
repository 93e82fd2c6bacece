"""What the models say to a hunt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from models.hunt.cause import cause
from models.hunt.configurations import configurations
from models.hunt.grounds import grounds
from models.hunt.handlers import READ, READ_PER_CLUSTER
from models.hunt.listed import LISTED
from models.hunt.symptoms import JUDGED_BY, blamed, blamed_clusters, symptoms
from models.model import ScenarioModel
from models.releases.named import release
from models.scenarios import loading
from models.submariner.names import aggregate_name
from sim.core import Get
from sim.core.hunting import Cause, Configuration, ListedRace, Moment, Symptom
from sim.core.trace import Step


class SubmarinerHunter:
    """Implements :class:`sim.core.hunting.Hunter`."""

    def configurations(self, budget: str) -> list[Configuration]:
        return configurations(grounds(budget))

    def races(self) -> list[ListedRace]:
        return list(LISTED)

    def model(self, configuration: Configuration, algorithm: str) -> ScenarioModel:
        raw: Any = yaml.safe_load(configuration.text)
        return ScenarioModel(loading.searched(raw, configuration.name), release(algorithm))

    def symptoms(self, model: Any) -> tuple[Symptom, ...]:
        return symptoms(model.topology)

    def given(self, scenario: str) -> Configuration:
        content = loading.content(scenario)
        return Configuration(
            content["name"], content["about"].rstrip("."), (), yaml.safe_dump(content, sort_keys=False)
        )

    def saved(self, configuration: Configuration, symptom: str, expected: Mapping[str, str]) -> str:
        raw: Any = yaml.safe_load(configuration.text)
        raw["search"]["judged"] = [JUDGED_BY[symptom]]
        raw["expect"] = [{"release": name, "verdict": verdict} for name, verdict in sorted(expected.items())]
        return yaml.safe_dump(raw, sort_keys=False, default_flow_style=None, width=110)

    def cause(self, model: Any, symptom: Symptom, steps: Sequence[Step], moment: Moment, get: Get) -> Cause:
        keys, wrong = model.topology.service_keys(), blamed(model.topology, symptom.name, get)
        names = [aggregate_name(key) for key in keys]
        shares = any(names.count(aggregate_name(key)) > 1 for key in wrong or keys)
        per_cluster = model.topology.clusters[0].agent.release.per_cluster
        revision = READ_PER_CLUSTER if per_cluster else READ
        clusters = blamed_clusters(model.topology, symptom.name, get)
        return cause(symptom, steps, moment, wrong, clusters, shares=shares, revision=revision)
