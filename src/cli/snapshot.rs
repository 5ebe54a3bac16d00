//! Runs `helmsight snapshot`, which saves one picture of a session to a PNG file.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use clap::Args;

use super::print::say;
use super::session_url::NamedSession;
use super::{exit, session_url};
use crate::base::atomic_file;
use crate::video::image_file;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helmsight snapshot --timeout 60 https://api.example/computers/abc page.png
  HELMSIGHT_TOKEN=… helmsight snapshot http://127.0.0.1:7700/computers/abc page.png

Exit codes: 0 done, 1 failed or no picture came, 2 wrong arguments, 3 the server refused, 130 interrupted.")]
#[expect(missing_docs, reason = "clap would show a docstring as help")]
pub struct SnapshotArgs {
    /// The session: https://service/computers/ID
    #[arg(value_name = "URL", value_parser = session_url::parse)]
    session: NamedSession,
    /// Where the picture goes; an existing file is replaced
    file: PathBuf,
    /// Give up after this many seconds without a picture
    #[arg(long, default_value_t = 15, value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
}

pub(super) async fn run(args: SnapshotArgs) -> anyhow::Result<u8> {
    let session = args.session;
    // The folder is checked before the picture is asked for, which may take long.
    let folder = args.file.parent().filter(|p| !p.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        bail!("There is no folder {}: make it first", folder.display());
    }
    let session = session.settled().await;
    let service = session_url::service(&session, Vec::new())?;
    let picture = service.picture(&session.id);
    let frame = match tokio::time::timeout(Duration::from_secs(args.timeout), picture).await {
        Ok(Ok(frame)) => frame,
        Ok(Err(refused)) if refused.is_refusal() => {
            let others = session_url::others(&*service, &session.id, &refused).await;
            say(format_args!("helmsight: {refused}{}{others}", session_url::advice(&refused)));
            return Ok(exit::REFUSED);
        }
        Ok(Err(err)) => return Err(err).context("Could not get a picture"),
        Err(_) => bail!(
            "No picture came within {} s: the session may be starting, try again",
            args.timeout
        ),
    };
    let png = image_file::png(&frame)
        .map_err(|err| anyhow!("A picture came and can't be read: {}", err.with_advice()))?;
    atomic_file::write(&args.file, &png)
        .with_context(|| format!("Could not write {}", args.file.display()))?;
    Ok(exit::OK)
}
