//! The provider's pages. They need no script, and their policy allows none.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use axum::response::{Html, IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{StatusCode, header};

use super::Pocket;
use super::people::{Human, PEOPLE};

/// The one style sheet. The policy names it by its digest.
const STYLE: &str = ":root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;max-width:28rem;margin:3rem auto;padding:0 1rem}\
h1{font-size:1.4rem}\
button{display:block;width:100%;min-height:3rem;margin:.5rem 0;padding:.5rem 1rem;font:inherit;text-align:left;\
border:1px solid GrayText;border-radius:.4rem;background:Canvas;color:CanvasText;cursor:pointer}\
button:hover{border-color:CanvasText}\
button:focus-visible{outline:3px solid Highlight;outline-offset:2px}\
small{display:block}";

/// The page with a button for everybody; whoever the gateway hints at comes first.
pub(super) fn people(pocket: &Pocket, request: &str, hint: Option<&Human>) -> Response {
    let mut buttons = String::new();
    let (first, others): (Vec<&Human>, Vec<&Human>) =
        PEOPLE.iter().partition(|human| Some(*human) == hint);
    for human in first.into_iter().chain(others) {
        let Human { subject, name, place, .. } = human;
        // Writing to a string cannot fail.
        let _ = write!(
            buttons,
            "<button name=\"person\" value=\"{subject}\">{name}<small>{place}</small></button>"
        );
    }
    let body = format!(
        "<h1>Who are you?</h1>\
<p>This provider runs on your machine and believes whatever you click.</p>\
<form method=\"post\" action=\"/authorize\">\
<input type=\"hidden\" name=\"request\" value=\"{request}\">{buttons}\
<button name=\"person\" value=\"-\">Nobody<small>go back without signing in</small></button></form>"
    );
    // A browser applies this to every redirect that follows the form: to the gateway, from there to a command
    // line on the loopback, or to the gateway of another region.
    let gateway = pocket.gateway.as_str().trim_end_matches('/');
    let forms = format!("'self' {gateway} http://127.0.0.1:* https:");
    page(StatusCode::OK, "Sign in", &body, &forms)
}

/// The page of whoever asked for something that cannot be had, in words of our own only.
pub(super) fn refused(why: &str) -> Response {
    let body = format!("<h1>This cannot be done</h1><p>{why}.</p>");
    page(StatusCode::BAD_REQUEST, "Refused", &body, "'none'")
}

/// The page of whoever signed out and has no way back.
pub(super) fn signed_out() -> Response {
    page(StatusCode::OK, "Signed out", "<h1>You are signed out</h1>", "'none'")
}

fn page(status: StatusCode, title: &str, body: &str, forms: &str) -> Response {
    let text = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
<title>{title} · Pocket provider</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    );
    let style = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action {forms}; base-uri 'none'; frame-ancestors 'none'"
    );
    (status, [(header::CONTENT_SECURITY_POLICY, policy)], Html(text)).into_response()
}
