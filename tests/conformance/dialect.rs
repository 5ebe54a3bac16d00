//! The forms in which services of the computers API say the same thing: several are in use, and some are not published.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Value, json};

#[derive(Clone, Copy)]
pub(crate) struct Dialect {
    pub(crate) name: &'static str,
    /// Before every path.
    pub(crate) prefix: &'static str,
    /// Whether a session that ended is still described.
    pub(crate) remembers: bool,
    pub(crate) list: fn(Vec<Value>) -> Value,
    pub(crate) error: fn(&str) -> Value,
    /// The data of a screencast event.
    pub(crate) picture: fn(&[u8]) -> String,
    pub(crate) tabs: fn(Vec<Tab>) -> Value,
}

pub(crate) struct Tab {
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) title: String,
    pub(crate) active: bool,
}

pub(crate) const DIALECTS: [Dialect; 4] = [
    Dialect {
        name: "current",
        prefix: "",
        remembers: true,
        list: Value::Array,
        error: |words| json!({"status": "error", "error_message": words}),
        picture: |jpeg| {
            let metadata =
                json!({"timestamp": 1_770_000_000.25, "deviceWidth": 640, "deviceHeight": 360});
            json!({"image_data": BASE64_STANDARD.encode(jpeg), "metadata": metadata}).to_string()
        },
        tabs: |tabs| {
            let tab = |tab: Tab| json!({"tab_id": tab.id, "url": tab.url, "title": tab.title, "is_main_tab": tab.active});
            json!({"status": "success", "result": {"tabs": tabs.into_iter().map(tab).collect::<Vec<_>>()}})
        },
    },
    Dialect {
        name: "former, below /v1",
        prefix: "/v1",
        remembers: false,
        list: |computers| json!({ "computers": computers }),
        error: |words| json!({"error": {"message": words}}),
        picture: |jpeg| {
            let data = format!("data:image/jpeg;base64,{}", BASE64_STANDARD.encode(jpeg));
            json!({ "frame": data, "metadata": {"ts": 1_770_000_000_250_i64, "viewport_width": 640} })
                .to_string()
        },
        tabs: |tabs| {
            let tab = |tab: Tab| json!({"id": tab.id, "url": tab.url, "title": tab.title, "active": tab.active});
            json!({"tabs": tabs.into_iter().map(tab).collect::<Vec<_>>()})
        },
    },
    Dialect {
        name: "bare",
        prefix: "",
        remembers: false,
        list: |computers| json!({ "data": computers }),
        error: |words| json!({ "error": words }),
        picture: |jpeg| BASE64_URL_SAFE_NO_PAD.encode(jpeg),
        tabs: |tabs| {
            let tab = |tab: Tab| json!({"targetId": tab.id, "url": tab.url, "title": tab.title, "current": tab.active});
            tabs.into_iter().map(tab).collect()
        },
    },
    Dialect {
        name: "video",
        prefix: "",
        remembers: true,
        list: Value::Array,
        error: |words| json!({"status": "error", "error_message": words}),
        // Not decoded: what the picture shows is in the screenshots.
        picture: |_| json!({"nalu_data": "AAAAAWdC"}).to_string(),
        tabs: |tabs| {
            let tab = |tab: Tab| json!({"tab_id": tab.id, "url": tab.url, "title": tab.title, "is_main_tab": tab.active});
            json!({"status": "success", "result": tabs.into_iter().map(tab).collect::<Vec<_>>()})
        },
    },
];
