//! Signing out.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use gatelet_core::session::{Reach, Sessions, SignedOut};
use gatelet_edge::{Form, Gate, OurPage, Problem, session_cookie_gone};
use http::{HeaderName, header};
use serde::Serialize;
use utoipa::ToSchema;

/// What may stand in the form. Read by name from a [`Form`]; this is its description.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape is used")]
pub(crate) struct LogoutForm {
    /// `true` to end everything that the person has begun anywhere.
    everywhere: Option<bool>,
}

/// What came of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogoutAnswer {
    signed_out: bool,
}

/// Ends the session of the cookie and takes the cookie back. While nothing is known about the session, the cookie
/// stays, so that the next try still finds what to end.
pub(crate) async fn logout(
    page: OurPage,
    State(gate): State<Gate>,
    form: Form,
) -> Result<impl IntoResponse, Problem> {
    let reach = match form.get("everywhere") {
        None | Some("false") => Reach::Session,
        Some("true") => Reach::Everywhere,
        Some(_) => return Err(Problem::BadRequest),
    };
    let signed_out = match &page.key {
        None => reach.without_session(),
        Some(key) => {
            let sessions = Sessions::new(&*gate.records, &*gate.random);
            sessions.sign_out(key, reach, gate.clock.now()).await?
        }
    };
    match signed_out {
        SignedOut::Over => {
            let gone = [
                (header::SET_COOKIE, session_cookie_gone(&gate.base_url)),
                // What the browser still shows of the person when somebody goes back. Storage is the page's to
                // empty: other applications of this origin may keep things there.
                (HeaderName::from_static("clear-site-data"), "\"cache\"".to_owned()),
            ];
            Ok((gone, Json(LogoutAnswer { signed_out: true })))
        }
        SignedOut::NotSignedIn => Err(Problem::SignInRequired),
    }
}

/// Leads to the page, where a person can press the button. A GET ends nothing.
pub(crate) async fn page() -> Redirect {
    Redirect::to("/")
}
