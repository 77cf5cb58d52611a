//! The authorization endpoint (OpenID Connect Core §3.1.2): checks what was asked, lets somebody be chosen, and
//! sends a code back.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use gatelet_core::random::draw;
use http::{HeaderMap, StatusCode, header};

use super::codes::{Asked, Granted};
use super::people::Human;
use super::{CLIENT_ID, Pocket, page};

/// A request's parameters, each of which may stand there once (RFC 6749 §3.1).
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a query or a form; `None` when a parameter is repeated.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let found: Vec<(String, String)> =
            form_urlencoded::parse(text).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
        let mut names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        let repeated = names.windows(2).any(|pair| pair.first() == pair.last());
        (!repeated).then_some(Self(found))
    }

    /// A parameter; an empty one is absent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

/// `GET /authorize`: the page with the people.
pub(super) async fn ask(State(pocket): State<Arc<Pocket>>, RawQuery(query): RawQuery) -> Response {
    let Some(parameters) = Parameters::read(query.unwrap_or_default().as_bytes()) else {
        return page::refused("a parameter is repeated");
    };
    // Nobody is sent anywhere before these two are known to be right.
    if parameters.get("client_id") != Some(CLIENT_ID) {
        return page::refused("client_id is not the one of this gateway");
    }
    if parameters.get("redirect_uri") != Some(&pocket.callback()) {
        return page::refused("redirect_uri is not the callback of the gateway that started this");
    }
    let state = parameters.get("state");
    match check(&parameters) {
        Ok(asked) => {
            let hint = parameters.get("login_hint").and_then(Human::of);
            let name = pocket.waiting.put(asked, &*pocket.random, pocket.clock.now());
            page::people(&pocket, &name, hint)
        }
        Err((code, why)) => pocket.back(&[("error", code), ("error_description", why)], state),
    }
}

/// What RFC 6749 §4.1.2.1 calls the error, and why.
type Refusal = (&'static str, &'static str);

fn check(parameters: &Parameters) -> Result<Asked, Refusal> {
    if parameters.get("response_type") != Some("code") {
        return Err(("unsupported_response_type", "response_type must be code"));
    }
    if parameters.get("response_mode").is_some_and(|mode| mode != "query") {
        return Err(("invalid_request", "response_mode must be query"));
    }
    let scope = parameters.get("scope").unwrap_or_default();
    if !scope.split(' ').any(|scope| scope == "openid") {
        return Err(("invalid_scope", "scope must hold openid"));
    }
    let challenge = parameters.get("code_challenge").filter(|challenge| is_challenge(challenge));
    let Some(challenge) = challenge else {
        return Err(("invalid_request", "code_challenge must be 43 characters of base64url"));
    };
    if parameters.get("code_challenge_method") != Some("S256") {
        return Err(("invalid_request", "code_challenge_method must be S256"));
    }
    // Nobody stays signed in here, so whatever wants no page can have no answer.
    if parameters.get("prompt") == Some("none") {
        return Err(("login_required", "somebody must be chosen on the page"));
    }
    let acr = parameters.get("acr_values").and_then(|values| values.split(' ').next());
    Ok(Asked {
        state: parameters.get("state").map(str::to_owned),
        nonce: parameters.get("nonce").map(str::to_owned),
        challenge: challenge.to_owned(),
        acr: acr.map(str::to_owned),
    })
}

fn is_challenge(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// `POST /authorize`: somebody was chosen.
pub(super) async fn choose(
    State(pocket): State<Arc<Pocket>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let site = headers.get("sec-fetch-site").map(|site| site.as_bytes() == b"same-origin");
    if site == Some(false) {
        return page::refused("the choice does not come from the provider's own page");
    }
    let Some(parameters) = Parameters::read(body.as_bytes()) else {
        return page::refused("a parameter is repeated");
    };
    let now = pocket.clock.now();
    let asked = parameters.get("request").and_then(|name| pocket.waiting.take(name, now));
    let Some(asked) = asked else {
        return page::refused(
            "this page was used already or is too old: begin again at the gateway",
        );
    };
    let state = asked.state.clone();
    let Some(human) = parameters.get("person").and_then(Human::of) else {
        return pocket.back(&[("error", "access_denied")], state.as_deref());
    };
    let session = hex::encode(draw::<16>(&*pocket.random));
    let granted = Granted { asked, human, auth_time: now, session };
    let code = pocket.codes.put(granted, &*pocket.random, now);
    pocket.back(&[("code", &code)], state.as_deref())
}

impl Pocket {
    /// Back to the gateway, with the state and the issuer.
    fn back(&self, answer: &[(&str, &str)], state: Option<&str>) -> Response {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(answer).extend_pairs(state.map(|state| ("state", state)));
        query.append_pair("iss", self.issuer());
        let location = format!("{}?{}", self.callback(), query.finish());
        (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
    }
}
