# Installs, starts and removes both installers of a folder on a real Windows, without a person. Ends at the first fault.
param([Parameter(Mandatory)] [string] $Packages)
$ErrorActionPreference = 'Stop'
# The version is Cargo.toml's.
$version = (Select-String -Path "$PSScriptRoot\..\..\Cargo.toml" -Pattern '^version = "(.*)"$' | Select-Object -First 1).Matches.Groups[1].Value
$name = "helmsight-$version-windows-x86_64"

function Invoke-Installer([string] $Program, [string[]] $Arguments) {
    $run = Start-Process -FilePath $Program -ArgumentList $Arguments -Wait -PassThru
    if ($run.ExitCode -ne 0) { throw "$Program $Arguments ended with $($run.ExitCode)" }
}

function Test-Installed([string] $Folder, [string] $Root) {
    $printed = & "$Folder\helmsight.com" --version
    if ($printed -ne "helmsight $version") { throw "helmsight.com --version printed: $printed" }
    & "$Folder\helmsight.com" no-such-command 2>$null
    if ($LASTEXITCODE -ne 2) { throw "helmsight.com ended with $LASTEXITCODE, not with 2" }
    if (-not (Test-Path "$Folder\THIRD-PARTY.txt")) { throw 'The licenses of what is compiled in were not installed' }
    $command = Get-ItemPropertyValue "${Root}:\Software\Classes\helmsight\shell\open\command" '(default)'
    if ($command -ne "`"$Folder\helmsight.exe`" open -- `"%1`"") { throw "Links are opened with: $command" }
    if ((Get-Item "$Folder\helmsight.exe").VersionInfo.ProductVersion -notlike "$version*") { throw 'The program tells another version' }
}

function Test-Removed([string] $Folder, [string] $Root) {
    # The uninstaller goes on as a copy of itself.
    $deadline = (Get-Date).AddMinutes(1)
    while (Test-Path $Folder) {
        if ((Get-Date) -gt $deadline) { throw "$Folder is left behind" }
        Start-Sleep -Milliseconds 200
    }
    if (Test-Path "${Root}:\Software\Classes\helmsight") { throw 'Links are left behind in the registry' }
}

$setup = Resolve-Path "$Packages\$name-setup.exe"
$folder = "$env:LOCALAPPDATA\Programs\Helmsight"
Invoke-Installer $setup @('/S')
Test-Installed $folder HKCU
Invoke-Installer "$folder\uninstall.exe" @('/S')
Test-Removed $folder HKCU

$msi = Resolve-Path "$Packages\$name.msi"
$folder = "$env:ProgramFiles\Helmsight"
Invoke-Installer msiexec.exe @('/i', "`"$msi`"", '/qn', '/norestart')
Test-Installed $folder HKLM
Invoke-Installer msiexec.exe @('/x', "`"$msi`"", '/qn', '/norestart')
Test-Removed $folder HKLM
'Both installers came and went'
