//! Serves the routes of the API that act for a person: who they are, what they can run, and what becomes of it.

mod automations;
mod results;
mod runs;

use axum::Json;
use gatelet_edge::{Caller, MeView, Method, Routes, Scope};

/// The routes of this function.
#[must_use]
pub fn routes() -> Routes {
    me_routes().and(automations::routes()).and(runs::routes()).and(results::routes())
}

fn me_routes() -> Routes {
    Routes::new().api::<Me, _, _>("me", (Method::Get, "/api/me"), me).describe(|it| {
        it.summary("Tell callers who they are here")
            .json::<MeView>("What is known about the caller")
    })
}

async fn me(caller: Caller<Me>) -> Json<MeView> {
    Json(MeView::of(&caller))
}

/// Asks who one is.
struct Me;

impl Scope for Me {
    const NAME: &'static str = "me";
}

/// Reads automations, runs and what they leave.
struct RunsRead;

impl Scope for RunsRead {
    const NAME: &'static str = "runs:read";
}

/// Starts runs, and ends one's own.
struct RunsWrite;

impl Scope for RunsWrite {
    const NAME: &'static str = "runs:write";
}

/// Decides about runs of others.
struct RunsApprove;

impl Scope for RunsApprove {
    const NAME: &'static str = "runs:approve";
}

/// Reads the tenant's trail.
struct AuditRead;

impl Scope for AuditRead {
    const NAME: &'static str = "audit:read";
}
