# Two commands matter: `make certify` and `make test`. Plain `make` explains itself.
# Needed: Python 3.11 or newer and make. Everything else is installed into .venv.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
# Hundreds of short processes import the same modules: let them keep what they compiled.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
CORE := $(VENV)/.core
FULL := $(VENV)/.full
WORKERS ?= 2
ORDERS ?= 100000
BOTS ?= 50
DURATION ?= 60s
EXAMPLES ?= 10000
EVENTS ?= 10000000
ARGS ?=

PYTHON ?= $(shell for name in python3 python python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$name && break; done)

.PHONY: help certify test lint coverage machines mutants bench soak stress peers repeat clean setup core

help: ## Show this list
	@echo "exchange-conformance: proof that a trading client survives its exchange"
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "Set-up happens by itself, once, in $(VENV). Reports land in reports/latest."
	@echo "ARGS='...' is passed on, for example: make test ARGS='-k book -x'"

certify: $(CORE) ## Prove the reference client: all cases on the embedded simulator
	@$(BIN)/conformance certify $(ARGS)

test: $(FULL) ## Run the project's own tests
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

lint: $(FULL) ## Check style, types and the floors between packages
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

coverage: $(FULL) ## Prove that the tests reach every branch of the model, exchange and evidence
	@$(BIN)/coverage run -m pytest -q -p no:randomly tests/model tests/exchange tests/evidence \
		tests/venues
	@$(BIN)/coverage report --fail-under=100 \
		--include='conformance/model/*,conformance/exchange/*,conformance/evidence/*'
	@$(BIN)/coverage report --fail-under=95 --include='conformance/venues/*'

machines: $(FULL) ## Let 10,000 sequences of commands (EXAMPLES=n) look for a broken promise
	@EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal \
		tests/exchange/test_exchange_machine.py tests/exchange/test_exchange_risk_machine.py

mutants: $(CORE) ## Prove the cases: every faulty client must be caught by those it names
	@$(BIN)/conformance mutants $(ARGS)

bench: $(FULL) ## Measure CPU against floors and peers; writes docs/benchmarks.md
	@$(BIN)/python -m loadtests.bench $(ARGS)

soak: $(CORE) ## Drive the core through 10,000,000 events, place 100,000 orders, live through a day
	@$(BIN)/python -m loadtests.churn --events $(EVENTS)
	@$(BIN)/python -m loadtests.soak --orders $(ORDERS) $(ARGS)
	@$(BIN)/python -m loadtests.day

stress: $(FULL) ## Let 50 bots (BOTS=n) trade at the allowed rate for DURATION (60s); then a ramp
	@$(BIN)/conformance stress --bots $(BOTS) --duration $(DURATION) --workers 2 $(ARGS)
	@$(BIN)/conformance stress --drive locust --lifted --rate 5 --bots $(BOTS) --steps 6 \
		--growth 12 --duration 30s --errors 1 --report reports/knee

peers: $(FULL) ## Let other clients live through a day; writes docs/peer-findings.md
	@$(BIN)/python -m loadtests.peers $(ARGS)

repeat: $(CORE) ## Run all cases 21 times: nothing flagged, one journal, byte for byte
	@$(BIN)/python -m loadtests.repeat $(ARGS)

clean: ## Remove the environment, caches and reports
	rm -rf $(VENV) build dist reports/* .pytest_cache .mypy_cache .ruff_cache
	rm -rf .import_linter_cache .hypothesis .coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup: $(FULL) ## Only set up (certify and test do it by themselves)

core: $(CORE)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed (PYTHON=... picks one)"; exit 2; }
	@echo "setting up $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)
	@$@ -m pip install --quiet --constraint constraints.txt --upgrade pip

# Nothing is compiled in advance: peers bring thousands of modules of which few are imported.
$(CORE): pyproject.toml constraints.txt | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --no-compile --constraint constraints.txt --editable .
	@touch $@

$(FULL): pyproject.toml constraints.txt | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --no-compile --constraint constraints.txt \
		--editable '.[peers,report,load,dev]'
	@touch $@ $(CORE)
