# The two commands of a fresh clone: `make demo` and `make test`. `make check` is what a contributor runs before a commit.
VENV ?= .venv
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN = $(VENV)/bin

.PHONY: demo test test-slow check format reference clean
.DEFAULT_GOAL := demo

demo: $(VENV)/demo.ready
	@$(BIN)/sakimori demo

test: $(VENV)/dev.ready
	$(BIN)/python -m pytest -n auto --dist loadscope --no-loadscope-reorder -q -m "not slow"

test-slow: $(VENV)/dev.ready
	$(BIN)/python -m pytest -n auto --dist loadscope --no-loadscope-reorder -q -m slow

check: $(VENV)/dev.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/deptry src
	$(BIN)/sakimori rules test

format: $(VENV)/dev.ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

reference: $(VENV)/dev.ready
	$(BIN)/python docs/generate.py

$(VENV)/demo.ready: pyproject.toml
	@test -n "$(PYTHON)" || { echo "sakimori needs Python 3.11 or newer (python3.11, python3.12, python3.13)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing sakimori into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[simulate]'
	@touch $@

$(VENV)/dev.ready: pyproject.toml
	@test -n "$(PYTHON)" || { echo "sakimori needs Python 3.11 or newer (python3.11, python3.12, python3.13)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing sakimori and its tools into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/demo.ready

clean:
	rm -rf $(VENV) dist build .pytest_cache .ruff_cache .hypothesis
