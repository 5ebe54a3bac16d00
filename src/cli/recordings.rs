//! Runs `helmsight recover` and `helmsight verify`, which mend and check recordings.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::exit;
use super::print::say;
use crate::recording::recover::Recovered;
use crate::recording::{recover, verify};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helmsight recover run.mcap

Keeps all that is whole in the file and gives it an index, so that every reader opens it.

Exit codes: 0 the files are whole now, 1 failed, 2 wrong arguments.")]
#[expect(missing_docs, reason = "clap would show a docstring as help")]
pub struct RecoverArgs {
    /// The recordings
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helmsight verify run.mcap

The last seal is worth as much as the place where you keep it: who can write the file can make all seals anew.

Exit codes: 0 all seals hold, 1 one does not or the file can't be read, 2 wrong arguments.")]
#[expect(missing_docs, reason = "clap would show a docstring as help")]
pub struct VerifyArgs {
    /// The recordings
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

pub(super) fn run_recover(args: RecoverArgs) -> anyhow::Result<u8> {
    for file in args.files {
        let shown = file.display();
        match recover(&file).with_context(|| format!("Could not recover {shown}"))? {
            Recovered::WasWhole => say(format_args!("helmsight: Nothing to do: {shown}")),
            Recovered::Finished { messages } => {
                say(format_args!("helmsight: Finished with {messages} messages: {shown}"));
            }
        }
    }
    Ok(exit::OK)
}

pub(super) fn run_verify(args: VerifyArgs) -> anyhow::Result<u8> {
    let mut code = exit::OK;
    let mut out = std::io::stdout().lock();
    for file in args.files {
        let shown = file.display();
        let verdict = verify(&file).with_context(|| format!("Could not read {shown}"))?;
        let (seals, messages, last) = (verdict.seals, verdict.messages, &verdict.last);
        let words = match &verdict.broken {
            Some(broken) => {
                let since = broken.since.map_or(String::new(), |at| format!(" from {at} on"));
                format!("Does not hold{since}: {}", broken.why)
            }
            None if seals == 0 => "Has no seals".to_owned(),
            None if verdict.unsealed > 0 => {
                format!("Holds, but for {} messages behind the last seal", verdict.unsealed)
            }
            None => "Holds".to_owned(),
        };
        if verdict.broken.is_some() || seals == 0 {
            code = exit::FAILED;
        }
        writeln!(
            out,
            "{shown}: {words}; {seals} seals cover {messages} messages, the last is {last}"
        )
        .context("Could not write to standard output")?;
    }
    Ok(code)
}
