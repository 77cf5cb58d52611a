//! One request of every kind, made by somebody for whom everything has worked so far.

use futures::future::{BoxFuture, FutureExt as _};
use gatelet_played::{Answer, Ask, Gateway, REDIRECT, Who};

/// A request of the failure table.
pub(crate) struct Trip {
    /// What the table calls it.
    pub(crate) row: &'static str,
    /// Brings everything about that it needs.
    pub(crate) prepare: for<'a> fn(&'a Gateway) -> BoxFuture<'a, Ask>,
    /// Whether it did what it is for.
    pub(crate) succeeded: fn(&Answer) -> bool,
    /// Whether a session that it came with must be live afterwards, come what may.
    pub(crate) keeps_session: bool,
}

macro_rules! trip {
    ($row:literal, $gateway:ident => $ask:expr, $succeeded:expr) => {
        trip!($row, $gateway => $ask, $succeeded, false)
    };
    ($row:literal, $gateway:ident => $ask:expr, $succeeded:expr, $keeps:literal) => {
        Trip {
            row: $row,
            prepare: |$gateway| async move { $ask }.boxed(),
            succeeded: $succeeded,
            keeps_session: $keeps,
        }
    };
}

const LOGIN: &str = "/auth/login/one";
const PROVIDER: &str = "https://one.example/authorize?";

fn ok(answer: &Answer) -> bool {
    answer.status == 200 && answer.header("set-cookie").is_none()
}

fn to_provider(answer: &Answer) -> bool {
    let carries = answer.cookie().is_some_and(|pair| pair.starts_with("__Host-bff_login_"));
    answer.status == 303 && answer.location().starts_with(PROVIDER) && carries
}

fn signed_in(answer: &Answer) -> bool {
    answer.lets_in() && answer.cookie().is_some()
}

fn with_code(answer: &Answer) -> bool {
    answer.status == 303
        && answer.location().starts_with(REDIRECT)
        && answer.parameter("code").is_some()
}

fn with_tokens(answer: &Answer) -> bool {
    ok(answer) && answer.text("access_token").is_some() && answer.text("refresh_token").is_some()
}

fn signed_out(answer: &Answer) -> bool {
    answer.status == 200 && answer.cookie() == Some("__Host-bff_session=")
}

/// Somebody who belongs to two tenants has signed in, and is asked. Gives the pair of the cookie and the slot.
async fn asked_to_choose(gateway: &Gateway) -> (String, String) {
    let callback = gateway.at_callback(LOGIN, Who::CY).await;
    let answer = gateway.send(&callback).await;
    (answer.cookie().unwrap().to_owned(), answer.parameter("slot").unwrap())
}

/// The address of a file that the page names.
async fn asset(gateway: &Gateway) -> String {
    let page = gateway.send(&Ask::navigate("/")).await.body;
    let (_, rest) = page.split_once("src=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// The public id of the session behind a cookie.
async fn session_id(gateway: &Gateway, cookie: &str) -> String {
    let session = gateway.send(&Ask::page("/auth/session").cookie(cookie)).await;
    session.text("session_id").unwrap()
}

/// The callback of a step-up, from the browser that has the session.
async fn stepped_up(gateway: &Gateway) -> Ask {
    let cookie = gateway.sign_in(Who::ADA).await;
    let login = Ask::navigate("/auth/login/one?step_up=1").cookie(&cookie);
    let begun = gateway.send(&login).await;
    let callback = gateway.store.providers.approve(begun.location(), Who::ADA);
    Ask::coming_from("cross-site", callback).cookie(begun.cookie().unwrap())
}

/// An admin who has started a run that nobody has carried out. Gives the cookie and the run's id.
async fn started(gateway: &Gateway) -> (String, String) {
    let cookie = gateway.sign_in(Who::AMY).await;
    let id = gateway.start(&cookie, "trip").await;
    (cookie, id)
}

/// The same, and it was carried out.
async fn carried_out(gateway: &Gateway) -> (String, String) {
    let (cookie, id) = started(gateway).await;
    for message in gateway.store.queue.take() {
        let _ = work_automation::on_message(&gateway.parts, message).await;
    }
    (cookie, id)
}

/// Asks for something of a run that was carried out.
async fn of_run(gateway: &Gateway, rest: &str) -> Ask {
    let (cookie, id) = carried_out(gateway).await;
    Ask::page(format!("/api/runs/{id}{rest}")).cookie(&cookie)
}

/// Every request of the table.
pub(crate) static TRIPS: &[Trip] = &[
    trip!("GET /", _g => Ask::navigate("/"), ok),
    trip!("GET /{*path}", _g => Ask::navigate("/t/acme"), ok),
    trip!("GET /assets/{version}/{*file}", g => Ask::page(asset(g).await), ok),
    trip!("GET /assets/gatelet.js", _g => Ask::page("/assets/gatelet.js"), ok),
    trip!("GET /assets/gatelet.d.ts", _g => Ask::page("/assets/gatelet.d.ts"), ok),
    trip!("GET /assets/gatelet-runs.js", _g => Ask::page("/assets/gatelet-runs.js"), ok),
    trip!("GET /assets/gatelet-runs.d.ts", _g => Ask::page("/assets/gatelet-runs.d.ts"), ok),
    trip!("GET /assets/icon.svg", _g => Ask::page("/assets/icon.svg"), ok),
    trip!("GET /healthz", _g => Ask::bare("GET", "/healthz"), ok),
    trip!("GET /.well-known/openapi.json", _g => Ask::bare("GET", "/.well-known/openapi.json"), ok),
    trip!("GET /.well-known/jwks.json", _g => Ask::bare("GET", "/.well-known/jwks.json"), ok),
    trip!("GET /.well-known/oauth-authorization-server",
        _g => Ask::bare("GET", "/.well-known/oauth-authorization-server"), ok),
    trip!("GET /auth/providers", _g => Ask::page("/auth/providers"), ok),
    trip!("GET /auth/login", _g => Ask::navigate("/auth/login?target=/t/acme"),
        |answer| answer.status == 303 && answer.location() == "/sign-in?target=/t/acme"),
    trip!("GET /auth/login/{provider}", _g => Ask::navigate(LOGIN), to_provider),
    trip!("GET /auth/login/{provider} over a session",
        g => Ask::navigate(LOGIN).cookie(&g.sign_in(Who::ADA).await), to_provider),
    trip!("GET /auth/login/{provider} to step up",
        g => Ask::navigate("/auth/login/one?step_up=1").cookie(&g.sign_in(Who::ADA).await),
        to_provider, true),
    trip!("GET /auth/callback/{provider}", g => g.at_callback(LOGIN, Who::ADA).await, signed_in),
    trip!("GET /auth/callback/{provider} of a step-up", g => stepped_up(g).await, signed_in),
    trip!("GET /auth/callback/{provider} for a client",
        g => g.at_callback(&Gateway::authorize().path, Who::ADA).await, with_code),
    trip!("GET /auth/callback/{provider} with several tenants",
        g => g.at_callback(LOGIN, Who::CY).await,
        |answer| answer.status == 303 && answer.parameter("slot").is_some()),
    trip!("GET /auth/authorize", _g => Gateway::authorize(), to_provider),
    trip!("GET /auth/choose", g => {
        let (cookie, slot) = asked_to_choose(g).await;
        Ask::page(format!("/auth/choose?slot={slot}")).cookie(&cookie)
    }, ok),
    trip!("POST /auth/choose", g => {
        let (cookie, slot) = asked_to_choose(g).await;
        Ask::page_form("/auth/choose", &[("slot", &slot), ("tenant", "globex")]).cookie(&cookie)
    }, signed_in),
    trip!("GET /auth/session",
        g => Ask::page("/auth/session").cookie(&g.sign_in(Who::ADA).await), ok, true),
    trip!("POST /auth/session/extend",
        g => Ask::page_form("/auth/session/extend", &[]).cookie(&g.sign_in(Who::ADA).await),
        ok, true),
    trip!("POST /auth/token of the page",
        g => Ask::page_form("/auth/token", &[]).cookie(&g.sign_in(Who::ADA).await),
        |answer| ok(answer) && answer.text("access_token").is_some(), true),
    trip!("POST /auth/token with a code",
        g => Gateway::redeem(&g.client_code(Who::ADA).await), with_tokens),
    trip!("POST /auth/token with a refresh token",
        g => Gateway::refresh(&g.client_tokens(Who::ADA).await.1), with_tokens),
    trip!("POST /auth/logout",
        g => Ask::page_form("/auth/logout", &[]).cookie(&g.sign_in(Who::ADA).await), signed_out),
    trip!("POST /auth/logout everywhere",
        g => Ask::page_form("/auth/logout", &[("everywhere", "true")])
            .cookie(&g.sign_in(Who::ADA).await),
        signed_out),
    trip!("GET /auth/sessions",
        g => Ask::page("/auth/sessions").cookie(&g.sign_in(Who::ADA).await), ok, true),
    trip!("DELETE /auth/sessions/{id}", g => {
        let other = session_id(g, &g.sign_in(Who::ADA).await).await;
        Ask::bare("DELETE", format!("/auth/sessions/{other}"))
            .from_our_page()
            .cookie(&g.sign_in(Who::ADA).await)
    }, |answer| answer.status == 204 && answer.cookie().is_none(), true),
    trip!("GET /auth/logout", _g => Ask::navigate("/auth/logout"),
        |answer| answer.status == 303 && answer.location() == "/"),
    trip!("POST /auth/revoke of a refresh token", g => {
        let token = g.client_tokens(Who::ADA).await.1;
        Ask::form("/auth/revoke", &[("client_id", "cli"), ("token", &token)])
    }, ok),
    trip!("POST /auth/revoke of the page's token", g => {
        let cookie = g.sign_in(Who::ADA).await;
        let token = g.token(&cookie).await;
        Ask::page_form("/auth/revoke", &[("token", &token)]).cookie(&cookie)
    }, ok),
    trip!("GET /api/me with a token", g => {
        let cookie = g.sign_in(Who::ADA).await;
        Ask::bare("GET", "/api/me").bearer(&g.token(&cookie).await)
    }, ok),
    trip!("GET /api/me with the cookie",
        g => Ask::page("/api/me").cookie(&g.sign_in(Who::ADA).await), ok, true),
    trip!("GET /api/automations",
        g => Ask::page("/api/automations").cookie(&g.sign_in(Who::AMY).await), ok, true),
    trip!("GET /api/automations/{name}",
        g => Ask::page("/api/automations/review").cookie(&g.sign_in(Who::AMY).await), ok, true),
    trip!("GET /api/automations/{name}/samples/{file}",
        g => Ask::page("/api/automations/review/samples/sample.csv")
            .cookie(&g.sign_in(Who::AMY).await),
        ok, true),
    trip!("POST /api/automations/{name}/validate", g => {
        let cookie = g.sign_in(Who::AMY).await;
        let body = serde_json::json!({ "inputs": { "file": g.upload(&cookie).await } });
        Gateway::asking(&cookie, "/api/automations/review/validate", &body)
    }, |answer| answer.status == 204, true),
    trip!("POST /api/automations/{name}/runs", g => {
        let cookie = g.sign_in(Who::AMY).await;
        Gateway::starting(&cookie, &g.upload(&cookie).await, "trip")
    }, |answer| matches!(answer.status, 200 | 201) && answer.text("id").is_some(), true),
    trip!("POST /api/uploads", g => Gateway::uploading(&g.sign_in(Who::AMY).await),
        |answer| answer.status == 201, true),
    trip!("GET /api/runs", g => Ask::page("/api/runs").cookie(&started(g).await.0), ok, true),
    trip!("GET /api/runs/{id}", g => of_run(g, "").await, ok, true),
    trip!("POST /api/runs/{id}/cancel", g => {
        let (cookie, id) = started(g).await;
        Ask::bare("POST", format!("/api/runs/{id}/cancel")).from_our_page().cookie(&cookie)
    }, |answer| answer.status == 202, true),
    trip!("POST /api/runs/{id}/outcome of a run that waits for none", g => {
        let (cookie, id) = started(g).await;
        let body = serde_json::json!({ "step": "a", "outcome": "happened", "reason": "I saw it there" });
        Gateway::asking(&cookie, &format!("/api/runs/{id}/outcome"), &body)
    }, |answer| answer.status == 409 && answer.code().1 == "nothing_uncertain", true),
    trip!("GET /api/runs/{id}/events", g => of_run(g, "/events").await, ok, true),
    trip!("GET /api/runs/{id}/log", g => of_run(g, "/log").await, ok, true),
    trip!("GET /api/runs/{id}/result.csv", g => of_run(g, "/result.csv").await, ok, true),
    trip!("GET /api/runs/{id}/artifacts/{name}",
        g => of_run(g, "/artifacts/page.html").await, ok, true),
    trip!("GET /api/runs/{id}/evidence", g => of_run(g, "/evidence").await, ok, true),
    // Its run is held by nobody: to be told so is what a pulse is for.
    trip!("POST /attempts/{tenant}/{run}/{fence}", g => g.runner_pulse().await,
        |answer| ok(answer) && answer.text("reason").as_deref() == Some("lease_lost")),
    trip!("GET /api/audit", g => Ask::page("/api/audit").cookie(&g.sign_in(Who::AMY).await), ok, true),
];
