//! Mouse and keys, as a page sees them.

use helmsight::model::{
    Control, InputControl, KeyInput, Modifiers, MouseButton, PageControl, PointerAt,
};

use crate::support::Session;

const CTRL: Modifiers = Modifiers { alt: false, ctrl: true, meta: false, shift: false };
const SHIFT: Modifiers = Modifiers { alt: false, ctrl: false, meta: false, shift: true };
const NONE: Modifiers = Modifiers { alt: false, ctrl: false, meta: false, shift: false };

#[tokio::test]
async fn typing_reaches_a_text_field() {
    let html = "<input id=a style='position:absolute;left:100px;top:100px;width:300px;height:40px'>\
        <textarea id=b style='position:absolute;left:100px;top:200px;width:300px;height:80px'></textarea>\
        <script>oninput = e => document.title = e.target.id + ':' + e.target.value;</script>";
    let Some(session) = Session::with_page(html).await else {
        return;
    };
    session.click(150.0, 120.0).await;
    session.key("H", "KeyH", Some("H"), SHIFT).await;
    session.act(InputControl::Text { text: "é".to_owned() }).await.unwrap();
    session.title("a:Hé").await;
    session.key("ñ", "Semicolon", Some("ñ"), NONE).await;
    session.title("a:Héñ").await;
    session.key("Backspace", "Backspace", None, NONE).await;
    session.title("a:Hé").await;

    // All, copied, pasted twice into the other field, on two lines.
    session.key("a", "KeyA", Some("a"), CTRL).await;
    session.key("c", "KeyC", None, CTRL).await;
    session.click(150.0, 220.0).await;
    session.key("v", "KeyV", None, CTRL).await;
    session.title("b:Hé").await;
    session.key("Enter", "Enter", None, NONE).await;
    session.key("v", "KeyV", None, CTRL).await;
    session.title("b:Hé Hé").await;
    session.key("a", "KeyA", None, CTRL).await;
    session.key("x", "KeyX", None, CTRL).await;
    session.title("b:").await;
    session.key("z", "KeyZ", None, CTRL).await;
    session.title("b:Hé Hé").await;
    session.end().await;
}

#[tokio::test]
async fn keys_come_with_their_words_and_are_lifted() {
    let html = "<script>const seen = []; for (const kind of ['keydown', 'keyup']) addEventListener(kind, e => {\
        e.preventDefault(); seen.push([kind[3], e.key, e.code, e.keyCode, e.location, e.repeat ? 'r' : ''].join('/')); document.title = seen.join(' '); });</script>";
    let Some(session) = Session::with_page(html).await else {
        return;
    };
    let key = |key: &str, code: &str| KeyInput {
        key: key.to_owned(),
        code: code.to_owned(),
        ..Default::default()
    };
    for words in [key("Shift", "ShiftRight"), key("F5", "F5"), key("F5", "F5"), key("4", "Numpad4")]
    {
        session.act(InputControl::KeyDown(words)).await.unwrap();
    }
    session
        .title("d/Shift/ShiftRight/16/2/ d/F5/F5/116/0/ d/F5/F5/116/0/r d/4/Numpad4/100/3/")
        .await;
    session.driver.release_all().await.unwrap();
    let all = "d/Shift/ShiftRight/16/2/ d/F5/F5/116/0/ d/F5/F5/116/0/r d/4/Numpad4/100/3/ u/4/Numpad4/100/3/ u/F5/F5/116/0/ u/Shift/ShiftRight/16/2/";
    session.title(all).await;
    session.end().await;
}

#[tokio::test]
async fn clicks_drags_and_wheels_are_exact() {
    let html = "<div style='height:3000px'></div><script>const seen = [];\
        const log = text => { seen.push(text); document.title = seen.join(' '); };\
        oncontextmenu = e => e.preventDefault();\
        onmousedown = e => log(`d${e.button}@${e.clientX},${e.clientY}b${e.buttons}`);\
        onmouseup = e => log(`u${e.button}@${e.clientX},${e.clientY}`);\
        onmousemove = e => { if (e.buttons) log(`m${e.buttons}@${e.clientX},${e.clientY}`); };\
        ondblclick = () => log('double');\
        addEventListener('scroll', () => { if (scrollY === 120) log('scrolled'); });</script>";
    let Some(session) = Session::with_page(html).await else {
        return;
    };
    session.press(30.0, 40.0, MouseButton::Right, 1).await;
    session.title("d2@30,40b2 u2@30,40").await;

    // A drag, in pixels of a picture half as large as the page.
    let at = |x: f32, y: f32| PointerAt { x, y, width: 640, height: 360, ..PointerAt::default() };
    let left = MouseButton::Left;
    session
        .act(InputControl::PointerDown { at: at(50.0, 50.0), button: left, clicks: 1 })
        .await
        .unwrap();
    session.act(InputControl::PointerMove(at(60.0, 55.0))).await.unwrap();
    session
        .act(InputControl::PointerUp { at: at(60.0, 55.0), button: left, clicks: 1 })
        .await
        .unwrap();
    session.title("d2@30,40b2 u2@30,40 d0@100,100b1 m1@120,110 u0@120,110").await;

    session.press(200.0, 200.0, left, 1).await;
    session.press(200.0, 200.0, left, 2).await;
    session
        .state("a double click", |state| {
            state.title.ends_with("d0@200,200b1 u0@200,200 d0@200,200b1 u0@200,200 double")
        })
        .await;

    for button in [MouseButton::Middle, MouseButton::Back, MouseButton::Forward] {
        session.press(10.0, 10.0, button, 1).await;
    }
    session
        .state("five buttons", |state| {
            state.title.ends_with("d1@10,10b4 u1@10,10 d3@10,10b8 u3@10,10 d4@10,10b16 u4@10,10")
        })
        .await;

    session.act(InputControl::Wheel { at: at(50.0, 50.0), dx: 0.0, dy: 60.0 }).await.unwrap();
    session.state("a scrolled page", |state| state.title.ends_with("scrolled")).await;
    let context = session.driver.page_context(None).await.unwrap();
    assert_eq!((&context["scroll_y"], &context["page_height"]), (&120.into(), &3000.into()));
    session.end().await;
}

const FIELDS: &str = "<style>textarea { position: absolute; top: 0; width: 640px; height: 720px; font: 32px monospace }</style>\
    <textarea id=a style='left:0'></textarea><textarea id=b style='left:640px'></textarea><script>const ups = [];\
    const tell = () => document.title = [a.value, b.value, ...ups].join('|'); oninput = tell;\
    onclick = e => { ups.push(`${e.detail}@${e.clientX}`); tell(); };</script>";

fn at(x: f32, y: f32) -> PointerAt {
    PointerAt { x, y, ..PointerAt::default() }
}

fn down(x: f32, y: f32) -> InputControl {
    InputControl::PointerDown { at: at(x, y), button: MouseButton::Left, clicks: 1 }
}

fn up(x: f32, y: f32) -> InputControl {
    InputControl::PointerUp { at: at(x, y), button: MouseButton::Left, clicks: 1 }
}

/// A page with "hello" written and selected in the left one of two fields.
async fn selected() -> Option<Session> {
    let session = Session::with_page(FIELDS).await?;
    session.click(30.0, 20.0).await;
    let text = "hello".to_owned();
    session.act(InputControl::Text { text }).await.unwrap();
    session.title("hello||1@30").await;
    session.press(30.0, 20.0, MouseButton::Left, 1).await;
    session.press(30.0, 20.0, MouseButton::Left, 2).await;
    session.title("hello||1@30|1@30|2@30").await;
    Some(session)
}

#[tokio::test]
async fn selected_text_is_dragged_and_the_mouse_works_on() {
    let Some(session) = selected().await else {
        return;
    };
    // Nobody awaits anything: what was done first comes first, whether a drag or a click.
    for input in [
        down(40.0, 20.0),
        InputControl::PointerMove(at(60.0, 30.0)),
        InputControl::PointerMove(at(700.0, 20.0)),
        up(700.0, 20.0),
        InputControl::PointerMove(at(800.0, 20.0)),
        down(800.0, 20.0),
    ] {
        drop(session.driver.input(None, input));
    }
    session.act(up(800.0, 20.0)).await.unwrap();
    session.title("|hello|1@30|1@30|2@30|1@800").await;
    session.end().await;
}

#[tokio::test]
async fn a_drag_that_is_let_go_of_leaves_the_mouse_working() {
    let Some(session) = selected().await else {
        return;
    };
    let escape =
        KeyInput { key: "Escape".to_owned(), code: "Escape".to_owned(), ..KeyInput::default() };
    let tab_id = session.driver.state().borrow().tabs[0].tab_id.clone();
    let ways: [Vec<Control>; 3] = [
        // Everything is lifted at once.
        Vec::new(),
        vec![InputControl::KeyDown(escape).into(), up(700.0, 20.0).into()],
        vec![
            PageControl::NewTab { url: None }.into(),
            PageControl::SelectTab { tab_id: tab_id.into() }.into(),
            up(700.0, 20.0).into(),
        ],
    ];
    let mut title = "hello||1@30|1@30|2@30".to_owned();
    for way in ways {
        let start = [
            down(40.0, 20.0),
            InputControl::PointerMove(at(60.0, 30.0)),
            InputControl::PointerMove(at(700.0, 20.0)),
        ];
        for input in start {
            session.act(input).await.unwrap();
        }
        if way.is_empty() {
            session.driver.release_all().await.unwrap();
        }
        for control in way {
            session.act(control).await.unwrap();
        }
        session.click(810.0, 20.0).await;
        title.push_str("|1@810");
        session.title(&title).await;
        session.press(30.0, 20.0, MouseButton::Left, 1).await;
        session.press(30.0, 20.0, MouseButton::Left, 2).await;
        title.push_str("|1@30|2@30");
        session.title(&title).await;
    }
    session.end().await;
}

#[tokio::test]
async fn what_a_page_lets_drag_is_dropped_with_its_data() {
    let html = "<style>div { position: absolute; width: 100px; height: 100px }</style>\
        <div id=a draggable=true style='left:0'>a</div><div id=b style='left:300px'>b</div>\
        <script>const seen = []; const log = text => { seen.push(text); document.title = seen.join(' '); };\
        a.ondragstart = e => { e.dataTransfer.setData('text/x-thing', 'the thing'); log('start'); };\
        a.ondragend = e => log('end:' + e.dataTransfer.dropEffect);\
        b.ondragenter = () => log('enter'); b.ondragleave = () => log('leave');\
        b.ondragover = e => { e.preventDefault(); if (seen.at(-1) !== 'over') log('over'); };\
        b.ondrop = e => { e.preventDefault(); log(`drop:${e.dataTransfer.getData('text/x-thing')}@${e.clientX}`); };\
        onclick = e => log('click@' + e.clientX);</script>";
    let Some(session) = Session::with_page(html).await else {
        return;
    };
    for (x, y) in [(30.0, 30.0), (50.0, 50.0), (320.0, 40.0), (330.0, 40.0)] {
        session.act(InputControl::PointerMove(at(x, y))).await.unwrap();
        if x == 30.0 {
            session.act(down(x, y)).await.unwrap();
        }
    }
    session.title("start enter over").await;
    session.act(up(340.0, 40.0)).await.unwrap();
    session.click(500.0, 300.0).await;
    session.title("start enter over drop:the thing@340 end:copy click@500").await;
    session.end().await;
}
