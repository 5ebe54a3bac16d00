//! Starts the program; everything is in the library.

fn main() -> std::process::ExitCode {
    helmsight::cli::run()
}
