.PHONY: package-macos

package-macos: ## Build, sign and pack the program for macOS, on a Mac
	packaging/macos/package
