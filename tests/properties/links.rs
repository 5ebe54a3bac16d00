//! What anybody can write where an address is read: links, addresses of sessions and of cameras.

use helmsight::protocol::camera::{CameraAddress, forward_base};
use helmsight::protocol::computers::path_segment;
use helmsight::protocol::link::{Link, is_link};
use helmsight::protocol::session_url::SessionUrl;
use proptest::prelude::*;
use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::cases;
use crate::inputs::{broken, text};

fn addresses() -> Vec<Vec<u8>> {
    [
        "helmsight://open?url=https%3A%2F%2Fa.test%2Fcomputers%2Fc1",
        "https://a.test/v1/computers/c%201/events?x=1#y",
        "ws://127.0.0.1:8080/ws/stream/cam-2?token=k",
        "rtsp://u:p@a.test/1",
        "http://[::1]:99/stream.mjpeg",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

const MARKS: &[&[u8]] = &[
    b"//", b"@", b":", b"?", b"#", b"%", b"%00", b"%2F", b"..", b"[", b"]", b"\\", b"\r\n", b" ",
    b"url=",
];

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn no_text_is_more_than_refused(bytes in broken(addresses(), MARKS)) {
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(link) = Link::parse(&text) {
            prop_assert!(is_link(&text));
            prop_assert!(link.address().username().is_empty() && link.address().password().is_none());
            prop_assert!(matches!(link.address().scheme(), "http" | "https" | "ws" | "wss"));
        }
        if let Ok(url) = Url::parse(&text)
            && let Some(session) = SessionUrl::parse(&url)
        {
            prop_assert!(session.base.path().ends_with('/') && !session.id.is_empty());
            prop_assert_eq!((session.base.scheme(), session.base.host(), session.base.port()), (url.scheme(), url.host(), url.port()));
        }
        if let Ok(camera) = CameraAddress::parse(&text) {
            prop_assert!(!camera.name().is_empty());
        }
        if let Ok(base) = forward_base(&text) {
            prop_assert!(matches!(base.scheme(), "http" | "https"));
        }
    }

    #[test]
    fn an_address_comes_out_of_its_link_as_it_went_in(path in "[a-zA-Z0-9/_.~ %é?&=+-]{0,40}") {
        let mut url = Url::parse("https://a.test:8443/").unwrap();
        url.set_path(&path);
        url.set_query(Some(&path));
        let encoded: String = byte_serialize(url.as_str().as_bytes()).collect();
        let link = Link::parse(&format!("helmsight://open?url={encoded}")).unwrap();
        prop_assert_eq!(link.address(), &url);
    }

    #[test]
    fn an_id_is_one_segment_of_a_path_and_nothing_else(id in text()) {
        let segment = path_segment(&id);
        let url = Url::parse("https://a.test/").unwrap().join(&format!("computers/{segment}/events")).unwrap();
        let segments: Vec<&str> = url.path_segments().unwrap().collect();
        prop_assert_eq!(&segments[..], ["computers", segment.as_str(), "events"]);
        prop_assert!(url.query().is_none() && url.fragment().is_none());
    }
}
