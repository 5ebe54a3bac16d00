# What a developer does; `make` alone lists it. Needs Rust and make; packaging/linux/dev-setup sees to the rest.
CARGO ?= cargo
LINUX := packaging/linux

.DEFAULT_GOAL := help
.PHONY: help setup run test bench fmt

help: ## List the targets
	@awk -F ': .*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing to build, run and test (apt, where permitted)
	@$(LINUX)/dev-setup build run test

run: ## Build and open the window; ARGS="…" are passed on
	@$(LINUX)/dev-setup build run
	$(CARGO) build --locked --profile fast
	@$(LINUX)/run-window $(ARGS)

test: ## Check format and lints, run every test, with a real Chromium
	@$(LINUX)/dev-setup build run test
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	REQUIRE_CHROMIUM=1 $(LINUX)/with-display --private $(LINUX)/run-tests

bench: ## Time the stages of a frame and the whole program; ARGS="decode" picks some
	@$(LINUX)/dev-setup build run test
	$(LINUX)/with-display --private $(CARGO) bench --locked --profile fast --bench stages --bench process -- $(ARGS)

fmt: ## Format the code
	$(CARGO) fmt --all

include packaging/windows/targets.mk packaging/macos/targets.mk
