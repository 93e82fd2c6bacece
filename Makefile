# Two commands, each complete on a fresh machine with Python 3.11 and make:
#   make explore   runs the main job        make test   runs the tests
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ARGS ?=

# `make deep` runs what takes hours: random models by the thousand, and the large spaces.
.PHONY: explore test deep check lint types imports bench calibrate outcomes study verdicts growth hunt releases fidelity clean
explore: $(READY)
	$(BIN)/python -m sim explore --seeds 1000 $(ARGS)

test: $(READY)
	$(BIN)/python -m pytest -n auto $(ARGS)

deep: $(READY)
	EXAMPLES=10000 $(BIN)/python -m pytest -n auto -m "deep or not deep" tests/explore tests/models/test_namespaces.py $(ARGS)

check: lint types imports test

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python -m benchmarks $(ARGS)

calibrate: $(READY)
	$(BIN)/python -m sim calibrate --out results/calibration

outcomes: $(READY)
	mkdir -p results/outcomes
	$(BIN)/python -m benchmarks outcomes > results/outcomes/outcomes.txt

study: $(READY) verdicts
	$(BIN)/python -m sim explore --seeds 1000 --out results/incident --replace
	$(BIN)/python -m sim explore --scenario re-export --seeds 200 --out results/re-export --replace

verdicts: $(READY)
	mkdir -p results/verdicts
	$(BIN)/python -m sim check incident --exhaustive > results/verdicts/incident.txt
	$(BIN)/python -m sim check incident --set exporters=[b] --algorithm 0.19.1 > results/verdicts/incident-b.txt
	$(BIN)/python -m sim check incident --set reboot=resume-flushed --set data_plane=on --property D2 --algorithm 0.19.1 --exhaustive \
	  > results/verdicts/resume-flushed.txt || test $$? -eq 1
	$(BIN)/python -m sim check flushed > results/verdicts/flushed.txt
	$(BIN)/python -m sim check shared-name --algorithm level > results/verdicts/shared-name.txt
	$(BIN)/python -m sim check gone-exporter --exhaustive > results/verdicts/gone-exporter.txt
	$(BIN)/python -m sim check flushed --set second=coredns --property D1 > results/verdicts/flushed-coredns.txt || test $$? -eq 1
	$(BIN)/python -m sim compare 0.19.0 0.19.1 > results/verdicts/compare.txt
	$(BIN)/python -m sim necessity > results/verdicts/necessity.txt
	$(BIN)/python -m sim outcomes --set before="imports lost" --algorithm 0.19.1 > results/verdicts/after-a-loss.txt
	$(BIN)/python -m sim outcomes --set before="imports lost" --set way=processes --algorithm 0.19.1 > results/verdicts/after-a-loss-real-server.txt

hunt: $(READY)
	$(BIN)/python -m sim hunt --algorithm 0.19.1 --budget small --out results/hunt || test $$? -eq 1
	$(BIN)/python -m sim hunt --algorithm level --budget small --no-releases --out results/hunt-level || test $$? -eq 1
	$(BIN)/python -m benchmarks proposed > results/proposed/proposed.md
	$(BIN)/python -m benchmarks proposed level > results/proposed/level.md

releases: $(READY)
	mkdir -p results/releases
	$(BIN)/python -m sim releases --quick > results/releases/quick.txt

fidelity: $(READY)
	$(BIN)/python -m benchmarks fidelity results/fidelity

growth: $(READY)
	$(BIN)/python -m benchmarks growth results/growth
	$(BIN)/python -m benchmarks estimates > results/growth/estimates.txt

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $(READY)

clean:
	rm -rf $(VENV) build *.egg-info
