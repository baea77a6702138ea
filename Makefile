# Two commands on a fresh clone: `make demo` shows what the tool does, `make test` checks it.
# Another Python: make PYTHON=python3.12 demo

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test test-slow lint format

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/.installed-plain ## Compare the two example radiographs into demo-output/
	$(BIN)/ptx compare examples/prior.dcm examples/followup.dcm --out demo-output --overwrite

test: lint ## Check style and types, then run every test
	$(BIN)/pytest

test-slow: .venv/.installed-test ## Run the tests that take minutes
	$(BIN)/pytest -m slow

lint: .venv/.installed-test ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/.installed-test ## Bring the sources into the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

audit: ## Look for known vulnerabilities of the pinned packages
	$(PYTHON) tools/audit.py

sbom: .venv/.installed-test ## Write the bill of materials (CycloneDX), weights included, to sbom.cdx.json
	$(BIN)/python tools/sbom.py sbom.cdx.json

# Needs uv (pip install uv). The first line of each file says what it is.
HASHED := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --constraint constraints.txt \
	--generate-hashes --no-annotate --no-header
hashes: ## Write the hashes of all pinned packages
	(head -1 requirements.txt && $(HASHED)) > requirements.new && mv requirements.new requirements.txt
	(head -1 constraints.hashed.txt && $(HASHED) --all-extras) > constraints.new && mv constraints.new constraints.hashed.txt

.venv/.installed-plain: EXTRAS :=
.venv/.installed-test: EXTRAS := [test]

# A change of what is asked for or pinned installs again; anything else finds the environment ready.
.venv/.installed-plain .venv/.installed-test: pyproject.toml constraints.txt
	@echo "Installing into .venv; the first time takes some minutes."
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.$(EXTRAS)' --constraint constraints.txt
	@touch $@
