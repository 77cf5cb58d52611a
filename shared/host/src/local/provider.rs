//! The pocket identity provider beside the gateway, in the same process.

use std::net::SocketAddr;
use std::sync::Arc;

use gatelet_core::outage::Chain;
use gatelet_core::parts::Parts;
use gatelet_local::pocket::Pocket;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::registry::SignIn;
use crate::error::Error;

/// The provider at its port, not serving yet.
pub(crate) struct Provider {
    listener: TcpListener,
    pocket: Pocket,
}

impl Provider {
    /// Takes its port, if there is to be one.
    pub(crate) async fn open(sign_in: &SignIn, parts: &Arc<Parts>) -> Result<Option<Self>, Error> {
        let SignIn::Pocket { port } = *sign_in else { return Ok(None) };
        let listener = super::listen(port, "--provider-port").await?;
        let (secrets, clock) = (Arc::clone(&parts.secrets), Arc::clone(&parts.clock));
        let random = Arc::clone(&parts.random);
        let pocket = Pocket::open(port, parts.base_url.clone(), secrets, clock, random)
            .await
            .map_err(|outage| Error::start("open the pocket identity provider", outage))?;
        Ok(Some(Self { listener, pocket }))
    }

    /// Serves until it is told to stop.
    pub(crate) fn serve(self, mut stopping: watch::Receiver<bool>) -> JoinHandle<()> {
        let service = self.pocket.router().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move {
            let served = axum::serve(self.listener, service).with_graceful_shutdown(async move {
                // That the sender is gone means the same.
                let _ = stopping.wait_for(|stop| *stop).await;
            });
            if let Err(error) = served.await {
                tracing::error!(error = %Chain(&error), "the pocket identity provider has ended");
            }
        })
    }
}
