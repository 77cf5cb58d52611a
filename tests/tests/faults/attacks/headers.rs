//! Headers that claim something.

use gatelet_played::{Ask, Gateway, Who};

use super::{bare, protected};

/// Headers by which some gateway, somewhere, has let somebody in.
const CLAIMS: &[(&str, &str)] = &[
    ("x-forwarded-user", "ada"),
    ("x_forwarded_user", "ada"),
    ("x-forwarded-email", "ada@mail.example"),
    ("x-forwarded-groups", "acme-admins"),
    ("x-forwarded-access-token", "anything"),
    ("x-auth-request-user", "ada"),
    ("remote-user", "ada"),
    ("x-remote-user", "ada"),
    ("x-ms-client-principal", "eyJ1c2VySWQiOiJhZGEifQ"),
    ("x-ms-client-principal-id", "ada"),
    ("x-ms-token-aad-id-token", "anything"),
    ("x-amzn-oidc-identity", "ada"),
    ("x-amzn-oidc-data", "anything"),
    ("x-tenant", "acme"),
    ("x-user-id", "ada"),
    ("x-api-key", "anything"),
    ("user-agent", "kube-probe/1.30"),
    ("user-agent", "ELB-HealthChecker/2.0"),
    ("x-azure-fdid", "anything"),
    ("x-forwarded-uri", "/assets/icon.svg"),
    ("x-original-uri", "/assets/icon.svg"),
    ("x-original-url", "/assets/icon.svg"),
    ("x-rewrite-url", "/assets/icon.svg"),
    ("x-forwarded-prefix", "/assets"),
    ("x-forwarded-path", "/assets/icon.svg"),
    ("x-forwarded-method", "OPTIONS"),
    ("x-http-method-override", "GET"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-real-ip", "127.0.0.1"),
    ("true-client-ip", "127.0.0.1"),
    ("forwarded", "for=127.0.0.1;host=gate.example;proto=https"),
    ("proxy-authorization", "Basic YWRhOmFkYQ=="),
    ("x-gatelet-session", "anything"),
];

// Proves std 93; L 18, 19, 24, 30, 38.
#[tokio::test]
async fn no_header_lets_a_stranger_in_alone_or_with_all_the_others() {
    let gateway = Gateway::new(all::routes).await;
    gateway.sign_in(Who::ADA).await;
    for route in protected() {
        let plain = gateway.send(&bare(&route)).await;
        assert!(matches!(plain.status, 400 | 401 | 403), "{}: {plain:?}", route.path);
        for (name, value) in CLAIMS {
            let answer = gateway.send(&bare(&route).header(name, value)).await;
            assert_eq!(answer.code(), plain.code(), "{name} on {}", route.path);
        }
        let all = CLAIMS.iter().fold(bare(&route), |ask, (name, value)| ask.header(name, value));
        let answer = gateway.send(&all).await;
        assert_eq!(answer.code(), plain.code(), "all of them on {}", route.path);
    }
}

// Proves std 93; L 18, 24, 30.
#[tokio::test]
async fn what_is_forwarded_changes_neither_an_address_nor_a_cookie_of_ours() {
    let gateway = Gateway::new(all::routes).await;
    let forwarded = |ask: Ask| {
        let lies = [
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-port", "80"),
            ("x-forwarded-prefix", "/evil"),
            ("x-original-host", "evil.example"),
            ("x-host", "evil.example"),
            ("forwarded", "host=evil.example;proto=http"),
            ("x-forwarded-scheme", "http"),
        ];
        lies.iter().fold(ask, |ask, (name, value)| ask.header(name, value))
    };
    let begun = gateway.send(&forwarded(Ask::navigate("/auth/login/one"))).await;
    let asked = begun.parameter("redirect_uri").unwrap();
    assert_eq!(asked, "https://gate.example/auth/callback/one");
    assert!(begun.header("set-cookie").unwrap().ends_with("; Secure"));
    assert!(begun.cookie().unwrap().starts_with("__Host-"));

    let metadata = Ask::bare("GET", "/.well-known/oauth-authorization-server");
    let plain = gateway.send(&metadata).await;
    assert_eq!(gateway.send(&forwarded(metadata)).await.body, plain.body);
    assert!(!plain.body.contains("evil") && !plain.body.contains("http://"));
    assert!(plain.header("strict-transport-security").is_some());
}

// Proves std 44, 45, 46, 47, 48, 50; L 49.
#[tokio::test]
async fn a_session_cookie_is_worth_nothing_to_a_request_of_another_page() {
    let gateway = Gateway::new(all::routes).await;
    let cookie = gateway.sign_in(Who::ADA).await;
    let crossed: &[&[(&str, &str)]] = &[
        &[],
        &[("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "same-site")],
        &[("x-gatelet-csrf", "1"), ("sec-fetch-site", "same-site")],
        &[("x-gatelet-csrf", "1"), ("sec-fetch-site", "cross-site")],
        &[("x-gatelet-csrf", "1"), ("sec-fetch-site", "none")],
        &[("x-gatelet-csrf", "1"), ("origin", "https://sibling.example")],
        &[("x-gatelet-csrf", "1"), ("origin", "null")],
        &[("x-gatelet-csrf", "0"), ("origin", "https://gate.example")],
        &[("origin", "https://gate.example"), ("referer", "https://gate.example/")],
    ];
    for route in protected() {
        for headers in crossed {
            let ask = headers.iter().fold(bare(&route), |ask, (k, v)| ask.header(k, v));
            let answer = gateway.send(&ask.cookie(&cookie)).await;
            let code = answer.code();
            assert_eq!(code, (403, "not_from_our_page".into()), "{headers:?} {}", route.path);
            let vary = answer.header("vary").unwrap_or_default();
            assert!(vary.contains("sec-fetch-site") && vary.contains("origin"), "{}", route.path);
        }
    }
    let session = gateway.send(&Ask::page("/auth/session").cookie(&cookie)).await;
    assert_eq!(session.status, 200, "and nothing was ended");
}
