//! Pages are printed to PDFs, all of them and not only what is in sight.

use crate::support::Session;

#[tokio::test]
async fn a_page_is_printed_to_its_end() {
    let sheets = "<p style='break-after:page'>first</p>".repeat(3);
    let Some(session) = Session::with_page(&format!("{sheets}<p>last</p>")).await else {
        return;
    };
    let pdf = session.driver.pdf(None).await.unwrap();
    assert!(pdf.starts_with(b"%PDF-") && pdf.trim_ascii_end().ends_with(b"%%EOF"));
    let text = String::from_utf8_lossy(&pdf);
    let pages = text.matches("/Type /Page\n").count();
    assert_eq!(pages, 4, "{}", text.matches("/Page").count());
    let state = session.driver.state().borrow().clone();
    assert_eq!((state.width, state.height, state.tabs.len()), (1280, 720, 1));
    let refused = session.driver.pdf(Some("no tab".to_owned())).await;
    assert!(refused.is_err());
    session.end().await;
}
