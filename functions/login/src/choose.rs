//! The choice of a tenant, for whoever belongs to several. Our own page shows it and sends it.

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use gatelet_core::sign_in::{self, Choosable, Finished, SLOTS};
use gatelet_edge::{
    CarriedSignIns, Form, Gate, Method, OurPage, Problem, Routes, session_cookie_value,
};
use http::header;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::Required;

const REFUSALS: [Problem; 4] =
    [Problem::BadRequest, Problem::SignInRequired, Problem::NotFromOurPage, Problem::Unavailable];

pub(crate) fn routes() -> Routes {
    Routes::new()
        .public("choosable", (Method::Get, "/auth/choose"), choosable)
        .describe(|it| {
            it.summary("List the tenants that somebody may choose")
                .query("slot", "The sign-in: what stood in `slot`")
                .json::<ChoosableList>("The tenants")
                .problems(&REFUSALS)
        })
        .public("choose", (Method::Post, "/auth/choose"), choose)
        .describe(|it| {
            it.summary("Choose a tenant, once")
                .form::<Chosen>(Required::True)
                .json::<GoOn>("Signed in: the answer carries the cookie, and says where to go")
                .problems(&REFUSALS)
                .problems(&[Problem::NotAdmitted])
        })
}

/// Which sign-in waits for a choice.
#[derive(Deserialize)]
struct Slot {
    slot: usize,
}

/// The tenants that somebody may choose.
#[derive(Serialize, ToSchema)]
struct ChoosableList {
    tenants: Vec<ChoosableTenant>,
}

/// One of them.
#[derive(Serialize, ToSchema)]
struct ChoosableTenant {
    id: String,
    title: String,
}

/// The choice.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the form, which is read by its names")]
struct Chosen {
    /// The sign-in: what stood in `slot`.
    slot: u8,
    /// The tenant's id.
    tenant: String,
}

/// Where the page goes next.
#[derive(Serialize, ToSchema)]
struct GoOn {
    /// A path of ours, or an address of a client or of another region.
    location: String,
}

async fn choosable(
    _: OurPage,
    CarriedSignIns { carried, .. }: CarriedSignIns,
    State(gate): State<Gate>,
    Query(Slot { slot }): Query<Slot>,
) -> Result<Json<ChoosableList>, Problem> {
    let found = sign_in::choosable(&gate, &carried, slot, gate.clock.now()).await?;
    let listed = |one: Choosable| ChoosableTenant { id: one.tenant.to_string(), title: one.title };
    Ok(Json(ChoosableList { tenants: found.into_iter().map(listed).collect() }))
}

async fn choose(
    _: OurPage,
    CarriedSignIns { carried, browser }: CarriedSignIns,
    State(gate): State<Gate>,
    form: Form,
) -> Result<Response, Problem> {
    let slot = form.get("slot").and_then(|slot| slot.parse().ok()).filter(|slot| *slot < SLOTS);
    let slot = slot.ok_or(Problem::BadRequest)?;
    let tenant = form.get("tenant").ok_or(Problem::BadRequest)?;
    let now = gate.clock.now();
    let finished = sign_in::choose(&gate, &carried, (slot, tenant), browser, now).await?;
    let (location, cookie) = match finished {
        Finished::SignedIn { key, target } => {
            (target.as_str().to_owned(), Some(session_cookie_value(&gate.base_url, &key)))
        }
        Finished::Elsewhere(url) | Finished::ToClient(url) => (url.into(), None),
        // A tenant was named: there is nothing left to choose.
        Finished::Choose { .. } => return Err(Problem::Internal),
    };
    let cookie = cookie.map(|cookie| [(header::SET_COOKIE, cookie)]);
    Ok((cookie, Json(GoOn { location })).into_response())
}
