//! Knows which files can run programs once they are opened, by their endings. These are not saved or opened without a
//! question.

/// The endings, by the system or the program that runs them.
const ENDINGS: &[&[&str]] = &[
    // Programs, installers and scripts of Windows, and what makes it start one.
    &[
        "ade",
        "adp",
        "appinstaller",
        "application",
        "appref-ms",
        "appx",
        "appxbundle",
        "bat",
        "chm",
        "cmd",
        "com",
        "cpl",
        "diagcab",
        "dll",
        "drv",
        "exe",
        "gadget",
        "hlp",
        "hta",
        "inf",
        "ins",
        "isp",
        "js",
        "jse",
        "library-ms",
        "lnk",
        "mde",
        "msc",
        "mshxml",
        "msi",
        "msix",
        "msixbundle",
        "msp",
        "mst",
        "ocx",
        "pcd",
        "pif",
        "ps1",
        "ps1xml",
        "ps2",
        "ps2xml",
        "psc1",
        "psc2",
        "psd1",
        "psm1",
        "reg",
        "scf",
        "scr",
        "sct",
        "search-ms",
        "searchconnector-ms",
        "settingcontent-ms",
        "shb",
        "shs",
        "sys",
        "theme",
        "themepack",
        "url",
        "vb",
        "vbe",
        "vbs",
        "vhd",
        "vhdx",
        "vxd",
        "website",
        "ws",
        "wsc",
        "wsf",
        "wsh",
        "xbap",
        "xll",
        "xnk",
    ],
    // Programs, packages and scripts of Linux.
    &[
        "appimage",
        "csh",
        "deb",
        "desktop",
        "flatpak",
        "flatpakref",
        "flatpakrepo",
        "fish",
        "ksh",
        "rpm",
        "run",
        "service",
        "sh",
        "shar",
        "snap",
        "so",
        "timer",
        "zsh",
        "bash",
    ],
    // Programs, images and scripts of macOS.
    &[
        "action",
        "app",
        "applescript",
        "command",
        "dmg",
        "dylib",
        "fileloc",
        "inetloc",
        "kext",
        "mobileconfig",
        "mpkg",
        "osx",
        "pkg",
        "prefpane",
        "scpt",
        "scptd",
        "terminal",
        "tool",
        "webloc",
        "workflow",
    ],
    // What an interpreter runs.
    &[
        "apk", "class", "crx", "ear", "ipa", "jar", "jnlp", "lua", "mjs", "cjs", "php", "pl", "py",
        "pyc", "pyo", "pyw", "pyz", "pyzw", "rb", "tcl", "war", "xpi",
    ],
    // Documents with macros or programs in them, and images of disks, which hide where their files come from.
    &[
        "accda", "accdb", "accde", "accdr", "accdu", "doc", "docm", "dot", "dotm", "iqy", "mam",
        "maw", "mda", "mdb", "odc", "one", "onepkg", "oqy", "pot", "potm", "ppa", "ppam", "pps",
        "ppsm", "ppt", "pptm", "pub", "rqy", "sldm", "slk", "wiz", "xla", "xlam", "xlm", "xls",
        "xlsb", "xlsm", "xlt", "xltm", "xlw", "img", "iso", "udf", "vmdk",
    ],
];

/// Tells whether a file of this name may run a program when it is opened.
pub fn can_run(name: &str) -> bool {
    let name = name.trim_end_matches([' ', '.']);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.trim().to_ascii_lowercase());
    ending.is_some_and(|ending| ENDINGS.iter().any(|of| of.contains(&ending.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_from_what_is_only_read() {
        for risky in [
            "setup.exe",
            "Setup.EXE",
            "a.b.msi",
            "run.sh",
            "tool.desktop",
            "report.docm",
            "old.doc",
            "x.AppImage",
            "pic.jpg.js",
            "trailing.exe. ",
            "link.url",
            "disk.iso",
            "tool.jar",
            ".desktop",
        ] {
            assert!(can_run(risky), "{risky}");
        }
        for plain in [
            "report.pdf",
            "a.zip",
            "data.csv",
            "photo.jpeg",
            "notes",
            "report.docx",
            "exe",
            "a.tar.gz",
            "",
        ] {
            assert!(!can_run(plain), "{plain}");
        }
    }
}
