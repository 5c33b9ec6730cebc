# Needs Go, make and a way to the Go module proxy. Everything else is built from go.mod and tools/go.mod.

GO     ?= go
LINTER := bin/golangci-lint
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

# The race detector needs a C compiler. Asked when a recipe runs, since `make test` may have just installed one.
RACE = $(shell [ "$$($(GO) env CGO_ENABLED)" = 1 ] && command -v "$$($(GO) env CC | cut -d' ' -f1)" >/dev/null && echo -race)

FUZZTIME  ?= 10s
BENCHTIME ?= 1s
CRASH     ?= all
PACKAGES  ?= ./...

# Tests of a package at a time: three for each processor, since those of whole programs wait for most of their time.
AT_ONCE   ?= $(shell echo $$((3 * $$(getconf _NPROCESSORS_ONLN))))

.DEFAULT_GOAL := help
.PHONY: help test check lint fix fmt fmt-check tidy-check vet race ui ui-check page screenshots build bench demo fuzz node-clients conformance kill crash simulate clean

help: ## show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

test: ## install what the tests need, then do what CI does
	@scripts/dependencies
	@$(MAKE) check

check: fmt-check tidy-check vet lint race ui-check page node-clients ## what CI runs: format, tidy, vet, lint, tests with the race detector, the page

fix: $(LINTER) ## format, and let the linter mend what it can
	@$(LINTER) run --fix $(PACKAGES) && $(LINTER) fmt

fmt: $(LINTER) ## format the Go code
	@$(LINTER) fmt

fmt-check: $(LINTER) ## say what is not formatted
	@echo "format"
	@$(LINTER) fmt --diff >bin/fmt.diff || { cat bin/fmt.diff; echo "Not formatted: run 'make fmt'."; exit 1; }

tidy-check: ## say whether go.mod lists what the code imports
	@echo "go.mod"
	@$(GO) mod tidy -diff || { echo "go.mod is not tidy: run 'go mod tidy'."; exit 1; }

vet: ## run go vet
	@echo "vet"
	@$(GO) vet $(PACKAGES)

lint: $(LINTER) ## run the linter of tools/go.mod
	@echo "lint"
	@$(LINTER) run $(PACKAGES)

# Vet has a stage of its own, which looks for more than go test would look for again.
race: ## run the tests, with the race detector where there is a C compiler
	@echo "tests $(if $(RACE),with,without) the race detector"
	@$(GO) test $(RACE) -vet=off -timeout 30m -parallel $(AT_ONCE) $(PACKAGES)

ui: ## build the page into ui/dist, which is committed (needs Node)
	@scripts/ui build

ui-check: ## say whether ui/dist and the page's types are fresh; lint and unit tests of the page
	@echo "the page: types, lint, unit tests, ui/dist"
	@scripts/ui check

page: ## try the page in Chromium
	@echo "the page in Chromium"
	@scripts/ui test

screenshots: ## take the pictures of docs/images
	@scripts/ui screenshots

build: ## build bin/evercred
	@$(GO) build -trimpath -o bin/evercred ./cmd/evercred

demo: ## run the demo: an emulated cloud and a server in one process
	@$(GO) run ./cmd/evercred demo

bench: ## run the benchmarks (BENCHTIME=1s)
	@$(GO) test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) -timeout 30m $(PACKAGES)

fuzz: ## run every fuzz target for a moment (FUZZTIME=10s)
	@FUZZTIME=$(FUZZTIME) scripts/fuzz

node-clients: ## try Microsoft's clients for Node against the emulator, if Node is there
	@echo "Microsoft's clients for Node"
	@if command -v npm >/dev/null; then emulator/conformance/run node; else echo "skipped: there is no npm here"; fi

conformance: ## try unmodified clients against the emulator; installs the Azure CLI (minutes)
	@emulator/conformance/run

kill: ## kill the server at each remote call of a renewal and look what is left
	@$(GO) test -count=1 -v -run 'Kill' -timeout 30m $(PACKAGES)

crash: ## disturb every kind of change at every point and look what is left (CRASH='renew/*/kill')
	@CRASH='$(CRASH)' $(GO) test -count=1 -v -run TestMatrix -timeout 30m ./internal/crash

simulate: ## live through years of thousands of accounts (SEED= ACCOUNTS=200 YEARS=10 WORLDS=10 TRACE=)
	@SIMULATE=1 $(GO) test -count=1 -v -timeout 60m -run '^TestSimulate$$' ./internal/simulation | grep --line-buffered -v '^=== '

clean: ## remove what was built here
	@rm -rf bin

# A tool of a module of its own, so that its dependencies are not the product's. Go's build cache keeps it.
$(LINTER): tools/go.mod tools/go.sum
	@echo "building golangci-lint (once; a minute or two on a cold cache)"
	@$(GO) build -C tools -o ../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@
