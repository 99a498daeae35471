# Everything runs in .venv, which each target creates if it is missing.
# A fresh machine only needs Python 3.11, make and access to a package registry.
PYTHON ?= python3
PRIME_PYTHON ?= python3.12
VENV ?= .venv
BIN := $(VENV)/bin
USABLE := $(VENV)/.usable
READY := $(VENV)/.ready
TRAINER := $(VENV)/.trainer
MODELS := $(VENV)/models
VOCABULARIES := $(VENV)/vocabularies/.ready
REFERENCE := .venv-reference
TRANSFORMERS := .venv-transformers
PEERS := .venv-peers
FUZZ := .venv-fuzz
RELEASE := .venv-release
SYSTEMS := .venv-targets
CORE := tests/compiler tests/job tests/payloads tests/submitter tests/planning

.PHONY: demo demo-train test test-slow test-times test-train test-wheel coverage targets \
	targets-prime-rl vocabularies browser slurm check format docs docs-links pictures settings bench \
	dist public-types parity parity-train fuzz mutation clean

# Only what users install, so that the demo starts quickly.
$(USABLE): pyproject.toml setup.py datasets/rows/_accelerator.c
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[backend]'
	touch $@

$(READY): $(USABLE)
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@

demo: $(USABLE)  ## lint, compile, pin, submit and follow, on this machine
	@bash examples/demo.sh $(BIN)/sftc

PYTEST := $(BIN)/pytest -n auto --dist worksteal --quiet

test: $(READY)  ## run the fast tests: takes minutes, needs only Python
	$(PYTEST) -m 'not slow' --hypothesis-profile fast -p no:schemathesis

test-slow: $(READY) $(VOCABULARIES) $(SYSTEMS)-services/.ready $(SYSTEMS)-trainjob/.ready browser  ## run the slow tests, and the property tests with all their examples
	$(PYTEST) -n 3 -m 'slow or property'  # three, as many of them wait

test-times: export SFTC_TIMES = 1
test-times: test test-slow  ## time the tests; run it on an otherwise idle machine

coverage: $(READY)  ## check that the tests of the core still reach its coverage floor
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -n auto --dist worksteal --quiet -m 'not slow' \
		--hypothesis-profile fast -p no:schemathesis $(CORE)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# The extra takes minutes and 2 GB to install, so only the targets that need it do so.
$(TRAINER): pyproject.toml | $(USABLE)
	$(BIN)/pip install --quiet --editable '.[train]'
	touch $@

$(MODELS)/.ready: examples/smollm2.py examples/chatml.jinja | $(TRAINER)
	$(BIN)/pip install --quiet gguf
	$(BIN)/python examples/smollm2.py $(MODELS)
	touch $@

demo-train: $(MODELS)/.ready  ## train an adapter of SmolLM2-135M on this machine, fetch it and query it
	@bash examples/demo-train.sh $(BIN) $(MODELS)

test-train: $(TRAINER) $(READY) slurm  ## train a tiny model, inject failures, and run jobs on a small Slurm cluster
	$(BIN)/pytest tests/training_runs tests/slurm -n 3 --dist worksteal --quiet

fuzz: $(FUZZ)/.ready  ## fuzz the parsers: TARGET=toml|rows|artifacts|journal|requests SECONDS=60, or FILE=
	$(FUZZ)/bin/python -m sftc.tests.fuzzing --seconds $(or $(SECONDS),60) \
		$(if $(TARGET),--target $(TARGET)) $(if $(FILE),--file "$(FILE)")

mutation: $(FUZZ)/.ready  ## mutation testing: change the code at random places, MUTANTS=400, and count what the tests miss
	$(FUZZ)/bin/python -m sftc.tools.mutation --count $(or $(MUTANTS),400)

targets: $(READY) $(SYSTEMS)-services/.ready $(SYSTEMS)-trainers/.ready $(SYSTEMS)-llamafactory/.ready \
		$(SYSTEMS)-skypilot/.ready $(SYSTEMS)-trainjob/.ready  ## validate the exported configs with the systems themselves
	$(BIN)/pytest tests/targets/validators --quiet

# Its config package is not on PyPI, and requires Python 3.12.
targets-prime-rl: $(READY)  ## the same for prime-rl, with CHECKOUT=PATH, a clone of its repository
	@test -d "$(CHECKOUT)/packages/prime-rl-configs" || { \
		echo 'Say where a clone of prime-rl is: make targets-prime-rl CHECKOUT=PATH' >&2; exit 1; }
	$(PRIME_PYTHON) -m venv --clear $(SYSTEMS)-prime-rl
	$(SYSTEMS)-prime-rl/bin/pip install --quiet "$(CHECKOUT)/packages/prime-rl-configs" renderers==0.1.12
	$(BIN)/pytest tests/targets/validators/test_trainers.py --quiet -k prime_rl

vocabularies: $(VOCABULARIES)  ## download real tokenizers and chat templates, for the tests

$(VOCABULARIES): tests/support/vocabularies.py | $(READY)
	$(BIN)/python tests/support/vocabularies.py

browser:  ## install what the tests of the backend's page need: Chromium, its driver, and patch
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null && \
		command -v patch >/dev/null || { \
		test "$$(id -u)" = 0 && apt-get update -qq && \
		apt-get install -qq -y --no-install-recommends chromium chromium-driver patch; } || { \
		echo 'The tests need: apt-get install chromium chromium-driver patch' >&2; exit 1; }

slurm:  ## install Slurm, with which the tests start a cluster on loopback
	@command -v sbatch >/dev/null && test -x /usr/sbin/slurmctld -a -x /usr/sbin/munged || { \
		test "$$(id -u)" = 0 && apt-get update -qq && \
		apt-get install -qq -y --no-install-recommends slurm-wlm munge; } || { \
		echo 'The tests need: apt-get install slurm-wlm munge' >&2; exit 1; }

check: $(READY)  ## check formatting, lint, types, import layers and schemas
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	mkdir -p $(VENV)/types && ln -sfn "$(CURDIR)" $(VENV)/types/sftc  # mypy wants the root's name
	MYPYPATH=$(VENV)/types:tests/support:tests/parity:benchmarks $(BIN)/mypy -p sftc
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --check-metaschema schemas/*.schema.json

format: $(READY)  ## format the code and apply lint fixes
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(READY)  ## regenerate the reference pages, and build the documentation site in build/docs
	$(BIN)/sftc rule --all > docs/rules.md
	$(BIN)/python tools/training_keys.py
	$(BIN)/python tools/planning_tables.py
	$(BIN)/python -m sftc.tools.docs
	$(BIN)/python tools/pictures/bars.py
	$(BIN)/python -m sphinx -W --keep-going -n -q -b html -d build/doctrees docs build/docs
	@echo 'Open build/docs/index.html.'

pictures: $(READY) $(MODELS)/.ready browser  ## regenerate the documentation's pictures; one trains a small model
	$(BIN)/python -m sftc.tools.pictures --models $(MODELS)

docs-links:  ## list the external links of the documentation
	$(PYTHON) tools/external_links.py

settings: $(READY)  ## collect the names of settings in released trainers
	$(BIN)/python tools/trainer_settings.py

dist: $(RELEASE)/.ready  ## build the sdist and the wheel into dist/, and check them
	rm -rf dist
	$(RELEASE)/bin/python -m build --quiet
	$(RELEASE)/bin/twine check --strict dist/*
	$(RELEASE)/bin/check-wheel-contents dist/*.whl

test-wheel: dist  ## test the built wheel without the source tree, on each installed Python
	tools/test_wheel.sh dist/*.whl $(foreach version,3.11 3.12 3.13,$(shell \
		python$(version) -c 'import sys; print(sys.executable)' 2>/dev/null))

public-types: dist  ## check the types of the public API as mypy and pyright see the wheel
	$(PYTHON) -m venv --clear $(RELEASE)-types
	$(RELEASE)-types/bin/pip install --quiet basedpyright mypy "$$(ls dist/*.whl)[backend,targets,tokens]"
	cp tests/packaging/consumer.py $(RELEASE)-types/
	cd $(RELEASE)-types && bin/python ../tools/public_api_types.py consumer.py

$(RELEASE)/.ready:
	$(PYTHON) -m venv $(RELEASE)
	$(RELEASE)/bin/pip install --quiet build check-wheel-contents twine
	touch $@

bench: $(READY) $(REFERENCE)/.ready $(PEERS)/.ready $(TRANSFORMERS)/.ready $(VOCABULARIES)  ## benchmark sftc against other tools
	$(PYTHON) -m venv --clear .venv-bench
	.venv-bench/bin/pip install --quiet '.[backend,tokens]' && rm -rf build *.egg-info
	$(BIN)/python benchmarks/compile.py .venv-bench/bin/sftc $(REFERENCE)/bin/python
	$(BIN)/python benchmarks/data.py .venv-bench/bin/sftc $(REFERENCE)/bin/python \
		$(PEERS)/bin/python
	$(BIN)/python benchmarks/tokens.py .venv-bench/bin/sftc $(TRANSFORMERS)/bin/python \
		$(VENV)/vocabularies
	$(BIN)/python benchmarks/submit.py .venv-bench/bin/sftc
	$(BIN)/python benchmarks/backend.py .venv-bench/bin/sftc
	$(BIN)/python benchmarks/growth.py

parity: $(READY) $(REFERENCE)/.ready $(PEERS)/.ready  ## compare payloads and verdicts with the reference client's
	PYTHONPATH=tests/support $(BIN)/python tests/parity/parity.py $(REFERENCE)/bin/python
	PYTHONPATH=tests/support $(BIN)/python tests/parity/parity_data.py $(REFERENCE)/bin/python
	PYTHONPATH=tests/support $(BIN)/python tests/parity/parity_peers.py $(PEERS)/bin/python
	PYTHONPATH=tests/support $(BIN)/python tests/parity/parity_submit.py $(REFERENCE)/bin/python

parity-train: $(TRAINER) $(READY) $(REFERENCE)/.ready  ## train a tiny model through the reference client
	PYTHONPATH=tests/support $(BIN)/python tests/parity/parity_train.py $(REFERENCE)/bin/python

# The reference client from PyPI, in its own environment; CI does not use it.
$(REFERENCE)/.ready:
	$(PYTHON) -m venv $(REFERENCE)
	$(REFERENCE)/bin/pip install --quiet synth-ai==0.2.24
	touch $@

# What TRL prepares datasets with, which needs no torch.
$(TRANSFORMERS)/.ready:
	$(PYTHON) -m venv $(TRANSFORMERS)
	$(TRANSFORMERS)/bin/pip install --quiet 'transformers>=5.24,<6' 'datasets>=4' jinja2
	touch $@

# Other dataset validators, whose verdicts are recorded in tests/datasets/peers.
$(PEERS)/.ready:
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/pip install --quiet parallelogram==0.4.2 finelint==0.2.0 together==3.1.1
	touch $@

# The fuzzer, built for some Python versions only, and the per-test coverage recorder.
$(FUZZ)/.ready: pyproject.toml
	$(PYTHON) -m venv $(FUZZ)
	$(FUZZ)/bin/pip install --quiet --editable '.[backend,dev]' atheris==3.0.0 'coverage>=7.6'
	touch $@

# The systems that jobs are exported to, in separate environments because their versions conflict.
# The SDKs of the services are small, so the tests always use them.
$(SYSTEMS)-services/.ready:
	$(PYTHON) -m venv $(SYSTEMS)-services
	$(SYSTEMS)-services/bin/pip install --quiet openai==3.51.0 together==3.1.1 fireworks-ai==1.2.30
	touch $@

# Axolotl's requirements include a trainer with kernels, which its schema does not need.
$(SYSTEMS)-trainers/.ready:
	$(PYTHON) -m venv $(SYSTEMS)-trainers
	$(SYSTEMS)-trainers/bin/pip install --quiet torch trl==1.16.0 transformers==5.24.0 \
		peft pydantic annotated-types pillow
	$(SYSTEMS)-trainers/bin/pip install --quiet --no-deps axolotl==0.19.0
	touch $@

# LLaMA-Factory's requirements include a web interface, which its parser does not need.
$(SYSTEMS)-llamafactory/.ready:
	$(PYTHON) -m venv $(SYSTEMS)-llamafactory
	$(SYSTEMS)-llamafactory/bin/pip install --quiet torch transformers==5.6.0 \
		'trl<=0.24.0' 'peft<=0.18.1' 'accelerate<=1.11.0' 'datasets<=4.0.0' omegaconf
	$(SYSTEMS)-llamafactory/bin/pip install --quiet --no-deps llamafactory==0.9.5
	touch $@

# The manifest parsers. SkyPilot installs its server's libraries; Kubeflow's models are small.
$(SYSTEMS)-skypilot/.ready:
	$(PYTHON) -m venv $(SYSTEMS)-skypilot
	$(SYSTEMS)-skypilot/bin/pip install --quiet skypilot==0.14.1
	touch $@

$(SYSTEMS)-trainjob/.ready:
	$(PYTHON) -m venv $(SYSTEMS)-trainjob
	$(SYSTEMS)-trainjob/bin/pip install --quiet kubeflow-trainer-api==2.3.0 pyyaml
	touch $@

clean:
	rm -rf $(VENV) .venv-* build dist *.egg-info datasets/rows/*.so .mypy_cache .pytest_cache .ruff_cache .hypothesis
