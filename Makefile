# Carbonseed: what a newcomer needs. `make demo` first.
# PORT and HOST choose where it listens, PYTHON which interpreter makes .venv.
PORT ?= 8000
HOST ?= 127.0.0.1
export PORT HOST PYTHON

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test quick test-15 check bench mutation serve

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## /\1	/p' Makefile

demo: ## sample factories with virtual devices on http://127.0.0.1:8000 (PORT=, HOST=); Ctrl-C stops all of it
	@sh bootstrap.sh demo
	@DATABASE_URL= CARBONSEED_MODE=demo exec .venv/bin/python manage.py demo --host "$(HOST)" --port "$(PORT)"

demo-reset: ## throw the demo's data away; the next make demo starts over
	@sh bootstrap.sh demo
	@DATABASE_URL= CARBONSEED_MODE=demo .venv/bin/python manage.py demo --reset

test: ## every test, on real PostgreSQL and in a real browser
	@sh bootstrap.sh test
	@sh .ci/test

quick: ## the tests without the slow ones and the browser: while changing something
	@sh bootstrap.sh test
	@sh .ci/test quick

test-15: ## the fast tests on the system's PostgreSQL, where make test runs only those marked sql
	@sh bootstrap.sh test
	@sh .ci/test system

check: ## lint, format, types, migrations, system checks
	@sh bootstrap.sh test
	@sh .ci/check

bench: ## how fast it is, each figure beside its counterpart; writes docs/performance.md (half an hour; 30 GB of disk)
	@sh bootstrap.sh bench
	@.venv/bin/python -W ignore -m benchmarks

mutation: ## which small changes of the arithmetic no test notices (half an hour on one core; EVERY=1 tries all of them)
	@sh bootstrap.sh mutation
	@nice .venv/bin/python .ci/mutation.py

serve: ## production: web, worker and schedule against DATABASE_URL (see docs/operators.md)
	@sh bootstrap.sh serve
	@CARBONSEED_MODE=production exec .venv/bin/python manage.py serve --host "$(HOST)" --port "$(PORT)"
