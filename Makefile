# One command each to set up, see, check, measure. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BACKEND ?= simulated
SEEDS ?= 1000
# pip only ever installs what requirements.lock names, by hash.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
SOURCES := scheduler exporters loadtests deploy tests
NPM_TOOLS := build/npm

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

## ---- set up
setup: $(VENV)/.ready ## make .venv with exactly the locked packages

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || deploy/install-packages python3-venv
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing the locked packages into $(VENV) (about a minute) …"
	@$(PIP) install --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

system: ## install the Debian packages that the tests on real parts need (root)
	@deploy/install-packages

lock: ## resolve pyproject.toml anew into requirements.lock
	$(BIN)/pip-compile --quiet --extra dev --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-emit-trusted-host --strip-extras --allow-unsafe -o requirements.lock pyproject.toml

protos: setup ## write scheduler/v1 and scheduler/agent/v1 anew from protos/
	@PATH=$(CURDIR)/$(BIN):$$PATH $(BIN)/python -m grpc_tools.protoc -I protos --python_out=. --pyi_out=. \
		--grpc_python_out=. --mypy_grpc_out=. protos/scheduler/v1/*.proto protos/scheduler/agent/v1/*.proto

## ---- see
demo: setup ## three organisations on 64 GPUs, about a minute (BACKEND=slurm: on the development Slurm)
	@$(if $(filter slurm%,$(BACKEND)),deploy/install-packages && $(BIN)/python -m deploy.slurm.devcluster up &&) \
		$(BIN)/python -m loadtests.demo --backend $(BACKEND)

slurm-up: system ## start the development Slurm: 8 nodes of 8 fake GPUs on this machine
	@$(PYTHON) -m deploy.slurm.devcluster up

slurm-down: ## stop the development Slurm
	@$(PYTHON) -m deploy.slurm.devcluster down

## ---- check
lint: setup $(NPM_TOOLS)/node_modules/.bin/buf ## style of code and protos
	@$(BIN)/ruff check $(SOURCES) && $(BIN)/ruff format --check $(SOURCES)
	@cd protos && ../$(NPM_TOOLS)/node_modules/.bin/buf lint

$(NPM_TOOLS)/node_modules/.bin/buf:
	@command -v npm >/dev/null || deploy/install-packages nodejs npm
	@mkdir -p $(NPM_TOOLS) && npm install --silent --no-fund --no-audit --prefix $(NPM_TOOLS) @bufbuild/buf@1.75.0

types: setup ## mypy, strict
	@$(BIN)/mypy

quick: setup ## the tests that need no other program than Python
	@$(BIN)/pytest -q -m "not slurm and not postgres and not prometheus"

test: setup system lint types ## lint, types, every test on real Slurm, PostgreSQL and Prometheus, and 10,000 worlds
	@$(BIN)/pytest -q
	@$(MAKE) --no-print-directory check-fairness

## ---- measure
bench-submit: setup ## durable SubmitJob against an empty call, and p95 at 50 clients
	@$(BIN)/python -m loadtests.bench_submit

bench-restart: setup system ## a start on 100,000 live jobs, SQLite and PostgreSQL
	@$(BIN)/python -m loadtests.bench_restart

bench-cli: setup ## how long help, `tendik queue` and completions take cold
	@$(BIN)/python -m loadtests.bench_cli

bench-receipts: setup ## what a receipt costs a cycle, live and national
	@$(BIN)/python -m loadtests.bench_receipts

bench-audit: setup ## what the audit costs a cycle of 50,000 pending jobs
	@$(BIN)/python -m loadtests.bench_audit

bench-agent: setup ## what the agent adds to a read of 1,000 nodes and 10,000 jobs
	@$(BIN)/python -m loadtests.bench_agent

bench-simulate: setup ## `tendik policy simulate` whole: 30 days, 100,000 jobs, old policy against new
	@$(BIN)/python -m loadtests.bench_simulate

bench-api: setup ## SubmitJob's p99 while a cycle of 50,000 pending jobs runs, against idle
	@$(BIN)/python -m loadtests.bench_api_during_cycle

slurmctld-down: setup system ## calls while slurmctld is dead for MINUTES (10), and the cycles until all goes on
	@$(BIN)/python -m loadtests.slurmctld_down --minutes $(or $(MINUTES),10)

failover: setup system ## a leader killed, stopped in order, and stopped at each of its steps, 5 minutes
	@$(BIN)/python -m loadtests.failover

sbatch-oracle: setup system ## our reader of scripts against sbatch itself, on a corpus and on generated ones (GENERATED=10000 [SEED=n])
	@$(BIN)/python -m loadtests.sbatch_oracle --generated $(or $(GENERATED),10000) $(if $(SEED),--seed $(SEED))

texts: setup ## bring the catalogues of kk and ru up to the code, and list what is to be translated
	@$(BIN)/python -m loadtests.texts

texts-check: setup ## every sentence in three languages, every error with reason, place and mend
	@$(BIN)/python -m loadtests.texts --check

sbatch-tables: setup ## write the tables of docs/sbatch.md from the options that are used
	@$(BIN)/python -m loadtests.sbatch_oracle.tables

overload: setup system ## 300 jobs of 12 organisations on the development Slurm
	@$(BIN)/python -m loadtests.overload

head-to-head: setup system ## Slurm alone against the service in front of it, half an hour (TRACE=file.csv.gz)
	@$(BIN)/python -m loadtests.head_to_head $(if $(TRACE),--trace $(TRACE)) $(if $(WHO),--who $(WHO)) \
		$(if $(AGAIN),--again $(AGAIN))

sim-truth: setup system ## the simulator against real Slurm, 10 minutes (TRACE=file.csv.gz)
	@$(BIN)/python -m loadtests.sim_truth $(if $(TRACE),--trace $(TRACE))

replay: setup ## a trace through the service and other schedulers (TRACE=file.csv.gz [LOAD=0.85] [JOBS=n] [RECALL=0.3])
	@$(BIN)/python -m loadtests.replay --trace $(or $(TRACE),twelve-overloaded) $(if $(LOAD),--load $(LOAD)) \
		$(if $(JOBS),--jobs $(JOBS)) $(if $(RECALL),--recall $(RECALL)) $(REPLAY)

eta-check: setup ## the start times told to waiting jobs against those that came (TRACE=file.csv.gz [JOBS=n] [LOAD=0.85])
	@$(BIN)/python -m loadtests.eta_check --trace $(or $(TRACE),twelve-overloaded) $(if $(JOBS),--jobs $(JOBS)) \
		$(if $(LOAD),--load $(LOAD)) $(ETA)

eta-slurm: setup system ## start times told beside those that came: squeue --start and ours, 20 minutes (TRACE=file.csv.gz)
	@$(BIN)/python -m loadtests.eta_slurm $(if $(TRACE),--trace $(TRACE)) $(if $(JOBS),--jobs $(JOBS))

replay-tables: setup ## write docs/replays.md from the replays of traces that were made
	@$(BIN)/python -m loadtests.replay.tables

chaos: setup system ## faults on a real Slurm, ours beside a naive submitter (ROUNDS=200 [SEED=n] [ONLY="node died"])
	@$(BIN)/python -m loadtests.chaos --rounds $(or $(ROUNDS),200) $(if $(SEED),--seed $(SEED)) \
		$(if $(ONLY),--only "$(ONLY)")

workflow-tools: setup system ## submitit, dask-jobqueue, snakemake and Parsl through the shims, 5 minutes
	@$(BIN)/python -m loadtests.workflow_tools

quick-start: setup system ## from a clean login to the first running job, by docs/researchers.md as written, on a real Slurm
	@$(BIN)/python -m loadtests.quick_start

journey: setup system ## a researcher's way on a real Slurm, command by command (LANGUAGE=kk, ru or en)
	@$(BIN)/python -m loadtests.journey --language $(or $(LANGUAGE),en)

hold-cost: setup system ## what it costs that jobs are held first: from a submission to the user's code
	@$(BIN)/python -m loadtests.chaos.hold_cost

sdiag-rate: setup system ## how many jobs a second slurmctld's own backfill considers here
	@$(BIN)/python -m loadtests.sdiag_rate

load: setup ## locust against a service of its own, 30 seconds, without a browser
	@$(BIN)/python -m loadtests.locust_run

bench-allocator: setup system ## a cycle at every length of queue, beside slurmctld's own backfill
	@$(BIN)/python -m loadtests.bench_allocator

starvation: setup ## an endless stream of small jobs against a gang of the whole cluster (SEEDS=1000)
	@$(BIN)/python -m loadtests.starvation --seeds $(SEEDS)

sharing: setup ## who idles and then bursts, against a private partition
	@$(BIN)/python -m loadtests.sharing

check-fairness: setup ## generated worlds through every allocator and every check (EXAMPLES=10000)
	@$(BIN)/python -m loadtests.check_fairness --examples $(or $(EXAMPLES),10000)

why-check: setup ## what `why` tells: planted blockers, changes made, and the time it takes
	@$(BIN)/python -m loadtests.why_check

policy-way: setup ## two admins change the policy on a loaded development Slurm, and take it back
	@$(BIN)/python -m loadtests.policy_way

policy-convergence: setup ## a share falls on a full development Slurm: who has too much gives it back in time
	@$(BIN)/python -m loadtests.policy_convergence

budget-check: setup ## grants: lives of jobs that break no balance, and a real Slurm whose accounting agrees
	@$(BIN)/python -m loadtests.budget_check

onboarding-way: setup ## organisations come from one file, and leave, on a loaded development Slurm with its own accounts
	@$(BIN)/python -m loadtests.onboarding_way

admin-views: setup ## the overview and an organisation's arithmetic as they look, and their time at 10,000 pending
	@$(BIN)/python -m loadtests.admin_views

policy-check: setup ## changes of the policy: forecasts that come true, bad policies that are stopped
	@$(BIN)/python -m loadtests.policy_check

simulate: setup ## seeded schedules of faults: nothing lost, nothing run twice (SEEDS=10000)
	@$(BIN)/python -m loadtests.simulate --seeds $(SEEDS)

planted-bugs: setup ## plant each bug of the submit protocol: which seed finds it?
	@$(BIN)/python -m loadtests.planted

mutants: setup ## plant each defect of tests/mutants and see whether the tests find it
	@$(BIN)/python -m loadtests.mutants

crash-points: setup system ## let the service die at every commit and every call, on both databases
	@$(BIN)/python -m loadtests.crash_points

measure: bench-submit bench-cli texts-check overload ## measure every figure

figures: setup ## every measured figure as one table
	@$(BIN)/python -m loadtests.figures

clean: ## remove what the targets above made, the running development Slurm included
	@-$(PYTHON) -m deploy.slurm.devcluster down --purge
	@rm -rf build $(VENV)

.PHONY: $(shell sed -nE 's/^([a-z-]+):.*/\1/p' $(firstword $(MAKEFILE_LIST)))
