# The only entry point. Every target runs the same here and in CI; README.md explains them.
SHELL := /bin/bash
PY := .venv/bin/python
SERVICES := runtime gateway media face audio fusion cli
# Node comes from the machine where it is new enough for Vite, else from a package in .venv.
NODE_IS_NEW := node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19) ? 0 : 1)'
NPM := PATH="$(CURDIR)/.venv/bin:$$PATH" npm --prefix web
BASE ?= main
.DEFAULT_GOAL := help

.PHONY: help setup run test test-training unit lint format proto lock web eval clean
help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.installed  ## Make .venv with the emotionmap command

.venv/.installed: requirements/dev.txt proto/pyproject.toml $(SERVICES:%=services/%/pyproject.toml)
	python3 -m venv .venv && $(PY) -m pip install -q --require-hashes -r requirements/dev.txt
	$(PY) -m pip install -q --no-deps --no-build-isolation -e proto $(SERVICES:%=-e services/%)
	touch $@

.venv/.node: .venv/.installed requirements/node.txt
	$(NODE_IS_NEW) 2>/dev/null || $(PY) -m pip install -q --require-hashes -r requirements/node.txt
	touch $@

web/node_modules/.installed: .venv/.node web/package-lock.json
	$(NPM) ci --no-audit --no-fund --loglevel=error && touch $@

web/dist/index.html: web/node_modules/.installed $(shell find web/src web/public web/*.html web/*.ts web/*.json -type f 2>/dev/null)
	$(NPM) run build

web: web/dist/index.html  ## Build the page

run: setup web  ## Start EmotionMap on http://127.0.0.1:8080
	@exec .venv/bin/emotionmap up $(ARGS)

test: setup web  ## Run every test that can run here
	$(NPM) test
	$(PY) -m pytest

test-training: setup  ## Tests of the training code, in an environment with torch
	python3 -m venv build/training && build/training/bin/pip install -q -r requirements/training.in pytest pytest-asyncio pytest-timeout
	build/training/bin/python -m pytest --noconftest tests/unit/training

unit: setup web/node_modules/.installed  ## Unit and contract tests alone
	$(NPM) test
	$(PY) -m pytest tests/unit tests/contract

lint: setup web/node_modules/.installed  ## Format check, ruff, mypy, buf, prettier, tsc
	.venv/bin/ruff format --check . && .venv/bin/ruff check . && .venv/bin/mypy
	$(NPM) run lint && web/node_modules/.bin/buf lint proto
	! git rev-parse -q --verify $(BASE) >/dev/null || web/node_modules/.bin/buf breaking proto --against '.git#ref=$(BASE),subdir=proto'

format: setup web/node_modules/.installed  ## Format everything
	.venv/bin/ruff format . && .venv/bin/ruff check --fix . && $(NPM) run format

proto: setup  ## Regenerate the stubs
	$(PY) -m grpc_tools.protoc -I proto --python_out=proto/python --pyi_out=proto/python proto/emotionmap/v1/*.proto
	$(PY) -m grpc_tools.protoc -I proto --grpc_python_out=proto/python proto/emotionmap/v1/*_service.proto

lock: setup  ## Pin the requirements anew
	for name in dev runtime gateway media face audio fusion cli node; do .venv/bin/uv pip compile -q \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  $$([ $$name = dev ] || echo -c requirements/dev.txt) requirements/$$name.in -o requirements/$$name.txt; done

eval: setup  ## Accuracy of the shipped weights: build/eval.json (FACES=F.npz SPEECH=DIR)
	$(PY) -m training.evaluate --faces $(FACES) --speech $(SPEECH) --out build/eval.json

clean:  ## Remove everything that was built
	rm -rf .venv build web/dist web/node_modules .mypy_cache .ruff_cache .pytest_cache
