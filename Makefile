# Volya on a machine that has only Python 3.11, pip and make: `make demo` to see it, `make test` to check it.
PY ?= python3.11
UV_VERSION := 0.13.9
UV := .tools/bin/uv
PYTHON := .venv/bin/python
DEMO_DATA := var/demo
PORT ?= 8080
export UV_SYSTEM_CERTS := 1
export UV_PYTHON_DOWNLOADS := never
export VIRTUAL_ENV := $(CURDIR)/.venv
# PostgreSQL does not run as root: its package makes a user for it, with a command that lies in /usr/sbin.
export PATH := $(PATH):/usr/sbin:/sbin
# Tests start the bot a hundred times: where nothing compiled may be kept, each start would compile all of it anew.
unexport PYTHONDONTWRITEBYTECODE

# What is installed is remembered by stamps: while requirements stay the same, nothing below calls uv or the network.
UV_STAMP := .tools/.uv-$(UV_VERSION)
RUN_STAMP := .venv/.installed-run
TEST_STAMP := .venv/.installed-test
TRAIN_STAMP := .venv/.installed-train
BENCH_STAMP := .venv/.installed-bench
INSTALL := $(UV) pip install --quiet --require-hashes --compile-bytecode
COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11
LANGUAGES := be ru en
CATALOG = locales/$$language/LC_MESSAGES/messages.po

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo chat demo-reset run test tests check lint types prove articles messages migration train bench lock clean

help: ## List what can be done here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

install: $(RUN_STAMP) ## Make .venv with what running needs, as after an update
	@:

demo: $(RUN_STAMP) ## Try the bot in a browser: no token, no network (PORT=8080)
	@$(PYTHON) -m bot demo --port $(PORT) --data $(DEMO_DATA) $(ARGS)

chat: $(RUN_STAMP) ## Chat with the same bot in this terminal, as over ssh
	@$(PYTHON) -m bot chat --data $(DEMO_DATA) $(ARGS)

demo-reset: ## Forget everything the demo stored
	@rm -rf $(DEMO_DATA)

run: $(RUN_STAMP) ## Run the bot with the settings of .env
	@$(PYTHON) -m bot run $(ARGS)

test: lint ## Check the code and run every test; the last line says what was not run
	@$(MAKE) --no-print-directory --jobs=2 types tests

tests: $(TEST_STAMP) ## Run every test, the code unchecked (ARGS goes to pytest)
	@$(PYTHON) -m pytest --numprocesses=6 --dist=worksteal $(ARGS)

check: lint types ## Check all that needs no test

lint: $(TEST_STAMP) ## Lint, format and the direction of imports
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/lint-imports --no-logo

# Types are checked beside the tests: where nothing is cached yet that takes a processor half a minute.
types: $(TEST_STAMP) ## Check the types
	@.venv/bin/mypy --no-error-summary

prove: $(TEST_STAMP) ## Run the long proofs whole and write proofs.json
	@$(PYTHON) -m pytest --prove $(ARGS)

articles: $(RUN_STAMP) ## Check the articles: each line says what to mend, by file and line
	@$(PYTHON) -m bot check --articles

messages: $(RUN_STAMP) ## Bring the phrase catalogues up to date with the code
	@$(PYTHON) -m babel.messages.frontend --quiet extract --no-location --sort-output --no-wrap \
		--add-comments=Translators: --project=Volya \
		--copyright-holder='the authors of Volya' --msgid-bugs-address='' --output-file=locales/messages.pot bot
	@for language in $(LANGUAGES); do \
		mkdir -p "$$(dirname $(CATALOG))" && \
		$(PYTHON) -m babel.messages.frontend --quiet update --no-fuzzy-matching --ignore-obsolete --init-missing --no-wrap \
			--locale=$$language --input-file=locales/messages.pot --output-file=$(CATALOG) || exit 1; \
	done
	@sed -i -E '/^"(POT-Creation-Date|PO-Revision-Date|Generated-By|Report-Msgid-Bugs-To): /d' locales/messages.pot locales/*/LC_MESSAGES/messages.po

migration: $(RUN_STAMP) ## Start the next numbered migration (name=what_it_does)
	@test -n "$(name)" || { echo "say what it does: make migration name=add_people" >&2; exit 2; }
	@$(PYTHON) -m alembic revision --message "$(name)" \
		--rev-id "$$(printf '%04d' $$(( $$(find alembic/versions -name '[0-9]*.py' | wc -l) + 1 )))"

train: $(TRAIN_STAMP) ## Learn what questions mean from locales/*/questions (under an hour)
	@$(PYTHON) -m bot train

bench: $(BENCH_STAMP) ## Measure sending beside its peers (ARGS="...")
	@$(PYTHON) -m bot bench send $(ARGS)

lock: $(UV_STAMP) ## Pin what pyproject.toml asks for, with hashes (ARGS=--upgrade for newer ones)
	@$(COMPILE) $(ARGS) pyproject.toml --output-file requirements/run.txt
	@for group in test check train bench; do \
		$(COMPILE) $(ARGS) --group $$group --constraints requirements/run.txt \
			--output-file requirements/$$group.txt || exit 1; \
	done

clean: ## Remove what make installed and every cache; stored data stays
	@rm -rf .venv .tools .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find bot tests alembic -name __pycache__ -prune -exec rm -rf {} +

$(UV_STAMP):
	@echo "installing uv $(UV_VERSION) into .tools" >&2
	@$(PY) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
		--upgrade --target .tools uv==$(UV_VERSION)
	@touch $@

$(PYTHON): | $(UV_STAMP)
	@$(UV) venv --quiet --allow-existing --python $(PY) .venv

$(RUN_STAMP): requirements/run.txt | $(PYTHON) $(UV_STAMP)
	@echo "installing what the bot needs into .venv" >&2
	@$(INSTALL) --requirement requirements/run.txt
	@touch $@

# A sync, not an install: a library that left the files leaves the environment too, or tests would still find it.
# The benchmarks' peers are tested too, so they are part of it.
$(TEST_STAMP): requirements/run.txt requirements/test.txt requirements/check.txt requirements/train.txt requirements/bench.txt | $(PYTHON) $(UV_STAMP)
	@echo "installing what the tests and checks need into .venv" >&2
	@$(UV) pip sync --quiet --require-hashes --compile-bytecode $^
	@touch $(RUN_STAMP) $(TRAIN_STAMP) $(BENCH_STAMP) $@

$(TRAIN_STAMP): requirements/train.txt $(RUN_STAMP) | $(UV_STAMP)
	@$(INSTALL) --requirement requirements/train.txt
	@touch $@

$(BENCH_STAMP): requirements/bench.txt $(RUN_STAMP) | $(UV_STAMP)
	@$(INSTALL) --requirement requirements/bench.txt
	@touch $@
