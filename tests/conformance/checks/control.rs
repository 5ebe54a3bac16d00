//! What the user does reaches the page, by the socket where there is one and by REST where there is none.

use helmsight::model::{InputControl, Modifiers, MouseButton, PageControl, Tab, Update};
use helmsight::protocol::computers::tabs_of;
use http::Method;
use tokio::time::Instant;

use super::streams::capabilities;
use crate::relay::Fault;
use crate::support::{PATIENCE, Watched};
use crate::target::Target;

const CENTER: (f32, f32) = (0.5, 0.5);

pub(super) async fn by_the_way_that_is_offered(target: &Target, id: &str) {
    let mut session = Watched::live(target.client(), id).await;
    if target.acts {
        drive(target, &mut session, id, "offered").await;
    } else {
        session.handle.push(PageControl::Navigate { url: crate::page("never") });
        let refused = |update: &Update| matches!(update, Update::Refused(_));
        session.until("refusal", |session| session.news.iter().any(refused)).await;
    }
    session.close().await;
}

pub(super) async fn by_rest(target: &Target, id: &str) {
    let socket = format!("/computers/{id}/ws");
    let has_socket = target.relay.count("GET", &socket) > 0;
    if !has_socket || !target.acts {
        return;
    }
    let none = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    target.relay.harm("GET", &socket, usize::MAX, Fault::Answer(none.to_owned()));
    let mut session = Watched::live(target.client(), id).await;
    assert!(!capabilities(&session).pointer_moves, "this is not REST");
    drive(target, &mut session, id, "rest").await;
    assert!(target.relay.count("POST", "/double-click") > 0);
    target.relay.heal();
    session.close().await;
}

/// On a page of this title, which no page before had: what is waited for must not be there already.
async fn drive(target: &Target, session: &mut Watched, id: &str, page: &str) {
    let url = crate::page(page);
    session.handle.push(PageControl::Navigate { url: url.clone() });
    title(target, id, page).await;
    session
        .until("the page", |session| {
            session
                .news
                .iter()
                .any(|update| matches!(update, Update::Page(page) if page.url == url))
        })
        .await;
    session.press(MouseButton::Left, 1, CENTER, CENTER);
    title(target, id, " click").await;
    session.handle.push(InputControl::Text { text: "hel".to_owned() });
    session.handle.push(InputControl::Text { text: "lo".to_owned() });
    title(target, id, " typed:hello").await;
    let ctrl = Modifiers { ctrl: true, ..Modifiers::default() };
    session.key(true, "Control", "ControlLeft", ctrl);
    session.key(true, "b", "KeyB", ctrl);
    session.key(false, "b", "KeyB", ctrl);
    session.key(false, "Control", "ControlLeft", Modifiers::default());
    title(target, id, " chord").await;
    session.wheel(CENTER);
    title(target, id, " wheel").await;
    session.press(MouseButton::Right, 1, CENTER, CENTER);
    title(target, id, " menu").await;
    session.press(MouseButton::Left, 1, CENTER, CENTER);
    session.press(MouseButton::Left, 2, CENTER, CENTER);
    title(target, id, " double").await;
    session.press(MouseButton::Left, 1, (0.25, 0.25), (0.75, 0.75));
    title(target, id, " drag").await;
    tabs(target, session, id).await;
    let refused = |update: &&Update| matches!(update, Update::Refused(_));
    assert_eq!(session.news.iter().find(refused), None);
}

async fn tabs(target: &Target, session: &mut Watched, id: &str) {
    let first = active(&fetch(target, id).await);
    let url = Some(crate::page("second"));
    session.handle.push(PageControl::NewTab { url });
    title(target, id, "second").await;
    let second = active(&fetch(target, id).await);
    assert_ne!(first, second);
    let told = |wanted: Vec<(String, bool)>| {
        move |session: &Watched| {
            let tabs = session.news.iter().rev().find_map(|update| match update {
                Update::Tabs(tabs) => Some(tabs),
                _ => None,
            });
            let tabs = tabs.into_iter().flatten();
            let mut tabs: Vec<_> = tabs.map(|tab| (tab.id.clone(), tab.active)).collect();
            tabs.sort();
            let mut wanted = wanted.clone();
            wanted.sort();
            tabs == wanted
        }
    };
    let both = |active: &str| {
        let tab = |id: &String| (id.clone(), id == active);
        vec![tab(&first), tab(&second)]
    };
    session.until("the new tab", told(both(&second))).await;
    let select = PageControl::SelectTab { tab_id: first.clone() };
    session.handle.push(select);
    session.until("the first tab", told(both(&first))).await;
    session.handle.push(PageControl::CloseTab { tab_id: second.clone() });
    session.until("one tab", told(vec![(first.clone(), true)])).await;
}

pub(super) async fn a_closed_socket_is_opened_again(target: &Target, id: &str) {
    let path = format!("/computers/{id}/ws");
    if target.relay.count("GET", &path) == 0 {
        return;
    }
    for (code, reason) in [(1011, "restarting"), (4408, "too slow"), (1000, "")] {
        target.relay.harm("GET", &path, 1, Fault::Close(code, reason));
        let mut session = Watched::new(target.client(), id, Default::default());
        session.row("lost").await;
        let row = session.rows().find(|row| row.name == "lost").expect("it was waited for");
        let told = row.text.contains(&code.to_string()) && row.text.contains(reason);
        assert!(told, "{}", row.text);
        session.connected().await;
        session.close().await;
    }
}

/// Waits until the active tab's title, as the server tells it, contains `words`.
async fn title(target: &Target, id: &str, words: &str) {
    let start = Instant::now();
    loop {
        let tabs = fetch(target, id).await;
        let active = tabs.iter().find(|tab| tab.active);
        if active.is_some_and(|tab| tab.title.contains(words)) {
            return;
        }
        let titles: Vec<_> = tabs.iter().map(|tab| &tab.title).collect();
        assert!(start.elapsed() < PATIENCE, "no {words:?} in {titles:?}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

async fn fetch(target: &Target, id: &str) -> Vec<Tab> {
    let path = format!("computers/{id}/tabs");
    let answer = target.direct().json(Method::GET, &path, None).await;
    tabs_of(&answer.unwrap()).expect("a list of tabs")
}

fn active(tabs: &[Tab]) -> String {
    let active = tabs.iter().find(|tab| tab.active);
    active.expect("one tab is active").id.clone()
}
