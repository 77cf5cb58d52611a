//! What a page may know about its session, and the one way to keep it from going idle.

use axum::Json;
use axum::extract::State;
use gatelet_core::clock::Timestamp;
use gatelet_core::registry::Registry;
use gatelet_core::session::{Session, Sessions};
use gatelet_edge::{Can, Detailed, Gate, Method, OurPage, Problem, Routes, SignedIn};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .session("session", (Method::Get, "/auth/session"), session)
        .describe(|it| {
            it.summary("Tell the page about its session")
                .about("Asking does not keep the session alive.")
                .json::<SessionView>("The session")
        })
        .session("extend", (Method::Post, "/auth/session/extend"), extend)
        .describe(|it| {
            it.summary("Keep the session from going idle")
                .about("The rules of signing in are applied again.")
                .json::<SessionView>("The session as it is now")
                .problems(&[Problem::EndsAnyway, Problem::NotAdmitted, Problem::OtherRegion])
        })
}

/// What a page may know about its session. Every member is listed here, so that no token can slip in. Times are
/// in seconds since 1970.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionView {
    now: u64,
    begun_at: u64,
    /// When it ends unless it is extended.
    idle_ends_at: u64,
    /// When it ends in any case.
    ends_at: u64,
    /// When the person last proved to the provider who they are, where it says so.
    auth_time: Option<u64>,
    tenant: String,
    tenant_title: String,
    role: String,
    provider: String,
    /// The person's name, where the provider says it.
    name: Option<String>,
    can: Allowed,
}

/// What the person may do with the session.
#[derive(Serialize, ToSchema)]
struct Allowed {
    #[schema(value_type = Object)]
    extend: Can,
}

/// Tells the page about its session. Asking does not keep the session alive.
async fn session(
    SignedIn(session): SignedIn,
    State(gate): State<Gate>,
) -> Result<Json<SessionView>, Problem> {
    let registry = gate.registry.current(gate.clock.now()).await?;
    Ok(Json(view(session, &registry, &gate)))
}

async fn extend(
    SignedIn(session): SignedIn,
    page: OurPage,
    State(gate): State<Gate>,
) -> Result<Json<SessionView>, Detailed> {
    let now = gate.clock.now();
    let registry = gate.registry.current(now).await?;
    session.may_extend(&registry)?;
    let key = page.key.ok_or(Problem::SignInRequired)?;
    let sessions = Sessions::new(&*gate.records, &*gate.random);
    // It may have been ended a moment ago, and then an extension does not bring it back.
    let extended = sessions.extend(&key, now).await?.ok_or(Problem::SignInRequired)?;
    Ok(Json(view(extended, &registry, &gate)))
}

fn view(session: Session, registry: &Registry, gate: &Gate) -> SessionView {
    let extend = Can::from(session.may_extend(registry));
    let Session { sign_in, begun_at, idle_ends_at, ends_at, .. } = session;
    let title = registry.tenants.get(&sign_in.tenant).map(|tenant| tenant.title.clone());
    SessionView {
        now: gate.clock.now().secs(),
        begun_at: begun_at.secs(),
        idle_ends_at: idle_ends_at.secs(),
        ends_at: ends_at.secs(),
        auth_time: sign_in.facts.auth_time.map(Timestamp::secs),
        tenant_title: title.unwrap_or_else(|| sign_in.tenant.to_string()),
        tenant: sign_in.tenant.to_string(),
        role: sign_in.role,
        provider: sign_in.facts.provider,
        name: sign_in.facts.name,
        can: Allowed { extend },
    }
}
