# Set-up and the everyday commands of the course. `make run` and `make test` are all that a newcomer needs.

ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
PYTHON ?= python
else
BIN := .venv/bin
PYTHON ?= python3
endif

UV_VERSION := $(shell sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements-dev.txt)
UV := $(BIN)/python -m uv pip
# Compiled now, the packages start faster at every later import. The files are complete: nothing is resolved anew, or
# what tools/lock.py leaves out would come back.
SYNC := $(UV) install --quiet --no-deps --compile-bytecode --require-hashes
WORKERS ?= 2

# auto: the finished site is looked at in a browser where one is installed; always: it must be.
BROWSER ?= auto

.PHONY: help install install-dev install-docs run test bench site lab build lock release clean

help:
	@echo "make run      install, execute the whole course, open what it produced"
	@echo "make test     install, verify everything"
	@echo "make bench    install, measure the plain way against the course's own"
	@echo "make site     install, build the course's pages in build/site and check them"
	@echo "make lab      install, open the course in JupyterLab"
	@echo "make build    derive the notebooks from the sources in solutions/"
	@echo "make release  make the students' bundle in build/release"
	@echo "make lock     pin what pyproject.toml asks for (UPGRADE=1: the newest versions of all)"
	@echo "make clean    remove the environment and everything that was produced"

install: .venv/installed

install-dev: .venv/installed-dev

install-docs: .venv/installed-docs

.venv/created:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] not in [(3, 11), (3, 12), (3, 13)] and "Python 3.11, 3.12 or 3.13 is needed: make run PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/installed: .venv/created requirements.txt pyproject.toml
	@echo "Installing the course (about 1 GB to fetch the first time) ..."
	$(SYNC) -r requirements.txt
	$(UV) install --quiet --no-deps --no-build-isolation -e .
	@# librosa and labs_lib compile some functions at their first use and keep them: now, not in a lab.
	$(BIN)/python -c 'from labs_lib.notebook import compile_sound; compile_sound()'
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	$(SYNC) -r requirements.txt -r requirements-dev.txt
	@touch $@

.venv/installed-docs: .venv/installed-dev requirements-docs.txt
	$(SYNC) -r requirements.txt -r requirements-dev.txt -r requirements-docs.txt
	@touch $@

run: install
	$(BIN)/labs run --out build/run --workers $(WORKERS) --open

test: install-docs
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/labs build --check
	$(BIN)/python -m pytest -q -n $(WORKERS) tests solutions

bench: install-dev
	$(BIN)/python -m pytest -q benchmarks --dist no --benchmark-disable-gc --benchmark-columns=median,iqr,rounds

site: install-docs
	$(BIN)/labs site --runs build/run --out build/site --workers $(WORKERS) --browser $(BROWSER)

lab: install
	$(BIN)/labs lab

build: install
	$(BIN)/labs build

release: install
	$(BIN)/labs release --out build/release

lock: install-dev
	$(BIN)/python tools/lock.py $(if $(UPGRADE),--upgrade)

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache
