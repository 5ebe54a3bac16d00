//! A real browser: how soon after its start the window shows the picture of a session that is there.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result};
use helmsight::host::chromium;
use helmsight::net::{Auth, Client, SseItem, SseOptions, SseStream, TokenPlace};
use helmsight::session::{ComputersService, NewSessionRequest};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use url::Url;

use super::program::Program;
use super::{START_LIMIT, pause, round};

pub(crate) const NAME: &str = "process/browser start";

const STARTS: usize = 5;

/// `None`: there is no browser on this machine.
pub(crate) fn measure() -> Result<Option<Value>> {
    if let Err(err) = chromium::find(None) {
        println!("{NAME}: {err}");
        return Ok(None);
    }
    // Another part of the bench may have been first.
    drop(rustls::crypto::ring::default_provider().install_default());
    let host = Host::start()?;
    let session = Runtime::new()?.block_on(host.session())?;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(start_to_picture(&session, &host.ready.token)?);
    }
    times.sort_by(f64::total_cmp);
    let (median, worst) = (times[STARTS / 2], times[STARTS - 1]);
    println!("{NAME}, {STARTS} starts");
    println!("  start to first picture       {median:7.0} ms median, {worst:.0} ms at worst");
    Ok(Some(json!({
        "case": NAME,
        "starts": STARTS,
        "start_ms": round(median),
        "start_worst_ms": round(worst),
    })))
}

/// Milliseconds, as the program itself tells when the picture was on screen.
fn start_to_picture(session: &Url, token: &str) -> Result<f64> {
    let mut program = Program::open_with(&[session.to_string()], true, Some(token))?;
    let deadline = Instant::now() + START_LIMIT;
    loop {
        let lines = program.lines()?;
        if let Some(at) = lines.iter().find_map(|line| line.first_shown) {
            return Ok(at.duration_since(program.started_at()).as_secs_f64() * 1e3);
        }
        pause(&mut program, deadline)?;
    }
}

/// `helmsight host`, as another program starts it.
struct Host {
    child: Child,
    ready: Ready,
}

#[derive(Deserialize)]
struct Ready {
    base_url: Url,
    token: String,
}

impl Host {
    fn start() -> Result<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_helmsight"));
        command.arg("host").env_remove("HELMSIGHT_HOST_TOKEN");
        if chromium::sandbox_problem().is_some() {
            command.arg("--no-chromium-sandbox");
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("Could not start the host")?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("The host has an output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let ready = serde_json::from_str(&line).with_context(|| format!("Not ready: {line}"))?;
        Ok(Self { child, ready })
    }

    /// A session whose browser is up: it has sent a picture.
    async fn session(&self) -> Result<Url> {
        let base = &self.ready.base_url;
        let token = SecretString::from(self.ready.token.as_str());
        let auth = Auth::token(base, token, TokenPlace::Bearer);
        let client = Client::new(base.clone(), auth)?;
        let service = ComputersService::new(client.clone());
        let id = service.create(&NewSessionRequest::default()).await?.id;
        let path = format!("computers/{id}");
        let mut pictures =
            SseStream::open(&client, &format!("{path}/screencast"), SseOptions::default());
        while !matches!(pictures.next().await?, SseItem::Event { .. }) {}
        Ok(base.join(&path)?)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Its browser ends with it.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
