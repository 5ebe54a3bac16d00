.PHONY: package-windows try-windows

package-windows: ## Cross-build and make the installers for Windows; HELMSIGHT_EXE names a program that is built already
	packaging/windows/package

try-windows: ## Install, start and remove them under Wine
	packaging/windows/try-in-wine
