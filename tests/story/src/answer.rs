//! An answer as the client received it.

use http::StatusCode;
use reqwest::RequestBuilder;
use serde_json::Value;

/// Status, headers and JSON body.
#[derive(Debug)]
#[must_use]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The body; null where it is not JSON.
    pub body: Value,
    /// The body as it came.
    pub text: String,
}

impl Answer {
    /// Sends a request with these headers, and receives what comes.
    pub async fn to(request: RequestBuilder, headers: &[(&str, &str)]) -> Self {
        let request = with_headers(request, headers);
        Self::receive(request.send().await.expect("an answer")).await
    }

    /// Receives what a client got.
    pub async fn receive(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("the whole body arrives");
        let body = serde_json::from_str(&text).unwrap_or_default();
        Self { status, headers, body, text }
    }

    /// The body, if the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        self.body
    }
}

/// A request with these headers besides those it has.
pub(crate) fn with_headers(request: RequestBuilder, headers: &[(&str, &str)]) -> RequestBuilder {
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}
