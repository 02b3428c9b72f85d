# The two commands are `make run` and `make test`; CONTRIBUTING.md says the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := $(notdir $(patsubst %/__init__.py,%,$(wildcard $(addsuffix /*/__init__.py,backend graphql mini-apps frontend))))
MYPY := $(BIN)/mypy $(addprefix -p ,$(PACKAGES) bench tests)
PIP_OPTIONS := --quiet --disable-pip-version-check --require-hashes --no-deps

# Processes that share the tests; most of a test's time is waiting for servers.
workers ?= 2

# A step with its time: $(call timed,name,command)
timed = begun=$$(date +%s) && $(2) && echo "  $(1)  $$(($$(date +%s) - begun)) s"

.PHONY: mini-app generate run test bench bench-fanout check quick venv dev lock clean

run: venv
	@$(BIN)/python -m server run

test: dev
	@$(BIN)/python -m server browser
	@$(BIN)/python -m pytest -n $(workers) --no-loadscope-reorder

# The gateway against its peers over the district's data, at most 15 minutes: make bench options="--help" says what else.
bench: dev
	@PYTHONPATH=infra $(BIN)/python -u -m bench $(options)

# One event to 2,000 websockets, beside Strawberry as it comes and graphql-ws on Node.
bench-fanout: dev
	@PYTHONPATH=infra $(BIN)/python -u -m bench.fanout $(options)

check: dev
	$(BIN)/ruff check .
	$(MYPY)
	$(BIN)/lint-imports
	$(BIN)/python -m server check
	$(BIN)/python -m pytest -q tests/architecture

# Writes what is generated: the manifest of documents, the schema, the permission matrix, the error codes.
generate: dev
	@$(BIN)/python -m server documents
	@$(BIN)/python -m server schema

# A new mini-app in all its places: make mini-app name=library zh=社区借书 (docs/add-a-mini-app.md).
mini-app: dev
	@$(BIN)/python -m server.scaffold $(name) $(if $(zh),--zh $(zh))

# What a small change needs before it lands.
quick: dev
	@$(BIN)/ruff check -q .
	@$(MYPY) --no-error-summary
	@$(BIN)/lint-imports --no-cache > /dev/null || $(BIN)/lint-imports --no-cache
	@$(BIN)/python -m server check
	@$(BIN)/python -m pytest -q tests/architecture

venv: $(VENV)/run.stamp
dev: $(VENV)/dev.stamp

$(VENV)/run.stamp: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make run PYTHON=python3.11")'
	@test -x $(BIN)/pip || { $(call timed,virtual environment,$(PYTHON) -m venv $(VENV)); }
	@$(call timed,packages from requirements.lock,$(BIN)/python -m pip install $(PIP_OPTIONS) -r requirements.lock)
	@printf '%s\n' ../../../../backend ../../../../graphql ../../../../mini-apps ../../../../frontend > $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/haian.pth
	@touch $@

$(VENV)/dev.stamp: infra/requirements-dev.lock $(VENV)/run.stamp
	@$(call timed,packages for development,$(BIN)/python -m pip install $(PIP_OPTIONS) -r infra/requirements-dev.lock)
	@touch $@

# Needs uv; writes both lock files with hashes and without any index address.
lock:
	uv export --quiet --no-annotate --no-emit-project --no-header --no-dev --format requirements-txt -o requirements.lock
	uv export --quiet --no-annotate --no-emit-project --no-header --only-dev --format requirements-txt -o infra/requirements-dev.lock
	rm -f uv.lock

clean:
	rm -rf $(VENV) frontend/.web frontend/built
