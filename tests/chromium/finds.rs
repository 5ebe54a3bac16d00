//! Text is found in pages: across elements and frames, and what is found is seen.

use helmsight::host::driver::DriverError;
use helmsight::model::{FoundText, PageControl, TextSearch};

use crate::support::{Session, ok, page, serve};

async fn find(session: &Session, text: &str, backward: bool) -> (u32, u32) {
    let search = TextSearch { text: text.to_owned(), backward, match_case: false };
    let found = session.driver.find(None, search).await.unwrap();
    (found.matches, found.index)
}

#[tokio::test]
async fn matches_are_counted_walked_and_scrolled_to() {
    let far = "<p>First Fox, a<b>cro</b>ss <i>two   words</i></p><p>fo</p><p>x</p><p style='display:none'>fox</p><p style='visibility:hidden'>fox</p><script>/* fox */</script><div id=host></div><div style='height:3000px'></div><div id=far style='overflow:auto;height:100px'><div style='height:900px'></div>last FOX</div>
    <script>
        host.attachShadow({ mode: 'open' }).innerHTML = '<p>shadow fox</p>';
        addEventListener('scroll', () => { if (scrollY > 2000 && far.scrollTop > 500) document.title = 'far ' + CSS.highlights.size; }, true);
    </script>";
    let Some(session) = Session::with_page(far).await else {
        return;
    };
    assert_eq!(find(&session, "fox", false).await, (3, 1));
    assert_eq!(find(&session, "fox", false).await, (3, 2));
    assert_eq!(find(&session, "fox", false).await, (3, 3));
    session.title("far 2").await;
    assert_eq!(find(&session, "fox", false).await, (3, 1), "around the end");
    assert_eq!(find(&session, "fox", true).await, (3, 3), "and back");
    // What is typed on keeps its match as long as it is one.
    assert_eq!(find(&session, "FOX", true).await, (3, 3));
    assert_eq!(find(&session, "across TWO words", false).await, (1, 1));
    assert_eq!(find(&session, "a.ross (", false).await, (0, 0));
    let exact = TextSearch { text: "FOX".to_owned(), backward: false, match_case: true };
    let found = session.driver.find(None, exact).await.unwrap();
    let state = session.driver.state().borrow().clone();
    assert_eq!((found.matches, state.found.as_ref()), (1, Some(&found)));

    session.act(PageControl::Find(TextSearch::default())).await.unwrap();
    session.state("no marks", |state| state.found.is_none()).await;
    let long = TextSearch { text: "x".repeat(1025), ..TextSearch::default() };
    let refused = session.driver.find(None, long).await;
    assert!(matches!(refused, Err(DriverError::BadRequest(_))), "{refused:?}");
    session
        .act(PageControl::Find(TextSearch { text: "fox".into(), ..TextSearch::default() }))
        .await
        .unwrap();
    session.go(&page("another page")).await;
    session.state("a page without marks", |state| state.found.is_none()).await;
    session.end().await;
}

#[tokio::test]
async fn frames_of_every_site_are_searched() {
    fn site(whole: &str) -> String {
        let near = "<body style='margin:0'><p>needle</p>";
        let body = match whole.split_once('?') {
            Some(("/main", port)) => format!(
                "{near}<iframe src='/inner' style='width:300px;height:150px'></iframe><iframe src='http://localhost:{port}/outer' style='width:400px;height:300px'></iframe>"
            ),
            None if whole == "/inner" => {
                format!("{near}<div style='height:4000px'></div><p>needle below</p>")
            }
            _ => format!("{near}<iframe src='/inner' style='width:300px;height:150px'></iframe>"),
        };
        ok("text/html", "", &body)
    }
    let base = serve(site).await;
    let port = base.rsplit(':').next().unwrap();
    let Some(session) = Session::start(Some(&format!("{base}/main?{port}"))).await else {
        return;
    };
    session.state("all frames", |state| state.url.contains("/main") && !state.loading).await;
    for index in [1, 2, 3, 4, 5, 6, 1] {
        assert_eq!(find(&session, "needle", false).await, (6, index));
    }
    let FoundText { text, more, .. } = session.driver.state().borrow().found.clone().unwrap();
    assert_eq!((text.as_str(), more), ("needle", false));
    session.end().await;
}
