//! Runs `helmsight tail`, which prints events as JSON lines.

mod patience;
mod raw;
mod session;

use anyhow::{Context as _, bail};
use clap::Args;
use http::HeaderName;
use http::header::AUTHORIZATION;
use secrecy::SecretString;

use self::session::Excerpt;
use super::print::say;
use super::{exit, session_url};
use crate::base::address::words_for_none;
use crate::base::{TypedAddress, redact};
use crate::net::{NetError, scheme};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  HELMSIGHT_TOKEN=… helmsight tail http://127.0.0.1:7700/computers/abc
  helmsight tail --since none http://127.0.0.1:7700/computers/abc
  helmsight tail --no-follow http://127.0.0.1:7700/computers/abc > so-far.jsonl
  helmsight tail --raw https://sse.example/stream --header 'X-Key: k'
  helmsight tail --raw wss://echo.example/
  HELMSIGHT_TOKEN=… helmsight tail --raw https://api.example/computers/abc/events

Reconnects as long as that may help. With --raw, each line is one of:
  {\"k\":\"open\"}
  {\"k\":\"event\",\"type\":…,\"data\":…,\"id\":…}
  {\"k\":\"msg\",\"op\":\"text\"|\"binary\",\"len\":…,\"data\":…}   (binary data as base64)
  {\"k\":\"error\",\"why\":…}
  {\"k\":\"closed\",\"why\":…}                                 (will not try again)

Exit codes: 0 nobody reads any more or --no-follow is done, 1 failed, 2 wrong arguments, 3 the server gave a final answer, 130 interrupted.")]
#[expect(missing_docs, reason = "clap would show a docstring as help")]
pub struct TailArgs {
    /// A session (https://service/computers/ID), or with --raw any event stream or WebSocket
    url: String,

    /// Print what comes as it comes, from any http, https, ws or wss address
    #[arg(long)]
    raw: bool,

    /// Begin with the events after this id, with all that the service remembers, or with none of them
    #[arg(long, value_name = "ID|all|none", default_value = "all", value_parser = since, conflicts_with = "raw")]
    since: Since,

    /// Go on with what happens (the default)
    #[arg(long, overrides_with = "no_follow")]
    follow: bool,

    /// Stop once everything so far was printed
    #[arg(long, overrides_with = "follow", conflicts_with = "raw")]
    no_follow: bool,

    /// Send this header too; may be given several times. Others can read command lines: keys belong in HELMSIGHT_TOKEN
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<Header>,
}

/// The event after which the output begins.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Since {
    Id(String),
    All,
    Nothing,
}

impl Since {
    /// Returns the id to ask the service to begin after, if any.
    fn id(self) -> Option<String> {
        match self {
            Self::Id(id) => Some(id),
            // Ids are counted from 1, so that everything comes after this one.
            Self::All => Some("0".to_owned()),
            Self::Nothing => None,
        }
    }
}

fn since(text: &str) -> Result<Since, String> {
    match text.trim() {
        "" => Err("give an event's id, “all” or “none”".to_owned()),
        "all" => Ok(Since::All),
        "none" => Ok(Since::Nothing),
        id if id.chars().any(char::is_control) => Err("this is no id of an event".to_owned()),
        id => Ok(Since::Id(id.to_owned())),
    }
}

/// A header from the command line.
#[derive(Clone, Debug)]
struct Header(HeaderName, SecretString);

fn header(text: &str) -> Result<Header, String> {
    let (name, value) = text.split_once(':').ok_or("it should look like `Name: value`")?;
    let name = name
        .trim()
        .parse()
        .map_err(|_invalid| format!("“{}” is no name of a header", name.trim()))?;
    Ok(Header(name, SecretString::from(value.trim())))
}

/// Adds the token for the address on the command line, unless a header says otherwise.
fn with_token(
    mut headers: Vec<(HeaderName, SecretString)>,
    token: Option<String>,
) -> Vec<(HeaderName, SecretString)> {
    let says_otherwise = headers.iter().any(|(name, _)| *name == AUTHORIZATION);
    if let Some(token) = token.filter(|_| !says_otherwise) {
        headers.push((AUTHORIZATION, SecretString::from(format!("Bearer {token}"))));
    }
    headers
}

/// Tells whether an address is a single word, which is a slip rather than the name of a computer with a stream.
fn is_lone_word(typed: &str) -> bool {
    typed != "localhost" && !typed.contains(['.', ':', '/'])
}

pub(super) async fn run(args: TailArgs) -> anyhow::Result<u8> {
    let headers: Vec<_> =
        args.headers.into_iter().map(|Header(name, value)| (name, value)).collect();
    let mut out = std::io::stdout();
    let mut others = String::new();
    let closed = if args.raw {
        let typed = TypedAddress::read(&args.url).filter(|_| !is_lone_word(&args.url));
        let Some(address) = typed else {
            let shown = redact::address(&args.url);
            let help =
                format!("“{shown}” is no address; it should look like https://service/stream");
            say(format_args!("helmsight: {}", words_for_none(&args.url, help)));
            return Ok(exit::USAGE);
        };
        let url = scheme::settle(address).await;
        let headers = with_token(headers, std::env::var("HELMSIGHT_TOKEN").ok());
        raw::tail_raw(url, headers, &mut out).await
    } else {
        let session = match session_url::parse(&args.url) {
            Ok(session) => session.settled().await,
            Err(why) => {
                say(format_args!("helmsight: {why}, or add --raw for any other stream"));
                return Ok(exit::USAGE);
            }
        };
        let service = session_url::service(&session, headers)?;
        let what = Excerpt { since: args.since.id(), follow: args.follow || !args.no_follow };
        match session::tail_session(&*service, &session.id, what, &mut out).await {
            Ok(None) => return Ok(exit::OK),
            Ok(Some(why)) => {
                others = session_url::others(&*service, &session.id, &why).await;
                Ok(why)
            }
            Err(err) => Err(err),
        }
    };
    match closed {
        Ok(NetError::Invalid(why) | NetError::Insecure(why)) => bail!(why),
        Ok(why) => {
            say(format_args!("helmsight: {why}{}{others}", session_url::advice(&why)));
            Ok(exit::REFUSED)
        }
        // Whoever read the lines has ended, which is how `| head` stops this command.
        Err(err) if err.kind() == std::io::ErrorKind::BrokenPipe => Ok(exit::OK),
        Err(err) => Err(err).context("Could not write the lines"),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn the_token_is_a_header_unless_another_one_is_given() {
        let given = |name| vec![(name, SecretString::from("x"))];
        let token = || Some("t".to_owned());
        for (headers, token, wanted) in [
            (Vec::new(), None, None),
            (Vec::new(), token(), Some("Bearer t")),
            (given(AUTHORIZATION), token(), Some("x")),
        ] {
            let headers = with_token(headers, token);
            let sent = headers.first().map(|(_, value)| value.expose_secret());
            assert_eq!((sent, headers.len()), (wanted, wanted.iter().count()));
        }
    }

    #[test]
    fn the_beginning_is_an_id_or_a_word() {
        for (text, id) in
            [("all", Some("0")), ("none", None), (" 41 ", Some("41")), ("x-1", Some("x-1"))]
        {
            assert_eq!(since(text).unwrap().id().as_deref(), id, "{text}");
        }
        assert!(since("").is_err() && since("a\u{7}").is_err());
    }

    #[test]
    fn headers_are_read_and_bad_ones_explained() {
        let Header(name, _) = header("X-Key:  a: b").unwrap();
        assert_eq!(name, "x-key");
        assert!(header("no colon").is_err() && header("bad name: x").is_err());
    }
}
