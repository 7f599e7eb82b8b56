# One door for people: `make run`, `make test`. Everything lives in .venv and var/, nothing outside the checkout.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
PY := $(VENV)/bin/python
CARNET_HOME ?= var
CARNET_PORT ?= 8000
export CARNET_HOME CARNET_PORT

.PHONY: help run test check mutants bench clean requirements install install-test

help:            ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/ —/'

$(VENV)/runtime.stamp: requirements/runtime.txt
	@tools/make-venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/runtime.txt
	@$(PY) -c "import pathlib, site; pathlib.Path(site.getsitepackages()[0], 'carnet.pth').write_text('$(CURDIR)/src')"
	@touch $@

$(VENV)/test.stamp: $(VENV)/runtime.stamp requirements/test.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/test.txt
	@tools/install-test-tools
	@touch $@

install: $(VENV)/runtime.stamp

install-test: $(VENV)/test.stamp

run: install     ## start Carnet with a demo population; prints who to log in as
	@$(PY) -m carnet run

test: install-test   ## install what the tests need and run all of them
	@$(PY) -m carnet.config.runtime
	@said=$$(mktemp); tools/check >$$said 2>&1 & check=$$!; \
	$(PY) -m pytest -n 3 --dist loadscope --no-loadscope-reorder; tests=$$?; \
	wait $$check; checked=$$?; echo "tools/check:"; cat $$said; rm -f $$said; exit $$((tests | checked))

check: install-test  ## the fast half: lint, types, contracts, architecture and unit tests
	@tools/check
	@$(PY) -m pytest tests/architecture tests/unit

mutants: install-test  ## change the rules, the vault and the journal one condition at a time: which change goes unnoticed?
	@$(PY) tests/mutants/mutate.py

bench: install-test  ## measure, beside floors; writes the measured part of docs/performance.md
	@$(PY) -m bench

requirements:    ## compile the pinned requirements (needs uv on the path)
	@cd requirements && for f in runtime test; do uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q $$f.in -o $$f.txt; done

clean:           ## remove the virtual environment, caches and var/
	@rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
