//! What strangers send to the gateway itself.

use std::sync::LazyLock;

use gatelet_core::sign_in::ReturnTarget;
use gatelet_played::{Answer, Ask, Gateway};
use tokio::runtime::{Builder, Runtime};
use url::Url;

/// A gateway to which somebody is always signed in, so that there would be something to steal.
static GATEWAY: LazyLock<Gateway> = LazyLock::new(|| {
    runtime().block_on(async {
        let gateway = Gateway::new(all::routes).await;
        gateway.sign_in(gatelet_played::Who::ADA).await;
        gateway.client_tokens(gatelet_played::Who::ADA).await;
        gateway
    })
});

pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

/// Sends a request, if it is one, and holds its answer to what every stranger gets.
fn send(ask: &Ask) -> Option<Answer> {
    let answer = runtime().block_on(GATEWAY.try_send(ask))?;
    assert!(answer.status < 500, "something broke: {answer:?}");
    assert!(!answer.lets_in(), "a stranger got in: {answer:?}");
    Some(answer)
}

/// Sends a request that no stranger may succeed with.
fn refused(ask: &Ask) {
    if let Some(answer) = send(ask) {
        assert!(matches!(answer.status, 303 | 400..=499), "a stranger was served: {answer:?}");
    }
}

/// The header that holds all cookies.
pub fn cookie_header(bytes: &[u8]) {
    refused(&Ask::page("/auth/session").header("cookie", bytes));
    refused(&Ask::page("/api/me").header("cookie", bytes));
    refused(&Ask::page_form("/auth/token", &[]).header("cookie", bytes));
    refused(&Ask::page("/auth/choose?slot=0").header("cookie", bytes));
}

/// A path, perhaps with a query.
pub fn path(bytes: &[u8]) {
    let path = String::from_utf8_lossy(bytes);
    send(&Ask::bare("GET", path.clone()));
    send(&Ask::bare("POST", path.clone()));
    send(&Ask::navigate(path));
}

/// A form.
pub fn form(bytes: &[u8]) {
    for path in ["/auth/token", "/auth/revoke", "/auth/choose"] {
        let mut ask = Ask::form(path, &[]);
        ask.body = bytes.to_vec();
        send(&ask);
        send(&ask.from_our_page());
    }
}

/// Where somebody wants to be led.
pub fn target(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let base_url = Url::parse("https://gate.example").unwrap();
    if let Ok(read) = ReturnTarget::read(&text, &std::collections::BTreeMap::new(), &base_url) {
        let led = base_url.join(read.as_str()).unwrap();
        assert_eq!(led.origin(), base_url.origin(), "{text:?} leads to {led}");
    }
    let query: String = url::form_urlencoded::byte_serialize(bytes).collect();
    let answer = send(&Ask::navigate(format!("/auth/login/one?target={query}")));
    let to = answer.as_ref().map(|answer| answer.location().to_owned()).unwrap_or_default();
    let known = ["https://one.example/authorize?", "/error/bad_"];
    assert!(answer.is_none() || known.iter().any(|start| to.starts_with(start)), "{to}");
}

/// A bearer token.
pub fn access_token(bytes: &[u8]) {
    let value = [b"Bearer ", bytes].concat();
    refused(&Ask::bare("GET", "/api/me").header("authorization", value));
}

/// A refresh token, to be used or given back.
pub fn refresh_token(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    refused(&Gateway::refresh(&text));
    send(&Ask::form("/auth/revoke", &[("client_id", "cli"), ("token", &text)]));
}

/// An authorization code of ours.
pub fn code(bytes: &[u8]) {
    refused(&Gateway::redeem(&String::from_utf8_lossy(bytes)));
}

/// What should be a sign-in under way.
pub fn sealed_cookie(bytes: &[u8]) {
    let cookie = [b"__Host-bff_login_0=", bytes].concat();
    let callback = "/auth/callback/one?state=x&code=y&iss=https%3A%2F%2Fone.example";
    // The lookup of a version that is not known is refused for a second: that is an outage, told by the page.
    refused(&Ask::coming_from("cross-site", callback).header("cookie", &cookie));
}

/// The trace that a caller says to belong to.
pub fn traceparent(bytes: &[u8]) {
    let ask = Ask::bare("GET", "/auth/nowhere").header("traceparent", bytes);
    let Some(answer) = send(&ask) else { return };
    let trace = answer.text("trace_id").unwrap();
    let is_hex = trace.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    assert!(trace.len() == 32 && is_hex, "{trace}");
}
