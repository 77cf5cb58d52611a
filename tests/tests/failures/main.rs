//! The table of failures: every route, with each dependency away in turn, answers as the reference promises.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod away;
mod stage;
mod visitor;

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use axum::body::Body;
use gatelet_tests::project;
use http::{Request, Response, header};
use tower::ServiceExt as _;

use self::stage::{Dependency, Stage};
use self::visitor::{Visitor, form};

const DEPENDENCIES: [Dependency; 5] = [
    Dependency::Records,
    Dependency::Vault,
    Dependency::Signing,
    Dependency::Registry,
    Dependency::Provider,
];

/// The requests of the table by their names there, each with the declared route that it asks.
const REQUESTS: &[(&str, &str)] = &[
    ("the page", "page"),
    ("its script", "page-script"),
    ("its style", "page-style"),
    ("its icon", "page-icon"),
    ("the description", "openapi"),
    ("the providers", "providers"),
    ("to the provider", "login"),
    ("back from it", "callback"),
    ("a client begins", "authorize"),
    ("the tenants to choose from", "choosable"),
    ("the choice", "choose"),
    ("the session", "session"),
    ("its extension", "extend"),
    ("a token for the page", "token"),
    ("a token for a code", "token"),
    ("a token for a refresh token", "token"),
    ("the metadata", "authorization-server"),
    ("the keys", "jwks"),
    ("sign-out", "logout"),
    ("sign-out everywhere", "logout"),
    ("the way to sign-out", "logout-page"),
    ("a token taken back", "revoke"),
    ("the API with a token", "me"),
    ("the API with the cookie", "me"),
];

/// The request, made by somebody for whom everything has worked so far.
async fn request(stage: &Stage, name: &str) -> Request<Body> {
    // Whoever signed out everywhere ended all that was begun until then.
    stage.clock.advance(Duration::from_secs(1));
    let none = || Body::empty();
    let stranger = Visitor::new(stage);
    match name {
        "the page" => stranger.window("/"),
        "its script" => stranger.window("/assets/page.js"),
        "its style" => stranger.window("/assets/page.css"),
        "its icon" => stranger.window("/assets/icon.svg"),
        "the description" => stranger.window("/.well-known/openapi.json"),
        "the metadata" => stranger.window("/.well-known/oauth-authorization-server"),
        "the keys" => stranger.window("/.well-known/jwks.json"),
        "the way to sign-out" => stranger.window("/auth/logout"),
        "the providers" => stranger.window("/auth/providers"),
        "to the provider" => stranger.window("/auth/login/pocket?target=/"),
        "a client begins" => stranger.window(&Visitor::authorize()),
        "back from it" => {
            let mut ada = Visitor::new(stage);
            let back = ada.proved("/auth/login/pocket?target=/", "ada").await;
            ada.window(&back)
        }
        "the tenants to choose from" => {
            let (max, slot) = Visitor::asked_to_choose(stage).await;
            max.page(Request::get(format!("/auth/choose?slot={slot}"))).body(none()).unwrap()
        }
        "the choice" => {
            let (max, slot) = Visitor::asked_to_choose(stage).await;
            let choice = [("slot", slot.as_str()), ("tenant", "globex")];
            form(max.page(Request::post("/auth/choose")), &choice)
        }
        "a token for a code" => Visitor::code(stage).await,
        "a token for a refresh token" => {
            let token = Visitor::refresh_token(stage).await;
            let pairs = [
                ("grant_type", "refresh_token"),
                ("client_id", "gatelet"),
                ("refresh_token", &token),
            ];
            form(Visitor::program(Request::post("/auth/token")), &pairs)
        }
        "a token taken back" => {
            let token = Visitor::refresh_token(stage).await;
            let pairs = [("client_id", "gatelet"), ("token", &token)];
            form(Visitor::program(Request::post("/auth/revoke")), &pairs)
        }
        other => of_ada(stage, other).await,
    }
}

async fn of_ada(stage: &Stage, name: &str) -> Request<Body> {
    let mut ada = Visitor::signed_in(stage).await;
    let request = match name {
        "the session" => ada.page(Request::get("/auth/session")),
        "its extension" => ada.page(Request::post("/auth/session/extend")),
        "a token for the page" => ada.page(Request::post("/auth/token")),
        "sign-out" => ada.page(Request::post("/auth/logout")),
        "sign-out everywhere" => {
            return form(ada.page(Request::post("/auth/logout")), &[("everywhere", "true")]);
        }
        "the API with the cookie" => ada.page(Request::get("/api/me")),
        "the API with a token" => {
            let bearer = format!("Bearer {}", ada.token().await);
            Visitor::program(Request::get("/api/me")).header(header::AUTHORIZATION, bearer)
        }
        other => unreachable!("no request is called {other}"),
    };
    request.body(Body::empty()).unwrap()
}

/// What the table has for an answer.
fn told(answer: &Response<Body>) -> String {
    let to = answer.headers().get(header::LOCATION).map(|to| to.to_str().unwrap());
    match to {
        Some(to) if to.starts_with("/?error=unavailable&trace=") => "page".to_owned(),
        Some(to) if to.contains("error=temporarily_unavailable") => "client".to_owned(),
        _ => answer.status().as_u16().to_string(),
    }
}

/// A row of the reference.
struct Row {
    route: String,
    asked: String,
    usual: String,
    without: Vec<String>,
}

fn promised() -> Vec<Row> {
    let text = fs::read_to_string(project().join("docs/reference/failures.md")).unwrap();
    let row = |line: &str| {
        let mut cells = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned());
        let (route, asked, usual) = (cells.next()?, cells.next()?, cells.next()?);
        Some(Row { route, asked, usual, without: cells.collect() })
    };
    let rows = text.lines().filter(|line| line.starts_with("| `")).filter_map(row);
    let rows: Vec<Row> = rows.collect();
    assert!(rows.iter().all(|row| row.without.len() == DEPENDENCIES.len()));
    rows
}

#[test]
fn the_table_has_a_row_for_every_declared_route() {
    let routes = all::routes();
    let paths = |name: &str| {
        let route = routes.declared().iter().find(|route| route.name == name).unwrap();
        format!("`{} {}`", route.method.name(), route.path)
    };
    let asked = REQUESTS.iter().map(|(request, route)| ((*request).to_owned(), paths(route)));
    let promised = promised();
    let listed = promised.iter().map(|Row { asked, route, .. }| (asked.clone(), route.clone()));
    assert_eq!(listed.collect::<BTreeSet<_>>(), asked.collect());
    let asked: BTreeSet<&str> = REQUESTS.iter().map(|(_, route)| *route).collect();
    assert_eq!(asked, routes.declared().iter().map(|route| route.name).collect());
}

// Proves std 73, 98; L 5.
#[tokio::test]
async fn every_route_answers_as_promised_with_each_dependency_away() {
    let stage = Stage::new().await;
    let mut wrong = Vec::new();
    for Row { asked: name, usual, without, .. } in promised() {
        let answer = stage.process(None).oneshot(request(&stage, &name).await).await.unwrap();
        if told(&answer) != usual {
            wrong.push(format!("{name}: {} and not {usual}", told(&answer)));
        }
        for (dependency, promised) in DEPENDENCIES.into_iter().zip(without) {
            let request = request(&stage, &name).await;
            let answer = stage.process(Some(dependency)).oneshot(request).await.unwrap();
            let expected = if promised == "–" { &usual } else { &promised };
            let said = told(&answer);
            if said != *expected {
                wrong.push(format!("{name} without {dependency:?}: {said} and not {expected}"));
            }
            if said == "503" {
                assert!(answer.headers().contains_key(header::RETRY_AFTER), "{name}");
            }
            if promised != "–" {
                let cookies = answer.headers().get_all(header::SET_COOKIE);
                assert_eq!(cookies.iter().count(), 0, "{name}: an outage touches no cookie");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
