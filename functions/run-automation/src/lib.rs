//! Serves the routes of the API that act for a person.

use axum::Json;
use gatelet_edge::{Caller, MeView, Method, Routes, Scope};

/// The routes of this function.
#[must_use]
pub fn routes() -> Routes {
    me_routes()
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
