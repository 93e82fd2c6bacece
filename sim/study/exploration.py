"""Explorations from Python, for notebooks: the same runs, tables and pictures as on the command line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.core.errors import BadInput, unknown
from sim.study.campaign import Plan, campaign, one
from sim.study.conclude import conclude
from sim.study.find import catalogue
from sim.study.rows import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.timed.run import Run


class Exploration:
    """The rows and the summary of a campaign, and its shortest failing run."""

    def __init__(self, plan: Plan, jobs: int) -> None:
        self.plan = plan
        self.rows = campaign(plan, jobs, lambda _: None)
        self.summary, self._shown = conclude(plan, self.rows)

    def __repr__(self) -> str:
        return f"Exploration of {self.plan.scenario}: {len(self.rows)} runs"

    def frame(self) -> pd.DataFrame:
        """One row per run, with the columns of :class:`sim.study.rows.Row`."""
        import msgspec
        import pandas as pd

        return pd.DataFrame([msgspec.structs.asdict(row) for row in self.rows])

    def table(self) -> pd.DataFrame:
        """Outcomes by algorithm: how many runs, and the exact 95 % interval of their share in percent."""
        import pandas as pd

        columns = {}
        for each in self.summary.algorithms:
            shares = [each.outcomes[outcome] for outcome in OUTCOMES]
            columns[each.algorithm] = [f"{s.count} [{100 * s.low:.1f}, {100 * s.high:.1f}]" for s in shares]
        return pd.DataFrame(columns, index=pd.Index(OUTCOMES, name="outcome"))

    def timeline(self) -> list[str]:
        """The shortest failing run in at most 8 lines; none if no run failed."""
        return self.summary.failure.timeline if self.summary.failure else []

    def lanes(self) -> Figure:
        """The lanes of the shortest failing run, or of one that is worth a look.

        Raises:
            BadInput: no run was made.
        """
        from sim.report import figures_lanes
        from sim.study.publish import lanes_of

        if self._shown is None:
            raise BadInput("no run was made, so there is none to be shown", "at least one seed")
        return figures_lanes.lanes(lanes_of(self._shown))

    def outcomes(self) -> Figure:
        """Outcomes by algorithm, as a picture."""
        from sim.report import figures

        return figures.outcomes(self.summary)

    def replay(self, seed: int, algorithm: str) -> Run:
        """One run again, with every step."""
        return one(self.plan, algorithm, seed, record=True)


def explore(
    scenario: str = "incident",
    seeds: int | range = 100,
    algorithms: Sequence[str] = (),
    jobs: int | None = None,
    **settings: Any,
) -> Exploration:
    """Run a scenario with the same seeds under every algorithm. A name with a dot is passed in a dict: ``**{...}``.

    Raises:
        BadInput: an unknown scenario, algorithm or option, or a value that is not accepted.
    """
    chosen = range(seeds) if isinstance(seeds, int) else seeds
    if not chosen or chosen.step != 1 or chosen.start < 0:
        raise BadInput(f"seeds {seeds!r}", "a count above 0, or a range of step 1 from 0 upwards")
    found = catalogue()
    texts = tuple(sorted((name, str(value)) for name, value in settings.items()))
    expected = found.expected(scenario, dict(texts))
    for algorithm in algorithms:
        if algorithm not in found.algorithms():
            raise unknown("algorithm", algorithm, found.algorithms())
    plan = Plan(scenario, texts, tuple(algorithms) or tuple(expected), chosen.start, chosen.stop)
    return Exploration(plan, jobs or os.cpu_count() or 1)
