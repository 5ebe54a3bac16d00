//! Reads of a page what can be read: a picture, its HTML, and where it is scrolled to.

use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value, json};
use tokio::sync::watch;

use super::failure::failed;
use super::words::{CapturedScreenshot, TabAddress};
use super::world::WORLD;
use crate::base::PageText;
use crate::host::cdp::{BASE64, CallError, CdpClient};
use crate::host::driver::{DriverError, DriverState, ShotFormat};

/// A picture that is asked for while the page moves to another process never comes: it is asked for again.
const SHOT_WITHIN: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(10)];
/// The browser says this of a page that is about to give way to another.
const MOVING: &str = "Not attached to an active page";
const MOVES_WITHIN: Duration = Duration::from_millis(300);
/// So many documents in a row are asked, when each gives way to the next one.
const WORLDS: usize = 3;
/// A long page takes this long to be printed.
const PRINTED_WITHIN: Duration = Duration::from_secs(45);
const MAX_PDF: usize = 64_000_000;
const PDF_PART: usize = 1 << 20;
const HTML_WITHIN: Duration = Duration::from_secs(15);
/// The page's context goes into the answer of every action, which a page that hangs must not hold back for longer.
const CONTEXT_WITHIN: Duration = Duration::from_secs(2);

/// A page at the moment when its turn in the queue came.
pub(super) struct PageHandle {
    pub(super) client: CdpClient,
    pub(super) session: String,
    /// The sessions of its frames that run in other processes.
    pub(super) frames: Vec<String>,
    pub(super) state: watch::Receiver<DriverState>,
    /// The page's main frame.
    pub(super) frame: String,
    pub(super) tab_id: String,
    pub(super) url: TabAddress,
    pub(super) title: PageText,
    pub(super) is_main: bool,
    pub(super) scale: f64,
    /// The reason why scripts and pictures would only run into their deadlines, where there is one.
    pub(super) blocked: Option<DriverError>,
}

#[derive(Deserialize)]
struct Evaluated<T> {
    result: EvaluatedValue<T>,
}

#[derive(Deserialize)]
struct EvaluatedValue<T> {
    value: T,
}

/// The answer to `Page.createIsolatedWorld`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IsolatedWorld {
    execution_context_id: i64,
}

/// How large the page is and how far it is scrolled. Nothing but numbers is taken, because a page can put anything in
/// their places.
#[derive(Deserialize, Serialize)]
struct PageMeasures {
    viewport_width: Number,
    viewport_height: Number,
    page_width: Number,
    page_height: Number,
    scroll_x: Number,
    scroll_y: Number,
}

impl PageHandle {
    pub(super) async fn screenshot(&self, format: ShotFormat) -> Result<Bytes, DriverError> {
        self.check()?;
        let params = match format {
            ShotFormat::Jpeg { quality } => {
                json!({ "format": "jpeg", "quality": quality.clamp(1, 100) })
            }
            ShotFormat::Png => json!({ "format": "png" }),
        };
        let mut answer = Err(CallError::Gone);
        for within in SHOT_WITHIN {
            answer = self
                .client
                .call::<CapturedScreenshot>(
                    Some(&self.session),
                    "Page.captureScreenshot",
                    &params,
                    within,
                )
                .await;
            match &answer {
                Err(CallError::Late(_)) => (),
                Err(CallError::Refused { message, .. }) if message == MOVING => {
                    tokio::time::sleep(MOVES_WITHIN).await;
                }
                _ => break,
            }
        }
        let shot = answer.map_err(|err| failed(err, &self.state))?;
        BASE64.decode(shot.data).map(Bytes::from).map_err(|_malformed| {
            DriverError::Failed("the browser's picture is not understood".to_owned())
        })
    }

    /// Prints the page to a PDF, as large as the page says or as the usual sheet.
    pub(super) async fn pdf(&self) -> Result<Bytes, DriverError> {
        #[derive(Deserialize)]
        struct Printed {
            stream: String,
        }
        self.check()?;
        // What comes as a stream can be bounded.
        let params = json!({ "transferMode": "ReturnAsStream", "printBackground": true, "preferCSSPageSize": true });
        let Printed { stream } = self.call("Page.printToPDF", params, PRINTED_WITHIN).await?;
        let read = self.read_stream(&stream).await;
        self.client.tell(Some(&self.session), "IO.close", json!({ "handle": stream }));
        read
    }

    async fn read_stream(&self, stream: &str) -> Result<Bytes, DriverError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct StreamPart {
            data: String,
            eof: bool,
            #[serde(default)]
            base64_encoded: bool,
        }
        let mut whole = Vec::new();
        loop {
            let params = json!({ "handle": stream, "size": PDF_PART });
            let part: StreamPart = self.call("IO.read", params, HTML_WITHIN).await?;
            if part.base64_encoded {
                let data = BASE64.decode(part.data).map_err(|_malformed| {
                    DriverError::Failed("The browser's PDF is not understood".to_owned())
                })?;
                whole.extend_from_slice(&data);
            } else {
                whole.extend_from_slice(part.data.as_bytes());
            }
            if whole.len() > MAX_PDF {
                return Err(DriverError::Failed(format!(
                    "The page is larger than {} MB as a PDF; save a snapshot of what you need",
                    MAX_PDF / 1_000_000
                )));
            }
            if part.eof {
                return Ok(whole.into());
            }
        }
    }

    pub(super) async fn html(&self) -> Result<String, DriverError> {
        const WHOLE: &str = "(document.doctype ? new XMLSerializer().serializeToString(document.doctype) + '\\n' : '') + (document.documentElement?.outerHTML ?? '')";
        self.check()?;
        match self.evaluate(WHOLE, HTML_WITHIN).await {
            Ok(html) => Ok(html),
            Err(CallError::Strange) => Err(DriverError::Failed("the page has no HTML".to_owned())),
            Err(err) => Err(failed(err, &self.state)),
        }
    }

    /// Describes where the page is. This never fails: what the page does not tell is left out.
    pub(super) async fn context(&self) -> Value {
        const MEASURE: &str = "({ viewport_width: innerWidth, viewport_height: innerHeight, \
            page_width: Number(document.documentElement?.scrollWidth) || 0, \
            page_height: Number(document.documentElement?.scrollHeight) || 0, \
            scroll_x: Math.round(scrollX), scroll_y: Math.round(scrollY) })";
        let mut context = json!({
            "url": self.url,
            "title": self.title,
            "tab_id": self.tab_id,
            "is_main_tab": self.is_main,
            "device_scale_factor": self.scale,
        });
        if self.blocked.is_none()
            && let Ok(measures) = self.evaluate::<PageMeasures>(MEASURE, CONTEXT_WITHIN).await
            && let Ok(Value::Object(measured)) = serde_json::to_value(measures)
            && let Value::Object(context) = &mut context
        {
            context.extend(measured);
        }
        context
    }

    pub(super) fn check(&self) -> Result<(), DriverError> {
        self.blocked.clone().map_or(Ok(()), Err)
    }

    /// Evaluates an expression beside the page's scripts, which may have given everything that they can reach another
    /// meaning.
    pub(super) async fn evaluate<T: DeserializeOwned>(
        &self,
        expression: &str,
        within: Duration,
    ) -> Result<T, CallError> {
        let session = Some(self.session.as_str());
        let world = json!({ "frameId": self.frame, "worldName": WORLD });
        let mut evaluated = Err(CallError::Gone);
        // A page that gives way to the next one takes its world along, and the next one has its own.
        for _ in 0..WORLDS {
            let IsolatedWorld { execution_context_id } =
                self.client.call(session, "Page.createIsolatedWorld", &world, within).await?;
            let params = json!({ "expression": expression, "contextId": execution_context_id, "returnByValue": true });
            evaluated = self.client.call(session, "Runtime.evaluate", params, within).await;
            if !matches!(evaluated, Err(CallError::Refused { .. })) {
                break;
            }
        }
        evaluated.map(|evaluated: Evaluated<T>| evaluated.result.value)
    }

    pub(super) async fn call<T: serde::de::DeserializeOwned>(
        &self,
        method: &str,
        params: Value,
        within: Duration,
    ) -> Result<T, DriverError> {
        self.client
            .call(Some(&self.session), method, params, within)
            .await
            .map_err(|err| failed(err, &self.state))
    }
}
