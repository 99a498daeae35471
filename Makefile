# Everything runs in .venv, which each target makes when it is not there.
# On a fresh machine only Python 3.11, make and a package registry are needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check format bench parity clean

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@

demo: $(READY)  ## compile an example and look at the payload
	@echo '$$ sftc compile examples/qlora.toml'
	@$(BIN)/sftc compile examples/qlora.toml
	@echo
	@echo '$$ sftc lint examples/broken.toml'
	@$(BIN)/sftc lint examples/broken.toml || true

test: $(READY)  ## run the tests
	$(BIN)/pytest

check: $(READY)  ## format, lint, types, layers, schemas
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	mkdir -p $(VENV)/types && ln -sfn "$(CURDIR)" $(VENV)/types/sftc  # mypy wants the root's name
	MYPYPATH=$(VENV)/types:tests $(BIN)/mypy -p sftc
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --check-metaschema schemas/*.schema.json

format: $(READY)  ## rewrite the code as the checks want it
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:
	rm -rf $(VENV) .venv-* build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
