# `make` lists the targets. Everything needs Go and nothing else, apart from the targets that say they run on a private
# Incus: those want root and Debian, and install what they need (test/testbed).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# A fresh machine has Go where its archive was unpacked.
export PATH := $(PATH):/usr/local/go/bin

PREFIX ?= /usr/local
TOOL := go tool -modfile=$(CURDIR)/tools/go.mod
BUILD := CGO_ENABLED=0 go build -trimpath -ldflags '-s -w'
# What icc-init runs on: the servers' architectures, not this machine's.
INIT_ARCHITECTURES := amd64 arm64
PLUGINS := $(patsubst plugins/%/main.go,%,$(wildcard plugins/*/main.go))

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build icc, its plugins and icc-init into bin/, ready to run from there
	@mkdir -p bin
	$(BUILD) -o bin/icc ./cmd/icc
	@for arch in $(INIT_ARCHITECTURES); do \
		echo "GOOS=linux GOARCH=$$arch $(BUILD) -o bin/icc-init-linux-$$arch ./cmd/icc-init"; \
		GOOS=linux GOARCH=$$arch $(BUILD) -o "bin/icc-init-linux-$$arch" ./cmd/icc-init; \
	done
	@for plugin in $(PLUGINS); do \
		echo "$(BUILD) -o bin/icc-plugin-$$plugin ./plugins/$$plugin"; \
		$(BUILD) -o "bin/icc-plugin-$$plugin" "./plugins/$$plugin"; \
	done

.PHONY: install
install: build ## Install under PREFIX (/usr/local)
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/lib/icc/plugins'
	install -t '$(DESTDIR)$(PREFIX)/bin' bin/icc
	install -t '$(DESTDIR)$(PREFIX)/lib/icc/plugins' bin/icc-plugin-* $(INIT_ARCHITECTURES:%=bin/icc-init-linux-%)

.PHONY: test
test: ## Run all tests on a private Incus, which is gone afterwards (about 15 minutes)
	@tools/test

.PHONY: test-unit
test-unit: ## Run the tests that need no Incus
	go test ./...

.PHONY: bench
bench: build ## Measure against the floor on a private Incus; prints a table
	test/testbed/bed install
	go run -tags incus ./test/bench

.PHONY: demo
demo: build ## Bring up examples/guestbook on your Incus, or on a private one, and show it
	@examples/demo.sh up

.PHONY: demo-down
demo-down: ## Remove the demo and its data
	@[[ -x bin/icc ]] || $(MAKE) --no-print-directory build
	@examples/demo.sh down

.PHONY: proto
proto: proto-lint ## Generate the protocol's Go code and the image that later changes are compared with
	cd sdk/proto && $(TOOL) buf generate
	cd sdk/proto && $(TOOL) buf build --exclude-source-info -o image.binpb

.PHONY: proto-lint
proto-lint: # Lint the protocol, and compare it with the committed image for changes that break old plugins.
	cd sdk/proto && $(TOOL) buf lint
	cd sdk/proto && $(TOOL) buf breaking --against image.binpb

.PHONY: check
check: check-format check-vet check-lint check-shell proto-lint check-generated check-rules ## Format, vet, lint, protocol, generated code, house rules, docs
	@echo 'make check: everything is in order'

.PHONY: check-format
check-format:
	@bad=$$(git ls-files -z --cached --others --exclude-standard '*.go' | xargs -0 gofmt -l); \
	[[ -z $$bad ]] || { echo "not formatted, run gofmt -w:"; echo "$$bad"; exit 1; }

.PHONY: check-vet
check-vet:
	go vet ./...
	go vet -tags incus ./...

.PHONY: check-lint
check-lint:
	$(TOOL) staticcheck ./...
	$(TOOL) staticcheck -tags incus ./...

.PHONY: check-shell
check-shell:
	@if command -v shellcheck >/dev/null; then tools/shell-scripts | xargs -d '\n' shellcheck; \
	else echo 'shellcheck is not installed: shell scripts are not checked'; fi

.PHONY: check-generated
check-generated:
	@tools/generated-in-sync

.PHONY: check-rules
check-rules: # Imports, file lengths, doc.go, links and commands in the docs; documents that are made from code.
	go test ./test/rules/...
	go test -run TestDocs ./core/compose

.PHONY: clean
clean: ## Remove what was built, and a demo on a private Incus
	@[[ ! -e bin/.demo-private ]] || examples/demo.sh down
	rm -rf bin
