# The front door: `make help` lists what there is. PGXS builds the extension (extension/pgxs.mk),
# CMake the shim and the C++ tests; this file includes neither, so that it also works on a machine
# on which nothing is installed yet.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := all

TOP := $(CURDIR)
BUILD := $(TOP)/build
STATE := $(TOP)/.pgwright

# Plain pg_config may be missing before `make deps`, or belong to another version. Not exported: a
# make that starts after deps has to look again.
PG_CONFIG ?= $(firstword $(wildcard /usr/lib/postgresql/15/bin/pg_config) pg_config)
# What `make run` listens on, on 127.0.0.1.
PORT ?= 8080
# Where `make install-shim` puts the HTTP server.
PREFIX ?= /usr/local
# `make check SUITE="unit pgtap"` runs these suites only.
SUITE ?=

# One job per processor, unless the caller has said otherwise.
JOBS ?= $(shell nproc)
SUBMAKE = $(MAKE) $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(JOBS))
# One build at a time in a folder, also when `make run` and `make check` go on side by side.
LOCKED = flock $(BUILD)/lock
PGXS = $(LOCKED) $(SUBMAKE) -C $(BUILD)/pgxs -f $(TOP)/extension/pgxs.mk VPATH=$(TOP)
SCRIPT_ENV = PG_CONFIG=$(PG_CONFIG) PGWRIGHT_STATE=$(STATE)

## Building

.PHONY: all build extension shim unit-tests cmake needs-pgxs
all: build

build: extension shim ## build the extension and the shim (default)

needs-pgxs:
	@mkdir -p $(BUILD)/pgxs
	@pgxs=$$($(PG_CONFIG) --pgxs 2>/dev/null) && test -f "$$pgxs" || \
		{ echo >&2 "No server headers found for $(PG_CONFIG): run 'make deps', or set PG_CONFIG."; exit 1; }

extension: needs-pgxs
	+@$(PGXS) -s PG_CONFIG=$(PG_CONFIG) all

cmake:
	@mkdir -p $(BUILD)
	@$(LOCKED) cmake -S $(TOP) -B $(BUILD)/cmake -G Ninja >$(BUILD)/cmake.log 2>&1 || \
		{ cat $(BUILD)/cmake.log >&2; exit 1; }

shim: cmake
	@$(LOCKED) cmake --build $(BUILD)/cmake --target pgwright-shim

unit-tests: cmake
	@$(LOCKED) cmake --build $(BUILD)/cmake

## Installing

.PHONY: deps install install-shim install-private
deps: ## install the Debian packages that are missing
	@.ci/deps

install: needs-pgxs ## install the extension into the server of PG_CONFIG
	+@$(PGXS) PG_CONFIG=$(PG_CONFIG) install

install-shim: shim ## install the HTTP server under PREFIX
	@cmake --install $(BUILD)/cmake --prefix $(DESTDIR)$(PREFIX)

# Into the private copy of the server that belongs to the cluster in the folder INTO.
install-private: extension
	+@config=$$($(SCRIPT_ENV) test/cluster.sh server $(INTO)) && \
		$(PGXS) -s PG_CONFIG="$$config" install $(if $(TEST_MODULE),install-test-module)

## Running

.PHONY: run stop psql
# PG_CONFIG is looked up by the inner make, after deps.
run: deps ## start a private cluster, the shim and the demo application
	@$(MAKE) run-demo

.PHONY: run-demo
run-demo:
	@$(SCRIPT_ENV) PORT=$(PORT) MAKE=$(MAKE) exec shim/demo/run.sh start

stop: ## stop what `make run` started
	@$(SCRIPT_ENV) shim/demo/run.sh stop

psql: ## open psql in the cluster of `make run`
	@$(SCRIPT_ENV) exec test/cluster.sh psql $(STATE) pgwright

## Checking

.PHONY: check check-long bench lint format
check: deps ## lint, build and run every test (SUITE="..." picks some)
	@$(SCRIPT_ENV) MAKE=$(MAKE) test/run.sh $(SUITE)

check-long: deps ## the C++ tests again, under the sanitizers, more random life cycles and lists, large exports and imports
	@$(SCRIPT_ENV) MAKE=$(MAKE) test/run.sh sanitized lifecycle_long differential_long memory

bench: deps ## ratios of the data path to bare SQL
	@$(SCRIPT_ENV) MAKE=$(MAKE) test/bench/run.sh

lint: ## clang-format and clang-tidy
	@$(SCRIPT_ENV) test/lint.py

format: ## format every C++ file in place
	@test/lint.py --fix

## Cleaning

.PHONY: clean help
clean: ## remove build products and, when it is stopped, the demo's cluster
	@$(SCRIPT_ENV) test/cluster.sh remove $(STATE)
	@$(SCRIPT_ENV) test/run.sh --clean
	@rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
		awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'
