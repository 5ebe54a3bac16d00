//! One suite for every server of the computers API: a scripted one in its known forms, the embedded host, and by
//! `CONFORMANCE_URL` any other. All is seen through the program's own client, with a relay in between that does harm.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod checks;
mod dialect;
mod memory;
mod noise;
#[path = "../support/noted.rs"]
mod noted;
mod relay;
mod service;
#[path = "../support/mod.rs"]
mod support;
mod target;
mod vocabulary;
mod watched;

use image::codecs::jpeg::JpegEncoder;
use tokio::sync::{Mutex, MutexGuard};

use checks::{check, check_limits};
use dialect::DIALECTS;
use target::Target;

/// One target at a time: memory is measured, and browsers are heavy.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

async fn turn() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().await
}

#[tokio::test]
async fn a_service_in_its_current_form() {
    let _turn = turn().await;
    check(&Target::service(DIALECTS[0]).await).await;
}

#[tokio::test]
async fn a_service_in_its_former_form() {
    let _turn = turn().await;
    check(&Target::service(DIALECTS[1]).await).await;
}

#[tokio::test]
async fn a_service_of_few_words() {
    let _turn = turn().await;
    check(&Target::service(DIALECTS[2]).await).await;
}

#[tokio::test]
async fn a_service_that_sends_video() {
    let _turn = turn().await;
    check(&Target::service(DIALECTS[3]).await).await;
}

#[tokio::test]
async fn more_than_anybody_should_send() {
    let _turn = turn().await;
    check_limits(&Target::service(DIALECTS[0]).await).await;
}

#[tokio::test]
async fn the_host_with_the_sample() {
    let _turn = turn().await;
    check(&Target::sample_host().await).await;
}

#[tokio::test]
async fn the_host_with_a_browser() {
    let _turn = turn().await;
    if let Some(target) = Target::browser_host().await {
        check(&target).await;
    }
}

#[tokio::test]
async fn every_word_about_several_people() {
    let _turn = turn().await;
    if let Some(target) = Target::browser_host().await {
        vocabulary::every_word_is_told_when_it_happens(&target).await;
    }
}

#[tokio::test]
async fn every_word_about_sessions_that_fail_to_start() {
    let _turn = turn().await;
    vocabulary::failures_before_there_is_a_session_are_answered().await;
}

#[tokio::test]
async fn a_server_elsewhere() {
    let _turn = turn().await;
    if let Some(target) = Target::elsewhere().await {
        check(&target).await;
    }
}

/// A JPEG of noise, which hardly shrinks.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut seed = 1_u32;
    let image = image::RgbImage::from_fn(width, height, |_, _| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [.., blue, green, red] = seed.to_le_bytes();
        image::Rgb([red, green, blue])
    });
    let mut jpeg = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut jpeg, 100);
    image.write_with_encoder(encoder).unwrap();
    jpeg
}

/// A page that says in its title what happened to it, as an address. The scripted service knows it by `page_title`.
fn page(title: &str) -> String {
    let html = format!(
        "<!doctype html><meta charset=utf-8><title>{title}</title>
<textarea id=t autofocus style='position:fixed;inset:0;width:100%;height:100%'></textarea>
<script>
const say = word => document.title += ' ' + word;
let from;
addEventListener('click', () => say('click'));
addEventListener('dblclick', () => say('double'));
addEventListener('mousedown', event => from = [event.clientX, event.clientY]);
addEventListener('mouseup', event => {{
  if (from && Math.hypot(event.clientX - from[0], event.clientY - from[1]) > 50) say('drag');
}});
addEventListener('contextmenu', event => {{ event.preventDefault(); say('menu'); }});
addEventListener('wheel', () => say('wheel'), {{ once: true }});
addEventListener('keydown', event => {{ if (event.ctrlKey && event.key == 'b') say('chord'); }});
document.querySelector('#t').oninput = event => say('typed:' + event.target.value);
</script>"
    );
    let escape = |byte: u8| match byte {
        b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    let escaped: String = html.bytes().map(escape).collect();
    format!("data:text/html;charset=utf-8,{escaped}")
}

/// The title of such a page when it has just loaded.
fn page_title(url: &str) -> String {
    let title = |url: &str| {
        let (_, rest) = url.split_once("%3Ctitle%3E")?;
        Some(rest.split('%').next()?.to_owned())
    };
    title(url).unwrap_or_default()
}
