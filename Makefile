# gemauth. On a machine that has only Python 3.11 (or later) and make:
#   make demo    the whole main job, narrated and checked   (INTERACTIVE=1 opens your browser)
#   make test    every check and every test
# The other targets are parts of these two. Each says what it does in one line: make help

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

# python3.11 where there is one, otherwise a python3 that is at least 3.11
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

PY := .venv/bin/python
INTEROP_PY := .venv-interop/bin/python
SDKS_PY := .venv-sdks/bin/python
PIP_INSTALL := -m pip install -qq --disable-pip-version-check
CHECKED := .venv/bin

# Runs a command where the kernel knows no network but loopback, if this machine permits it; says so.
LOOPBACK_ONLY = $(PY) tests/guard/loopback_only.py --
PYTEST = $(LOOPBACK_ONLY) $(PY) -m pytest

.PHONY: help
help:  ## this list
	@grep -hE '^[a-z.-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

# ---------------------------------------------------------------- environments

.venv: .venv/.editable  ## build .venv: pinned requirements, gemauth itself in editable mode
.venv-interop: .venv-interop/.stamp  ## build .venv-interop: the official clients, unmodified
.venv-sdks: .venv-sdks/.stamp  ## build .venv-sdks: SDKs with pins of their own, such as LangChain's
.venv-client: .venv-client/.stamp  ## build .venv-client: only what the client needs, for the wheel test
judges: tests/interop/node/node_modules/.stamp  ## install the official clients for Node, unmodified
.PHONY: .venv .venv-interop .venv-sdks .venv-client judges

# Tests start programs of ours by the hundred. Where Python may not keep what it has compiled, it
# compiles them at every start: a quarter of the CPU time of `make processes`.
unexport PYTHONDONTWRITEBYTECODE

# $(call environment,FOLDER,REQUIREMENTS)
define environment
	@test -n "$(PYTHON)" || { echo "gemauth needs Python 3.11 or later; none found on PATH" >&2; exit 1; }
	@echo "== $(1): $$($(PYTHON) --version), $(2)"
	@$(PYTHON) -m venv --clear $(1)
	@$(1)/bin/python $(PIP_INSTALL) --require-hashes --only-binary :all: -r $(2)
endef

.venv/.stamp: requirements/dev.txt
	$(call environment,.venv,requirements/dev.txt)
	@touch $@

.venv/.editable: .venv/.stamp pyproject.toml
	@.venv/bin/python $(PIP_INSTALL) --no-deps --no-build-isolation --no-index -e .
	@touch $@

.venv-interop/.stamp: requirements/interop.txt
	$(call environment,.venv-interop,requirements/interop.txt)
	@touch $@

.venv-sdks/.stamp: requirements/sdks.txt
	$(call environment,.venv-sdks,requirements/sdks.txt)
	@touch $@

tests/interop/node/node_modules/.stamp: tests/interop/node/package-lock.json
	@echo "== the judges for $$(node --version 2>/dev/null || echo 'Node, which is not installed')"
	@if command -v npm >/dev/null; then \
		npm ci --prefix tests/interop/node --ignore-scripts --no-audit --no-fund --silent && touch $@; fi

.venv-client/.stamp: requirements/client.txt
	$(call environment,.venv-client,requirements/client.txt)
	@touch $@

# ---------------------------------------------------------------- the two commands

.PHONY: demo test
demo: .venv .venv-interop  ## run the quickstart from end to end; INTERACTIVE=1 opens your browser
	@INTERACTIVE=$(INTERACTIVE) $(PY) demo/quickstart.py

# What keeps one core busy runs beside another such; coverage and interop keep two busy by themselves.
TWO_AT_ONCE = $(MAKE) --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
test:  ## every check and every test
	@$(TWO_AT_ONCE) .venv .venv-sdks .venv-interop .venv-client judges lint types layers
	@$(MAKE) coverage
	@$(MAKE) interop
	@$(TWO_AT_ONCE) processes crash docs browser fuzz wheel
	@echo "== all checks and tests passed"

# ---------------------------------------------------------------- its parts

.PHONY: lint types layers fast coverage processes fuzz interop browser crash docs wheel
lint: .venv  ## ruff: every rule but the ones argued away in pyproject.toml, and the format
	@echo "== lint"
	@$(CHECKED)/ruff check --quiet .
	@$(CHECKED)/ruff format --quiet --check . || { echo "not formatted: run $(CHECKED)/ruff format on:"; \
		$(CHECKED)/ruff format --check .; exit 1; }

types: .venv  ## mypy --strict on src and tests
	@echo "== types"
	@$(CHECKED)/mypy

layers: .venv  ## import-linter: imports go down only, and every room is placed
	@echo "== layers"
	@$(CHECKED)/lint-imports --no-cache --no-logo

FAST = $(PYTEST) --numprocesses auto \
	-m "not browser and not fuzz and not interop and not crash and not wheel and not docs and not processes"

fast: .venv  ## the fast tests (under two minutes), for while you work
	@echo "== fast tests"
	@$(FAST)

coverage: .venv  ## the same tests, with the coverage floor
	@echo "== fast tests, with coverage"
	@$(FAST) --cov --cov-report=term:skip-covered

processes: .venv  ## programs and emulators started for real: runs, stops, stampedes, races
	@echo "== processes"
	@$(PYTEST) --numprocesses auto -m processes tests/cli tests/client tests/emulator/front \
		tests/emulator/server tests/run tests/testing tests/test_isolation.py tests/test_secrecy.py

fuzz: .venv  ## requests out of form, against a running emulator: no 500, no hang, no defect
	@echo "== fuzz"
	@$(PYTEST) -m fuzz tests/fuzz

interop: .venv .venv-interop .venv-sdks judges  ## the official clients as judges, with no network but loopback
	@echo "== interop: official clients against the emulator"
	@# -W default: warnings are errors in our code, but the judges' own packages may deprecate themselves
	@# two runs beside each other, each in a network of its own: neither counts the other's packets
	@export PYTHONPATH=src; log=$$(mktemp); status=0; \
	{ status=0; \
		$(LOOPBACK_ONLY) $(INTEROP_PY) -m pytest -W default tests/interop/clients || status=$$?; \
		$(LOOPBACK_ONLY) $(SDKS_PY) -m pytest -W default tests/interop/sdks || status=$$?; \
		exit $$status; } >$$log 2>&1 & \
	$(LOOPBACK_ONLY) $(INTEROP_PY) -m pytest -W default tests/interop \
		--ignore=tests/interop/clients || status=$$?; \
	wait $$! || status=$$?; cat $$log; rm -f $$log; exit $$status

browser: .venv  ## the pages in a real headless Chromium; writes screenshots to artifacts/
	@echo "== browser"
	@$(PYTEST) -m browser tests/browser

crash: .venv  ## kill -9 the emulator at random moments; nothing acknowledged may be lost
	@echo "== crash"
	@$(PYTEST) -m crash tests/crash

docs: .venv .venv-interop  ## run every snippet of the documentation, and the demo
	@echo "== docs"
	@$(PYTEST) -m docs tests/docs tests/test_demo.py

wheel: .venv .venv-client  ## build the wheel and try it where only the client's dependencies are
	@echo "== wheel"
	@$(PYTEST) -m wheel tests/test_wheel.py

# ---------------------------------------------------------------- for developers

.PHONY: bench proto facades lock clean
bench: .venv .venv-interop  ## how fast we are, and how fast others: ratios and their targets, 5 minutes
	@$(PY) -m benchmarks

proto: .venv  ## compile the API schema (.proto) into what is shipped and docs/coverage.md
	@$(PY) -m tools.proto

facades: .venv  ## write the typed client's sync and async classes from its flows
	@$(PY) -m tools.facades

# dev is resolved first; runtime and client take their versions from it, so all three agree.
COMPILE = $(CHECKED)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate --no-strip-extras $(UPGRADE)
lock: .venv  ## pin requirements/*.in again with hashes; UPGRADE=--upgrade for newer versions
	@cd requirements && for name in dev runtime client interop sdks; do \
		constraint=""; case $$name in runtime|client) constraint="--constraint dev.txt";; esac; \
		../$(COMPILE) $$constraint $$name.in --output-file $$name.txt; done
	@! grep -nE '://|--(extra-)?index|--find-links|file:' requirements/*.txt

clean:  ## remove the environments and everything generated
	rm -rf .venv .venv-interop .venv-sdks .venv-client tests/interop/node/node_modules build dist artifacts .coverage .coverage.* htmlcov \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests demo -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
