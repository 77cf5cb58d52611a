//! The port that calls other people's servers. So far those are identity providers.

use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use crate::outage::Outage;
use crate::secrets::SecretBytes;

/// Calls servers over HTTPS. It follows no redirect, waits for no longer than a few seconds, takes no answer
/// longer than [`LONGEST_ANSWER`], and never tries again: the caller knows what a second call would mean.
/// Any status is an answer; an outage is when there is none.
#[async_trait]
pub trait Web: Send + Sync {
    /// Sends a request.
    async fn send(&self, request: &WebRequest) -> Result<WebAnswer, Outage>;
}

/// The longest body of an answer, in bytes.
pub const LONGEST_ANSWER: usize = 256 * 1024;

/// A request: a GET, or the POST of a form. It asks for JSON.
#[derive(Debug)]
pub struct WebRequest {
    /// Where to. Nothing secret stands in it: addresses end up in other people's logs.
    pub url: Url,
    /// The whole value of an `Authorization` header.
    pub authorization: Option<SecretBytes>,
    /// A form in `application/x-www-form-urlencoded`; its presence makes the request a POST.
    pub form: Option<SecretBytes>,
}

/// An answer.
#[derive(Debug)]
pub struct WebAnswer {
    /// The status.
    pub status: u16,
    /// The body, which may be a token.
    pub body: SecretBytes,
    /// How long it may be kept (`Cache-Control: max-age`), where the server said so.
    pub max_age: Option<Duration>,
}

impl WebRequest {
    /// A GET of a public document.
    #[must_use]
    pub const fn get(url: Url) -> Self {
        Self { url, authorization: None, form: None }
    }
}
