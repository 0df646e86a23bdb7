# What people and machines type. `make help` lists it.
BIN := .venv/bin
PYTEST_ARGS ?=
GOVERNED := domain/charter/*,domain/governance/*,domain/clocks.py,domain/calendars.py,domain/deciding.py
GOVERNED_TESTS := $(addprefix tests/rules/test_,$(addsuffix .py,afterwards agreements amendments authority charter_defaults charters \
	clerk clocks conditions corrections decisions governance judging pauses settings starting_clocks told votes what_if))

.DEFAULT_GOAL := help
.PHONY: help setup test chaos broker pm4py browser check format demo coverage mutants bench lock clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install the locked packages into .venv (nothing to do when they are there)
	@scripts/setup

test: setup broker pm4py browser ## Run the tests, on SQLite, PostgreSQL and Kafka (PYTEST_ARGS="-m 'not kafka'" does without a broker)
	@$(BIN)/pytest $(PYTEST_ARGS)

pm4py:
	@$(if $(findstring not pm4py,$(PYTEST_ARGS)),,scripts/pm4py)

browser:
	@$(if $(findstring not browser,$(PYTEST_ARGS)),,scripts/browser)

chaos: setup broker ## Kill and pause nodes of a three-node Kafka cluster while records flow (minutes)
	@$(BIN)/pytest -m chaos $(PYTEST_ARGS)

broker:
	@$(if $(findstring not kafka,$(PYTEST_ARGS)),,scripts/broker)

check: setup ## Lint, format, types and walls: what must be clean before a commit
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: setup ## Rewrite the sources as the formatter wants them
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

demo: setup ## Show one alliance and one real history, in under a minute
	@$(BIN)/cynosure demo

coverage: setup ## Run the quick tests of charters and clocks, and fail where one branch of them is not taken
	@$(BIN)/coverage run -m pytest -q -k "not less_than_a_second" $(GOVERNED_TESTS)
	@$(BIN)/coverage report --include='$(GOVERNED)' --fail-under=100

mutants: setup ## Change the rules one by one and see a test fail each time (ONLY="domain.corrections*" for some)
	@$(BIN)/mutmut run $(if $(ONLY),"$(ONLY)") && $(BIN)/mutmut results | grep -v "not checked"

bench: setup ## Measure against floors and peers; results go to bench/results (EVENTS=10000000 for the run that measures memory)
	@$(BIN)/python -m bench $(if $(EVENTS),--events $(EVENTS))

lock: setup ## Resolve requirements/*.in anew into hash-pinned locks (UPGRADE=1 takes newer versions)
	@scripts/lock $(if $(UPGRADE),--upgrade)

clean: ## Remove the environment and everything else that was made
	@rm -rf .venv .cache build dist .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache mutants
