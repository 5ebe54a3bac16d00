//! Tabs and popups.

use helmsight::host::driver::{DriverError, ShotFormat};
use helmsight::model::{ImageFormat, InputControl, Modifiers, MouseButton, PageControl, PointerAt};

use crate::support::{Session, page};

#[tokio::test]
async fn tabs_open_switch_and_close() {
    let Some(session) = Session::with_page("").await else {
        return;
    };
    let first = session.driver.state().borrow().tabs[0].tab_id.to_string();
    let refused = session.act(PageControl::CloseTab { tab_id: first.clone() }).await;
    assert!(
        matches!(&refused, Err(DriverError::BadRequest(why)) if why.contains("last tab")),
        "{refused:?}"
    );

    let second = session
        .driver
        .new_tab(Some(page(
            "<title>second</title><script>onkeydown = e => document.title = e.key</script>",
        )))
        .await
        .unwrap();
    session
        .state("the second tab", |state| {
            state.title == "ready" && state.tabs.len() == 2 && state.tabs[1].active
        })
        .await;
    // What is typed right after the tab was asked for goes to it.
    let third = session
        .driver
        .new_tab(Some(page("<script>onkeydown = e => document.title = 'third ' + e.key</script>")));
    session.key("x", "KeyX", Some("x"), Modifiers::default()).await;
    let third = third.await.unwrap();
    session
        .state("three tabs", |state| {
            state.tabs.len() == 3 && state.tabs[2].active && state.tabs[2].tab_id == third
        })
        .await;

    session.act(PageControl::SelectTab { tab_id: second.clone() }).await.unwrap();
    session.key("y", "KeyY", Some("y"), Modifiers::default()).await;
    session.title("y").await;
    let context = session.driver.page_context(Some(first.clone())).await.unwrap();
    assert_eq!(
        (&context["tab_id"], &context["is_main_tab"]),
        (&first.clone().into(), &false.into())
    );

    // A tab in the background has a picture, too.
    let picture = session.driver.screenshot(Some(first.clone()), ShotFormat::Png).await.unwrap();
    assert_eq!(ImageFormat::sniff(&picture), Some(ImageFormat::Png));

    session.act(PageControl::CloseTab { tab_id: second.clone() }).await.unwrap();
    let state = session.state("two tabs", |state| state.tabs.len() == 2).await;
    assert!(state.tabs.iter().any(|tab| tab.active));
    for (action, id) in [("opened", &second), ("activated", &second), ("closed", &second)] {
        session.event("tab", |fields| fields["action"] == action && fields["tab_id"] == **id).await;
    }
    let unknown = session.act(PageControl::SelectTab { tab_id: second }).await;
    assert!(matches!(unknown, Err(DriverError::BadRequest(_))), "{unknown:?}");
    session.end().await;
}

#[tokio::test]
async fn popups_become_tabs_and_give_way_to_their_opener() {
    let html = "<div style='height:300px' onclick=\"const w = window.open('', '_blank', 'width=300,height=200'); \
        w.document.write('<title>popup</title><script>console.log(innerWidth)<\\/script><div style=height:500px onclick=window.close()></div>'); w.document.close()\"></div>\
        <a href='about:blank' target='_blank' style='position:absolute;left:0;top:400px;width:300px;height:100px;display:block'>link</a>";
    let Some(session) = Session::with_page(html).await else {
        return;
    };
    let opener = session.driver.state().borrow().tabs[0].tab_id.to_string();
    session.click(50.0, 50.0).await;
    session
        .state("a popup", |state| {
            state.tabs.len() == 2 && state.tabs[1].active && state.title == "popup"
        })
        .await;
    // It has the session's size, whatever it asked for.
    session.event("console", |fields| fields["text"] == "1280").await;
    session.click(50.0, 50.0).await;
    session
        .state("the opener", |state| {
            state.tabs.len() == 1 && state.tabs[0].active && state.tabs[0].tab_id == opener
        })
        .await;

    // Ctrl opens in the background.
    let at = PointerAt {
        x: 50.0,
        y: 450.0,
        modifiers: Modifiers { ctrl: true, ..Modifiers::default() },
        ..PointerAt::default()
    };
    let button = MouseButton::Left;
    session.act(InputControl::PointerDown { at: at.clone(), button, clicks: 1 }).await.unwrap();
    session.act(InputControl::PointerUp { at, button, clicks: 1 }).await.unwrap();
    let state = session.state("a tab in the background", |state| state.tabs.len() == 2).await;
    assert!(state.tabs[0].active, "{:?}", state.tabs);
    session.end().await;
}

#[tokio::test]
async fn a_page_that_closes_its_last_tab_leaves_an_empty_one() {
    let html = "<div style='height:500px' onclick=\"const w = window.open('', '_blank'); \
        w.document.write('<title>popup</title><div style=height:500px onclick=window.close()></div>'); w.document.close()\"></div>";
    let Some(session) = Session::with_page(html).await else {
        return;
    };
    let opener = session.driver.state().borrow().tabs[0].tab_id.to_string();
    session.click(50.0, 50.0).await;
    let state = session.state("a popup", |state| state.title == "popup").await;
    let popup = state.tabs[1].tab_id.clone();
    session.act(PageControl::CloseTab { tab_id: opener }).await.unwrap();
    session.click(50.0, 50.0).await;
    // The browser may as well decide that it is over; then the session says so.
    session
        .state("another tab, or an end", |state| {
            state.ended.is_some() || (!state.tabs.is_empty() && state.tabs[0].tab_id != popup)
        })
        .await;
    session.end().await;
}
