# gsctl: every target does all the set-up it needs, in .venv beside this file.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
SUDO   := $(if $(filter 0,$(shell id -u)),,sudo )
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo install test test-long lint format bench sensitivity recordings recordings-noise clean python

demo: $(VENV)/.gsctl
	@$(BIN)/gsctl demo

install: $(VENV)/.gsctl

test: $(VENV)/.gsctl-test
	$(BIN)/pytest -n 2 --dist worksteal -m "not long" $(PYTEST_ARGS)

test-long: $(VENV)/.gsctl-test
	$(BIN)/pytest -m long --timeout 14400 $(PYTEST_ARGS)

lint: $(VENV)/.gsctl-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.gsctl-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.gsctl-test
	@$(BIN)/python -m bench.speed
	@$(BIN)/python -m bench.ais cost
	@$(BIN)/python -m bench.passes
	@$(BIN)/python -m bench.front_end

sensitivity: $(VENV)/.gsctl-test
	@$(BIN)/python -m bench.sensitivity

recordings: $(VENV)/.gsctl-test
	@$(BIN)/python -m bench.recordings

recordings-noise: $(VENV)/.gsctl-test
	@$(BIN)/python -m bench.recordings --noise

$(VENV)/.gsctl: pyproject.toml | python
	@echo "gsctl: setting up $(VENV) (once; about a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/.gsctl-test: pyproject.toml | python
	@echo "gsctl: setting up $(VENV) with the test tools (once; about a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --editable '.[test]'
	@touch $(VENV)/.gsctl $@

# The first line of a failure is the command that mends it.
python:
	@command -v $(PYTHON) >/dev/null || { echo "$(SUDO)apt-get install python3 python3-venv"; \
	  echo "gsctl needs $(PYTHON), which is not installed"; exit 1; } >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(SUDO)apt-get install python3.11 python3.11-venv && make PYTHON=python3.11 $(MAKECMDGOALS)"; \
	  echo "gsctl needs Python 3.11 or newer; $(PYTHON) is older"; exit 1; } >&2
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(SUDO)apt-get install python3-venv"; \
	  echo "gsctl needs Python's venv module, which Debian packages apart"; exit 1; } >&2

clean:
	rm -rf $(VENV) build dist *.egg-info gsctl-demo
