# `make X` is `inv X` in the project's own environment, .venv, which is made on first use.
# `make` alone is `make preview`, `make help` lists the commands, and ARGS passes options on:
#     make build ARGS="--today 2026-12-07"

export PYTHONUTF8 := 1

VENV   := .venv
PYTHON := $(VENV)/bin/python
GOALS  := $(or $(MAKECMDGOALS),preview)

# Commands that need what is in requirements-dev.txt.
DEV := test lint format bench requirements translations

# Every goal is a command, also where a file or folder has its name (tests/, docs/).
.PHONY: $(GOALS)
$(GOALS): $(VENV)/ready
	@$(PYTHON) -m invoke $(if $(filter help,$@),--list,$@ $(ARGS))

$(DEV): $(VENV)/ready-dev

# The environment; filled again when requirements.txt has changed. `rm -rf .venv` starts over (a new Python, say).
$(VENV)/ready: requirements.txt
	@python=; for it in python3 python3.14 python3.13 python3.12 python3.11; do \
	    if $$it -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$it; break; fi; \
	done; \
	[ "$$python" ] || { echo "Python 3.11 or newer is needed: install it, so that python3 starts it." >&2; exit 1; }; \
	$$python -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "Python's venv is missing: install it (Debian, Ubuntu: apt install python3-venv)." >&2; exit 1; }; \
	echo "Setting up $(VENV) (once) …"; \
	$(PYTHON) -m pip --version >/dev/null 2>&1 || $$python -m venv --clear $(VENV)
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

# What tests and linting need besides.
$(VENV)/ready-dev: requirements-dev.txt $(VENV)/ready
	@echo "Setting up $(VENV) for tests (once) …"
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
