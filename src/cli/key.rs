//! Runs `helmsight key`, which puts the key of a server into the keyring, for servers that the settings name.

use std::io::Read as _;

use anyhow::{Context as _, bail};
use secrecy::SecretString;
use url::Url;

use super::print::line;
use super::{exit, session_url};
use crate::settings::secrets;

/// No key has more bytes than this.
const MAX_KEY: u64 = 16 << 10;

/// Keep the key of a server in the system's keyring.
///
/// Reads the key from standard input, never from the command line.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
For servers that the settings name: a chat's, or the model that answers for this machine's sessions.

Examples:
  helmsight key https://api.example.com < key.txt
  helmsight key --forget https://api.example.com

Exit codes: 0 done, 1 there is no keyring or it refused, 2 wrong arguments.")]
pub struct KeyArgs {
    /// The server's address; the key is kept for its scheme, name and port
    #[arg(value_parser = session_url::server)]
    pub url: Url,
    /// Remove the key instead
    #[arg(long)]
    pub forget: bool,
}

pub(super) fn run(args: &KeyArgs) -> anyhow::Result<u8> {
    if args.forget {
        secrets::delete(&args.url)?;
        line(format_args!("The key of {} is gone", args.url.origin().ascii_serialization()))?;
        return Ok(exit::OK);
    }
    let key = read(std::io::stdin().lock())?;
    secrets::set(&args.url, &key)?;
    line(format_args!("The key is kept for {}", args.url.origin().ascii_serialization()))?;
    Ok(exit::OK)
}

fn read(input: impl std::io::Read) -> anyhow::Result<SecretString> {
    let mut text = String::new();
    input
        .take(MAX_KEY)
        .read_to_string(&mut text)
        .context("The key could not be read from standard input")?;
    let key = text.trim();
    if key.is_empty() {
        bail!("No key came on standard input: pipe it in");
    }
    Ok(SecretString::from(key))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_key_is_read_without_its_line_break() {
        assert_eq!(read(&b" sk_1\r\n"[..]).unwrap().expose_secret(), "sk_1");
        assert!(read(&b"\n"[..]).is_err());
        assert!(read(&b"\xFF"[..]).is_err());
    }
}
