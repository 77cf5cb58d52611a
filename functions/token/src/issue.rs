//! The token endpoint: a session or a grant for an access token.

use axum::extract::State;
use axum::response::Response;
use gatelet_core::clock::Timestamp;
use gatelet_core::session::Session;
use gatelet_core::token::{
    BROWSER_CLIENT, ExchangeError, Grant, Holder, IssueError, Presented, Redemption, Wish,
    exchange, issue, tell_refusal,
};
use gatelet_edge::{
    Detailed, FieldError, Form, Gate, OAuthError, Problem, RegisteredClient, SignedIn, TokenParty,
};
use utoipa::ToSchema;

use crate::answer;

/// What may stand in the form of a token request. Read by name from a [`Form`]; this is its description.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its shape is used")]
pub(crate) struct TokenForm {
    /// `authorization_code` or `refresh_token`; absent from the page's requests.
    grant_type: Option<String>,
    client_id: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
    /// Separated by spaces; everything that the person may have where it is absent.
    scope: Option<String>,
    /// The audience (RFC 8707); our own API where it is absent.
    resource: Option<String>,
}

/// Gives an access token to the page or to a client, each by its own proof.
pub(crate) async fn token(
    State(gate): State<Gate>,
    party: TokenParty,
) -> Result<Response, Detailed> {
    let now = gate.clock.now();
    match party {
        TokenParty::Page(signed_in, form) => {
            let SignedIn(session) = *signed_in;
            to_page(&gate, &session, &form, now).await
        }
        TokenParty::Client(client, form) => to_client(&gate, &client, &form, now).await,
    }
}

async fn to_page(
    gate: &Gate,
    session: &Session,
    form: &Form,
    now: Timestamp,
) -> Result<Response, Detailed> {
    let registry = gate.registry.current(now).await?;
    let holder = Holder {
        sign_in: &session.sign_in,
        session_id: &session.id,
        begun_at: session.begun_at,
        ends_at: session.ends_at,
        client_id: BROWSER_CLIENT,
    };
    match issue(gate, &registry, &holder, &wish(form), now).await {
        Ok(access) => Ok(answer::to_page(&access, now)),
        Err(IssueError::Outage(away)) => Err(away.into()),
        Err(IssueError::Elsewhere(url)) => Err(Detailed::other_region(url)),
        Err(IssueError::InvalidTarget) => {
            Err(wrong("/resource", "invalid_target", "There is no such API"))
        }
        Err(IssueError::InvalidScope) => {
            Err(wrong("/scope", "invalid_scope", "The role does not have this scope there"))
        }
        Err(IssueError::Refused(refusal)) => {
            tell_refusal(gate, &holder, refusal, now).await?;
            Err(Problem::NotAdmitted.into())
        }
    }
}

async fn to_client(
    gate: &Gate,
    client: &RegisteredClient,
    form: &Form,
    now: Timestamp,
) -> Result<Response, Detailed> {
    let grant = grant(client, form)?;
    let registry = gate.registry.current(now).await?;
    match exchange(gate, &registry, &grant, &wish(form), now).await {
        Ok(tokens) => Ok(answer::to_client(&tokens, now)),
        Err(ExchangeError::Outage(away)) => Err(away.into()),
        Err(ExchangeError::Elsewhere(url)) => Err(Detailed::other_region(url)),
        Err(ExchangeError::InvalidGrant) => Err(OAuthError::InvalidGrant.into()),
        Err(ExchangeError::InvalidScope) => Err(OAuthError::InvalidScope.into()),
        Err(ExchangeError::InvalidTarget) => Err(OAuthError::InvalidTarget.into()),
    }
}

fn grant<'a>(client: &'a RegisteredClient, form: &'a Form) -> Result<Grant<'a>, OAuthError> {
    let required = |name| form.get(name).ok_or(OAuthError::InvalidRequest);
    match required("grant_type")? {
        "authorization_code" => Ok(Grant::Code(Redemption {
            code: required("code")?,
            client_id: client.id(),
            redirect_uri: required("redirect_uri")?,
            verifier: required("code_verifier")?,
        })),
        "refresh_token" => Ok(Grant::Refresh(Presented {
            token: required("refresh_token")?,
            client_id: client.id(),
        })),
        _ => Err(OAuthError::UnsupportedGrantType),
    }
}

fn wish(form: &Form) -> Wish<'_> {
    Wish { audience: form.get("resource"), scope: form.get("scope") }
}

fn wrong(pointer: &'static str, code: &'static str, message: &'static str) -> Detailed {
    Detailed::from(Problem::BadRequest).error(FieldError::new(pointer, code, message))
}
