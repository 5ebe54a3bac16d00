//! The subcommands that open no window.

use std::fs::File;
use std::os::unix::net::UnixListener;
use std::process::Stdio;

use futures_util::{SinkExt as _, StreamExt as _};
use rustix::process::Signal;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStderr, ChildStdout};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::host::{Host, TOKEN};
use crate::site::{MAGENTA, Site};
use crate::stage::{SOON, Stage};
use crate::window::signal;

/// A `helmsight tail` that runs.
struct Tail {
    child: Child,
    /// What was printed so far.
    seen: Vec<String>,
    lines: Lines<BufReader<ChildStdout>>,
    /// What is told on standard error.
    told: Lines<BufReader<ChildStderr>>,
}

impl Tail {
    fn start(stage: &Stage, arguments: &[&str]) -> Self {
        let mut child = stage
            .program("t")
            .arg("tail")
            .args(arguments)
            .env("HELMSIGHT_TOKEN", TOKEN)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, seen: Vec::new(), lines, told }
    }

    async fn line(&mut self) -> Value {
        let line = timeout(SOON, self.lines.next_line())
            .await
            .unwrap_or_else(|_| panic!("no more lines in time, after {:#?}", self.seen))
            .unwrap()
            .expect("one more line");
        let value = serde_json::from_str(&line).expect(&line);
        self.seen.push(line);
        value
    }

    async fn expect_interrupted(&mut self) {
        signal(&self.child, Signal::INT);
        let status = timeout(SOON, self.child.wait()).await.unwrap().unwrap();
        assert_eq!(status.code(), Some(130), "{status}");
    }
}

#[tokio::test]
async fn tail_prints_what_happens_in_a_session() {
    let Some(stage) = Stage::set("tail").await else {
        return;
    };
    let site = Site::serve().await;
    let host = Host::start(&stage, "127.0.0.1:0").await;
    let session = host.create(&site.url).await;
    let is_loaded = async || (!site.told("size").is_empty()).then_some(());
    stage.until("the page", SOON, is_loaded).await;
    let mut tail = Tail::start(&stage, &[&host.session_url(&session)]);
    let told = timeout(SOON, tail.told.next_line()).await.expect("a word in time").unwrap();
    assert_eq!(told.unwrap(), "helmsight: connected; events are printed as they come");
    // Without an id to go on from, a stream begins with what happens next.
    let follows = async || (host.followers(&session).await > 0).then_some(());
    stage.until("a follower", SOON, follows).await;
    let next = format!("{}?next", site.url);
    host.navigate(&session, &next).await;
    let is_there = |line: &Value| line["type"] == "navigation" && line["raw"]["url"] == *next;
    while !is_there(&tail.line().await) {}
    tail.expect_interrupted().await;
    // A session that is not there leads to those that are.
    let slip = host.session_url(&session[..session.len() - 2]);
    let refused = stage.program("r").args(["tail", &slip]).env("HELMSIGHT_TOKEN", TOKEN).output();
    let refused = timeout(SOON, refused).await.expect("it ends by itself").unwrap();
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains(&format!("did you mean {session}?")), "{told}");
    assert_eq!(refused.status.code(), Some(3));
    // What happened so far comes first, and may be all that is wanted.
    let history = stage
        .program("h")
        .args(["tail", "--no-follow", &host.session_url(&session)])
        .env("HELMSIGHT_TOKEN", TOKEN)
        .output();
    let history = timeout(SOON, history).await.expect("it ends by itself").unwrap();
    assert!(history.status.success(), "{history:?}");
    let lines = String::from_utf8(history.stdout).unwrap();
    let told: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(told.iter().any(is_there), "{lines}");
}

#[tokio::test]
async fn tail_raw_prints_any_event_stream() {
    let Some(stage) = Stage::set("tail-raw").await else {
        return;
    };
    let site = Site::serve().await;
    let mut tail = Tail::start(&stage, &["--raw", &format!("{}stream", site.url)]);
    let wanted = [
        r#"{"k":"open"}"#,
        r#"{"k":"event","type":"message","data":"first","id":"7"}"#,
        r#"{"k":"event","type":"named","data":"second","id":"7"}"#,
    ];
    for wanted in wanted {
        let wanted: Value = serde_json::from_str(wanted).unwrap();
        assert_eq!(tail.line().await, wanted);
    }
    tail.expect_interrupted().await;
}

#[tokio::test]
async fn tail_raw_leaves_a_socket_in_order() {
    let Some(stage) = Stage::set("tail-socket").await else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let mut tail = Tail::start(&stage, &["--raw", &url]);
    let (stream, _) = timeout(SOON, listener.accept()).await.unwrap().unwrap();
    let mut peer = tokio_tungstenite::accept_async(stream).await.unwrap();
    peer.send(Message::text("hello")).await.unwrap();
    while tail.line().await["k"] != "msg" {}
    tail.expect_interrupted().await;
    let farewell = loop {
        let next = timeout(SOON, peer.next()).await.expect("a farewell").unwrap().unwrap();
        if let Message::Close(frame) = next {
            break frame.map(|frame| u16::from(frame.code));
        }
    };
    assert_eq!(farewell, Some(1000));
}

#[tokio::test]
async fn a_snapshot_is_the_whole_page() {
    let Some(stage) = Stage::set("snapshot").await else {
        return;
    };
    let site = Site::serve().await;
    let host = Host::start(&stage, "127.0.0.1:0").await;
    let session = host.create(&site.url).await;
    let reported = async || (!site.told("size").is_empty()).then_some(());
    stage.until("the page", SOON, reported).await;
    let file = stage.path("page.png");
    // The page may not have been painted when the first picture was taken.
    let picture = stage
        .until("the marker in a snapshot", SOON, async || {
            let mut snapshot = stage.program("t");
            snapshot.arg("snapshot").arg(host.session_url(&session)).arg(&file);
            let output = stage.output(snapshot.env("HELMSIGHT_TOKEN", TOKEN)).await;
            assert!(output.status.success(), "{output:?}");
            let picture = image::open(&file).unwrap().into_rgb8();
            let near = |(is, wanted): (&u8, u8)| is.abs_diff(wanted) <= MAGENTA.off_by;
            let middle = picture.get_pixel_checked(100, 100)?;
            middle.0.iter().zip(MAGENTA.rgb).all(near).then_some(picture)
        })
        .await;
    assert_eq!(picture.dimensions(), (1280, 720));
    let bytes = std::fs::read(&file).unwrap();
    assert!(bytes.starts_with(b"\x89PNG"), "by its content, not its name");
}

#[tokio::test]
async fn help_is_there_and_mistakes_have_their_own_exit_codes() {
    let Some(stage) = Stage::set("help").await else {
        return;
    };
    for (arguments, code) in [
        (&["--help"][..], 0),
        (&["--version"], 0),
        (&["open", "--help"], 0),
        (&["host", "--help"], 0),
        (&["tail", "--help"], 0),
        (&["snapshot", "--help"], 0),
        (&["record", "--help"], 0),
        (&["recover", "--help"], 0),
        (&["verify", "--help"], 0),
        (&["key", "--help"], 0),
        (&["doctor", "--help"], 0),
        (&["--no-such-option"], 2),
        (&["tail"], 2),
        (&["tail", "http://127.0.0.1/not-a-session"], 2),
        (&["tail", "--raw", "nowhere"], 2),
        (&["snapshot", "nowhere", "page.png"], 2),
        (&["record", "nowhere"], 2),
        (&["recover", "/nonexistent/a.mcap"], 1),
        (&["verify", "/nonexistent/a.mcap"], 1),
        (&["snapshot", "http://127.0.0.1:9/computers/a", "/nonexistent/page.png"], 1),
    ] {
        let output = stage.output(stage.program("t").args(arguments)).await;
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        let words = if code == 0 { &output.stdout } else { &output.stderr };
        assert!(!words.is_empty(), "{arguments:?} says nothing");
        if arguments.last() == Some(&"--help") {
            let words = String::from_utf8_lossy(words);
            assert!(
                words.contains("Examples:") && words.contains("Exit codes:"),
                "{arguments:?}: {words}"
            );
        }
    }
}

/// Standard outputs that take nothing: a disk that is full, and a reader that is gone.
fn outputs_that_refuse() -> [(&'static str, Stdio); 2] {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    [("a full disk", full.into()), ("no reader", writer.into())]
}

#[tokio::test]
async fn what_can_not_be_printed_ends_with_a_code() {
    let Some(stage) = Stage::set("full").await else {
        return;
    };
    let site = Site::serve().await;
    let stream = format!("{}stream", site.url);
    for arguments in [
        &["doctor"][..],
        &["host"],
        &["key", "--forget", "https://a.test"],
        &["--help"],
        &["--version"],
        &["help", "tail"],
        &["tail", "--raw", &stream],
    ] {
        for (what, out) in outputs_that_refuse() {
            let mut command = stage.program("t");
            command.args(arguments).stdout(out).stderr(Stdio::piped());
            let child = command.spawn().unwrap();
            let ended = timeout(SOON, child.wait_with_output()).await.expect("an end").unwrap();
            let words = String::from_utf8_lossy(&ended.stderr);
            assert!(!words.contains("panicked"), "{arguments:?}, {what}: {words}");
            // Whoever reads a stream may go when they have seen enough, as `head` does.
            let wanted = if arguments[0] == "tail" && what == "no reader" { 0 } else { 1 };
            assert_eq!(ended.status.code(), Some(wanted), "{arguments:?}, {what}: {words}");
        }
    }
    // Nor does anything end for lack of a place to complain at.
    for (what, out) in outputs_that_refuse() {
        let mut command = stage.program("t");
        command.args(["tail", "nowhere"]).stderr(out);
        let status = timeout(SOON, command.status()).await.expect("an end").unwrap();
        assert_eq!(status.code(), Some(2), "{what}");
    }
}

#[tokio::test]
async fn a_keyring_that_says_nothing_is_given_up_in_seconds() {
    let Some(stage) = Stage::set("silent keyring").await else {
        return;
    };
    let path = stage.path("bus");
    let silent = UnixListener::bind(&path).unwrap();
    let bus = format!("unix:path={}", path.display());
    let program = |arguments: &[&str]| {
        let mut command = stage.program("t");
        command.args(arguments).env("DBUS_SESSION_BUS_ADDRESS", &bus);
        command
    };
    let given_up = stage.output(&mut program(&["key", "--forget", "https://a.test"])).await;
    let words = String::from_utf8_lossy(&given_up.stderr);
    assert_eq!(given_up.status.code(), Some(1), "{words}");
    assert!(words.contains("did not answer"), "{words}");
    let report = stage.output(&mut program(&["doctor"])).await;
    let words = String::from_utf8_lossy(&report.stdout);
    let keyring = words.lines().find(|line| line.contains(" keyring ")).expect("a line");
    assert!(keyring.contains("did not answer"), "{keyring}");
    let mut host = program(&["host", "--chat-url", "http://127.0.0.1:9/v1", "--chat-model", "m"]);
    let mut host = host.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(host.stdout.take().unwrap()).lines();
    let ready = timeout(SOON, lines.next_line()).await.expect("the host starts").unwrap();
    assert!(ready.is_some_and(|line| line.contains("base_url")));
    signal(&host, Signal::TERM);
    assert_eq!(timeout(SOON, host.wait()).await.unwrap().unwrap().code(), Some(0));
    drop(silent);
}

#[tokio::test]
async fn a_session_that_is_not_there_is_a_final_answer() {
    let Some(stage) = Stage::set("refused").await else {
        return;
    };
    let host = Host::start(&stage, "127.0.0.1:0").await;
    let url = host.session_url("nowhere");
    let file = stage.path("nothing.png");
    for arguments in [&["tail", &url][..], &["snapshot", &url, file.to_str().unwrap()]] {
        let mut command = stage.program("t");
        command.args(arguments).env("HELMSIGHT_TOKEN", TOKEN);
        let output = stage.output(&mut command).await;
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {output:?}");
    }
    assert!(!file.exists());
    // The wrong key is a final answer, too, and what to do about it is said.
    let mut command = stage.program("t");
    command.args(["tail", &url]).env("HELMSIGHT_TOKEN", "wrong");
    let output = stage.output(&mut command).await;
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("in HELMSIGHT_TOKEN"));
}

#[tokio::test]
async fn doctor_finds_what_the_other_tests_use() {
    let Some(stage) = Stage::set("doctor").await else {
        return;
    };
    let output = stage.output(stage.program("t").arg("doctor")).await;
    let words = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{words}");
    for what in ["display", "renderer", "browser", "keyring", "network"] {
        assert!(words.lines().any(|line| line.split_whitespace().nth(1) == Some(what)), "{words}");
    }
    let none = ["doctor", "--browser", "/nonexistent/chromium"];
    let output = stage.output(stage.program("t").args(none)).await;
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(words.contains("/nonexistent/chromium"), "{words}");
}
