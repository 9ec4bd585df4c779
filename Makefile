# setup, run, test, bench, soak, lint, lock. Everything lives in .venv and var/.

PYTHON ?= python3
ARGS ?=

# A .venv whose Python has gone is made again.
ifneq ($(shell .venv/bin/python -c 'print("alive")' 2>/dev/null),alive)
$(shell rm -f .venv/.stamp)
endif

.PHONY: setup run test bench soak lint lock
.DEFAULT_GOAL := setup

setup: .venv/.stamp

.venv/.stamp: requirements.lock requirements-dev.lock
	@PYTHON='$(PYTHON)' sh .ci/setup
	@touch $@

# One plain command, so that make hands it the SIGTERM that it gets itself.
run: setup
	@exec .venv/bin/python manage.py serve --demo $(ARGS)

test: setup
	@exec .venv/bin/python -m pytest -n auto --dist loadfile \
		--no-loadscope-reorder $(ARGS)

bench: setup
	@exec .venv/bin/python -m benchmarks $(ARGS)

soak: setup
	@exec .venv/bin/python -m pytest -p tests.soak -m soak $(ARGS)

lint: setup
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/python -m mypy
	.venv/bin/python -W ignore::RuntimeWarning manage.py makemigrations --check
	.venv/bin/python manage.py openapi --check

# Names, versions and hashes, for every platform and no address; needs uv.
LOCK = uv pip compile --universal --python-version 3.11 --generate-hashes --no-config \
	--no-header --no-annotate --upgrade
lock:
	$(LOCK) requirements.in -o requirements.lock
	$(LOCK) requirements-dev.in -o requirements-dev.lock
