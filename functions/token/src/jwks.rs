//! The published keys.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use gatelet_core::token::{KeyRing, RingKey};
use gatelet_edge::{Gate, Problem};
use serde::Serialize;
use utoipa::ToSchema;

/// A JSON Web Key Set (RFC 7517 §5).
#[derive(Serialize, ToSchema)]
pub(crate) struct KeySet {
    keys: Vec<PublishedKey>,
}

/// An RSA public key for verifying signatures (RFC 7518 §6.3.1).
#[derive(Serialize, ToSchema)]
struct PublishedKey {
    kty: &'static str,
    r#use: &'static str,
    alg: &'static str,
    kid: String,
    n: String,
    e: String,
}

/// The keys that tokens of this deployment are signed with. Before there is one, the answer is an outage: an
/// empty set would be remembered by whoever asked.
pub(crate) async fn jwks(State(gate): State<Gate>) -> Result<impl IntoResponse, Problem> {
    let ring = KeyRing::new(&*gate.records, &*gate.random);
    let published = ring.published(gate.clock.now()).await?;
    if published.is_empty() {
        return Err(Problem::Unavailable);
    }
    let keys = published.iter().map(PublishedKey::from).collect();
    Ok(([("cache-control", "public, max-age=300")], Json(KeySet { keys })))
}

impl From<&RingKey> for PublishedKey {
    fn from(key: &RingKey) -> Self {
        let (n, e) = (key.public.n(), key.public.e());
        Self { kty: "RSA", r#use: "sig", alg: "RS256", kid: key.id.to_string(), n, e }
    }
}
