//! Reads the command line, which has one subcommand per noun, and opens the window where there is none.

pub mod doctor;
mod failure;
pub mod host;
pub mod key;
pub mod open;
mod print;
pub mod record;
pub mod recordings;
pub mod session_url;
pub mod snapshot;
pub mod tail;

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::base::{Interrupts, redact};

/// Exit codes, the same for every subcommand.
pub mod exit {
    /// The command did what it was asked for.
    pub const OK: u8 = 0;
    /// The command failed; standard error says why and what to do.
    pub const FAILED: u8 = 1;
    /// The command line could not be understood.
    pub const USAGE: u8 = 2;
    /// The server gave a final answer: refused, not found, over.
    pub const REFUSED: u8 = 3;
    /// The command was stopped by Ctrl+C or a termination signal.
    pub const INTERRUPTED: u8 = 130;
}

const AFTER_HELP: &str = "\
Examples:
  helmsight                                     Open the window
  helmsight open https://example.com            Watch that page in a browser on this machine
  helmsight open https://api.example/computers/abc
                                                Watch a session of a service
  helmsight host --listen 127.0.0.1:7700        Serve sessions without a window
  helmsight tail http://127.0.0.1:7700/computers/abc
                                                Print a session's events as JSON lines

Environment:
  TZAFON_API_KEY           Key of the service, never given on a command line
  LIGHTCONE_BASE_URL       Its base URL (also COMPUTER_BASE_URL)
  LIGHTCONE_CUSTOM_HEADERS More headers, one `Name: value` per line
  HELMSIGHT_TOKEN          Key for the address on the command line
  HELMSIGHT_CHROMIUM       Browser to start
  HELMSIGHT_CONFIG_DIR     Where settings are kept
  HELMSIGHT_LOG            What is logged to standard error, e.g. `helmsight=debug`

Exit codes: 0 done · 1 failed · 2 command line not understood · 3 the server refused for good · 130 interrupted";

/// Watch and steer live browser sessions in a native window.
#[derive(Debug, Parser)]
// The name is given, because Windows calls the program helmsight.com or helmsight.exe.
#[command(version, about, bin_name = "helmsight", after_help = AFTER_HELP, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<CliCommand>,

    /// A helmsight:// link or a recording, as a desktop hands it over
    #[arg(value_name = "LINK", value_parser = open::handed_over)]
    link: Option<String>,

    #[command(flatten)]
    window: open::WindowArgs,
}

#[derive(Debug, Subcommand)]
enum CliCommand {
    /// Open the window on pages or sessions
    Open(open::OpenArgs),
    /// Serve sessions on this machine without a window
    Host(Box<host::HostArgs>),
    /// Print a session's events, or any event stream, as JSON lines
    Tail(tail::TailArgs),
    /// Save the current picture of a session as PNG
    Snapshot(snapshot::SnapshotArgs),
    /// Record sessions to a file without a window
    Record(record::RecordArgs),
    /// Finish recordings that were cut off
    Recover(recordings::RecoverArgs),
    /// Check the seals of recordings
    Verify(recordings::VerifyArgs),
    /// Keep the key of a server in the keyring
    Key(key::KeyArgs),
    /// Check display, renderer, browser, keyring and network, and say what to do
    Doctor(doctor::DoctorArgs),
}

/// Runs the command line to its end.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(err) => return not_understood(&err),
    };
    start_logging();
    let result = match cli.command {
        None => open::run_window(cli.link.as_deref(), cli.window),
        Some(CliCommand::Open(args)) => open::run(args),
        // The host handles an interrupt itself, because it then ends its sessions in order.
        Some(CliCommand::Host(args)) => on_runtime(host::run(*args)),
        Some(CliCommand::Tail(args)) => block_on(tail::run(args)),
        Some(CliCommand::Snapshot(args)) => block_on(snapshot::run(args)),
        // An interrupt ends the recording in order.
        Some(CliCommand::Record(args)) => on_runtime(record::run(args)),
        Some(CliCommand::Recover(args)) => recordings::run_recover(args),
        Some(CliCommand::Verify(args)) => recordings::run_verify(args),
        Some(CliCommand::Key(args)) => key::run(&args),
        Some(CliCommand::Doctor(args)) => block_on(doctor::run(args)),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            failure::report(&failure);
            ExitCode::from(exit::FAILED)
        }
    }
}

/// Says what is wrong with the command line, or prints the help that it asks for. The passwords of addresses are hidden,
/// because what was typed is quoted.
fn not_understood(err: &clap::Error) -> ExitCode {
    let code = u8::try_from(err.exit_code()).unwrap_or(exit::USAGE);
    if err.use_stderr() {
        let styled = err.render();
        let text = match std::io::stderr().is_terminal() {
            true => styled.ansi().to_string(),
            false => styled.to_string(),
        };
        let shown = without_passwords(text, std::env::args_os().skip(1));
        print::say(shown.trim_end_matches('\n'));
    } else if let Err(why) = err.print().and_then(|()| std::io::stdout().flush()) {
        print::say(format_args!("helmsight: Could not write to standard output: {why}"));
        return ExitCode::from(exit::FAILED);
    }
    ExitCode::from(code)
}

/// Hides the passwords of the addresses among `arguments` in a text that may quote them.
fn without_passwords(text: String, arguments: impl Iterator<Item = OsString>) -> String {
    let mut text = text;
    for argument in arguments.filter_map(|argument| argument.into_string().ok()) {
        // The value of an option may follow its name.
        let values = [Some(argument.as_str()), argument.split_once('=').map(|(_, value)| value)];
        for value in values.into_iter().flatten() {
            if let Some(shown) = without_password(value) {
                text = text.replace(value, &shown);
            }
        }
    }
    redact::text(&text).into_owned()
}

/// Returns an argument with its password hidden; `None` where it has none. What is no address may have been meant as one.
fn without_password(value: &str) -> Option<String> {
    if let Cow::Owned(shown) = redact::address(value) {
        return Some(shown);
    }
    let meant = format!("http://{value}");
    match redact::text(&meant) {
        Cow::Owned(shown) => shown.strip_prefix("http://").map(str::to_owned),
        Cow::Borrowed(_) => None,
    }
}

/// Runs a command until its end or until it is interrupted.
fn block_on(command: impl Future<Output = anyhow::Result<u8>>) -> anyhow::Result<u8> {
    on_runtime(async {
        // The handlers stand before the command prints a line.
        let mut interrupts = Interrupts::listen();
        tokio::select! {
            () = interrupts.next() => Ok(exit::INTERRUPTED),
            result = command => result,
        }
    })
}

/// Runs a command on a runtime of its own, which ends within a second of the command.
fn on_runtime(command: impl Future<Output = anyhow::Result<u8>>) -> anyhow::Result<u8> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("helmsight-io")
        .build()?;
    let result = runtime.block_on(command);
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    result
}

fn start_logging() {
    use tracing_subscriber::filter::{LevelFilter, Targets};
    use tracing_subscriber::prelude::*;
    let usual = || {
        Targets::new().with_target("helmsight", LevelFilter::INFO).with_default(LevelFilter::ERROR)
    };
    let filter = match std::env::var("HELMSIGHT_LOG") {
        Ok(wanted) => wanted.parse().unwrap_or_else(|err| {
            print::say(format_args!("warning: HELMSIGHT_LOG=“{wanted}” is not understood ({err}); use the form helmsight=debug"));
            usual()
        }),
        Err(_) => usual(),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        // It would tell with a macro that panics where standard error can't be written.
        .log_internal_errors(false)
        .compact();
    tracing_subscriber::registry().with(lines).with(filter).init();
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    #[test]
    fn no_password_of_an_address_is_quoted() {
        for line in [
            &["helmsight", "open", "--camera", "ftp://me:hunter2@cam/1"][..],
            &["helmsight", "open", "--camera=ftp://me:hunter2@cam:99999/1"],
            &["helmsight", "open", "--camera", "me:hunter2@cam:99999/1"],
            &["helmsight", "open", "--camera", "http://me:hunter2@"],
            &["helmsight", "key", "http://me:hunter2@c am/"],
            &["helmsight", "snapshot", "https://me:hunter2@a.test/x", "f.png"],
            &["helmsight", "http://me:hunter2@cam/"],
            &["helmsight", "tail", "--hunter", "http://me:hunter2@cam/"],
        ] {
            let told = super::Cli::try_parse_from(line).unwrap_err().render().to_string();
            let arguments = line.iter().skip(1).map(Into::into);
            let told = super::without_passwords(told, arguments);
            assert!(!told.contains("hunter2"), "{line:?}: {told}");
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
