//! Runs `helmsight record`, which records sessions to a file without a window.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use super::print::say;
use super::session_url::NamedSession;
use super::{exit, session_url};
use crate::base::{Interrupts, Wake};
use crate::model::Status;
use crate::recording::{
    Recorder, RecorderEnd, RecorderOptions, RecorderState, SessionInfo, new_name,
};
use crate::session::{Attention, OpenOptions, SessionHandle, open};
use crate::video::DecodePool;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  helmsight record http://127.0.0.1:7700/computers/abc
  helmsight record --for 30s -o run.mcap https://api.example/computers/abc
  helmsight record --until-end https://api.example/computers/abc https://api.example/computers/def

Ctrl+C ends the recording, and the file is whole. `helmsight recover` finishes one that was cut off.

Exit codes: 0 the file is whole, 1 failed, 2 wrong arguments, 3 no session could be watched.")]
#[expect(missing_docs, reason = "clap would show a docstring as help")]
pub struct RecordArgs {
    /// The sessions, which get into one file: https://service/computers/ID
    #[arg(value_name = "URL", required = true, value_parser = session_url::parse)]
    sessions: Vec<NamedSession>,
    /// The file, which must not exist; without it, one is named by its time in this folder
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Stop after this time, such as 30s, 5m or 1h
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    for_time: Option<Duration>,
    /// Stop once all sessions have ended
    #[arg(long)]
    until_end: bool,
}

/// Reads a time such as "30s", "5m" or "1h".
fn duration(text: &str) -> Result<Duration, String> {
    let words = "give a time such as 30s, 5m or 1h";
    let unit = text.chars().last().ok_or(words)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        _ => return Err(words.to_owned()),
    };
    let number: u32 = text[..text.len() - 1].parse().map_err(|_not_a_number| words)?;
    match number {
        0 => Err(words.to_owned()),
        number => Ok(Duration::from_secs(u64::from(number) * seconds)),
    }
}

pub(super) async fn run(args: RecordArgs) -> anyhow::Result<u8> {
    let mut interrupts = Interrupts::listen();
    let file = args.output.unwrap_or_else(|| new_name(Timestamp::now()).into());
    if file.exists() {
        bail!("There is a file of this name already: give another one than {}", file.display());
    }
    let news = Arc::new(Notify::new());
    let notify = news.clone();
    let wake = Wake::new(move || notify.notify_one());
    let recorder = Recorder::start(RecorderOptions::new(file), wake.clone())
        .context("Could not start the recording")?;
    let decode = DecodePool::new(1).context("Could not start the decoder")?;
    let tracker = TaskTracker::new();
    let mut handles = Vec::new();
    for named in args.sessions {
        let session = named.settled().await;
        let service = session_url::service(&session, Vec::new())?;
        let options = OpenOptions { attention: Attention::Hidden, keep_alive: false };
        let backend = service.session(&session.id);
        let handle = open(&Handle::current(), &tracker, backend, &decode, wake.clone(), options);
        handle
            .record_into(Some(recorder.track(SessionInfo::new(&session.id, Some(&session.base)))));
        handles.push((handle, session.id));
    }
    say(format_args!("helmsight: Recording; Ctrl+C ends it"));
    let time_is_over = async {
        match args.for_time {
            Some(time) => tokio::time::sleep(time).await,
            None => std::future::pending().await,
        }
    };
    let was_watched = tokio::select! {
        () = interrupts.next() => true,
        () = time_is_over => true,
        was_watched = until_end(&handles, &recorder, args.until_end, &news) => was_watched,
    };
    // The sessions let go first, so that nothing comes behind the end of the file.
    drop(handles);
    tracker.close();
    tracker.wait().await;
    let state = tokio::task::spawn_blocking(move || recorder.finish())
        .await
        .context("Could not end the recording")?;
    told(&state)?;
    Ok(if was_watched { exit::OK } else { exit::REFUSED })
}

/// Waits until the recording stopped by itself, or until all sessions have ended where that is asked for or none was
/// ever there. Returns whether one was there.
async fn until_end(
    handles: &[(SessionHandle, String)],
    recorder: &Recorder,
    until_end: bool,
    news: &Notify,
) -> bool {
    let mut connected = vec![false; handles.len()];
    let mut ended = vec![false; handles.len()];
    loop {
        for (n, (handle, id)) in handles.iter().enumerate() {
            // What comes is recorded already; nobody else reads it.
            drop(handle.drain());
            match handle.status() {
                Status::Connected => connected[n] = true,
                Status::Ended { why, .. } if !ended[n] => {
                    ended[n] = true;
                    say(format_args!("helmsight: {id}: {why}"));
                }
                _ => {}
            }
        }
        let was_watched = connected.contains(&true);
        let all_ended = !ended.contains(&false);
        if recorder.state().ended.is_some() || all_ended && (until_end || !was_watched) {
            return was_watched;
        }
        news.notified().await;
    }
}

/// Says what became of the recording.
fn told(state: &RecorderState) -> anyhow::Result<()> {
    let file = state.file.display();
    if state.missing > 0 {
        say(format_args!(
            "helmsight: {} records are missing, because the disk was too slow",
            state.missing
        ));
    }
    match &state.ended {
        Some(RecorderEnd::Finished { seal }) => {
            say(format_args!(
                "helmsight: Recorded {} bytes, last seal {seal}: {file}",
                state.bytes
            ));
            Ok(())
        }
        Some(RecorderEnd::Failed(why)) => bail!("The recording stopped: {why}: {file}"),
        None => bail!("The recording did not end; run `helmsight recover {file}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_number_and_a_unit() {
        for (text, seconds) in [("30s", 30), ("5m", 300), ("2h", 7200)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "s", "30", "0s", "-1s", "1.5h", "3é", "99999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
