//! Clients without a cookie: what they may ask for, and how they are answered (RFC 6749 §4.1, RFC 8252).

use url::{Host, Url};

use super::elsewhere::fill;
use super::pending::ClientRequest;
use super::{NotSignedIn, SignInRefusal};
use crate::registry::{Client, Registry, own_audience};

/// The longest redirect address.
const LONGEST_REDIRECT: usize = 512;
/// The longest of every other parameter.
const LONGEST: usize = 512;
/// A challenge of S256: SHA-256 in base64url (RFC 7636 §4.2).
const CHALLENGE: usize = 43;

/// The parameters of an authorization request, as they came.
#[derive(Clone, Copy, Debug)]
pub struct Authorize<'a> {
    client_id: Option<&'a str>,
    redirect_uri: Option<&'a str>,
    response_type: Option<&'a str>,
    challenge: Option<&'a str>,
    method: Option<&'a str>,
    state: Option<&'a str>,
    scope: Option<&'a str>,
    resource: Option<&'a str>,
}

impl<'a> Authorize<'a> {
    /// From whatever knows the parameters by their names.
    pub fn read(parameter: impl Fn(&str) -> Option<&'a str>) -> Self {
        Self {
            client_id: parameter("client_id"),
            redirect_uri: parameter("redirect_uri"),
            response_type: parameter("response_type"),
            challenge: parameter("code_challenge"),
            method: parameter("code_challenge_method"),
            state: parameter("state"),
            scope: parameter("scope"),
            resource: parameter("resource"),
        }
    }
}

/// Why a client's request goes no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAuthorized {
    /// Who asks, or where the answer would go, is not known: the person is told, and nobody else
    /// (RFC 6749 §4.1.2.1).
    Person(SignInRefusal),
    /// The client is told, at this address.
    Client(Url),
}

/// Checks a client's request. Only a client and an address that the registry knows are ever answered.
pub fn authorize(
    registry: &Registry,
    base_url: &Url,
    asked: &Authorize<'_>,
) -> Result<ClientRequest, NotAuthorized> {
    let client = asked.client_id.and_then(|id| registry.clients.get(id));
    let client = client.ok_or(NotAuthorized::Person(SignInRefusal::UnknownClient))?;
    let redirect_uri = asked.redirect_uri.filter(|given| is_redirect_of(client, given));
    let redirect_uri = redirect_uri.ok_or(NotAuthorized::Person(SignInRefusal::BadRedirectUri))?;
    let request = ClientRequest {
        client_id: client.id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: asked.state.filter(|state| is_printable(state)).map(str::to_owned),
        challenge: asked.challenge.unwrap_or_default().to_owned(),
        scope: asked.scope.map(str::to_owned),
        resource: asked.resource.map(str::to_owned),
    };
    let Some(error) = fault(registry, base_url, asked) else { return Ok(request) };
    Err(match request.error(base_url, error, None) {
        Ok(url) => NotAuthorized::Client(url),
        Err(_) => NotAuthorized::Person(SignInRefusal::BadRedirectUri),
    })
}

/// What is wrong with the rest of a request, in the words of RFC 6749 §4.1.2.1 and RFC 8707 §2.
fn fault(registry: &Registry, base_url: &Url, asked: &Authorize<'_>) -> Option<&'static str> {
    let own = own_audience(base_url);
    let api = registry.apis.get(asked.resource.unwrap_or(&own));
    let knows = |scope: &str| api.is_some_and(|api| api.scopes.iter().any(|known| known == scope));
    let is_code = |c: &str| c.len() == CHALLENGE && c.bytes().all(is_base64url);
    if asked.response_type.is_none() || asked.state.is_some_and(|state| !is_printable(state)) {
        Some("invalid_request")
    } else if asked.response_type != Some("code") {
        Some("unsupported_response_type")
    } else if asked.method != Some("S256") || !asked.challenge.is_some_and(is_code) {
        Some("invalid_request")
    } else if asked.resource.is_some_and(|uri| uri.len() > LONGEST) || api.is_none() {
        Some("invalid_target")
    } else if asked.scope.is_some_and(|all| all.len() > LONGEST || !all.split(' ').all(knows)) {
        Some("invalid_scope")
    } else {
        None
    }
}

/// Whether an address is registered: the same text, but for the port of a loopback address (RFC 8252 §7.3).
fn is_redirect_of(client: &Client, given: &str) -> bool {
    let same = |registered: &Url| {
        if registered.as_str() == given {
            return true;
        }
        let is_loopback = registered.scheme() == "http"
            && matches!(registered.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)));
        let port = Url::parse(given).ok().and_then(|given| given.port());
        let mut moved = registered.clone();
        is_loopback && moved.set_port(port).is_ok() && moved.as_str() == given
    };
    given.len() <= LONGEST_REDIRECT && client.redirect_uris.iter().any(same)
}

impl ClientRequest {
    /// Where the browser takes the code.
    pub(super) fn answer(&self, base_url: &Url, code: &str) -> Result<Url, NotSignedIn> {
        self.address(base_url, &[("code", Some(code))])
    }

    /// Where the browser takes an error, and our own code for it.
    pub(super) fn error(
        &self,
        base_url: &Url,
        error: &str,
        code: Option<&str>,
    ) -> Result<Url, NotSignedIn> {
        self.address(base_url, &[("error", Some(error)), ("error_description", code)])
    }

    /// The redirect address with these parameters, the client's state, and who we are (RFC 9207 §2).
    fn address(&self, base_url: &Url, pairs: &[(&str, Option<&str>)]) -> Result<Url, NotSignedIn> {
        let parsed = Url::parse(&self.redirect_uri);
        let mut url = parsed.map_err(|_| SignInRefusal::BadRedirectUri)?;
        fill(&mut url, pairs);
        let issuer = base_url.as_str().trim_end_matches('/');
        fill(&mut url, &[("state", self.state.as_deref()), ("iss", Some(issuer))]);
        Ok(url)
    }
}

fn is_printable(text: &str) -> bool {
    text.len() <= LONGEST && text.bytes().all(|b| (0x20..0x7f).contains(&b))
}

const fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}
