//! Serves the session routes. Signing in joins them later.

use axum::Json;
use axum::extract::State;
use gatelet_core::session::Session;
use gatelet_edge::{Gate, Method, Routes, SignedIn};
use serde::Serialize;
use utoipa::ToSchema;

/// The routes of this function.
#[must_use]
pub fn routes() -> Routes {
    Routes::new().session("session", (Method::Get, "/auth/session"), session).describe(|it| {
        it.summary("Tell the page about its session")
            .about("Asking does not keep the session alive.")
            .json::<SessionView>("The session")
    })
}

/// What a page may know about its session. Every member is listed here, so that no token can slip in.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionView {
    now: u64,
    begun_at: u64,
    idle_ends_at: u64,
    ends_at: u64,
    tenant: String,
    role: String,
    provider: String,
}

/// Tells the page about its session. Asking does not keep the session alive.
async fn session(SignedIn(session): SignedIn, State(gate): State<Gate>) -> Json<SessionView> {
    let Session { sign_in, begun_at, idle_ends_at, ends_at, .. } = session;
    Json(SessionView {
        now: gate.clock.now().secs(),
        begun_at: begun_at.secs(),
        idle_ends_at: idle_ends_at.secs(),
        ends_at: ends_at.secs(),
        tenant: sign_in.tenant.to_string(),
        role: sign_in.role,
        provider: sign_in.facts.provider,
    })
}
