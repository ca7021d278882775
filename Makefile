# make demo    an atlas of 200 000 synthetic tracks in demo/atlas (make demo CATALOG=tracks.csv: of your own)
# make test    all tests
# make check   what a change must pass: format, lint, types, tests, the examples of the docs
# make docs    write docs/cli.md and docs/api.md anew
# make bench   all competitors, in an environment of their own (make bench ARGS="--only umap --data FOLDER")

SHELL := /bin/bash
VENV := .venv
BENCH := .venv-bench
BIN := $(VENV)/bin
N ?= 200000
WORKERS ?= 2

# The first Python on the path that is new enough.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)

.PHONY: demo test check format docs bench clean

demo: $(VENV)/.ready
ifdef CATALOG
	$(BIN)/songscape build "$(CATALOG)" -o demo/atlas
else
	mkdir -p demo
	$(BIN)/songscape synth $(N) -o demo/tracks.csv
	$(BIN)/songscape build demo/tracks.csv -o demo/atlas
endif
	@echo
	@echo "Open the map, without a server:             demo/atlas/map.html"
	@echo "With playlists over the whole catalog:      $(BIN)/songscape serve demo/atlas --open"

test: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

check: $(VENV)/.ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

format: $(VENV)/.ready-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.ready-dev
	$(BIN)/python docs/generate.py

bench: $(BENCH)/.ready
	$(BENCH)/bin/python benchmarks/run.py $(ARGS)

clean:
	rm -rf $(VENV) $(BENCH) demo dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Where Python comes without ensurepip, the machine's own pip does its work.
define environment
	@test -n "$(PYTHON)" || { echo "Songscape needs Python 3.11 or newer; none is on the PATH."; exit 2; }
	test -x $(1)/bin/python || $(PYTHON) -m venv $(1) || { $(PYTHON) -m venv --clear --without-pip $(1) \
		&& $(PYTHON) -m pip --python $(1)/bin/python install --quiet pip; }
endef

$(VENV)/.ready: pyproject.toml
	$(call environment,$(VENV))
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[server]'
	touch $@

$(VENV)/.ready-dev: pyproject.toml
	$(call environment,$(VENV))
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@ $(VENV)/.ready

$(BENCH)/.ready: pyproject.toml $(wildcard benchmarks/requirements.txt)
	$(call environment,$(BENCH))
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check -e . -r benchmarks/requirements.txt
	touch $@
