//! Ending a session (OpenID Connect RP-Initiated Logout 1.0). The provider remembers nobody, so there is nothing
//! to end; what it owes is the way back.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use url::Url;

use super::{Pocket, page};

pub(super) async fn end(
    State(pocket): State<Arc<Pocket>>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let Some(back) = asked.get("post_logout_redirect_uri") else {
        return page::signed_out();
    };
    let Some(mut back) =
        Url::parse(back).ok().filter(|url| url.origin() == pocket.gateway.origin())
    else {
        return page::refused("post_logout_redirect_uri is no address of this gateway");
    };
    if let Some(state) = asked.get("state") {
        back.query_pairs_mut().append_pair("state", state);
    }
    (StatusCode::SEE_OTHER, [(http::header::LOCATION, String::from(back))]).into_response()
}
