"""The summary as text: a golden screen, and what must hold for any summary."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from sim.report.text import WIDTH, headline, render, render_json
from sim.study.rows import OUTCOMES, AlgorithmSummary, Failure, Paired, Quantiles, Share, Summary
from sim.study.statistics import exact_interval, mcnemar_exact
from sim.study.store import as_json

GOLDEN = Path(__file__).parent / "golden" / "summary.txt"
LINES_MAX = 45


def outcomes(*counts: int) -> dict[str, Share]:
    of = sum(counts)
    return {
        outcome: Share(count, of, *exact_interval(count, of)) for outcome, count in zip(OUTCOMES, counts, strict=True)
    }


OLD = AlgorithmSummary(
    algorithm="0.19.0",
    expected="fails",
    verdict="fails",
    runs=1000,
    outcomes=outcomes(831, 44, 0, 12, 113),
    exports_lost_mean=1.618,
    dns_failed_minutes=Quantiles(9.21, 9.87),
    connect_failed_minutes=Quantiles(9.22, 9.88),
    loss_minutes=Quantiles(9.1, 9.7),
    not_at_rest=0,
)
NEW = AlgorithmSummary(
    algorithm="0.19.1",
    expected="holds",
    verdict="holds",
    runs=1000,
    outcomes=outcomes(0, 0, 3, 0, 997),
    exports_lost_mean=0.0,
    dns_failed_minutes=Quantiles(0.61, 0.912),
    connect_failed_minutes=Quantiles(0.63, 1.004),
    loss_minutes=Quantiles(0.0, 0.0),
    not_at_rest=0,
)
SUMMARY = Summary(
    scenario="incident",
    settings={"reboot": "restart", "services": 4, "rtt_ms": 1.0, "broker": "a", "monitor": "off"},
    seeds="0..999",
    asked=2000,
    done=2000,
    exports=4,
    observed_minutes=10.0,
    algorithms=[OLD, NEW],
    paired=[Paired("0.19.0", "0.19.1", 0, 831, 0, 169, mcnemar_exact(831, 0))],
    failure=Failure(
        seed=17,
        algorithm="0.19.0",
        timeline=[
            "    0.000 s  host-1 reboots, and with it both clusters and the broker",
            "   21.412 s  the agent of b starts; its list of local imports is empty",
            "   21.640 s  the agent of b takes the aggregate for a leftover, because no local import stands for it yet",
            "   21.655 s  the agent of b removes itself from the aggregate",
            "   22.018 s  the agent of a removes its copy, as the aggregate is gone",
        ],
        token="run1." + "eJxVjE0KwjAQRu8y6zYk0WqTvVcoLmUwYxtokjKZgih6d4MguHvf3-MFrRQJ" * 2 + ".1234abcd",
        command="sim replay run1." + "eJxVjE0KwjAQRu8y6zYk0WqTvVcoLmUwYxtokjKZgih6d4MguHvf3-MFrRQJ" * 2 + ".1234abcd",
    ),
    as_expected=True,
    notes=["3 runs of 0.19.1 say Ready=True for an export that is still being synced"],
    assumptions=["boot takes 8 to 20 s", "the broker answers within 2 s of its start", "no other controller writes"],
)


def changed(**values: object) -> Summary:
    return msgspec.structs.replace(SUMMARY, **values)


def algorithm(name: str, **values: object) -> AlgorithmSummary:
    return msgspec.structs.replace(NEW, algorithm=name, **values)


def test_the_screen(request: pytest.FixtureRequest) -> None:
    text = render(SUMMARY)
    if request.config.getoption("--update-goldens", default=False):
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()


def test_the_screen_fits() -> None:
    lines = render(SUMMARY).splitlines()
    assert len(lines) <= LINES_MAX
    assert [line for line in lines if len(line) > WIDTH and "run1." not in line] == []
    assert [line for line in lines if line != line.rstrip()] == []


def test_the_headline_answers_the_question() -> None:
    calm = changed(algorithms=[msgspec.structs.replace(OLD, outcomes=outcomes(831, 0, 0, 0, 169)), NEW])
    assert headline(calm) == (
        "incident: 0.19.0 loses the import for ever in 831 of 1000 seeds, as expected; "
        "0.19.1 in none of 1000, as expected."
    )


def test_the_headline_tells_other_ends() -> None:
    never = algorithm("never", expected="fails")
    assert headline(changed(algorithms=[never])) == (
        "incident: never loses the import for ever in none of 1000 seeds, not as expected."
    )
    temporary = algorithm("new", verdict="fails", outcomes=outcomes(0, 12, 0, 0, 988))
    assert "new in none of 1000 (temporarily in 12), not as expected" in headline(changed(algorithms=[OLD, temporary]))
    open_ = algorithm("open", verdict="unknown")
    assert "open in none of 1000, undetermined." in headline(changed(algorithms=[OLD, open_]))
    free = algorithm("free", expected="")
    assert "free in none of 1000." in headline(changed(algorithms=[OLD, free]))


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (mcnemar_exact(0, 0), "p = 1"),
        (mcnemar_exact(407, 0), "p = 6.1e-123"),
        (mcnemar_exact(5, 0), "p = 0.062"),
        (mcnemar_exact(2000, 0), "p < 1e-300"),
    ],
)
def test_the_probability(p: float, words: str) -> None:
    text = render(changed(paired=[Paired("0.19.0", "0.19.1", 0, 1, 0, 1, p)]))
    assert f"McNemar's exact test: {words}\n" in text


def test_more_algorithms_go_below_each_other_and_their_pairs_into_a_list() -> None:
    names = ["0.18.4", "0.19.0", "0.19.1", "with-a-rather-long-name"]
    pairs = [Paired(one, other, 1, 20, 300, 4000, 0.5) for one in names for other in names if one < other]
    text = render(changed(algorithms=[algorithm(name) for name in names], paired=pairs))
    assert text.count("\noutcome") == text.count("\nfine") == 2
    assert "  0.18.4, with-a-rather-long-name           1        20       300     4000  p = 0.5" in text
    assert [line for line in text.splitlines() if len(line) > WIDTH and "run1." not in line] == []


def test_three_algorithms_fit_beside_each_other_even_where_all_runs_agree() -> None:
    always = [algorithm(name, outcomes=outcomes(1000, 0, 0, 0, 0)) for name in ("0.19.0", "0.19.1", "proposed")]
    text = render(changed(algorithms=always, paired=[]))
    assert text.count("\noutcome") == 1
    assert text.count("1000 100.0 % [99.6, 100.0]") == 3
    assert [line for line in text.splitlines() if len(line) > WIDTH and "run1." not in line] == []


def test_an_interrupted_study_says_so() -> None:
    none = algorithm("0.19.1", runs=0, verdict="unknown", outcomes=outcomes(0, 0, 0, 0, 0))
    empty = Paired("0.19.0", "0.19.1", 0, 0, 0, 0, 1.0)
    text = render(changed(done=412, algorithms=[OLD, none], paired=[empty], as_expected=None))
    assert "interrupted: 412 of 2000 runs done\n" in text
    assert "0.19.1 was not run." in text
    assert "the same seeds" not in text
    assert text.endswith("\nexit 3: undetermined: runs of 0.19.1 are missing\n")


def test_a_study_without_a_run_is_still_told() -> None:
    none = algorithm("0.19.1", runs=0, verdict="unknown", outcomes=outcomes(0, 0, 0, 0, 0))
    text = render(changed(done=0, algorithms=[none], paired=[], failure=None, as_expected=None))
    assert text.startswith("incident: no run was made.\n")


def test_runs_that_did_not_come_to_rest_are_counted() -> None:
    restless = algorithm("0.19.1", verdict="unknown", not_at_rest=7)
    text = render(changed(algorithms=[OLD, restless], as_expected=None))
    assert "\nnot at rest          0" in text
    assert text.endswith("\nexit 3: undetermined: 0.19.1 did not come to rest in 7 of 1000 runs\n")


def test_the_last_line_says_what_the_exit_code_means() -> None:
    assert render(SUMMARY).endswith("\nexit 0: as expected\n")
    wrong = changed(algorithms=[OLD, algorithm("0.19.1", verdict="fails")], as_expected=False)
    assert render(wrong).endswith("\nexit 1: not as expected: 0.19.1 was expected to hold and fails\n")
    free = changed(algorithms=[algorithm("mine", expected="")], as_expected=None)
    assert render(free).endswith("\nexit 3: undetermined: nothing was expected\n")


def test_a_long_timeline_keeps_its_beginning_and_its_end() -> None:
    assert SUMMARY.failure is not None
    timeline = [f"{index:9.3f} s  step {index}" for index in range(20)]
    text = render(changed(failure=msgspec.structs.replace(SUMMARY.failure, timeline=timeline)))
    assert [line.split("  ")[-1] for line in text.splitlines() if " s  step " in line] == [
        f"step {index}" for index in (0, 1, 2, 16, 17, 18, 19)
    ]
    assert "... 13 lines left out" in text


def test_a_long_command_can_be_pasted() -> None:
    assert SUMMARY.failure is not None
    command = "sim replay " + " ".join(f"--setting option-{index}=value-{index}" for index in range(8))
    text = render(changed(failure=msgspec.structs.replace(SUMMARY.failure, command=command)))
    shown = text[text.index("replay  ") + len("replay  ") :].split("\n\n", maxsplit=1)[0]
    assert max(len(line) for line in shown.splitlines()) <= WIDTH
    assert " ".join(shown.replace("\\\n", "").split()) == command


def test_a_single_failure_only() -> None:
    assert "shortest failing run" not in render(changed(failure=None))


def test_json_is_that_of_the_folder() -> None:
    assert render_json(SUMMARY) == as_json(SUMMARY)
    assert msgspec.json.decode(render_json(SUMMARY), type=Summary) == SUMMARY
