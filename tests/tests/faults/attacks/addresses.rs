//! Paths with tricks, and hosts that are not ours.

use gatelet_played::{Ask, Gateway, Who};

use super::{bare, method_of, path_of, protected};

/// Spellings that some layer, somewhere, takes for the path in the braces.
const SPELLINGS: &[&str] = &[
    "/{}",
    "//{}",
    "/./{}",
    "/x/../{}",
    "/%2e/{}",
    "/x/%2e%2e/{}",
    "/x/%2E%2E%2F{}",
    "/%2f{}",
    "/%5c{}",
    "/{}/",
    "/{}/.",
    "/{}/..",
    "/{}/x/..",
    "/{};x=y",
    "/;x=y/{}",
    "/{}%00",
    "/{}%23",
    "/{}%3f",
    "/{}%20",
    "/{}%2e",
    "/{}%252f",
    "/{}.json",
    "/{}.css",
    "/{}/configs",
    "/{}/assets/icon.svg",
    "/assets/icon.svg/../../{}",
    "/assets/icon.svg;/{}",
    "/assets/icon.svg%2f..%2f..%2f{}",
    "/.well-known/jwks.json/../../{}",
];

fn spelt(spelling: &str, path: &str) -> Vec<String> {
    let plain = path.trim_start_matches('/');
    let upper = plain.to_ascii_uppercase();
    let first = plain.split('/').next().unwrap();
    let hidden = plain.replacen(first, &format!("%{:02x}{}", first.as_bytes()[0], &first[1..]), 1);
    [plain, &upper, &hidden].iter().map(|plain| spelling.replace("{}", plain)).collect()
}

// Proves std 92; L 20, 21, 29, 31, 38.
#[tokio::test]
async fn no_spelling_of_a_path_reaches_a_protected_route_without_its_proof() {
    let gateway = Gateway::new(all::routes).await;
    let mut tried = 0;
    for route in protected() {
        for path in SPELLINGS.iter().flat_map(|spelling| spelt(spelling, &path_of(&route))) {
            let ask = Ask::bare(method_of(&route), &path);
            let Some(answer) = gateway.try_send(&ask).await else { continue };
            tried += 1;
            let refused = matches!(answer.status, 400 | 401 | 403 | 404 | 405);
            assert!(refused && !answer.lets_in(), "{path}: {answer:?}");
        }
    }
    assert!(tried > 300, "{tried} spellings are HTTP");
}

// Proves std 92; L 20, 29, 31.
#[tokio::test]
async fn whoever_has_the_proof_reaches_a_route_by_its_one_path_alone() {
    let gateway = Gateway::new(all::routes).await;
    let cookie = gateway.sign_in(Who::ADA).await;
    let page = |path: &str| Ask::page(path).cookie(&cookie);
    assert_eq!(gateway.send(&page("/auth/session")).await.status, 200);
    for path in SPELLINGS.iter().flat_map(|spelling| spelt(spelling, "/auth/session")) {
        if path == "/auth/session" {
            continue;
        }
        let Some(answer) = gateway.try_send(&page(&path)).await else { continue };
        assert!(matches!(answer.status, 400 | 404), "{path}: {answer:?}");
        let lower = path.to_ascii_lowercase();
        let tricks = ["//", "/.", "%2", "%5c", "%00", ";"];
        if tricks.iter().any(|trick| lower.contains(trick)) && !lower.ends_with("%20") {
            assert_eq!(answer.code(), (400, "bad_path".into()), "{path}: before any route");
        }
    }
}

// Proves L 21.
#[tokio::test]
async fn a_query_chooses_no_route() {
    let gateway = Gateway::new(all::routes).await;
    for route in protected() {
        for query in ["?/assets/icon.svg", "?x=/.well-known/jwks.json", "?#/", "?.css", "??"] {
            let mut ask = bare(&route);
            ask.path.push_str(query);
            let Some(answer) = gateway.try_send(&ask).await else { continue };
            assert!(matches!(answer.status, 400 | 401 | 403), "{}: {answer:?}", ask.path);
        }
    }
}

// Proves L 34.
#[tokio::test]
async fn a_host_that_is_not_ours_gets_nothing_from_any_route() {
    let gateway = Gateway::new(all::routes).await;
    let routes = all::routes();
    let hosts =
        ["evil.example", "gate.example.evil.example", "gate.example:444", "", "a b", "gate"];
    for route in routes.declared() {
        for host in hosts {
            let mut ask = bare(route);
            ask.headers = vec![("host".into(), host.into())];
            let code = gateway.send(&ask).await.code();
            assert_eq!(code, (421, "other_host".into()), "{host:?} {}", ask.path);
        }
        let twice = bare(route).header("host", "evil.example");
        assert_eq!(gateway.send(&twice).await.status, 421, "two hosts, {}", twice.path);
        let mut capitals = bare(route);
        capitals.headers = vec![("host".into(), "GATE.Example".into())];
        assert_ne!(gateway.send(&capitals).await.status, 421, "case does not matter");
    }
}
