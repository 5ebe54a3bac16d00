//! A real browser, whose page makes everything that is told of it as large as it can.

use std::sync::Arc;

use helmsight::host::driver::chromium::launch;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::task::TaskTracker;

use crate::browsers::{SOON, browser, ok, options};
use crate::{Count, MIB};

const PAGE: &str = "<!doctype html><title>begun</title><script>
const long = 'x'.repeat(1800000);
for (const name of ['innerWidth', 'innerHeight', 'scrollX', 'scrollY'])
  Object.defineProperty(window, name, { get: () => long + long });
Object.defineProperty(Element.prototype, 'scrollWidth', { get: () => [long, long] });
for (let n = 0; n < 16; n++)
  fetch(`/never?${n}${long}`, { method: 'M'.repeat(100000) + n }).catch(() => {});
document.title = 'asked ' + long;
</script>";

#[tokio::test]
async fn a_page_can_not_fill_the_memory() {
    let Some(browser) = browser() else {
        return;
    };
    let mut count = Count::begin().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let mut server = JoinSet::new();
    server.spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut start = [0; 6];
            if stream.read_exact(&mut start).await.is_ok() && start == *b"GET / " {
                drop(stream.write_all(ok("text/html", "", PAGE).as_bytes()).await);
            }
            // Nothing else is ever answered.
            held.push(stream);
        }
    });
    let tracker = TaskTracker::new();
    let driver = launch(options(browser, None), Arc::new(|_| {}), &tracker).await.unwrap();
    count.again();
    let navigate = helmsight::model::PageControl::Navigate { url };
    driver.command(None, navigate).await.unwrap();
    let mut state = driver.state();
    let asked = state.wait_for(|state| state.title.starts_with("asked"));
    let asked = tokio::time::timeout(SOON * 2, asked).await.map(drop);
    assert!(asked.is_ok(), "no title: {:?}", driver.state().borrow());
    // The answer comes after all that was told before it.
    let context = driver.page_context(None).await.unwrap();
    assert!(context["title"].as_str().unwrap().len() <= 4096);
    // What the page says of itself has no weight: the browser was asked beside it.
    assert_eq!((&context["viewport_width"], &context["scroll_y"]), (&1280.into(), &0.into()));
    assert!(context["page_width"].is_number(), "{}", context["page_width"]);
    assert!(driver.html(None).await.unwrap().contains("never?"));
    count.expect("a session with such a page", 8 * MIB);
    driver.close().await;
    tracker.close();
    tracker.wait().await;
}
