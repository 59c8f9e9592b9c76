# make run: the page and the API on http://127.0.0.1:7860; make test: everything that CI runs.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: run test coverage mutants soak audit lint format wheel lock bench clean

run: $(INSTALLED)
	$(BIN)/assistant serve

test: $(INSTALLED)
	$(BIN)/python tools/browser.py
	$(BIN)/python tools/node.py
	$(BIN)/python tools/redis_server.py
	$(MAKE) --no-print-directory lint
	$(BIN)/pytest -n 2 --dist worksteal --ignore=tests/interfaces
	$(BIN)/pytest -n 2 --dist loadfile tests/interfaces  # by themselves: Playwright keeps an event loop running in a process

# The branches of the package that `make test` runs; exit status 2 where they are fewer than pyproject.toml asks for.
coverage: $(INSTALLED)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 2 --ignore=tests/interfaces
	$(BIN)/coverage run -m pytest tests/interfaces
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# Which changes of the code no unit test notices: hours. What is done is kept in mutants/, and the next run goes on from it.
mutants: $(INSTALLED)
	PATH="$(CURDIR)/$(BIN):$$PATH" nice -n 5 mutmut run --max-children 1
	$(BIN)/mutmut results | grep -v 'caught by type check'

# What the program promises, tried by force: an hour or more, exit status 1 where anything did not hold.
soak: $(INSTALLED)
	$(BIN)/python -m tests.soak

# Whether advisories are known for a package that is installed, here or where it is served. Asks PyPI's service.
audit: .venv-audit/.installed
	.venv-audit/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock
	.venv-audit/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements-serve.lock

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

wheel: $(INSTALLED)
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

bench: .venv-bench/.installed
	PYTHONPATH=. .venv-bench/bin/python evals/peers/bench.py --output evals/SPEED.md --plot docs/speed.svg
	.venv-bench/bin/python evals/scale.py --output evals/SCALE.md --plot docs/scale.svg
	.venv-bench/bin/python evals/peers/quality.py

# Needs uv on the PATH, and npm.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--extra dev pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--extra mcp --extra redis --extra slack pyproject.toml --constraint requirements.lock \
		--output-file requirements-serve.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--extra dev --extra peers pyproject.toml --constraint requirements.lock \
		--output-file evals/peers/requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		tests/interfaces/node/requirements.in --output-file tests/interfaces/node/requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		tools/audit.in --output-file tools/audit.lock
	cd tests/interfaces/node && npm install --package-lock-only

clean:
	rm -rf .venv .venv-audit .venv-bench .assistant dist mutants .coverage*

# A half-installed venv has no stamp, and is completed by the next make. The peers have their own, so that what they bring
# along is not there in the tests.
.venv/.installed: requirements.lock pyproject.toml
.venv-bench/.installed: evals/peers/requirements.lock pyproject.toml
.venv/.installed .venv-bench/.installed:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=...")'
	test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(@D)/bin/python -m pip check
	@touch $@

.venv-audit/.installed: tools/audit.lock
	test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
