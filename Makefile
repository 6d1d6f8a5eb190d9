# Everything runs in .venv, which `make run` and `make test` create themselves (Python 3.11 or newer, no other tool).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
WORKERS ?= $(shell nproc 2>/dev/null || echo 2)
# Some images forbid bytecode (PYTHONDONTWRITEBYTECODE=1): every process that a test starts would compile all modules again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run test test-pages test-browser test-fast test-extras test-spark check format docs bench data lock wheel release clean

help: ## Say what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Driftscope needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@echo "Preparing $(VENV) (a few minutes, once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

run: $(INSTALLED) ## Open the workbench on the demo cases (CASES=folder for your own)
	@$(BIN)/driftscope app $(CASES)

# A worker takes whole modules in the order that tests/conftest.py gives them: what takes longest comes first.
test: $(INSTALLED) ## Run every test but those of screens (ARGS="-k words" for some)
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder -m "not browser" --ignore tests/pages $(ARGS)

test-pages: $(INSTALLED) ## Open every page on every kind of case, without a browser
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder tests/pages $(ARGS)

test-browser: $(INSTALLED) ## Run the journeys in a real Chromium (skipped where there is none)
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope tests/browser $(ARGS)

test-fast: $(INSTALLED) ## Formulas, words and the command line in a minute (no screens, no browser, nothing slow)
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope -m "not slow and not browser" tests/stats tests/charts tests/case tests/test_layers.py $(ARGS)

# Extras whose sources are tested with what they read; a new one needs a word here and `make lock`.
EXTRAS := postgres mysql lake contract alerts mlflow docs oidc oidc-test

test-extras: $(INSTALLED) ## Sources that need extras, against real files and servers (skipped where there is no server)
	@$(BIN)/python -m pip install --quiet -r requirements-extras.lock
	@$(BIN)/python -m pytest tests/extras $(ARGS)

# pyspark lies in an environment of its own, which sees what is in .venv: it warns of pandas 3, and is large.
SPARK_INSTALLED := .venv-spark/.installed

$(SPARK_INSTALLED): requirements-spark.lock $(INSTALLED)
	@echo "Preparing .venv-spark ..."
	@test -x .venv-spark/bin/python || $(BIN)/python -m venv .venv-spark
	@.venv-spark/bin/python -c 'import pathlib, site, sys; below = pathlib.Path(site.getsitepackages()[0]); \
		own = pathlib.Path.cwd() / "$(VENV)" / below.relative_to(sys.prefix); \
		(below / "driftscope.pth").write_text(f"import site; site.addsitedir({str(own)!r})\n")'
	@.venv-spark/bin/python -m pip install --quiet --no-deps -r requirements-spark.lock
	@touch $@

test-spark: $(SPARK_INSTALLED) ## Counting on a real local cluster of Spark (skipped where there is no Java 17)
	@OMP_NUM_THREADS=1 .venv-spark/bin/python -m pytest --timeout 600 tests/cluster $(ARGS)

check: $(INSTALLED) ## Lint, format, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy --num-workers $(WORKERS)
	@$(BIN)/lint-imports

format: $(INSTALLED) ## Format the code and fix what ruff can fix
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(INSTALLED) ## Write docs/methods.md and docs/results.md again, and build site/VERSION of all pages (strict)
	@$(BIN)/python -m monitor.stats.methods.page docs/methods.md
	@$(BIN)/python -m monitor.cli.documenting docs/results.md
	@$(BIN)/python -c 'import mkdocs' 2>/dev/null || $(BIN)/python -m pip install --quiet -c requirements-extras.lock mkdocs
	@$(BIN)/python deploy/docs.py site

ON_SPARK := $(filter spark,$(firstword $(ARGS)))

bench: $(INSTALLED) $(if $(ON_SPARK),$(SPARK_INSTALLED)) ## Measure time and memory beside the floor
	@$(if $(ON_SPARK),.venv-spark/bin,$(BIN))/python -m benchmarks $(ARGS)

data: $(INSTALLED) ## Build both demo cases again: flights from its public source, payments from its seed
	@$(BIN)/python -m pip install --quiet -c requirements.lock -e '.[data]' --no-build-isolation
	@$(BIN)/python data/flights/build.py
	@$(BIN)/python data/payments/build.py

lock: ## Renew requirements.lock from pyproject.toml (needs uv)
	@uv pip compile --quiet --upgrade --python-version 3.11 --no-header --no-annotate --no-emit-index-url --no-emit-find-links --extra dev pyproject.toml -o requirements.lock
	@uv pip compile --quiet --upgrade --python-version 3.11 --no-header --no-annotate --no-emit-index-url --no-emit-find-links -c requirements.lock $(EXTRAS:%=--extra %) pyproject.toml -o requirements-extras.lock
	@uv pip compile --quiet --upgrade --python-version 3.11 --no-header --no-annotate --no-emit-index-url --no-emit-find-links -c requirements.lock --extra dev --extra spark pyproject.toml -o requirements-spark.lock

wheel: $(INSTALLED) ## Build dist/*.whl, which holds the screens and the demos too
	@rm -rf dist
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist

release: $(INSTALLED) ## Build dist/: sdist, the wheel made of it, both checked, and what they are made of (CycloneDX)
	@rm -rf dist
	@$(BIN)/python -m build --no-isolation --outdir dist
	@$(BIN)/python deploy/sbom.py dist/driftscope.cdx.json requirements.lock requirements-extras.lock
	@$(BIN)/python -m pytest -q tests/test_packaging.py tests/test_deploy.py
	@cd dist && sha256sum *.whl *.tar.gz *.json > SHA256SUMS && cat SHA256SUMS

clean: ## Remove .venv and everything that is built or cached
	@rm -rf $(VENV) .venv-spark dist build site .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
