//! Sessions that the program records without a window, killed and checked by others.

use crate::host::{Host, TOKEN};
use crate::site::Site;
use crate::stage::{SOON, Stage};

#[tokio::test]
async fn a_real_session_is_recorded_and_verified() {
    let Some(stage) = Stage::set("record").await else {
        return;
    };
    let recorded = record(&stage).await;
    let bytes = std::fs::read(&recorded).unwrap();
    let messages: Vec<_> = mcap::MessageStream::new(&bytes).unwrap().map(Result::unwrap).collect();
    let of = |word: &str| {
        let end = format!("/{word}");
        messages.iter().filter(|message| message.channel.topic.ends_with(&end)).count()
    };
    assert!(of("screencast") > 0 && of("raw") > 0 && of("events") > 0 && of("seal") > 0);
    assert!(!bytes.windows(TOKEN.len()).any(|part| part == TOKEN.as_bytes()));
    let output = stage.output(stage.program("t").arg("verify").arg(&recorded)).await;
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test]
async fn recordings_survive_being_killed() {
    killed_and_recovered(3).await;
}

#[tokio::test]
#[ignore = "make proof: it kills fifty recorders"]
async fn proof_that_fifty_killed_recordings_are_recovered() {
    killed_and_recovered(50).await;
}

#[tokio::test]
#[ignore = "make proof: it needs Python"]
async fn proof_that_another_language_checks_the_seals() {
    let Some(stage) = Stage::set("seals").await else {
        return;
    };
    let recorded = record(&stage).await;
    let check = async |file: &std::path::Path| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/verify.py");
        let mut python = tokio::process::Command::new("python3");
        stage.output(python.arg(script).arg(file)).await
    };
    let output = check(&recorded).await;
    assert!(output.status.success(), "{output:?}");
    let mut bytes = std::fs::read(&recorded).unwrap();
    let jpeg = [0xFF, 0xD8, 0xFF];
    let at = bytes.windows(3).position(|part| part == jpeg).unwrap();
    bytes[at + 20] ^= 1;
    let changed = stage.path("changed.mcap");
    std::fs::write(&changed, bytes).unwrap();
    let output = check(&changed).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("does not hold"), "{output:?}");
}

/// Records a page for a few seconds.
async fn record(stage: &Stage) -> std::path::PathBuf {
    let site = Site::serve().await;
    let host = Host::start(stage, "127.0.0.1:0").await;
    let session = host.create(&site.url).await;
    let whole = stage.path("whole.mcap");
    let mut record = stage.program("t");
    record.args(["record", "--for", "3s", "-o"]).arg(&whole).arg(host.session_url(&session));
    let output = stage.output(record.env("HELMSIGHT_TOKEN", TOKEN)).await;
    assert!(output.status.success(), "{output:?}");
    whole
}

/// Kills the program so many times while it records, and finishes each file.
async fn killed_and_recovered(times: usize) {
    let Some(stage) = Stage::set("killed").await else {
        return;
    };
    let site = Site::serve().await;
    let host = Host::start(&stage, "127.0.0.1:0").await;
    let session = host.create(&site.url).await;
    for n in 0..times {
        let cut = stage.path(&format!("cut-{n}.mcap"));
        let mut record = stage.program("t");
        record.args(["record", "-o"]).arg(&cut).arg(host.session_url(&session));
        let mut recording = record.env("HELMSIGHT_TOKEN", TOKEN).spawn().unwrap();
        stage
            .until("a picture in the file", SOON, async || {
                let bytes = std::fs::read(&cut).ok()?;
                let begins_jpeg = [0xFF, 0xD8, 0xFF];
                bytes.windows(3).any(|part| part == begins_jpeg).then_some(())
            })
            .await;
        recording.kill().await.unwrap();
        let output = stage.output(stage.program("t").arg("recover").arg(&cut)).await;
        assert!(output.status.success(), "{output:?}");
        let bytes = std::fs::read(&cut).unwrap();
        let summary = mcap::Summary::read(&bytes).unwrap().unwrap();
        assert!(summary.stats.unwrap().message_count > 0);
        let output = stage.output(stage.program("t").arg("verify").arg(&cut)).await;
        assert!(output.status.success(), "{output:?}");
    }
}
