# `make demo` and `make test` build their own environment in .venv, as the README's commands do.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test test-all check bench clean

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -c constraints.txt -e '.[test,check]'
	touch $@

demo: $(VENV)/installed
	$(BIN)/xbench eval --methods all --tasks marc,xnli

test: $(VENV)/installed
	$(BIN)/python -m pytest

test-all: $(VENV)/installed
	$(BIN)/python -m pytest -m "slow or not slow"

check: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python tests/type_check.py

bench: $(VENV)/installed
	$(BIN)/python benchmarks/cloze_throughput.py

clean:
	rm -rf $(VENV) build dist *.egg-info
