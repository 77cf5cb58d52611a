//! What the story asks of a platform.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use gatelet_core::records::Records;
use http::Method;
use url::Url;

use crate::Answer;

/// A platform with the gateway on it.
#[async_trait]
pub trait Stage: Send + Sync {
    /// The deployment's public address.
    fn base_url(&self) -> &Url;

    /// The records that the functions use.
    fn records(&self) -> &dyn Records;

    /// Sends a request as a browser would, with these headers and this body.
    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer;

    /// Reads, with these headers.
    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, path, headers, "").await
    }

    /// Lets a minute pass: one tick of the timer, awaited.
    async fn tick(&self);
}

/// Asks until there is an answer. The platforms deliver messages when they see fit, so the story waits for the
/// effect, and for no longer than two minutes.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_mins(2);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited two minutes in vain: {what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
