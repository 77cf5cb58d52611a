//! A person's own sessions: their list, and the end of one of them.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use gatelet_core::session::{Session, Sessions};
use gatelet_edge::{Gate, Problem, SignedIn, session_cookie_gone};
use http::{StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

/// The sessions of a person in the tenant that they act in. Times are in seconds since 1970.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionList {
    now: u64,
    sessions: Vec<ListedSession>,
}

/// One of them.
#[derive(Serialize, ToSchema)]
struct ListedSession {
    /// Its public id, which tokens carry as `sid`.
    id: String,
    /// Whether it is the one that asks.
    current: bool,
    provider: String,
    /// The browser in which it was begun, such as "Firefox on Linux", where that is one that people know.
    browser: Option<String>,
    begun_at: u64,
    /// When it ends unless it is extended.
    idle_ends_at: u64,
    /// When it ends in any case.
    ends_at: u64,
}

pub(crate) async fn list(
    SignedIn(asking): SignedIn,
    State(gate): State<Gate>,
) -> Result<Json<SessionList>, Problem> {
    let now = gate.clock.now();
    let sessions = Sessions::new(&*gate.records, &*gate.random);
    let (tenant, person) = (&asking.sign_in.tenant, &asking.sign_in.facts.person);
    let found = sessions.of_person(tenant, person, now).await?;
    let sessions = found.into_iter().map(|session| listed(session, &asking.id)).collect();
    Ok(Json(SessionList { now: now.secs(), sessions }))
}

fn listed(session: Session, asking: &str) -> ListedSession {
    ListedSession {
        current: session.id == asking,
        id: session.id,
        provider: session.sign_in.facts.provider,
        browser: session.browser.map(|browser| browser.as_str().to_owned()),
        begun_at: session.begun_at.secs(),
        idle_ends_at: session.idle_ends_at.secs(),
        ends_at: session.ends_at.secs(),
    }
}

/// Ends a session of the same person. The cookie of the one that asks is taken back with it.
pub(crate) async fn end(
    SignedIn(asking): SignedIn,
    State(gate): State<Gate>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let sessions = Sessions::new(&*gate.records, &*gate.random);
    if !sessions.end_own(&asking, &id, gate.clock.now()).await? {
        return Err(Problem::NotFound);
    }
    let gone =
        (id == asking.id).then(|| [(header::SET_COOKIE, session_cookie_gone(&gate.base_url))]);
    Ok((StatusCode::NO_CONTENT, gone, ()))
}
