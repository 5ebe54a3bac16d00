//! Answers without a model: it says what the host knows, and that it is no more than that.

use tokio::sync::mpsc;

use super::Piece;
use super::facts::Facts;

const NOTICE: &str = "*I am Helmsight's built-in answerer, no model is configured: I can tell what the host knows of this session, and nothing else.*";

/// Sends the answer piece by piece, as a model would.
pub(super) async fn answer(prompt: &str, facts: &Facts, out: &mpsc::Sender<Piece>) {
    let text = text(prompt, facts);
    for paragraph in text.split_inclusive("\n\n") {
        if out.send(Piece::Text(paragraph.to_owned())).await.is_err() {
            return;
        }
    }
    // Where nobody reads any more, nothing is lost.
    out.send(Piece::Done).await.ok();
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Page,
    Tabs,
    Events,
}

fn text(prompt: &str, facts: &Facts) -> String {
    let asked = asked_about(prompt);
    let mut parts = vec![NOTICE.to_owned()];
    if asked.contains(&About::Page) {
        parts.push(page(facts));
    }
    if asked.contains(&About::Tabs) {
        parts.push(tabs(facts));
    }
    if asked.contains(&About::Events) {
        parts.push(events(facts));
    }
    parts.join("\n\n")
}

/// Returns what a question is about by its words; where they tell nothing, that is everything.
fn asked_about(prompt: &str) -> Vec<About> {
    const WORDS: [(About, &[&str]); 3] = [
        (About::Page, &["page", "url", "address", "title", "where", "site", "see"]),
        (About::Tabs, &["tab"]),
        (About::Events, &["happen", "event", "last", "log", "did", "done", "history", "error"]),
    ];
    let prompt = prompt.to_lowercase();
    let words: Vec<_> = prompt.split(|c: char| !c.is_alphanumeric()).collect();
    let is_said = |begins: &str| words.iter().any(|word| word.starts_with(begins));
    let asked: Vec<_> = WORDS
        .iter()
        .filter(|(_, begins)| begins.iter().any(|begins| is_said(begins)))
        .map(|(about, _)| *about)
        .collect();
    if asked.is_empty() { WORDS.map(|(about, _)| about).to_vec() } else { asked }
}

fn page(facts: &Facts) -> String {
    let title = if facts.title.is_empty() {
        "a page without a title".to_owned()
    } else {
        format!("**{}**", escaped(&facts.title))
    };
    let mut text =
        format!("The session is {}, opened at {}. It shows {title}", facts.kind, facts.created_at);
    if !facts.url.is_empty() {
        text.push_str(&format!(" at {}", code(&facts.url)));
    }
    text.push('.');
    if facts.loading {
        text.push_str(" It is loading.");
    }
    if let Some(dialog) = &facts.dialog {
        text.push_str(&format!(" A dialog waits for an answer: “{}”.", escaped(dialog)));
    }
    text
}

fn tabs(facts: &Facts) -> String {
    if facts.tabs.is_empty() {
        return "There are no tabs.".to_owned();
    }
    let count = facts.tabs.len() + facts.more_tabs;
    let mut text = match count {
        1 => "One tab is open:\n".to_owned(),
        count => format!("{count} tabs are open:\n"),
    };
    for (title, url, active) in &facts.tabs {
        let title = if title.is_empty() { "Untitled" } else { title };
        let mark = if *active { " (active)" } else { "" };
        text.push_str(&format!("\n- {}{mark}: {}", escaped(title), code(url)));
    }
    text
}

fn events(facts: &Facts) -> String {
    if facts.events.is_empty() {
        return "Nothing has happened yet.".to_owned();
    }
    let mut text = "The last events, oldest first:\n".to_owned();
    for event in &facts.events {
        text.push_str(&format!("\n- {}", code(event)));
    }
    text
}

/// Writes a text as code, in which nothing is Markdown.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

/// Escapes the marks of Markdown, because a title is no formatting.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            kind: "a browser",
            url: "https://a.test/`x`".to_owned(),
            title: "*Bold* [claim](https://evil.test)".to_owned(),
            tabs: vec![("A".to_owned(), "https://a.test/".to_owned(), true)],
            events: vec!["03:04:05 navigation".to_owned()],
            ..Facts::default()
        }
    }

    #[test]
    fn it_says_what_it_is_and_what_was_asked_for() {
        for (prompt, page, tabs, events) in [
            ("Which page is this?", true, false, false),
            ("Which tabs are open?", false, true, false),
            ("What happened last?", false, false, true),
            ("Hello", true, true, true),
        ] {
            let text = text(prompt, &facts());
            assert!(
                text.starts_with("*I am Helmsight's built-in answerer, no model is configured"),
                "{text}"
            );
            let said =
                ["It shows", "One tab is open", "The last events"].map(|part| text.contains(part));
            assert_eq!(said, [page, tabs, events], "{prompt}: {text}");
        }
    }

    #[test]
    fn titles_and_addresses_are_no_formatting() {
        let text = page(&facts());
        assert!(text.contains("\\*Bold\\*") && text.contains("\\[claim\\]"), "{text}");
        assert!(text.contains("`https://a.test/'x'`"), "{text}");
    }
}
