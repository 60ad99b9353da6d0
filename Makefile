.DEFAULT_GOAL := help
.PHONY: help setup check test matrix bench real demo up down provider contracts lock
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
name ?=
ARGS ?=

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv with everything of requirements-dev.lock; instant when it is there
	@:

check: $(READY) ## format, lint, types, import rules, generated files current
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m contracts.generate --check

# Tests wait more than they work: more workers than cores. They share one Kafka and one PostgreSQL.
test: $(READY) ## run all tests; ARGS="-k name" runs some, ARGS="-n 0" without workers
	$(BIN)/python -m pytest --reruns 2 --reruns-delay 1 -n 3 $(ARGS)

matrix: $(READY) ## run the feature matrix, rows by providers, and print it; ARGS="-k row_name"
	-$(BIN)/python -m pytest -m matrix -n 3 tests/matrix $(ARGS)
	$(BIN)/python -m tests.matrix

bench: $(READY) ## measure speed and memory, each figure beside its goal
	$(BIN)/python -m tests.bench $(ARGS)

real: $(READY) ## 25,900 real documents into each ledger; ARGS="--data FILE --only xero --failing"
	$(BIN)/python -m tests.real $(ARGS)

demo: $(READY) ## run the whole system once, on this machine; ARGS="--keep" leaves it running
	$(BIN)/ledgerbridge demo $(ARGS)

up: $(READY) ## start the stack and the services; ARGS="--sandbox" for the vendors' simulators
	$(BIN)/ledgerbridge up $(ARGS)

down: $(READY) ## stop what `make up` started
	$(BIN)/ledgerbridge down $(ARGS)

provider: $(READY) ## lay out a new provider: make provider name=acme
	@test -n "$(name)" || { echo "Which one? make provider name=acme" >&2; exit 2; }
	$(BIN)/ledgerbridge provider $(name)

contracts: $(READY) ## generate the JSON Schemas and asyncapi.yaml from contracts/
	$(BIN)/python -m contracts.generate

lock: $(READY) ## resolve both lock files again from pyproject.toml
	$(BIN)/uv pip compile $(RESOLVE) pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile $(RESOLVE) --extra local --extra dev -c requirements.lock \
		pyproject.toml -o requirements-dev.lock

RESOLVE := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links

# pip install takes a minute, so the stamp remembers what it was done for.
$(READY): requirements-dev.lock pyproject.toml
	@python=; \
	for found in $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3 python; do \
		if $$found -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			python=$$found; break; \
		fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Ledgerbridge needs Python 3.11 or newer, and none was found: install it, or say make PYTHON=/path/to/python3.11" >&2; \
		exit 1; \
	fi; \
	if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "Setting up $(VENV) with $$($$python --version); the first time this takes a minute or two."; \
		$$python -m venv --clear $(VENV) || { \
			echo "Python's venv module did not work: install it (on Debian and Ubuntu: apt install python3-venv)." >&2; \
			exit 1; \
		}; \
	fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation -e .
	@touch $@
