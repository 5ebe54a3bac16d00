; The installer for one user: no administrator, everything below this user's own folders and registry.
; packaging/windows/package gives VERSION, NUMBERS, FILES and OUT.

; The 32-bit stub of the default does nothing on a system that runs 64-bit programs only.
Target amd64-unicode
RequestExecutionLevel user
ManifestDPIAware true
; The two programs differ in two bytes: one dictionary over both stores them once.
SetCompressor /SOLID lzma
SetCompressorDictSize 64

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Helmsight"
!define APP_PATH "Software\Microsoft\Windows\CurrentVersion\App Paths\helmsight.exe"
!define CLASSES "Software\Classes"
!define RECORDING "Helmsight.Recording"
!define MENU "$SMPROGRAMS\Helmsight"
!define SHCNE_ASSOCCHANGED 0x08000000

Name "Helmsight"
BrandingText "Helmsight ${VERSION}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Helmsight"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"
VIProductVersion "${NUMBERS}.0"
VIAddVersionKey "ProductName" "Helmsight"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Helmsight setup"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "MIT or Apache 2.0"

!define MUI_ICON "${FILES}/helmsight.ico"
!define MUI_UNICON "${FILES}/helmsight.ico"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\helmsight.exe"
!define MUI_FINISHPAGE_RUN_TEXT "Open Helmsight"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_COMPONENTS
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

; A program that runs can't be replaced or removed. Asks to close it; without anybody to ask, ends with 2.
!macro EndIfRunning FILE
  ${If} ${FileExists} "$INSTDIR\${FILE}"
    again_${FILE}:
    ClearErrors
    FileOpen $0 "$INSTDIR\${FILE}" a
    ${If} ${Errors}
      MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "Helmsight is running. Close it, then try again." /SD IDCANCEL IDRETRY again_${FILE}
      SetErrorLevel 2
      Quit
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

Section "Helmsight"
  SectionIn RO
  !insertmacro EndIfRunning helmsight.exe
  !insertmacro EndIfRunning helmsight.com
  SetOutPath "$INSTDIR"
  File "${FILES}/helmsight.exe"
  File "${FILES}/helmsight.com"
  File "${FILES}/README.md"
  File /r "${FILES}/docs"
  File "${FILES}/LICENSE-MIT"
  File "${FILES}/LICENSE-APACHE"
  File "${FILES}/THIRD-PARTY.txt"
  WriteUninstaller "$INSTDIR\uninstall.exe"

  CreateDirectory "${MENU}"
  CreateShortcut "${MENU}\Helmsight.lnk" "$INSTDIR\helmsight.exe"
  ; For `helmsight tail` and the like: a terminal that knows the way. PATH itself stays as it is.
  SetOutPath "$PROFILE"
  CreateShortcut "${MENU}\Helmsight command line.lnk" "$SYSDIR\cmd.exe" '/k "set PATH=$INSTDIR;%PATH%&& helmsight --help"' "$INSTDIR\helmsight.exe"
  SetOutPath "$INSTDIR"

  WriteRegStr HKCU "${APP_PATH}" "" "$INSTDIR\helmsight.exe"

  WriteRegStr HKCU "${CLASSES}\helmsight" "" "URL:Helmsight"
  WriteRegStr HKCU "${CLASSES}\helmsight" "URL Protocol" ""
  WriteRegStr HKCU "${CLASSES}\helmsight\DefaultIcon" "" "$INSTDIR\helmsight.exe,0"
  ; Everything after `--` is an address, whatever a web page puts into a link.
  WriteRegStr HKCU "${CLASSES}\helmsight\shell\open\command" "" '"$INSTDIR\helmsight.exe" open -- "%1"'

  WriteRegStr HKCU "${CLASSES}\${RECORDING}" "" "MCAP recording"
  WriteRegStr HKCU "${CLASSES}\${RECORDING}\DefaultIcon" "" "$INSTDIR\helmsight.exe,0"
  WriteRegStr HKCU "${CLASSES}\${RECORDING}\shell\open\command" "" '"$INSTDIR\helmsight.exe" open -- "%1"'
  WriteRegStr HKCU "${CLASSES}\.mcap\OpenWithProgids" "${RECORDING}" ""
  ; Another program that opens such files keeps them.
  ReadRegStr $0 HKCR ".mcap" ""
  ${If} $0 == ""
    WriteRegStr HKCU "${CLASSES}\.mcap" "" "${RECORDING}"
  ${EndIf}

  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Helmsight"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\helmsight.exe,0"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "Helmsight"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0

  System::Call 'shell32::SHChangeNotify(i ${SHCNE_ASSOCCHANGED}, i 0, p 0, p 0)'
SectionEnd

Section "un.Helmsight"
  SectionIn RO
  !insertmacro EndIfRunning helmsight.exe
  !insertmacro EndIfRunning helmsight.com
  Delete "$INSTDIR\helmsight.exe"
  Delete "$INSTDIR\helmsight.com"
  Delete "$INSTDIR\README.md"
  Delete "$INSTDIR\docs\pictures\*.png"
  RMDir "$INSTDIR\docs\pictures"
  Delete "$INSTDIR\docs\*.md"
  RMDir "$INSTDIR\docs"
  Delete "$INSTDIR\LICENSE-MIT"
  Delete "$INSTDIR\LICENSE-APACHE"
  Delete "$INSTDIR\THIRD-PARTY.txt"
  Delete "$INSTDIR\uninstall.exe"
  ; Not with /r: what somebody else put there is theirs.
  RMDir "$INSTDIR"
  Delete "${MENU}\Helmsight.lnk"
  Delete "${MENU}\Helmsight command line.lnk"
  RMDir "${MENU}"

  DeleteRegKey HKCU "${APP_PATH}"
  DeleteRegKey HKCU "${CLASSES}\helmsight"
  DeleteRegKey HKCU "${CLASSES}\${RECORDING}"
  DeleteRegValue HKCU "${CLASSES}\.mcap\OpenWithProgids" "${RECORDING}"
  DeleteRegKey /ifempty HKCU "${CLASSES}\.mcap\OpenWithProgids"
  ReadRegStr $0 HKCU "${CLASSES}\.mcap" ""
  ${If} $0 == "${RECORDING}"
    DeleteRegValue HKCU "${CLASSES}\.mcap" ""
  ${EndIf}
  DeleteRegKey /ifempty HKCU "${CLASSES}\.mcap"
  DeleteRegKey HKCU "${UNINSTALL}"

  System::Call 'shell32::SHChangeNotify(i ${SHCNE_ASSOCCHANGED}, i 0, p 0, p 0)'
SectionEnd

; Not ticked, and never done by /S.
Section /o "un.My settings" un_settings
  RMDir /r "$APPDATA\helmsight"
SectionEnd

LangString DESC_settings ${LANG_ENGLISH} "Remove settings and window places too. Keys stay in the Credential Manager."
!insertmacro MUI_UNFUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${un_settings} $(DESC_settings)
!insertmacro MUI_UNFUNCTION_DESCRIPTION_END
