//! Gives the Windows program its icon, its version (Cargo.toml's) and its manifest. Does nothing for other systems.

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=packaging/windows/helmsight.ico");
    println!("cargo::rerun-if-changed=packaging/windows/helmsight.exe.manifest");
    // The system that is built for, which need not be the one that builds.
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("windows") {
        return Ok(());
    }
    winresource::WindowsResource::new()
        .set_icon("packaging/windows/helmsight.ico")
        .set_manifest_file("packaging/windows/helmsight.exe.manifest")
        .set_language(0x0409)
        // Shown as the program's name by the task manager and by “Open with”.
        .set("FileDescription", "Helmsight")
        .set("ProductName", "Helmsight")
        .set("OriginalFilename", "helmsight.exe")
        .set("LegalCopyright", "MIT or Apache 2.0")
        .compile_for("helmsight")
}
