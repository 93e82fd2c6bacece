"""What the models say to a hunt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from models.hunt.configurations import configurations
from models.hunt.grounds import grounds
from models.hunt.signature import cause
from models.hunt.symptoms import symptoms
from models.model import ScenarioModel
from models.releases.named import release
from models.scenarios.scenario import searched
from sim.core.hunting import Cause, Configuration, Moment, Symptom
from sim.core.trace import Step


class SubmarinerHunter:
    """Implements :class:`sim.core.hunting.Hunter`."""

    def configurations(self, budget: str) -> list[Configuration]:
        return configurations(grounds(budget))

    def model(self, configuration: Configuration, algorithm: str) -> ScenarioModel:
        raw: Any = yaml.safe_load(configuration.text)
        return ScenarioModel(searched(raw, configuration.name), release(algorithm))

    def symptoms(self, model: Any) -> tuple[Symptom, ...]:
        return symptoms(model.topology)

    def cause(self, model: Any, symptom: Symptom, steps: Sequence[Step], moment: Moment) -> Cause:
        return cause(symptom, steps, moment)
