//! What a page may know about its session, and the one way to keep it from going idle.

use axum::Json;
use axum::extract::State;
use gatelet_core::session::Sessions;
use gatelet_edge::{Detailed, Gate, Method, OurPage, Problem, Routes, SessionView, SignedIn};

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

/// Tells the page about its session. Asking does not keep the session alive.
async fn session(
    SignedIn(session): SignedIn,
    State(gate): State<Gate>,
) -> Result<Json<SessionView>, Problem> {
    let registry = gate.registry.current(gate.clock.now()).await?;
    Ok(Json(SessionView::of(session, &registry, &gate)))
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
    Ok(Json(SessionView::of(extended, &registry, &gate)))
}
