# Everything a developer does. Needs make and Python 3.11 with venv; `make help` lists the targets.
# Another Python: make PYTHON=/path/to/python3.12 setup

.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
STAMP := .venv/.complete
export PYTHON
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup test lint format types contracts pytest lock bench bench-command bench-match demo demo-ready demo-stop clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-13s %s\n", $$1, $$2}' Makefile

setup: $(STAMP)  ## Make .venv with the locked versions and this package in place

# A working .venv is kept and brought up to date; one whose Python is gone is made anew.
$(STAMP): requirements.lock
	@$(BIN)/python -c '' 2>/dev/null || { python=$$(sh .ci/python) && \
	    echo "Making .venv with $$("$$python" --version), about a minute" && \
	    "$$python" -m venv --clear .venv; }
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

test: lint types contracts pytest  ## Everything: lint, format, types, import contracts, all tests

lint: $(STAMP)  ## Lint and check the format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(STAMP)  ## Format, and fix what lint can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(STAMP)  ## mypy --strict
	$(BIN)/mypy --strict syncd connectors

contracts: $(STAMP)  ## Who may import whom
	$(BIN)/lint-imports

pytest: $(STAMP)  ## The tests alone; ARGS="-k name" chooses
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

bench: $(STAMP)  ## What a cycle costs beside a bare script; SIZE=N orders, RUNS=N
	$(BIN)/python -m bench.cycle --size $(or $(SIZE),10000) --runs $(or $(RUNS),3)

bench-command: $(STAMP)  ## The command line of one cold cycle, for another benchmark
	@$(abspath $(BIN))/python $(abspath bench/cycle/__main__.py) --command

bench-match: $(STAMP)  ## How well customers and cards are matched; SEED=N, SIZE=N, or BOOKS, CARDS, TRUTH=FILE
	$(BIN)/python -m bench.match --seed $(or $(SEED),1) --size $(or $(SIZE),20000) \
	    --home $(or $(HOME_COUNTRY),RU) \
	    $(if $(BOOKS),--books $(BOOKS)) $(if $(CARDS),--cards $(CARDS)) $(if $(TRUTH),--truth $(TRUTH))

lock:  ## Choose new versions: write requirements.lock again
	@python=$$(sh .ci/python) && "$$python" -m venv --clear build/lock
	@build/lock/bin/python -m pip install --quiet uv
	build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --upgrade --extra dev --custom-compile-command "make lock" -o requirements.lock pyproject.toml

demo-ready:
	@sh .ci/demo-ready

demo: demo-ready $(STAMP)  ## Real Tryton and BottleCRM with a small company; KEEP=1 leaves them running
	$(BIN)/python -m tests.world.demo $(if $(filter-out 0,$(KEEP)),--keep)

demo-stop: $(STAMP)  ## End what `make demo KEEP=1` left running
	$(BIN)/python -m tests.world.demo --stop

clean:  ## Remove what was built, the environment too
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
