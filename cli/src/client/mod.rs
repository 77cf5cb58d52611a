//! `gatelet login`, `logout` and `token`: the command line as a client of a gateway, here or elsewhere. It is a
//! native application (RFC 8252): a public client, PKCE, and an address on the loopback for the answer.

mod gateway;
mod kept;
mod listener;
mod login;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatelet_core::random::draw;
use gatelet_host::plain::{Outside, outside};
use serde_json::json;
use url::{Host, Url};
use zeroize::Zeroizing;

use self::gateway::Gateway;
use self::kept::Kept;
use crate::arguments::{GatewayArgs, TokenArgs};
use crate::page::Page;
use crate::progress::Progress;
use crate::say::{Answer, Failure};
use crate::voice::Voice;

/// The command line's `client_id` in every registry.
const CLIENT_ID: &str = "gatelet";

/// Signs in, and keeps the refresh token.
pub(crate) fn login(
    meant: &GatewayArgs,
    default_port: u16,
    voice: &Voice,
) -> Result<Answer, Failure> {
    let gateway = address(meant, default_port)?;
    let audience = meant.audience.as_deref();
    outside(async |outside| login::login(outside, &gateway, audience, voice).await)
}

/// Hands the refresh token back, and forgets it.
pub(crate) fn logout(
    meant: &GatewayArgs,
    default_port: u16,
    voice: &Voice,
) -> Result<Answer, Failure> {
    let gateway = address(meant, default_port)?;
    outside(async |outside| {
        let _progress = asking(&gateway, voice);
        let mut kept = Kept::open(&gateway, meant.audience.as_deref())?;
        let Some(token) = kept.read()? else {
            let page = Page::new().line("You were not signed in.");
            return Ok(Answer::done(page, json!({ "v": 1, "signed_in": false })));
        };
        // First there, so that a gateway that is away leaves something to try again with.
        Gateway::discover(&*outside.web, &gateway).await?.revoke(&token).await?;
        kept.forget()?;
        let text = "You are signed out. Printed access tokens end within seconds at this gateway.";
        Ok(Answer::done(Page::new().line(text), json!({ "v": 1, "signed_in": false })))
    })
}

/// Prints a fresh access token.
pub(crate) fn token(
    arguments: &TokenArgs,
    default_port: u16,
    voice: &Voice,
) -> Result<Answer, Failure> {
    let gateway = address(&arguments.gateway, default_port)?;
    outside(async |outside| {
        let _progress = asking(&gateway, voice);
        // Held until the new refresh token is kept, so that two commands at once do not cross.
        let audience = arguments.gateway.audience.as_deref();
        let mut kept = Kept::open(&gateway, audience)?;
        let sign_in = |what: &str| Failure::no(what).note("next", "gatelet login");
        let Some(token) = kept.read()? else {
            return Err(sign_in("you are not signed in"));
        };
        let there = Gateway::discover(&*outside.web, &gateway).await?;
        let Some(tokens) = there.refresh(&token, arguments.scope.as_deref()).await? else {
            kept.forget()?;
            return Err(sign_in("the sign-in is over"));
        };
        kept.write(&tokens.refresh_token)?;
        let json = json!({
            "v": 1,
            "access_token": tokens.access_token.as_str(),
            "expires_in": tokens.expires_in,
            "scope": tokens.scope,
        });
        Ok(Answer::found(Page::new().verbatim(tokens.access_token.as_str()), json))
    })
}

/// The gateway meant: the one named, or the one on this machine. Tokens travel to it, so it has TLS or is local.
fn address(named: &GatewayArgs, default_port: u16) -> Result<Url, Failure> {
    let local = || Url::parse(&format!("http://localhost:{default_port}"));
    let url = named.gateway.clone().map_or_else(local, Ok);
    let url = url.map_err(|error| Failure::could_not("form the gateway's address", &error))?;
    let is_local = url.host() == Some(Host::Domain("localhost"));
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_local);
    let is_origin = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let is_plain = url.username().is_empty() && url.password().is_none();
    if is_safe && is_origin && is_plain {
        Ok(url)
    } else {
        Err(Failure::usage(
            "--gateway must be scheme, host and port, with https unless it is localhost",
        ))
    }
}

/// Says that a gateway is asked, when that takes long.
fn asking(gateway: &Url, voice: &Voice) -> Progress {
    Progress::begin(voice, &format!("Asking {}", origin(gateway)))
}

/// What names a gateway and its tokens: the address without the slash at its end.
fn origin(gateway: &Url) -> &str {
    gateway.as_str().trim_end_matches('/')
}

/// 256 random bits in base64url.
fn random_text(outside: &Outside) -> Zeroizing<String> {
    let bytes = Zeroizing::new(draw::<32>(&*outside.random));
    Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes))
}
