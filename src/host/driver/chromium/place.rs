//! Finds where an element of a page or of one of its frames is in the page.

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::json;

use crate::host::cdp::{CallError, CdpClient};
use crate::model::FormRect;

const PLACED_WITHIN: Duration = Duration::from_secs(2);

/// An element of a document, as our world in it finds it.
#[derive(Clone, Debug)]
pub(super) struct ElementInWorld {
    /// The session of the page, or of a frame in another process.
    pub(super) session: String,
    /// Our world in the document.
    pub(super) context: i64,
    /// The expression that finds it there.
    pub(super) expression: String,
}

/// A frame that runs in a process of its own, as the document around it knows it.
#[derive(Clone, Debug)]
pub(super) struct FrameOwner {
    /// The session of the document that the frame is in.
    pub(super) session: String,
    /// The frame's id.
    pub(super) frame: String,
    /// The frame's own session.
    pub(super) inner: String,
}

/// Finds the place of an element in the page. `owners` leads from the element's own frame outwards.
pub(super) fn place(
    client: CdpClient,
    element: ElementInWorld,
    owners: Vec<FrameOwner>,
) -> BoxFuture<'static, Option<FormRect>> {
    Box::pin(async move {
        match placed(&client, &element, &owners).await {
            Ok(place) => place,
            Err(err) => {
                tracing::debug!(%err, "The place of an element is not known");
                None
            }
        }
    })
}

async fn placed(
    client: &CdpClient,
    element: &ElementInWorld,
    owners: &[FrameOwner],
) -> Result<Option<FormRect>, CallError> {
    #[derive(Deserialize)]
    struct Located {
        result: LocatedObject,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct LocatedObject {
        object_id: Option<String>,
    }
    #[derive(Deserialize)]
    struct Quads {
        quads: Vec<Vec<f32>>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Owner {
        backend_node_id: i64,
    }
    #[derive(Deserialize)]
    struct Boxes {
        model: BoxModel,
    }
    #[derive(Deserialize)]
    struct BoxModel {
        content: Vec<f32>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Metrics {
        css_layout_viewport: LayoutViewport,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct LayoutViewport {
        client_width: f32,
        client_height: f32,
    }

    let ElementInWorld { session, context, expression } = element;
    let found = json!({ "expression": expression, "contextId": context });
    let found: Located =
        client.call(Some(session), "Runtime.evaluate", found, PLACED_WITHIN).await?;
    let Some(object) = found.result.object_id else {
        return Ok(None);
    };
    let object = json!({ "objectId": object });
    let Quads { quads } =
        client.call(Some(session), "DOM.getContentQuads", object, PLACED_WITHIN).await?;
    let Some(mut place) = quads.first().and_then(|quad| bounds(quad)) else {
        return Ok(None);
    };
    for FrameOwner { session, frame, inner } in owners {
        let frame = json!({ "frameId": frame });
        let owner: Owner =
            client.call(Some(session), "DOM.getFrameOwner", frame, PLACED_WITHIN).await?;
        let node = json!({ "backendNodeId": owner.backend_node_id });
        let Boxes { model } =
            client.call(Some(session), "DOM.getBoxModel", node, PLACED_WITHIN).await?;
        let Metrics { css_layout_viewport: viewport } =
            client.call(Some(inner), "Page.getLayoutMetrics", json!({}), PLACED_WITHIN).await?;
        let Some(around) = bounds(&model.content) else {
            return Ok(None);
        };
        // A frame may be drawn larger or smaller than it is laid out.
        let scale = |drawn: f32, laid_out: f32| if laid_out > 0.0 { drawn / laid_out } else { 1.0 };
        let across = scale(around.width, viewport.client_width);
        let down = scale(around.height, viewport.client_height);
        place = FormRect {
            x: around.x + place.x * across,
            y: around.y + place.y * down,
            width: place.width * across,
            height: place.height * down,
        };
    }
    Ok(Some(place))
}

/// Returns the rectangle around a quad, which is four corners as x and y in turn.
fn bounds(quad: &[f32]) -> Option<FormRect> {
    if quad.len() != 8 || quad.iter().any(|number| !number.is_finite()) {
        return None;
    }
    let range = |first: usize| {
        let numbers = || quad.iter().skip(first).step_by(2).copied();
        (numbers().fold(f32::INFINITY, f32::min), numbers().fold(f32::NEG_INFINITY, f32::max))
    };
    let ((left, right), (top, bottom)) = (range(0), range(1));
    Some(FormRect { x: left, y: top, width: right - left, height: bottom - top })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turned_quad_has_bounds_and_a_broken_one_has_none() {
        let turned = [10.0, 0.0, 20.0, 10.0, 10.0, 20.0, 0.0, 10.0];
        let expected = FormRect { x: 0.0, y: 0.0, width: 20.0, height: 20.0 };
        assert_eq!(bounds(&turned), Some(expected));
        assert_eq!(bounds(&turned[..6]), None);
        assert_eq!(bounds(&[f32::NAN; 8]), None);
    }
}
