//! The token endpoint (OpenID Connect Core §3.1.3): a code, its verifier and the client's secret for an ID token.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::{Chain, Outage};
use gatelet_core::random::draw;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::authorize::Parameters;
use super::codes::Granted;
use super::{CLIENT_ID, CLIENT_SECRET, Pocket, named};

/// How long an ID token may be believed.
const ID_TOKEN_LIFETIME: Duration = Duration::from_mins(5);

/// `POST /token`.
pub(super) async fn redeem(
    State(pocket): State<Arc<Pocket>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match pocket.knows(&headers).await {
        Ok(true) => {}
        Ok(false) => {
            let mut refused = refuse(StatusCode::UNAUTHORIZED, "invalid_client");
            let challenge = http::HeaderValue::from_static("Basic realm=\"pocket\"");
            refused.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            return refused;
        }
        Err(outage) => return away(&outage),
    }
    let Some(parameters) = Parameters::read(&body) else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_request");
    };
    if parameters.get("grant_type") != Some("authorization_code") {
        return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    let now = pocket.clock.now();
    let Some(granted) = pocket.granted(&parameters, now) else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    let access_token = hex::encode(draw::<32>(&*pocket.random));
    let claims = pocket.claims(&granted, &access_token, now);
    match pocket.key.sign(&claims).await {
        Ok(id_token) => Json(json!({
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": ID_TOKEN_LIFETIME.as_secs(),
            "scope": "openid profile email",
            "id_token": id_token,
        }))
        .into_response(),
        Err(outage) => away(&outage),
    }
}

fn refuse(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}

fn away(outage: &Outage) -> Response {
    tracing::error!(error = %Chain(outage), "the pocket provider's vault is away");
    refuse(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
}

impl Pocket {
    /// Whether the gateway has proved itself (`client_secret_basic`, RFC 6749 §2.3.1). Two secrets are good at any
    /// time, as at real providers, so that one can be replaced while the gateway still uses the other.
    async fn knows(&self, headers: &HeaderMap) -> Result<bool, Outage> {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = given.and_then(|value| value.strip_prefix("Basic "));
        let given = given.and_then(|text| STANDARD.decode(text).ok()).map(Zeroizing::new);
        let Some(given) = given else { return Ok(false) };
        let name = named(CLIENT_SECRET)?;
        for version in self.secrets.facts(&name).await?.unwrap_or_default().iter().take(2) {
            let Some(secret) = self.secrets.version(&name, &version.version).await? else {
                continue;
            };
            // Neither half holds a character that the form encoding would change.
            let mut ours = Zeroizing::new(format!("{CLIENT_ID}:").into_bytes());
            ours.extend_from_slice(secret.value.expose());
            if verify_slices_are_equal(&given, &ours).is_ok() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the code stood for. A code is gone once it was presented, rightly or not.
    fn granted(&self, parameters: &Parameters, now: Timestamp) -> Option<Granted> {
        let granted = self.codes.take(parameters.get("code")?, now)?;
        let verifier = parameters.get("code_verifier")?;
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        let same_place = parameters.get("redirect_uri") == Some(&self.callback());
        (same_place && challenge == granted.asked.challenge).then_some(granted)
    }

    fn claims(&self, granted: &Granted, access_token: &str, now: Timestamp) -> Value {
        let Granted { asked, human, auth_time, session } = granted;
        let hash = digest(&SHA256, access_token.as_bytes());
        let half = hash.as_ref().split_at_checked(16).map_or(&[][..], |(half, _)| half);
        let methods: &[&str] = if asked.acr.is_some() { &["pwd", "otp", "mfa"] } else { &["pwd"] };
        let mut claims = json!({
            "iss": self.issuer(),
            "sub": human.subject,
            "aud": CLIENT_ID,
            "iat": now.secs(),
            "exp": (now + ID_TOKEN_LIFETIME).secs(),
            "auth_time": auth_time.secs(),
            "acr": asked.acr.as_deref().unwrap_or("1"),
            "amr": methods,
            "sid": session,
            "at_hash": URL_SAFE_NO_PAD.encode(half),
            "name": human.name,
            "email": human.email(),
            "email_verified": true,
            "org": human.organization,
            "groups": human.groups,
        });
        if let (Some(nonce), Some(members)) = (&asked.nonce, claims.as_object_mut()) {
            members.insert("nonce".into(), nonce.as_str().into());
        }
        claims
    }
}
