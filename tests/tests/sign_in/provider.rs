//! Played identity providers.

use async_trait::async_trait;
use gatelet_core::outage::Outage;
use gatelet_core::web::{Web, WebAnswer, WebRequest};

/// Two providers, `one.example` and `two.example`.
pub(crate) struct Providers {}

impl Providers {
    pub(crate) fn new() -> Self {
        Self {}
    }
}

#[async_trait]
impl Web for Providers {
    async fn send(&self, _: &WebRequest) -> Result<WebAnswer, Outage> {
        Err(Outage::harmless("call a server", "there is none"))
    }
}
