//! Takes the last look at every answer in JSON, so that no route has to think of secrets in what it tells.

use std::borrow::Cow;

use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};

use crate::base::redact;
use crate::host::error::ApiError;

/// Hides the passwords of addresses in an answer. Streams, pictures and pages pass as they are.
pub(crate) async fn hide(answer: Response) -> Response {
    let is_json = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !is_json {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    // These bodies are in memory as a whole.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        let why = "the answer could not be read";
        return ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, why).into_response();
    };
    match str::from_utf8(&body).map(redact::json_text) {
        Ok(Cow::Owned(shown)) => {
            parts.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(shown))
        }
        Ok(Cow::Borrowed(_)) | Err(_) => Response::from_parts(parts, Body::from(body)),
    }
}
