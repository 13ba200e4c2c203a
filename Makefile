# What a developer types; each target works on a fresh clone. A server runs deploy/entrypoint.
.DEFAULT_GOAL := help
.PHONY: help run test test-all test-deploy check format lock messages packages
.NOTPARALLEL:
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

export PRESSOFFICE_DEBUG := 1
# Kept compiled: else each of the hundred programs that the suite starts compiles all anew.
unexport PYTHONDONTWRITEBYTECODE

UV := $(or $(shell uv --version >/dev/null 2>&1 && command -v uv),.venv/uv/bin/uv)
# The first Python that is new enough: python3, one beside it, one of pyenv's; else uv fetches 3.13.
PYENV = $${PYENV_ROOT:-$${HOME-}/.pyenv}
PYTHON = $(or $(shell for python in python3 python3.1{3,2,4} "$(PYENV)"/versions/3.1[2-4]*/bin/python3; do \
    "$$python" -c 'import sys; assert sys.version_info >= (3, 12); print(sys.executable)' && break; \
    done 2>/dev/null),3.13)
PINNED := --universal --python-version 3.12 --generate-hashes --no-emit-index-url
NEEDED := Install uv, or Python 3.12 or newer with its venv module (on Debian: python3-venv).

# What the suite needs from Debian: a database server, a browser, PDF, translations, every script.
PACKAGES := postgresql chromium libpangoft2-1.0-0 gettext fonts-noto-core
# Who has nothing left to do takes over what waits for the other.
SUITE = .venv/bin/python -m pytest -q -n 2 --dist worksteal $(PYTEST_ARGS)

help:
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' Makefile | expand -t 18

run: .venv/ok messages ## Serve the sample office on 127.0.0.1, port $PORT or 8000
	@export PRESSOFFICE_REQUIRE_MFA=0; \
	.venv/bin/python manage.py migrate -v 0; \
	.venv/bin/python manage.py make_signing_key; \
	.venv/bin/python manage.py load_sample_office; \
	exec .venv/bin/python manage.py runserver "127.0.0.1:$${PORT:-8000}"

# Once is enough for what asks no database, for pages and for the browser: on the database of
# servers. A part that skips a test has not done its work: it fails, like one that could not start.
test: ON_SQLITE = -m 'not (database and pages)'
test: packages .venv/ok messages ## Check, then the suite on SQLite, and on PostgreSQL with a browser
	@$(PARTS)

test-all: export TEST_ALL := 1
test-all: packages .venv/ok messages ## All tests on both databases, with ten times the examples
	@$(PARTS)

define PARTS
log=$$(mktemp); trap 'rm -f "$$log"' EXIT; summary=; status=0; \
part() { \
    echo "--- $$1"; verdict=; \
    "$${@:2}" 2>&1 | tee "$$log" || { verdict='FAILED: '; status=1; }; \
    last=$$(awk 'NF { line = $$0 } END { print line }' "$$log"); \
    [[ $$last != *' skipped'* ]] || { verdict='FAILED, nothing may be skipped: '; status=1; }; \
    summary+="$$1: $$verdict$$last"$$'\n'; \
}; \
part Check $(MAKE) --no-print-directory check; \
part SQLite env -u DATABASE_URL $(SUITE) $(ON_SQLITE) --ignore tests/journeys; \
part PostgreSQL tests/with-postgres $(SUITE) -m database; \
printf '\n%s' "$$summary"; exit $$status
endef

test-deploy: .venv/ok ## Try a whole deployment with docker compose, and break it on purpose
	.venv/bin/python -m pytest -q tests/deploy $(PYTEST_ARGS)

check: .venv/ok ## Lint, types, import directions, migrations, settings of a server
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/djlint --lint --quiet templates
	.venv/bin/mypy letters pressoffice
	.venv/bin/lint-imports
	DATABASE_URL=sqlite://:memory: .venv/bin/python manage.py makemigrations --check --dry-run
	PRESSOFFICE_DEBUG=0 PRESSOFFICE_SECRET_KEY="$$(od -An -N50 -tx1 /dev/urandom | tr -d ' \n')" \
	PRESSOFFICE_ALLOWED_HOSTS=press.example.org DATABASE_URL=sqlite://:memory: \
	.venv/bin/python manage.py check --deploy --fail-level WARNING

format: .venv/ok ## Put the Python code in its one format, and mend what lint can mend
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

lock: $(UV) ## Pin dependencies (remove the requirements files first to take newer ones)
	$(UV) pip compile pyproject.toml $(PINNED) -o requirements.txt
	$(UV) pip compile pyproject.toml --group dev $(PINNED) -c requirements.txt -o requirements-dev.txt

.venv/ok: requirements-dev.txt | $(UV)
	@$(UV) venv -q --allow-existing --python $(PYTHON) .venv || { echo '$(NEEDED)' >&2; exit 1; }
	@$(UV) pip sync -q --python .venv --require-hashes requirements-dev.txt
	@touch $@

.venv/uv/bin/uv: # any Python will do for uv itself
	@for python in $(PYTHON) python3 /usr/bin/python3; do \
	    ! "$$python" -m venv .venv/uv >/dev/null 2>&1 || { .venv/uv/bin/pip install -q uv; exit; }; \
	done; echo '$(NEEDED)' >&2; exit 1

messages: .venv/ok
	@if command -v msgfmt >/dev/null; then .venv/bin/python manage.py compilemessages -v 0 --ignore .venv; \
	else echo 'gettext is not installed: the pages are in English, whatever their language.'; fi

packages:
	@command -v apt-get >/dev/null || exit 0; missing=; \
	for package in $(PACKAGES); do \
	    dpkg-query -Wf '$${db:Status-Status}' $$package 2>/dev/null | grep -qx installed || missing+=" $$package"; \
	done; \
	[ -x "$(UV)" ] || $(PYTHON) -c 'import ensurepip' 2>/dev/null || missing+=' python3-venv'; \
	[ -n "$$missing" ] || exit 0; \
	[ "$$(id -u)" = 0 ] || { echo "Run first: sudo apt-get install --no-install-recommends$$missing" >&2; exit 1; }; \
	echo "Installing from Debian:$$missing"; export DEBIAN_FRONTEND=noninteractive; \
	apt-get update -q; apt-get install -qy --no-install-recommends $$missing
