//! Clients without a cookie: the authorization request, and where its answers go.

use std::collections::BTreeMap;

use url::{Url, form_urlencoded};

use crate::browser::{Answer, Browser};
use crate::provider::{Mood, Person};
use crate::stage::Stage;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const LOOPBACK: &str = "http://127.0.0.1:51004/callback";

fn good() -> BTreeMap<&'static str, String> {
    [
        ("response_type", "code"),
        ("client_id", "cli"),
        ("redirect_uri", LOOPBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("state", "the client's state"),
        ("scope", "me runs.read"),
        ("provider", "one"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

fn path(parameters: &BTreeMap<&'static str, String>) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("/auth/authorize?{query}")
}

async fn ask(stage: &Stage, change: &[(&'static str, &str)]) -> Answer {
    let mut parameters = good();
    for (name, value) in change {
        parameters.insert(name, (*value).to_owned());
    }
    Browser::default().navigate(stage, "cross-site", &path(&parameters)).await
}

/// What a client hears at its address.
fn heard(answer: &Answer, at: &str) -> BTreeMap<String, String> {
    assert_eq!(answer.set_cookie(), None);
    let url = Url::parse(answer.location()).unwrap();
    assert!(answer.location().starts_with(&format!("{at}?")), "{url}");
    url.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn a_client_gets_a_code_its_state_and_our_name() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let person = Person::of("ada", "acme.example");
    let answer = browser.sign_in(&stage, &path(&good()), &person).await;
    let heard = heard(&answer, LOOPBACK);
    assert_eq!(heard["state"], "the client's state");
    assert_eq!(heard["iss"], "https://gate.example");
    assert_eq!(heard.len(), 3, "and a code: {:?}", heard.keys());
    let (_, secret) = heard["code"].split_once('.').unwrap();
    assert!(!stage.has_stored(secret), "the code is stored as its digest");
    assert!(!browser.is_signed_in(&stage).await, "the browser has no session of it");
}

// Proves std 14; L 26, 37.
#[tokio::test]
async fn an_unknown_client_or_address_is_never_answered_there() {
    let stage = Stage::new().await;
    for uri in [
        "https://evil.example/callback",
        "https://app.example/callback/",
        "https://app.example/callback?x=1",
        "https://app.example/callback#x",
        "https://app.example:444/callback",
        "https://app.example@evil.example/callback",
        "https://APP.example/callback",
        "https://app.example/../callback",
        "http://app.example/callback",
        "http://127.0.0.1:51004/other",
        "http://127.0.0.1:51004/callback?x",
        "http://127.0.0.1:51004@evil.example/callback",
        "http://127.0.0.1.evil.example:51004/callback",
        "http://127.1:51004/callback",
        "http://localhost:51004/callback",
        "http://[::1]:51004/callback",
        "http://127.0.0.1:99999/callback",
        "https://127.0.0.1:51004/callback",
        "javascript:alert(1)",
        "/callback",
        "",
    ] {
        let answer = ask(&stage, &[("redirect_uri", uri)]).await;
        assert_eq!(answer.refusal(), "bad_redirect_uri", "{uri}");
        let answer = ask(&stage, &[("redirect_uri", uri), ("response_type", "token")]).await;
        assert_eq!(answer.refusal(), "bad_redirect_uri", "{uri}, with another mistake");
    }
    for client in ["nobody", "", "CLI"] {
        let answer = ask(&stage, &[("client_id", client)]).await;
        assert_eq!(answer.refusal(), "unknown_client", "{client}");
    }
}

#[tokio::test]
async fn a_loopback_address_may_have_any_port_and_another_must_be_exact() {
    let stage = Stage::new().await;
    for uri in [
        "http://127.0.0.1/callback",
        "http://127.0.0.1:1/callback",
        "http://127.0.0.1:65535/callback",
        "https://app.example/callback",
    ] {
        let answer = ask(&stage, &[("redirect_uri", uri)]).await;
        assert!(answer.location().starts_with("https://one.example/authorize?"), "{uri}");
    }
}

// Proves std 3, 64.
#[tokio::test]
async fn every_other_mistake_is_told_to_the_client_with_its_state_and_our_name() {
    let stage = Stage::new().await;
    let mistakes = [
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", "code token"), "unsupported_response_type"),
        (("response_type", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("scope", "me root"), "invalid_scope"),
        (("scope", "me  runs.read"), "invalid_scope"),
        (("resource", "https://unknown.example/"), "invalid_target"),
        (("resource", "not a uri"), "invalid_target"),
    ];
    for (change, error) in mistakes {
        let heard = heard(&ask(&stage, &[change]).await, LOOPBACK);
        assert_eq!(heard["error"], error, "{change:?}");
        assert_eq!(heard["state"], "the client's state");
        assert_eq!(heard["iss"], "https://gate.example");
    }
}

#[tokio::test]
async fn a_client_without_a_provider_is_taken_to_the_sign_in_page_and_back() {
    let stage = Stage::new().await;
    let mut parameters = good();
    parameters.remove("provider");
    let asked = path(&parameters);
    let answer = Browser::default().navigate(&stage, "cross-site", &asked).await;
    let url = Url::parse("https://gate.example").unwrap().join(answer.location()).unwrap();
    let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!((url.path(), &query["continue"]), ("/sign-in", &asked));
}

#[tokio::test]
async fn a_client_that_waits_is_told_of_a_refusal_and_of_an_outage() {
    let stage = Stage::new().await;
    let stranger = Person::of("sam", "nowhere.example");
    let answer = Browser::default().sign_in(&stage, &path(&good()), &stranger).await;
    let refused = heard(&answer, LOOPBACK);
    assert_eq!(
        (&*refused["error"], &*refused["error_description"]),
        ("access_denied", "no_tenant")
    );
    stage.web.be(Mood::Away);
    let fresh = stage.second_process();
    let away = heard(&ask(&fresh, &[]).await, LOOPBACK);
    assert_eq!(away["error"], "temporarily_unavailable");
    assert_eq!(away["state"], "the client's state");
}

#[tokio::test]
async fn a_tenant_of_another_region_takes_the_client_there_with_the_same_request() {
    let stage = Stage::new().await;
    let answer = ask(&stage, &[("tenant", "initech")]).await;
    let url = Url::parse(answer.location()).unwrap();
    assert_eq!(url.origin().ascii_serialization(), "https://us.gate.example");
    let mut expected: BTreeMap<String, String> =
        good().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    expected.insert("tenant".to_owned(), "initech".to_owned());
    assert_eq!(url.path(), "/auth/authorize");
    assert_eq!(url.query_pairs().into_owned().collect::<BTreeMap<_, _>>(), expected);
}

// Proves std 38; L 4.
#[tokio::test]
async fn a_sign_in_with_everything_at_its_longest_fits_into_a_cookie() {
    let stage = Stage::new().await;
    let long = "a".repeat(440);
    let at = format!("https://app.example/{long}");
    stage.registry.write(|text| text.replace("https://app.example/callback", &at));
    // Each of these characters takes two in JSON.
    let quotes = "\"".repeat(512);
    let acr = "\\".repeat(256);
    let tenant = "t".repeat(40);
    let scope = "me runs.read runs.write";
    let changes = [
        ("redirect_uri", &*at),
        ("state", &quotes),
        ("acr_values", &acr),
        ("tenant", &tenant),
        ("scope", scope),
        ("resource", "https://gate.example/api"),
        ("max_age", "4294967295"),
    ];
    let answer = ask(&stage, &changes).await;
    assert!(answer.location().starts_with("https://one.example/"));
    let cookie = answer.set_cookie().unwrap();
    assert!(cookie.len() < 4096, "{}", cookie.len());
    let target = format!("/{}", "a".repeat(1023));
    let login = format!("/auth/login/one?target={target}&tenant={tenant}&acr={}", "x".repeat(256));
    let answer = Browser::default().navigate(&stage, "same-origin", &login).await;
    assert!(answer.set_cookie().unwrap().len() < 4096);
    let too_long = format!("{login}x");
    let answer = Browser::default().navigate(&stage, "same-origin", &too_long).await;
    assert_eq!(answer.refusal(), "bad_request");
}
