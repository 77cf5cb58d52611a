//! Whether a success was one: what was given is good, and what was ended is over.

use std::time::Duration;

use gatelet_core::clock::Clock as _;
use gatelet_played::{Answer, Ask, Gateway};

/// What an answer of success gives or ends, tried in another process a few seconds later.
pub(crate) async fn holds(process: &Gateway, ask: &Ask, answer: &Answer) -> Result<(), String> {
    let other = process.second_process();
    let mut wrong = Vec::new();
    let mut expect = |what: &str, status: u16, found: &Answer| {
        if found.status != status {
            wrong.push(format!("{what}: {found:?}"));
        }
    };
    if let Some(pair) =
        answer.cookie().filter(|pair| pair.contains("bff_session=") && !pair.ends_with('='))
    {
        expect("the session", 200, &other.send(&Ask::page("/auth/session").cookie(pair)).await);
    }
    if let Some(token) = answer.text("access_token") {
        expect("the token", 200, &other.send(&Ask::bare("GET", "/api/me").bearer(&token)).await);
    }
    if let Some(token) = answer.text("refresh_token") {
        expect("the refresh token", 200, &other.send(&Gateway::refresh(&token)).await);
    }
    if answer.headers.contains_key("location") && answer.lets_in() && answer.cookie().is_none() {
        let code = answer.parameter("code").unwrap_or_default();
        expect("the code", 200, &other.send(&Gateway::redeem(&code)).await);
    }
    let ends = ["/auth/logout", "/auth/revoke", "/auth/login/one"].contains(&&*ask.path);
    if ends {
        if let Some(cookie) = ask.headers.iter().find(|(name, _)| name == "cookie") {
            let cookie = String::from_utf8_lossy(&cookie.1).into_owned();
            let session = Ask::page("/auth/session").cookie(&cookie);
            expect("what was ended", 401, &other.send(&session).await);
        }
        let body = url::form_urlencoded::parse(&ask.body).into_owned();
        for (_, token) in body.filter(|(name, _)| name == "token") {
            process.clock.set(process.clock.now() + Duration::from_secs(6));
            let bearer = Ask::bare("GET", "/api/me").bearer(&token);
            expect("the token that was given back", 401, &other.send(&bearer).await);
            expect(
                "the token that was given back",
                400,
                &other.send(&Gateway::refresh(&token)).await,
            );
        }
    }
    if let Some(id) = ask.path.strip_prefix("/auth/sessions/") {
        let mut list = ask.clone();
        (list.method, list.path) = ("GET", "/auth/sessions".into());
        let listed = other.send(&list).await;
        expect("the list of sessions", 200, &listed);
        if listed.body.contains(id) {
            wrong.push(format!("it is still listed: {listed:?}"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
}
