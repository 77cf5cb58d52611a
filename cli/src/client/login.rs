//! Signing in: the authorization code grant with PKCE, over the person's own browser.

use std::io::{IsTerminal as _, Write as _};
use std::process::{Command, Stdio};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatelet_host::plain::Outside;
use serde_json::json;
use url::Url;

use super::gateway::{Gateway, Redemption, printable};
use super::kept::Kept;
use super::listener::Listener;
use super::{CLIENT_ID, asking, origin, random_text};
use crate::page::Page;
use crate::progress::Progress;
use crate::say::{Answer, Failure};
use crate::voice::Voice;

/// Shows where to sign in, waits for the answer, and keeps the refresh token.
pub(super) async fn login(
    outside: &Outside,
    gateway: &Url,
    audience: Option<&str>,
    voice: &Voice,
) -> Result<Answer, Failure> {
    // Before anybody goes to sign in, whose sign-in could not be kept.
    Kept::open(gateway, audience)?;
    let progress = asking(gateway, voice);
    let there = Gateway::discover(&*outside.web, gateway).await?;
    drop(progress);
    let listener = Listener::open().await?;
    let redirect_uri = listener.redirect_uri();
    let (state, verifier) = (random_text(outside), random_text(outside));
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    let mut asked = vec![
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", &redirect_uri),
        ("state", &state),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    asked.extend(audience.map(|audience| ("resource", audience)));
    show(&there.authorization_url(&asked));
    let is_ours = |given: Option<&str>| {
        given.is_some_and(|given| {
            verify_slices_are_equal(given.as_bytes(), state.as_bytes()).is_ok()
        })
    };
    let progress = Progress::begin(voice, "Waiting for the browser");
    let arrived = listener.wait(|arrived| is_ours(arrived.get("state"))).await?;
    drop(progress);
    // On errors too, and before the code goes anywhere (RFC 9207 §2).
    if !there.made(arrived.get("iss")) {
        let cause = "the answer came from another server than the one that was asked";
        return Err(Failure::no("the sign-in is not believed").note("cause", cause));
    }
    if let Some(error) = arrived.get("error") {
        return Err(Failure::no("you were not signed in").note("cause", printable(error)));
    }
    let code = arrived.get("code").ok_or_else(|| Failure::no("the answer holds no code"))?;
    let code = Redemption { code, verifier: &verifier, redirect_uri: &redirect_uri };
    let tokens = there.redeem(&code).await?;
    Kept::open(gateway, audience)?.write(&tokens.refresh_token)?;
    let name = origin(gateway);
    let page = Page::new()
        .line(format!("You are signed in at {name} for 24 hours."))
        .line("Next: gatelet token");
    let json = json!({ "v": 1, "gateway": name, "signed_in": true, "scope": tokens.scope });
    Ok(Answer::done(page, json))
}

/// Prints the address, and opens it where somebody sits before a desktop.
fn show(address: &Url) {
    let mut err = std::io::stderr();
    // Nobody may be reading; then nobody signs in, which is said later.
    let _ = writeln!(err, "Open this address in a browser on this machine:\n\n  {address}\n");
    if err.is_terminal() && std::io::stdin().is_terminal() {
        let opener = Command::new("xdg-open")
            .arg(address.as_str())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        // Where there is no such program, the printed address is enough.
        drop(opener);
    }
}
