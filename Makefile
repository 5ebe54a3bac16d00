# What a developer does; `make` alone lists it. Needs Rust and make; packaging/linux/dev-setup sees to the rest.
CARGO ?= cargo
LINUX := packaging/linux

.DEFAULT_GOAL := help
.PHONY: help setup run test proof bench fmt package package-stage package-deb package-rpm package-tarball package-check package-sbom

help: ## List the targets
	@awk -F ': .*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

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

proof: ## Run what takes too long for every change: many new inputs, fifty kills, soaks; PROPTEST_CASES=N, ARGS="…" picks some
	@$(LINUX)/dev-setup build run test
	REQUIRE_CHROMIUM=1 $(LINUX)/with-display --private $(LINUX)/run-proofs $(ARGS)

bench: ## Time the stages of a frame and the whole program; ARGS="decode" picks some
	@$(LINUX)/dev-setup build run test
	$(LINUX)/with-display --private $(CARGO) bench --locked --profile fast --bench stages --bench process -- $(ARGS)

fmt: ## Format the code
	$(CARGO) fmt --all

# A format is one target; those for Windows and macOS are built on their own, and by the release workflow.
package: package-deb package-rpm package-tarball ## Build all packages for Linux into out/

package-stage:
	@$(LINUX)/dev-setup build package
	@$(LINUX)/package stage

package-deb: package-stage ## Build the .deb
	@$(LINUX)/package deb

package-rpm: package-stage ## Build the .rpm
	@$(LINUX)/package rpm

package-tarball: package-stage ## Build a tarball that runs where it is unpacked
	@$(LINUX)/package tarball

package-check: package ## Validate the packages, and install, start and remove each in a bare Debian (as root); ARGS="FOLDER" has one that debootstrap made
	@$(LINUX)/dev-setup package-check
	@$(LINUX)/check-packages $(ARGS)

package-sbom: ## Write the bill of materials of each system into out/
	@packaging/sbom

include packaging/windows/targets.mk packaging/macos/targets.mk
