# Two commands: `make demo` shows a live site, `make test` proves it works.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
PY := $(VENV)/bin/python
VENV_MLFLOW ?= .venv-mlflow
VENV_FEAST ?= .venv-feast
PORT ?=
.PHONY: help demo test browser pictures mlflow feast faults rabbit chaos smoke lint format requirements bench-tracking bench-features bench-stores clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.runtime ## Install, start the stores, seed real runs, serve the site (PORT=9000 chooses the port)
	@$(PY) manage.py demo $(if $(PORT),--port $(PORT))

smoke: $(VENV)/.runtime ## The demo on free ports: ask every page and command once, then stop
	@$(PY) manage.py smoke $(ARGS)

test: $(VENV)/.dev ## The whole test suite on real stores
	@$(PY) -m mlplatform_site.testing $(ARGS)

browser: $(VENV)/.dev ## Every page in Chromium: axe, keyboard, phone, dark, without JavaScript
	@$(PY) -m mlplatform_site.testing -n 2 -m browser tests/e2e $(ARGS)

pictures: $(VENV)/.dev ## Take the pictures of README and docs of the running demo (URL=http://127.0.0.1:8000)
	@$(PY) -m tests.e2e.pictures $(or $(URL),http://127.0.0.1:8000) $(ARGS)

mlflow: $(VENV)/.runtime $(VENV_MLFLOW)/.installed ## The unmodified mlflow client, in an environment of its own, against a real site
	@$(VENV_MLFLOW)/bin/python -m pytest -c tests/mlflow_client/pytest.ini tests/mlflow_client $(ARGS)

feast: $(VENV)/.runtime $(VENV_FEAST)/.installed ## The unmodified Feast client, in an environment of its own, against a real site
	@$(VENV_FEAST)/bin/python -m pytest -c tests/feast_client/pytest.ini tests/feast_client $(ARGS)

faults: $(VENV)/.dev ## One fault at a time: crashes at every step, full disks, fail-over, a bad network; the demo started and stopped
	@$(PY) -m mlplatform_site.testing -n 3 --dist loadfile --no-loadscope-reorder --timeout 400 -m "fault and not rabbit" $(ARGS)

rabbit: $(VENV)/.dev ## Tasks and events over RabbitMQ, on a node of its own (needs Debian's rabbitmq-server)
	@$(PY) -m mlplatform_site.testing -m rabbit tests/registry/messaging tests/features/activity tests/analysis/views tests/mlplatform_site/stack tests/chaos $(ARGS)

chaos: $(VENV)/.dev ## The long chaos suite: every server killed under load, ours beside the dual write (15 minutes)
	@$(PY) -m tests.chaos $(ARGS)

bench-tracking: $(VENV)/.runtime $(VENV_MLFLOW)/.installed ## Our tracking API against the newest mlflow server, in turn (half an hour; ARGS=--quick: minutes)
	@$(PY) manage.py benchmark_tracking --mlflow-python $(VENV_MLFLOW)/bin/python --out docs/benchmarks $(ARGS)

bench-features: $(VENV)/.runtime $(VENV_FEAST)/.installed ## Online features against Redis itself and Feast's SDK (5 minutes; ARGS=--quick: one)
	@$(PY) manage.py benchmark_features --feast-python $(VENV_FEAST)/bin/python --out docs/benchmarks $(ARGS)

bench-stores: $(VENV)/.runtime ## PostgreSQL, MongoDB and Redis at the same work (8 minutes; ARGS=--quick: two)
	@$(PY) manage.py benchmark --out docs/benchmarks $(ARGS)
	@$(PY) manage.py write_analysis

lint: $(VENV)/.dev ## ruff, mypy, import-linter, templates, migrations, requirements
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy .
	$(VENV)/bin/lint-imports
	$(VENV)/bin/djlint --quiet --lint --check mlplatform_site registry features analysis
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) -m mlplatform_site.requirements --check

format: $(VENV)/.dev ## Format Python and templates
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	-$(VENV)/bin/djlint --quiet --reformat mlplatform_site registry features analysis

requirements: $(VENV)/.dev ## Export requirements*.txt from pyproject.toml
	$(PY) -m mlplatform_site.requirements

clean: ## Stop the embedded stack and remove what make built
	-@test -x $(PY) && $(PY) manage.py stack reset --yes
	rm -rf $(VENV) $(VENV_MLFLOW) $(VENV_FEAST) staticfiles .mypy_cache .ruff_cache .pytest_cache

# $(call install,an environment,a file of requirements): pip compiles one file at a time, compileall on all cores;
# what it can't compile (some packages carry templates that are named like modules) is nobody's to import.
define install
$(1)/bin/python -m pip install --disable-pip-version-check --quiet --progress-bar on --no-deps --require-hashes --no-compile -r $(2)
@$(1)/bin/python -m compileall -q -j 0 $(1)/lib >/dev/null 2>&1 || true
endef

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	@echo "Installing the runtime (once, about a minute; at the end nothing moves for a while: it unpacks and compiles)"
	@$(call install,$(VENV),$<)
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(VENV)/.runtime
	@echo "Installing the test tools (once, about a minute)"
	@$(call install,$(VENV),$<)
	@touch $@

$(VENV_MLFLOW)/.installed: requirements-mlflow.txt | $(VENV)/bin/python
	@echo "Installing the mlflow client (once, about a minute)"
	@test -x $(VENV_MLFLOW)/bin/python || $(PYTHON) -m venv $(VENV_MLFLOW)
	@$(call install,$(VENV_MLFLOW),$<)
	@touch $@

$(VENV_FEAST)/.installed: requirements-feast.txt | $(VENV)/bin/python
	@echo "Installing the Feast client (once, about a minute)"
	@test -x $(VENV_FEAST)/bin/python || $(PYTHON) -m venv $(VENV_FEAST)
	@$(call install,$(VENV_FEAST),$<)
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make demo PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
