# make demo: audits samples/ and says where the workbooks are · make test: every check that .ci/run makes
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test lint types imports unit docs lock clean

help:
	@echo "make demo   set up, audit samples/, print where the workbooks are"
	@echo "make test   set up, run ruff, mypy, import-linter, the standard's own checks and pytest"
	@echo "make lock   renew requirements.lock and requirements-dev.lock from pyproject.toml"
	@echo "make docs   renew the generated parts of README.md and docs/"

# the locks are complete: --no-deps keeps pip from resolving again (it trips over extras such as coverage[toml] when a
# release newer than the lock exists)
$(VENV)/.run: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("qa-audit needs Python 3.11 or newer; set PYTHON=python3.12, say" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.run
	$(BIN)/qa-audit run samples/*.jsonl samples/*.csv samples/*.xlsx --out out/demo --replace || [ $$? -eq 1 ]

test: lint types imports unit

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

imports: $(VENV)/.dev
	$(BIN)/lint-imports

unit: $(VENV)/.dev
	$(BIN)/qa-audit standard test
	$(BIN)/python -m pytest -n auto

docs: $(VENV)/.dev
	$(BIN)/python docs/generate.py

lock: $(VENV)/.dev
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 pyproject.toml --group build -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 pyproject.toml --group build --group dev -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 pyproject.toml --group build --group dev --group peers -o benchmarks/requirements-peers.lock

clean:
	rm -rf $(VENV) out
