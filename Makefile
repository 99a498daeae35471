# Everything runs in .venv, which each target makes when it is not there.
# On a fresh machine only Python 3.11, make and a package registry are needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
USABLE := $(VENV)/.usable
READY := $(VENV)/.ready
VOCABULARIES := $(VENV)/vocabularies/.ready
REFERENCE := .venv-reference

.PHONY: demo test test-train vocabularies browser slurm check format docs settings bench parity clean

# What users install: quick, so that the demo is.
$(USABLE): pyproject.toml setup.py datasets/rows/_accelerator.c
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[backend]'
	touch $@

$(READY): $(USABLE)
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@

demo: $(USABLE)  ## lint, compile, pin, submit and follow, on this machine
	@bash examples/demo.sh $(BIN)/sftc

test: $(READY) $(VOCABULARIES) browser  ## run the tests
	$(BIN)/pytest -n auto --dist worksteal --quiet --ignore=tests/slurm

test-train: $(READY) slurm  ## run the tests that need a cluster: one of three nodes, on this machine
	$(BIN)/pytest --quiet tests/slurm

vocabularies: $(VOCABULARIES)  ## download real tokenizers and chat templates, for the tests

$(VOCABULARIES): tests/vocabularies.py | $(READY)
	$(BIN)/python tests/vocabularies.py

browser:  ## make sure of the browser in which the backend's page is tested, and of patch
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null && \
		command -v patch >/dev/null || { \
		test "$$(id -u)" = 0 && apt-get update -qq && \
		apt-get install -qq -y --no-install-recommends chromium chromium-driver patch; } || { \
		echo 'The tests need: apt-get install chromium chromium-driver patch' >&2; exit 1; }

slurm:  ## make sure of Slurm, of which the tests start a cluster on loopback
	@command -v sbatch >/dev/null && test -x /usr/sbin/slurmctld -a -x /usr/sbin/munged || { \
		test "$$(id -u)" = 0 && apt-get update -qq && \
		apt-get install -qq -y --no-install-recommends slurm-wlm munge; } || { \
		echo 'The tests need: apt-get install slurm-wlm munge' >&2; exit 1; }

check: $(READY)  ## format, lint, types, layers, schemas
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	mkdir -p $(VENV)/types && ln -sfn "$(CURDIR)" $(VENV)/types/sftc  # mypy wants the root's name
	MYPYPATH=$(VENV)/types:tests:benchmarks $(BIN)/mypy -p sftc
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --check-metaschema schemas/*.schema.json

format: $(READY)  ## rewrite the code as the checks want it
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(READY)  ## write what is made from the code
	$(BIN)/sftc rule --all > docs/rules.md

settings: $(READY)  ## collect the names of settings that released trainers have
	$(BIN)/python tools/trainer_settings.py

bench: $(READY) $(REFERENCE)/.ready  ## time our commands beside the peers'
	$(PYTHON) -m venv --clear .venv-bench
	.venv-bench/bin/pip install --quiet '.[backend]' && rm -rf build *.egg-info
	$(BIN)/python benchmarks/compile.py .venv-bench/bin/sftc $(REFERENCE)/bin/python
	$(BIN)/python benchmarks/data.py .venv-bench/bin/sftc $(REFERENCE)/bin/python
	$(BIN)/python benchmarks/submit.py .venv-bench/bin/sftc
	$(BIN)/python benchmarks/backend.py .venv-bench/bin/sftc
	$(BIN)/python benchmarks/growth.py

parity: $(READY) $(REFERENCE)/.ready  ## compare our payloads and verdicts with the reference client's
	$(BIN)/python tests/parity.py $(REFERENCE)/bin/python
	$(BIN)/python tests/parity_data.py $(REFERENCE)/bin/python
	$(BIN)/python tests/parity_submit.py $(REFERENCE)/bin/python

# The client that exists, from PyPI, in an environment of its own; CI does without it.
$(REFERENCE)/.ready:
	$(PYTHON) -m venv $(REFERENCE)
	$(REFERENCE)/bin/pip install --quiet synth-ai==0.2.24
	touch $@

clean:
	rm -rf $(VENV) .venv-* build *.egg-info datasets/rows/*.so .mypy_cache .pytest_cache .ruff_cache .hypothesis
