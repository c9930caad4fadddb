# make demo   the whole product against a built-in Discord: no token, no account
# make run    the bot against Discord, with config.toml
# make test   the test suite          make check   lint, types and tests
# make bench  the figures of docs/benchmarks.md, as JSON lines
PYTHON ?= python3
PORT ?= 8765
BIN := .venv/bin
PIP := exec $(PYTHON) -m bot.under_make $(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo run test lint types check bench clean

# pip may be kept from the system's own packages (PEP 668) and venv may come without ensurepip: so the
# environment is made without pip, and the pip that is there installs into it.
.venv/installed: pyproject.toml constraints.txt
	@echo "setting up .venv (once; this takes a minute or two)" >&2
	@$(PYTHON) -m venv --without-pip --clear .venv
	@$(PIP) -e .
	@touch $@

.venv/installed-dev: .venv/installed
	@$(PIP) -e '.[dev]'
	@touch $@

demo: .venv/installed
	@exec $(BIN)/python -u -m bot demo --port $(PORT)

run: .venv/installed
	@exec $(BIN)/python -u -m bot run

test: .venv/installed-dev
	@$(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: .venv/installed-dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: .venv/installed-dev
	@$(BIN)/mypy

check: lint types test

bench: .venv/installed-dev
	@$(BIN)/python -u -m bench

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
