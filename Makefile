# The only entry point. Every target runs the same here and in CI; README.md explains them.
SHELL := /bin/bash
PY := .venv/bin/python
SERVICES := runtime gateway media face audio fusion cli
# Node comes from the machine where it is new enough for Vite, else from a package in .venv.
NODE_IS_NEW := node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19) ? 0 : 1)'
NPM := PATH="$(CURDIR)/.venv/bin:$$PATH" npm --prefix web
BASE ?= main
# Labelled data, where it lies beside the repository as in CI; training/README.md tells the formats.
FACES ?= $(wildcard ../shared/data/faces/fer2013_ferplus.npz)
SPEECH ?= $(patsubst %/labels.csv,%,$(wildcard ../shared/data/speech/labels.csv))
# What bench-gpu runs on; what builds which images.
PROVIDER ?= cuda
CONTAINERS ?= docker
IMAGES ?= gateway media face audio fusion
OVERLAY ?= dev
VERSION ?= $(shell git describe --always --dirty 2>/dev/null || echo dev)
.DEFAULT_GOAL := help

.PHONY: help setup run test test-training test-deepface models unit lint format proto lock web eval cards bench bench-short bench-highlights bench-gpu k8s k8s-check images images-test bench-long bench-load capacity soak example capture clean
help:  ## Show this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

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

test-deepface: build/deepface/.installed  ## Tests with DeepFace itself, in an environment with it
	build/deepface/bin/python -m pytest --noconftest tests/deepface

build/deepface/.installed: requirements/deepface.in proto/pyproject.toml services/runtime/pyproject.toml services/face/pyproject.toml
	python3 -m venv build/deepface && build/deepface/bin/pip install -q --no-deps -r requirements/deepface.in
	build/deepface/bin/pip install -q --no-deps --no-build-isolation -e proto -e services/runtime -e services/face
	touch $@

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
	for name in dev runtime gateway media face face-gpu audio audio-gpu fusion cli deploy node eval; do .venv/bin/uv pip compile -q \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  $$([ $$name = dev ] || echo -c requirements/dev.txt) requirements/$$name.in -o requirements/$$name.txt; done

models: setup  ## Fetch public weights into .emotionmap/models (ONLY="yunet ...", ARGS=--list)
	@exec .venv/bin/emotionmap models $(if $(ONLY),--only "$(ONLY)") $(ARGS)

eval: .venv/.eval  ## Judge the shipped weights: build/eval.json, cards and plots in build/cards (FACES=F.npz SPEECH=DIR)
	$(PY) -m training.evaluate $(if $(FACES),--faces "$(FACES)") $(if $(SPEECH),--speech "$(SPEECH)") --out build/eval.json >/dev/null
	$(PY) -m training.card --report build/eval.json --out build/cards

cards: .venv/.eval  ## Put what make eval found into manifests, model cards, docs/models and the README
	$(PY) -m training.card --report build/eval.json

.venv/.eval: .venv/.installed requirements/eval.txt
	$(PY) -m pip install -q --require-hashes -r requirements/eval.txt && touch $@

bench: setup build/classic/.installed  ## Cost beside the classic pipeline and bare decoding: build/bench.json
	build/classic/bin/pip install -q --no-deps -r requirements/deepface.in
	$(PY) -m tests.bench --classic-python build/classic/bin/python $(ARGS)
	build/classic/bin/python -m tests.bench.plot build/bench.json --out docs/bench.svg

bench-short: setup build/classic/.installed  ## The same in a minute; fails when a ratio is a third worse than expected
	$(PY) -m tests.bench --classic-python build/classic/bin/python --seconds 20 --classic-seconds 3 --repeats 2 \
	  --expected tests/bench/expected.json --out build/bench-short.json

bench-highlights: setup  ## A fifth of a one-hour film in 100 pieces, every picture checked: build/bench-highlights.json
	$(PY) -m tests.bench.highlights $(ARGS)

bench-long: setup  ## One minute to ten (ARGS="--hours 3"), 4K, HEVC, VP9, AV1, a 500 MB upload: build/bench-long.json
	$(PY) -m tests.bench.long $(ARGS)

bench-load: setup  ## 1 to 16 uploads at once, two face servers: build/bench-load.json (shorter: ARGS="--seconds 20")
	$(PY) -m tests.bench.load $(ARGS)

capacity: setup build/classic/.installed  ## What a load needs and what a crowd meets: docs/capacity.md, from build/bench*.json
	$(PY) -m tests.capacity $(ARGS)
	build/classic/bin/python -m tests.capacity.plot build/capacity.json --out docs/capacity.svg

soak: setup  ## Rolling restarts for longer: 20 rounds, all replicas, a minute for a new one
	EMOTIONMAP_SOAK=1 $(PY) -m pytest --timeout=1800 tests/faults/test_rolling.py tests/faults/test_rolling_names.py tests/faults/test_rolling_jobs.py \
	  tests/faults/test_rolling_gateways.py

build/classic/.installed: requirements/bench.in
	python3 -m venv build/classic && build/classic/bin/pip install -q -r requirements/bench.in && touch $@

bench-gpu: $(if $(filter cpu,$(PROVIDER)),setup,build/gpu/.installed)  ## Faces and sound per second on a graphics card: build/bench-gpu.json (PROVIDER=cpu tries it)
	PYTHONPATH=proto/python:services/runtime:services/face:services/audio \
	  $(if $(filter cpu,$(PROVIDER)),.venv,build/gpu)/bin/python -m tests.bench.gpu --provider $(PROVIDER) $(ARGS)

# Never in .venv: onnxruntime-gpu and onnxruntime overwrite each other.
build/gpu/.installed: requirements/face-gpu.txt requirements/audio-gpu.txt
	python3 -m venv build/gpu && build/gpu/bin/pip install -q --require-hashes -r requirements/face-gpu.txt
	build/gpu/bin/pip install -q --require-hashes -r requirements/audio-gpu.txt && touch $@

k8s:  ## Print an overlay of deploy/k8s (OVERLAY=dev, prod or gpu)
	@kubectl kustomize deploy/k8s/overlays/$(OVERLAY)

k8s-check: setup build/k8s/.installed  ## Judge overlays and Dockerfile with checkov, kubernetes-validate and hadolint
	$(PY) -m pytest tests/unit/deploy/test_k8s_checkers.py

build/k8s/.installed: requirements/k8s-check.in
	python3 -m venv build/k8s && build/k8s/bin/pip install -q -r requirements/k8s-check.in && touch $@

images:  ## Build the images (CONTAINERS=podman, IMAGES="face-gpu audio-gpu", VERSION=...)
	for target in $(IMAGES); do $(CONTAINERS) build -f deploy/Dockerfile --target $$target --build-arg VERSION=$(VERSION) \
	  --build-arg REVISION=$$(git rev-parse HEAD) -t emotionmap-$$target:$(VERSION) -t emotionmap-$$target . || exit 1; done

images-test: setup  ## Build the images by podman, run them as a pod, analyse a video: sizes (tests/images tells the variables)
	$(PY) -m tests.images $(ARGS)

example: setup  ## Draw the example video of the page: web/public/example.mp4
	$(PY) -m tests.showcase.example

capture: setup web  ## Take pictures of the real page: docs/player.png, docs/player.webp
	$(PY) -m tests.showcase

clean:  ## Remove everything that was built
	rm -rf .venv build web/dist web/node_modules .mypy_cache .ruff_cache .pytest_cache
