# Every target sets up what it needs in .venv; nothing outside this folder is touched.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
ENGINES := systemd-container buildah podman runc iptables

.DEFAULT_GOAL := help
.PHONY: help demo test model fleet bench blobs fuzz messages faults guide guide-play fix lock clean deb packages ha axe story trial screenshots profile

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(VENV)/run.stamp: requirements/run.txt pyproject.toml
	@test -x $(BIN)/python || { echo "Setting up .venv: a minute or two, the first time only." >&2; $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/browser.stamp: $(VENV)/run.stamp
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || test -n "$(SLUSS_CHROMIUM)" \
	  || apt-get install -qq -y --no-install-recommends chromium >/dev/null 2>&1 \
	  || { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium >/dev/null; } \
	  || { echo "The tests need Chromium: install it, or name it in SLUSS_CHROMIUM."; exit 1; }
	@touch $@

$(VENV)/debian.stamp: $(VENV)/dev.stamp tests/kit/debian.py
	@$(BIN)/python -m tests.kit.debian >/dev/null
	@touch $@

demo: $(VENV)/run.stamp  ## a hub and ten desks of eight units play a story; ARGS="--help" lists the options
	@$(BIN)/sluss demo $(ARGS)

test: $(VENV)/dev.stamp $(VENV)/browser.stamp $(VENV)/debian.stamp  ## style, types, import order and every test; ARGS go to pytest
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest --numprocesses auto --dist worksteal $(ARGS)

model: $(VENV)/dev.stamp  ## the model of the protocol in a larger bound than in make test; some minutes
	@$(BIN)/python -m tests.model.run

fleet: $(VENV)/dev.stamp  ## 12 units, 50 devices, 100,000 documents, 120 days; long; ARGS="FOLDER --minutes N" keeps the raw log
	@$(BIN)/python -m tests.fleet $(ARGS)

faults: $(VENV)/dev.stamp  ## kills, bit flips, full disks, floods, power cuts, wrong clocks; long; ARGS="FOLDER NAME ... --minutes N"
	@$(BIN)/python -m tests.faults $(ARGS)

blobs: $(VENV)/dev.stamp  ## a file of a gigabyte through a hub, with kills at random instants; some minutes
	@SLUSS_FILE_MIB=1000 SLUSS_KILLS=4 $(BIN)/pytest -q -s tests/flow/test_large_file.py

bench: $(VENV)/dev.stamp  ## one JSON line per figure; ARGS="name ..." runs some of them
	@$(BIN)/python -m tests.bench $(ARGS)

profile: $(VENV)/dev.stamp  ## where a hub's time goes while 32 connections deposit; one JSON line per case
	@$(BIN)/python -m tests.bench.profile

messages: $(VENV)/dev.stamp  ## bring the catalogues of other languages up to date; prints what lacks a translation
	@$(BIN)/python -m tests.kit.messages

guide: $(VENV)/run.stamp  ## draw the chapters of client/GUIDE.md from the declarations and from client/guide/
	@$(BIN)/python -m client.cli.guide

deb: $(VENV)/dev.stamp  ## Debian packages of hub and client, in build/
	@$(BIN)/python -m deploy.packages.deb

packages: $(VENV)/dev.stamp $(VENV)/debian.stamp  ## packages, units, image and every command of deploy/README.md, for real (root)
	@command -v systemd-nspawn buildah podman runc iptables >/dev/null || apt-get install -qq -y --no-install-recommends $(ENGINES) >/dev/null \
	  || { apt-get update -qq && apt-get install -qq -y --no-install-recommends $(ENGINES) >/dev/null; } \
	  || { echo "Install $(ENGINES)."; exit 1; }
	@$(BIN)/python -m tests.deploy.in_debian
	@$(BIN)/python -m tests.deploy.in_container

ha: $(VENV)/dev.stamp  ## twenty fail-overs of the database under load: HAProxy, Patroni, etcd; ARGS="--failovers N"
	@command -v haproxy etcd patroni >/dev/null && ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 \
	  || { apt-get update -qq && RUNLEVEL=1 apt-get install -qq -y --no-install-recommends haproxy etcd-server patroni \
	  postgresql >/dev/null; } || { echo "Install haproxy, etcd-server, patroni and postgresql."; exit 1; }
	@$(BIN)/pytest --numprocesses 0 tests/ha/control_failover.py
	@$(BIN)/python -m tests.ha.run $(ARGS)

fuzz: $(VENV)/dev.stamp  ## a hundred thousand altered frames against a hub; ARGS="COUNT SEED"
	@$(BIN)/python -m tests.hostile.frame_fuzz $(ARGS)

guide-play: $(VENV)/dev.stamp  ## type every command of the guide's steps in real offices; two minutes; ARGS="F3 F5" for some
	@$(BIN)/python -m tests.guide $(ARGS)

axe: $(VENV)/dev.stamp $(VENV)/browser.stamp  ## axe-core over every page and form, in every size, colour and language; some minutes
	@SLUSS_AXE=all $(BIN)/pytest -q --numprocesses 0 tests/browser/test_accessible.py

story: $(VENV)/dev.stamp $(VENV)/browser.stamp  ## the whole story at the pages: by mouse and by keyboard, in both languages; long
	@SLUSS_STORY=all $(BIN)/pytest -q --numprocesses 0 tests/browser/test_story.py

trial: $(VENV)/dev.stamp $(VENV)/browser.stamp  ## somebody who has read nothing answers a consultation in the demo; steps and seconds
	@$(BIN)/python -m tests.browser.trial

screenshots: $(VENV)/dev.stamp $(VENV)/browser.stamp  ## draw the main pages in both languages anew, into deploy/pictures
	@$(BIN)/python -m tests.browser.pictures

fix: $(VENV)/dev.stamp  ## put style right where a machine can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: $(VENV)/dev.stamp  ## renew the hashed locks (needs uv)
	@for name in run postgres pack dev; do uv pip compile --quiet --upgrade --generate-hashes --no-header --no-emit-index-url \
	  --universal --python-version 3.11 requirements/$$name.in -o requirements/$$name.txt; done

clean:  ## remove .venv and caches
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build *.egg-info
