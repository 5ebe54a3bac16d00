//! Reads of a page what can be read: a picture, its HTML, and where it is scrolled to.

use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::failure::failed;
use super::words::CapturedScreenshot;
use crate::host::cdp::{BASE64, CallError, CdpClient};
use crate::host::driver::{DriverError, DriverState, ShotFormat};

/// A picture that is asked for while the page moves to another process never comes: it is asked for again.
const SHOT_WITHIN: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(10)];
/// The browser says this of a page that is about to give way to another.
const MOVING: &str = "Not attached to an active page";
const MOVES_WITHIN: Duration = Duration::from_millis(300);
const HTML_WITHIN: Duration = Duration::from_secs(15);
/// The page's context goes into the answer of every action, which a page that hangs must not hold back for longer.
const CONTEXT_WITHIN: Duration = Duration::from_secs(2);

/// A page at the moment when its turn in the queue came.
pub(super) struct PageHandle {
    pub(super) client: CdpClient,
    pub(super) session: String,
    pub(super) state: watch::Receiver<DriverState>,
    pub(super) tab_id: String,
    pub(super) url: String,
    pub(super) title: String,
    pub(super) is_main: bool,
    pub(super) scale: f64,
    /// The reason why scripts and pictures would only run into their deadlines, where there is one.
    pub(super) blocked: Option<DriverError>,
}

#[derive(Deserialize)]
struct Evaluated {
    result: EvaluatedValue,
}

#[derive(Deserialize)]
struct EvaluatedValue {
    #[serde(default)]
    value: Value,
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

    pub(super) async fn html(&self) -> Result<String, DriverError> {
        const WHOLE: &str = "(document.doctype ? new XMLSerializer().serializeToString(document.doctype) + '\\n' : '') + (document.documentElement?.outerHTML ?? '')";
        self.check()?;
        match self.evaluate(WHOLE, HTML_WITHIN).await {
            Ok(Value::String(html)) => Ok(html),
            Ok(_) => Err(DriverError::Failed("The page has no HTML".to_owned())),
            Err(err) => Err(failed(err, &self.state)),
        }
    }

    /// Describes where the page is. This never fails: what the page does not tell is left out.
    pub(super) async fn context(&self) -> Value {
        const MEASURE: &str = "({ viewport_width: innerWidth, viewport_height: innerHeight, \
            page_width: document.documentElement?.scrollWidth ?? 0, page_height: document.documentElement?.scrollHeight ?? 0, \
            scroll_x: Math.round(scrollX), scroll_y: Math.round(scrollY) })";
        let mut context = json!({
            "url": self.url,
            "title": self.title,
            "tab_id": self.tab_id,
            "is_main_tab": self.is_main,
            "device_scale_factor": self.scale,
        });
        if self.blocked.is_none()
            && let Ok(Value::Object(measured)) = self.evaluate(MEASURE, CONTEXT_WITHIN).await
            && let Value::Object(context) = &mut context
        {
            context.extend(measured);
        }
        context
    }

    pub(super) fn check(&self) -> Result<(), DriverError> {
        self.blocked.clone().map_or(Ok(()), Err)
    }

    async fn evaluate(&self, expression: &str, within: Duration) -> Result<Value, CallError> {
        let params = json!({ "expression": expression, "returnByValue": true });
        let evaluated: Evaluated =
            self.client.call(Some(&self.session), "Runtime.evaluate", params, within).await?;
        Ok(evaluated.result.value)
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
