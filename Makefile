# Two commands do everything on a fresh machine with Python 3.11 or later, pip and make:
#   make story   install, then summarise the articles in seeds/
#   make test    install, then format, lint, types, floors and tests
PYTHON ?= python3
BIN := .venv/bin

.PHONY: story test lint bench bench-clusters bench-scale quality fusion clean

story: .venv/installed
	$(BIN)/summarize story seeds/

lint: .venv/tested
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/pytest

bench: .venv/tested
	$(BIN)/python -m eval.bench

bench-clusters: .venv/tested
	$(BIN)/summarize eval configs/eval/clusters.yaml $(if $(DATA),--set data="$(DATA)") $(ARGS)

bench-scale: .venv/tested
	$(BIN)/python -m eval.bench.scale $(ARGS)

quality: .venv/tested
	$(BIN)/python -m eval.quality $(if $(DATA),--data "$(DATA)") $(ARGS)

fusion: .venv/installed
	$(BIN)/python -m summarize.training.fusion --config configs/train/fusion.yaml $(ARGS)

clean:
	rm -rf .venv

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

.venv/tested: .venv/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $@
