//! Reads JSON bodies of any media type, empty ones included, and queries. Errors have the API's shape.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use http::StatusCode;
use http::request;
use serde::de::DeserializeOwned;

use crate::base::json;
use crate::base::text::one_line;
use crate::host::error::ApiError;

/// A body that has not come by then is given up.
pub(crate) const BODY_WITHIN: Duration = Duration::from_secs(10);
/// An error's text is cut here, because serde quotes what it does not like, however long it is.
const MAX_WHY: usize = 200;

/// A JSON body, read as `T`. An empty body is an empty object.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        let bytes = bytes(request).await?;
        let json: &[u8] = if bytes.trim_ascii().is_empty() { b"{}" } else { &bytes };
        json::from_slice(json).map(Self).map_err(|err| {
            ApiError::bad(format!(
                "the request's body is not what this call takes: {}",
                one_line(&err.to_string(), MAX_WHY)
            ))
        })
    }
}

/// Reads a request's body as a whole; an error where it is too large, or does not come in time.
pub(crate) async fn bytes(request: Request) -> Result<Bytes, ApiError> {
    match tokio::time::timeout(BODY_WITHIN, Bytes::from_request(request, &())).await {
        Ok(bytes) => bytes.map_err(|err| unread(&err)),
        Err(_) => Err(ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "the request's body did not come in time",
        )),
    }
}

/// The query of a request, read as `T`.
pub(crate) struct Params<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut request::Parts, state: &S) -> Result<Self, ApiError> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(err) => Err(ApiError::bad(one_line(&err.body_text(), MAX_WHY))),
        }
    }
}

fn unread(err: &BytesRejection) -> ApiError {
    match err.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the request's body is larger than this call takes",
        ),
        _ => ApiError::bad("the request's body could not be read"),
    }
}
