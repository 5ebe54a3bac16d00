//! Parses Markdown into the few kinds of blocks that are drawn.

use std::sync::Arc;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use url::Url;

/// Deeper nesting is drawn at this depth, because a column of one letter helps nobody.
const MAX_DEPTH: usize = 6;

/// A run of text of one look.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Span {
    pub(super) text: String,
    pub(super) strong: bool,
    pub(super) emphasis: bool,
    pub(super) strike: bool,
    pub(super) code: bool,
    /// The address of the web that the text links to.
    pub(super) link: Option<Arc<str>>,
}

/// What a block is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum BlockKind {
    /// A paragraph where `heading` is 0, and otherwise a heading of that level.
    Text {
        spans: Vec<Span>,
        heading: u8,
    },
    Code {
        text: String,
        language: String,
    },
    Rule,
    /// A table, whose first row is the head.
    Table(Vec<Vec<Vec<Span>>>),
}

/// A block of Markdown with what is around it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MarkdownBlock {
    pub(super) kind: BlockKind,
    /// How many lists are around the block.
    pub(super) indent: usize,
    /// How many quotes are around the block.
    pub(super) quotes: usize,
    /// The marker of the first block of an item, such as "•" or "3.".
    pub(super) marker: Option<String>,
}

pub(super) fn blocks(text: &str) -> Vec<MarkdownBlock> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut reader = MarkdownReader::default();
    for event in Parser::new_ext(text, options) {
        reader.take(event);
    }
    reader.flush();
    reader.blocks
}

#[derive(Default)]
struct MarkdownReader {
    blocks: Vec<MarkdownBlock>,
    spans: Vec<Span>,
    heading: u8,
    strong: usize,
    emphasis: usize,
    strike: usize,
    links: Vec<LinkTarget>,
    /// The lists that are open; an ordered one has its next number.
    lists: Vec<Option<u64>>,
    quotes: usize,
    marker: Option<String>,
    code: Option<(String, String)>,
    table: Option<Vec<Vec<Vec<Span>>>>,
}

/// The target of a link; one that is not on the web is only written out.
enum LinkTarget {
    Web(Arc<str>),
    Other(String),
}

impl MarkdownReader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some((code, _)) => code.push_str(&text),
                None => self.text(&text, false),
            },
            Event::Code(text) => self.text(&text, true),
            // HTML is shown as the text that it is.
            Event::Html(text) | Event::InlineHtml(text) => self.text(&text, false),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text, true),
            Event::FootnoteReference(name) => self.text(&format!("[{name}]"), false),
            Event::SoftBreak => self.text(" ", false),
            Event::HardBreak => self.text("\n", false),
            Event::Rule => {
                self.flush();
                self.push(BlockKind::Rule);
            }
            Event::TaskListMarker(done) => {
                self.marker = Some(if done { "[x]" } else { "[ ]" }.to_owned());
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.flush();
                self.heading = level_of(level);
            }
            Tag::BlockQuote(_) => {
                self.flush();
                self.quotes += 1;
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                let language = match kind {
                    CodeBlockKind::Fenced(language) => {
                        language.split_whitespace().next().unwrap_or("").to_owned()
                    }
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((String::new(), language));
            }
            Tag::List(first) => {
                self.flush();
                self.lists.push(first);
            }
            Tag::Item => {
                self.flush();
                self.marker = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let marker = format!("{number}.");
                        *number = number.saturating_add(1);
                        marker
                    }
                    _ => "•".to_owned(),
                });
            }
            Tag::Table(_) => {
                self.flush();
                self.table = Some(Vec::new());
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.push(Vec::new());
                }
            }
            Tag::TableCell => {
                if let Some(row) = self.table.as_mut().and_then(|table| table.last_mut()) {
                    row.push(Vec::new());
                }
            }
            Tag::Strong => self.strong += 1,
            Tag::Emphasis => self.emphasis += 1,
            Tag::Strikethrough => self.strike += 1,
            Tag::Link { dest_url, .. } => self.links.push(LinkTarget::to(&dest_url)),
            Tag::Image { dest_url, .. } => {
                self.links.push(LinkTarget::to(&dest_url));
                self.text("Picture: ", false);
            }
            Tag::Paragraph | Tag::HtmlBlock => self.flush(),
            _ => (),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock | TagEnd::Heading(_) => self.flush(),
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.quotes = self.quotes.saturating_sub(1);
            }
            TagEnd::CodeBlock => {
                if let Some((mut text, language)) = self.code.take() {
                    text.truncate(text.trim_end_matches('\n').len());
                    self.push(BlockKind::Code { text, language });
                }
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::Item => {
                self.flush();
                if self.marker.is_some() {
                    let (spans, heading) = (Vec::new(), 0);
                    self.push(BlockKind::Text { spans, heading });
                }
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    self.push(BlockKind::Table(table));
                }
            }
            TagEnd::Strong => self.strong = self.strong.saturating_sub(1),
            TagEnd::Emphasis => self.emphasis = self.emphasis.saturating_sub(1),
            TagEnd::Strikethrough => self.strike = self.strike.saturating_sub(1),
            TagEnd::Link | TagEnd::Image => {
                if let Some(LinkTarget::Other(address)) = self.links.pop()
                    && !address.is_empty()
                {
                    self.text(&format!(" ({address})"), false);
                }
            }
            _ => (),
        }
    }

    fn text(&mut self, text: &str, code: bool) {
        let span = Span {
            text: text.to_owned(),
            strong: self.strong > 0,
            emphasis: self.emphasis > 0,
            strike: self.strike > 0,
            code,
            link: match self.links.last() {
                Some(LinkTarget::Web(address)) => Some(address.clone()),
                _ => None,
            },
        };
        let cell = self.table.as_mut().and_then(|table| table.last_mut()?.last_mut());
        let spans = cell.unwrap_or(&mut self.spans);
        match spans.last_mut() {
            Some(last) if last.has_look_of(&span) => last.text.push_str(text),
            _ => spans.push(span),
        }
    }

    /// Makes a block of the spans that were collected.
    fn flush(&mut self) {
        let heading = std::mem::take(&mut self.heading);
        let mut spans = std::mem::take(&mut self.spans);
        if let Some(last) = spans.last_mut() {
            last.text.truncate(last.text.trim_end().len());
        }
        if spans.iter().any(|span| !span.text.is_empty()) {
            self.push(BlockKind::Text { spans, heading });
        }
    }

    fn push(&mut self, kind: BlockKind) {
        self.blocks.push(MarkdownBlock {
            kind,
            indent: self.lists.len().min(MAX_DEPTH),
            quotes: self.quotes.min(MAX_DEPTH),
            marker: self.marker.take(),
        });
    }
}

impl Span {
    fn has_look_of(&self, other: &Self) -> bool {
        let look = |span: &Self| (span.strong, span.emphasis, span.strike, span.code);
        look(self) == look(other) && self.link == other.link
    }
}

impl LinkTarget {
    fn to(address: &str) -> Self {
        match Url::parse(address) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
                Self::Web(url.as_str().into())
            }
            _ => Self::Other(address.to_owned()),
        }
    }
}

fn level_of(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Describes the blocks in short, one line each.
    fn told(text: &str) -> Vec<String> {
        let tell_spans = |spans: &[Span]| {
            let tell = |span: &Span| {
                let mut told = span.text.clone();
                for (is_so, mark) in
                    [(span.strong, "*"), (span.emphasis, "_"), (span.strike, "~"), (span.code, "`")]
                {
                    if is_so {
                        told = format!("{mark}{told}{mark}");
                    }
                }
                match &span.link {
                    Some(link) => format!("{told}->{link}"),
                    None => told,
                }
            };
            spans.iter().map(tell).collect::<String>()
        };
        let tell = |block: &MarkdownBlock| {
            let kind = match &block.kind {
                BlockKind::Text { spans, heading: 0 } => tell_spans(spans),
                BlockKind::Text { spans, heading } => format!("h{heading} {}", tell_spans(spans)),
                BlockKind::Code { text, language } => format!("code {language}:{text}"),
                BlockKind::Rule => "rule".to_owned(),
                BlockKind::Table(rows) => rows
                    .iter()
                    .map(|row| {
                        row.iter().map(|cell| tell_spans(cell)).collect::<Vec<_>>().join("|")
                    })
                    .collect::<Vec<_>>()
                    .join("/"),
            };
            let marker =
                block.marker.as_deref().map_or(String::new(), |marker| format!("{marker} "));
            format!("{}{}{marker}{kind}", ">".repeat(block.quotes), "-".repeat(block.indent))
        };
        blocks(text).iter().map(tell).collect()
    }

    #[test]
    fn every_kind_of_block_is_read() {
        for (text, expected) in [
            ("a **b** *c* ~~d~~ `e`\nf", vec!["a *b* _c_ ~d~ `e` f"]),
            ("# A\n\n## B\n\n#### C\nd", vec!["h1 A", "h2 B", "h4 C", "d"]),
            ("- a\n- b\n  - c\n\n1. d\n2. e", vec!["-• a", "-• b", "--• c", "-1. d", "-2. e"]),
            ("- [x] a\n- [ ] b\n-", vec!["-[x] a", "-[ ] b", "-• "]),
            ("> a\n>\n> > b\n\nc", vec![">a", ">>b", "c"]),
            ("```rust\nfn a() {}\n\n```\n    b", vec!["code rust:fn a() {}", "code :b"]),
            ("a\n\n---\n\nb", vec!["a", "rule", "b"]),
            ("| a | b |\n|---|---|\n| *c* | d |", vec!["a|b/_c_|d"]),
            (
                "[x](https://a.test/) <https://b.test> [y](file:///etc/passwd) ![z](http://c.test/p.png)",
                vec![
                    "x->https://a.test/ https://b.test->https://b.test/ y (file:///etc/passwd) Picture: z->http://c.test/p.png",
                ],
            ),
            ("<script>x</script>\n\na <b>c</b>", vec!["<script>x</script>", "a <b>c</b>"]),
            ("- a\n\n  b\n\n  ```\n  c\n  ```", vec!["-• a", "-b", "-code :c"]),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }

    #[test]
    fn a_text_that_is_cut_anywhere_is_read_as_well() {
        let text = "# A\n\n- **b** [c](https://d.test)\n\n```x\ny\n```\n\n| a | b |\n|---|---|\n| c | d |\n> e";
        for (at, _) in text.char_indices() {
            blocks(&text[..at]);
        }
        let deep = "> ".repeat(500) + "- " + &"  - ".repeat(500);
        assert!(
            blocks(&deep)
                .iter()
                .all(|block| block.quotes <= MAX_DEPTH && block.indent <= MAX_DEPTH)
        );
    }
}
