//! Lists and pickers that Chromium draws outside of the page's picture: they are told, and something is chosen in them.

use helmsight::host::driver::{DriverError, DriverState};
use helmsight::model::{FormControl, FormControlKind, Modifiers, PageControl};

use crate::support::{Session, ok, page, serve};

/// The page notes in its title what happened to its controls: the event, whether it was trusted, and the value.
const NOTES: &str = "<script>
    const notes = [];
    for (const type of ['input', 'change', 'click']) document.addEventListener(type, event => {
        if (!event.target.matches('select, input')) return;
        notes.push(`${type} ${event.isTrusted} ${[...(event.target.selectedOptions ?? [])].map(option => option.value).join('+') || event.target.value}`);
        document.title = notes.join('; ');
    });
</script>";

const COUNTRIES: &str = "<select style='position:absolute;left:20px;top:30px;width:120px;height:20px'>
    <option value=''>Choose…</option>
    <optgroup label=Europe><option value=de>Germany</option><option value=fr disabled>France</option><option value=it>Italy</option></optgroup>
    <optgroup label=Asia disabled><option value=jp>Japan</option></optgroup>
    <option value=us>United States</option></select>";

fn opened(state: &DriverState, kind: FormControlKind) -> bool {
    state.form_control.as_ref().is_some_and(|control| control.kind == kind)
}

async fn open(session: &Session, kind: FormControlKind) -> FormControl {
    let state = session.state("an open control", |state| opened(state, kind)).await;
    state.form_control.unwrap()
}

async fn closed(session: &Session) {
    session.state("no open control", |state| state.form_control.is_none()).await;
}

async fn choose(
    session: &Session,
    control: &FormControl,
    values: &[&str],
) -> Result<(), DriverError> {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    session.act(PageControl::Choose { id: control.id.clone(), values }).await
}

#[tokio::test]
async fn an_option_is_chosen_as_by_hand() {
    let Some(session) = Session::with_page(&format!("{COUNTRIES}{NOTES}")).await else {
        return;
    };
    session.click(60.0, 40.0).await;
    let control = open(&session, FormControlKind::Select).await;
    let told: Vec<_> = control
        .options
        .iter()
        .map(|option| {
            (option.value.as_str(), option.group.as_str(), option.disabled, option.selected)
        })
        .collect();
    let expected = [
        ("", "", false, true),
        ("de", "Europe", false, false),
        ("fr", "Europe", true, false),
        ("it", "Europe", false, false),
        ("jp", "Asia", true, false),
        ("us", "", false, false),
    ];
    assert_eq!(told, expected);
    assert_eq!(control.options[1].shown(), "Germany");
    let rect = control.rect;
    assert_eq!((rect.x, rect.y, rect.width, rect.height), (20.0, 30.0, 120.0, 20.0));
    session.event("form_control", |it| it["open"] == true && it["id"] == control.id.as_str()).await;

    for refused in [&["fr"][..], &["jp"], &["nowhere"], &[], &["de", "it"]] {
        let refused = choose(&session, &control, refused).await;
        assert!(matches!(refused, Err(DriverError::BadRequest(_))), "{refused:?}");
    }
    choose(&session, &control, &["us"]).await.unwrap();
    closed(&session).await;
    session.event("form_control", |it| it["open"] == false).await;
    session.title("click true ; input true us; change true us; click true us").await;

    // What is chosen is told when the list is opened again, and Escape leaves it.
    session.key("Enter", "Enter", Some("\r"), Modifiers::default()).await;
    let control = open(&session, FormControlKind::Select).await;
    assert!(control.options[5].selected && control.value == "us");
    session.key("Escape", "Escape", None, Modifiers::default()).await;
    closed(&session).await;
    // A client that was slower can choose all the same. No keys could do it, so the page sees a script.
    choose(&session, &control, &["Italy"]).await.unwrap();
    session
        .state("the later choice", |state| state.title.ends_with("input false it; change false it"))
        .await;
    let unknown = session.act(PageControl::Choose { id: "x".to_owned(), values: Vec::new() }).await;
    assert!(matches!(unknown, Err(DriverError::BadRequest(_))), "{unknown:?}");
    session.end().await;
}

#[tokio::test]
async fn a_script_that_opens_a_list_shows_it_and_long_lists_are_chosen_in() {
    const LONG: &str = "<select id=list></select><button style='position:absolute;left:20px;top:100px;width:100px;height:30px' onclick='list.showPicker()'>Open</button><script>
        for (let i = 0; i < 3000; i++) list.add(new Option(`Option ${i}`, `v${i}`));
    </script>";
    let Some(session) = Session::with_page(&format!("{LONG}{NOTES}")).await else {
        return;
    };
    for (wanted, trusted) in [("v5", true), ("v2900", false)] {
        session.click(60.0, 110.0).await;
        let control = open(&session, FormControlKind::Select).await;
        assert_eq!((control.options.len(), control.more), (2000, 1000));
        choose(&session, &control, &[wanted]).await.unwrap();
        closed(&session).await;
        session
            .state("the choice", |state| {
                state
                    .title
                    .contains(&format!("input {trusted} {wanted}; change {trusted} {wanted}"))
            })
            .await;
    }
    session.end().await;
}

#[tokio::test]
async fn several_options_are_chosen_by_name() {
    let list = "<select multiple size=4 style='position:absolute;left:0;top:0;width:100px;height:80px'><option>a<option>b<option>c</select>";
    let Some(session) = Session::with_page(&format!("{list}{NOTES}")).await else {
        return;
    };
    session.click(30.0, 10.0).await;
    let control = open(&session, FormControlKind::Select).await;
    assert!(control.multiple);
    choose(&session, &control, &["a", "c"]).await.unwrap();
    session.state("both", |state| state.title.ends_with("input false a+c; change false a+c")).await;
    session.end().await;
}

#[tokio::test]
async fn pickers_take_what_html_takes() {
    let Some(session) = Session::with_page("").await else {
        return;
    };
    for (kind, word, min, value, wrong) in [
        (
            FormControlKind::Date,
            "date",
            "2026-02-01",
            "2026-12-31",
            &["2026-13-01", "2026-01-31", "soon"][..],
        ),
        (FormControlKind::Time, "time", "08:00", "23:59", &["7:30", "07:30"]),
        (FormControlKind::Month, "month", "2026-01", "2026-12", &["2025-12", "12"]),
        (FormControlKind::Week, "week", "", "2026-W53", &["2026-W54"]),
        (FormControlKind::DatetimeLocal, "datetime-local", "", "2026-12-31T23:59", &["2026-12-31"]),
        (FormControlKind::Color, "color", "", "#1e90ff", &["blue", "#12345"]),
    ] {
        let field = "position:absolute;left:20px;top:20px;width:200px;height:24px";
        session
            .go(&page(&format!(
                "<input type={word} min='{min}' style='{field}' onclick='this.showPicker()'>{NOTES}<script>document.title='{word}'</script>"
            )))
            .await;
        session.title(word).await;
        session.click(60.0, 32.0).await;
        let control = open(&session, kind).await;
        if kind != FormControlKind::Color {
            assert_eq!(control.min, min);
        }
        for wrong in wrong {
            let refused = choose(&session, &control, &[wrong]).await;
            assert!(matches!(refused, Err(DriverError::BadRequest(_))), "{wrong}: {refused:?}");
        }
        choose(&session, &control, &[value]).await.unwrap();
        closed(&session).await;
        let shown = format!("input false {value}; change false {value}");
        session.state(&shown, |state| state.title.ends_with(&shown)).await;
    }
    session.end().await;
}

#[tokio::test]
async fn suggestions_are_told_as_they_fit_and_taken_as_typed() {
    let field = "<input list=fruit style='position:absolute;left:20px;top:20px;width:200px;height:24px'><datalist id=fruit><option>Apple<option>Banana<option>Pineapple</datalist>";
    let Some(session) = Session::with_page(&format!("{field}{NOTES}")).await else {
        return;
    };
    session.click(60.0, 32.0).await;
    let control = open(&session, FormControlKind::Datalist).await;
    assert_eq!(control.options.len(), 3);
    for letter in ["a", "p"] {
        session
            .key(
                letter,
                &format!("Key{}", letter.to_uppercase()),
                Some(letter),
                Modifiers::default(),
            )
            .await;
    }
    let two = |state: &DriverState| {
        state.form_control.as_ref().is_some_and(|it| it.options.len() == 2 && it.value == "ap")
    };
    let control = session.state("two that fit", two).await.form_control.unwrap();
    choose(&session, &control, &["Pineapple"]).await.unwrap();
    closed(&session).await;
    session.state("the word", |state| state.title.ends_with("input true Pineapple")).await;
    session.end().await;
}

#[tokio::test]
async fn a_list_in_frames_of_other_sites_has_its_place_in_the_page() {
    fn site(path: &str) -> String {
        let frame = |url: &str, style: &str| {
            ok(
                "text/html",
                "",
                &format!(
                    "<body style='margin:0'><iframe style='position:absolute;width:500px;height:300px;{style}' src='{url}'></iframe>"
                ),
            )
        };
        match path.split_once('?') {
            Some(("/outer", port)) => frame(
                &format!("http://localhost:{port}/middle?{port}"),
                "left:30px;top:100px;border:5px solid",
            ),
            Some(("/middle", port)) => frame(
                &format!("http://127.0.0.1:{port}/same?{port}"),
                "left:10px;top:20px;border:0",
            ),
            // In the same site's process as the frame in it.
            Some(("/same", port)) => {
                frame(&format!("http://127.0.0.1:{port}/inner"), "left:1px;top:2px;border:0")
            }
            _ => ok("text/html", "", &format!("<title>inner</title><body>{COUNTRIES}")),
        }
    }
    let base = serve(site).await;
    let port = base.rsplit(':').next().unwrap();
    let Some(session) = Session::start(Some(&format!("{base}/outer?{port}"))).await else {
        return;
    };
    session.state("a loaded page", |state| state.url.contains("/outer") && !state.loading).await;
    // 30 + 5 + 10 + 1 and 100 + 5 + 20 + 2 are the frames, and the list is at 20, 30 in the innermost.
    session.click(66.0 + 30.0, 157.0 + 10.0).await;
    let control = open(&session, FormControlKind::Select).await;
    let rect = control.rect;
    assert_eq!((rect.x, rect.y, rect.width, rect.height), (66.0, 157.0, 120.0, 20.0));
    choose(&session, &control, &["de"]).await.unwrap();
    closed(&session).await;
    session.click(66.0 + 30.0, 157.0 + 10.0).await;
    let again = open(&session, FormControlKind::Select).await;
    assert_eq!((again.value.as_str(), &again.id), ("de", &control.id));
    // The page goes away with its open list.
    session.go(&page("<p>elsewhere")).await;
    session.state("the other page", |state| state.title == "ready").await;
    closed(&session).await;
    session.end().await;
}
