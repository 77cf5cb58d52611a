//! What attackers try with a sign-in: replay, mix-up, tabs and browsers crossed, planted cookies, frames.

use http::Method;

use crate::browser::{Browser, SESSION, request};
use crate::provider::{Mood, Person};
use crate::stage::Stage;

const CORPUS: &str = include_str!("open-redirects.json");

fn ada() -> Person {
    Person::of("ada", "acme.example")
}

/// A browser that has begun a sign-in, and the provider's answer to it.
async fn begun(stage: &Stage) -> (Browser, String) {
    let mut browser = Browser::default();
    let answer = browser.navigate(stage, "same-origin", "/auth/login/one").await;
    let callback = stage.web.approve(answer.location(), &ada());
    (browser, callback)
}

fn with(callback: &str, name: &str, value: Option<&str>) -> String {
    let (path, query) = callback.split_once('?').unwrap();
    let mut pairs: Vec<(String, String)> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    pairs.retain(|(known, _)| known != name);
    pairs.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{path}?{query}")
}

// Proves std 6; L 35.
#[tokio::test]
async fn an_answer_is_used_once_and_a_replay_asks_the_provider_nothing() {
    let stage = Stage::new().await;
    let (mut browser, callback) = begun(&stage).await;
    let first = browser.navigate(&stage, "cross-site", &callback).await;
    assert_eq!(first.location(), "/");
    assert_eq!(stage.web.redemptions(), 1);
    // In the same browser, in another process, and with another code for the same state.
    let other = with(&callback, "code", Some("another"));
    for (process, path) in
        [(&stage, &callback), (&stage.second_process(), &callback), (&stage, &other)]
    {
        let replayed = browser.navigate(process, "cross-site", path).await;
        assert_eq!(replayed.refusal(), "sign_in_used");
        assert_eq!(replayed.set_cookie(), None);
    }
    assert_eq!(stage.web.redemptions(), 1, "compared before redeeming");
    assert!(browser.is_signed_in(&stage).await, "and the session goes on");
}

// Proves std 6; L 35.
#[tokio::test]
async fn of_an_answer_sent_many_times_at_once_one_is_taken() {
    let stage = Stage::new().await;
    let (browser, callback) = begun(&stage).await;
    let other = stage.second_process();
    let tries = (0..10).map(|n| {
        let (mut browser, process) = (browser.clone(), if n % 2 == 0 { &stage } else { &other });
        let callback = &callback;
        async move { browser.navigate(process, "cross-site", callback).await.set_cookie().is_some() }
    });
    let signed_in = futures::future::join_all(tries).await;
    assert_eq!(signed_in.into_iter().filter(|signed_in| *signed_in).count(), 1);
    assert_eq!(stage.web.redemptions(), 1);
}

// Proves std 4.
#[tokio::test]
async fn an_answer_is_worth_nothing_in_another_browser() {
    let stage = Stage::new().await;
    let (_, callback) = begun(&stage).await;
    let answer = Browser::default().navigate(&stage, "cross-site", &callback).await;
    assert_eq!(answer.refusal(), "sign_in_lost");
    let (mut other, _) = begun(&stage).await;
    let answer = other.navigate(&stage, "cross-site", &callback).await;
    assert_eq!(answer.refusal(), "sign_in_lost", "also when it has a sign-in of its own");
    assert_eq!(stage.web.redemptions(), 0);
}

// Proves std 4.
#[tokio::test]
async fn a_code_of_one_tab_is_worth_nothing_with_the_state_of_another() {
    let stage = Stage::new().await;
    let (mut browser, first) = begun(&stage).await;
    let answer = browser.navigate(&stage, "same-origin", "/auth/login/one").await;
    let second = stage.web.approve(answer.location(), &Person::of("eve", "acme.example"));
    let (_, query) = second.split_once('?').unwrap();
    let code = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "code");
    let crossed = with(&first, "code", code.as_ref().map(|(_, code)| &**code));
    let answer = browser.navigate(&stage, "cross-site", &crossed).await;
    assert_eq!(answer.refusal(), "provider_refused", "its verifier is another tab's");
}

// Proves std 8, 9, 10, 11, 12.
#[tokio::test]
async fn an_answer_of_another_provider_is_refused_before_its_code_is_touched() {
    let stage = Stage::new().await;
    let (mut browser, callback) = begun(&stage).await;
    let elsewhere = callback.replace("/callback/one", "/callback/two");
    let answers = [
        (elsewhere, "other_provider"),
        (with(&callback, "iss", Some("https://two.example")), "wrong_issuer"),
        (with(&callback, "iss", Some("https://one.example/")), "wrong_issuer"),
        (with(&callback, "iss", None), "wrong_issuer"),
    ];
    for (path, code) in answers {
        assert_eq!(browser.navigate(&stage, "cross-site", &path).await.refusal(), code, "{path}");
        let error = with(&with(&path, "code", None), "error", Some("access_denied"));
        let answer = browser.navigate(&stage, "cross-site", &error).await;
        assert_eq!(answer.refusal(), code, "an error answer is believed no sooner");
    }
    assert_eq!(stage.web.redemptions(), 0);
    // The real answer still counts: no forgery used it up.
    assert_eq!(browser.navigate(&stage, "cross-site", &callback).await.location(), "/");
}

#[tokio::test]
async fn what_a_provider_says_of_an_error_goes_no_further() {
    let stage = Stage::new().await;
    let (mut browser, callback) = begun(&stage).await;
    let words = [
        ("access_denied", "cancelled"),
        ("server_error", "provider_error"),
        ("<script>alert(1)</script>", "provider_error"),
        ("x\r\nset-cookie: a=b", "provider_error"),
    ];
    for (error, code) in words {
        let path = with(&with(&callback, "code", None), "error", Some(error));
        let path = with(&path, "error_description", Some("their%20words"));
        let answer = browser.navigate(&stage, "cross-site", &path).await;
        assert_eq!(answer.refusal(), code);
        assert!(!answer.location().contains("words") && !answer.location().contains("script"));
    }
}

// Proves std 15.
#[tokio::test]
async fn a_token_made_for_another_sign_in_lets_nobody_in() {
    let stage = Stage::new().await;
    let (mut browser, callback) = begun(&stage).await;
    stage.web.be(Mood::WrongNonce);
    let answer = browser.navigate(&stage, "cross-site", &callback).await;
    assert_eq!(answer.refusal(), "nonce_mismatch");
    assert!(!browser.jar.contains_key(SESSION));
}

#[tokio::test]
async fn a_planted_cookie_hides_none_of_ours_and_is_none_itself() {
    let stage = Stage::new().await;
    let (browser, callback) = begun(&stage).await;
    let (name, cookie) = browser.jar.iter().next().unwrap();
    let plain = name.strip_prefix("__Host-").unwrap();
    let one = format!("{name}={}", cookie.value);
    let refused = [
        format!("{one}; {name}=1.AAAA"),
        format!("{one},{one}"),
        format!("{plain}={}", cookie.value),
        format!("x{name}={}", cookie.value),
        format!("{}={}", name.to_lowercase(), cookie.value),
        format!("{one}x"),
        format!("{name}={}", &cookie.value[..cookie.value.len() - 4]),
    ];
    for line in refused {
        let lax = request(Method::GET, &callback, &[("cookie", &line)]);
        let answer = Browser::default().send(&stage, lax, false).await;
        assert_eq!(answer.refusal(), "sign_in_lost", "{line}");
    }
    let others: Vec<String> = (0..5).map(|slot| format!("__Host-bff_login_{slot}")).collect();
    let planted: Vec<String> = others
        .iter()
        .filter(|other| *other != name)
        .map(|other| format!("{other}=1.AAAA"))
        .collect();
    let line = format!("{}; bff_session=x; {one}", planted.join("; "));
    let lax = request(Method::GET, &callback, &[("cookie", &line)]);
    assert_eq!(Browser::default().send(&stage, lax, false).await.location(), "/");
}

// Proves std 49, 50, 51.
#[tokio::test]
async fn neither_a_frame_nor_a_script_nor_another_method_begins_or_finishes_anything() {
    let stage = Stage::new().await;
    let (browser, callback) = begun(&stage).await;
    let authorize = "/auth/authorize?client_id=cli".to_owned();
    for path in ["/auth/login/one".to_owned(), callback.clone(), authorize] {
        for headers in [
            [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
            [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "object")],
            [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "embed")],
            [("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")],
            [("sec-fetch-mode", "no-cors"), ("origin", "https://evil.example")],
            [("sec-fetch-mode", "navigate"), ("sec-purpose", "prefetch")],
        ] {
            let answer =
                browser.clone().send(&stage, request(Method::GET, &path, &headers), true).await;
            assert_eq!(answer.problem(), (403, "not_a_navigation".into()), "{path} {headers:?}");
            assert!(answer.headers.contains_key("vary"));
            assert_eq!(answer.headers.get("access-control-allow-origin"), None);
            assert_eq!(answer.set_cookie(), None);
        }
        for method in [Method::HEAD, Method::POST, Method::PUT, Method::OPTIONS] {
            let answer = browser.clone().send(&stage, request(method, &path, &[]), true).await;
            assert_eq!(answer.status, 405, "{path}");
        }
    }
    assert_eq!(stage.web.redemptions(), 0);
}

// Proves std 14; L 26, 36.
#[tokio::test]
async fn no_entry_of_the_corpus_of_open_redirects_gets_through_the_door() {
    let stage = Stage::new().await;
    let corpus: Vec<String> = serde_json::from_str(CORPUS).unwrap();
    for text in corpus.iter().filter(|text| !text.is_empty()) {
        let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let path = format!("/auth/login/one?target={encoded}");
        let answer = Browser::default().navigate(&stage, "cross-site", &path).await;
        assert_eq!(answer.refusal(), "bad_target", "{text:?}");
        assert_eq!(answer.set_cookie(), None);
    }
}

#[tokio::test]
async fn a_parameter_that_comes_twice_or_is_no_text_is_refused_in_words() {
    let stage = Stage::new().await;
    for path in [
        "/auth/login/one?target=/a&target=/b",
        "/auth/login/one?max_age=soon",
        "/auth/login/one?max_age=-1",
        "/auth/login/one?tenant=ACME",
        "/auth/login/one?target=%ff",
        "/auth/callback/one?state=a&state=b",
    ] {
        let answer = Browser::default().navigate(&stage, "same-origin", path).await;
        assert_eq!(answer.refusal(), "bad_request", "{path}");
    }
    for path in ["/auth/login/nobody", "/auth/login/ONE", "/auth/login/%6fne%00"] {
        let answer = Browser::default().navigate(&stage, "same-origin", path).await;
        let refused = answer.status == 400 || answer.refusal() == "unknown_provider";
        assert!(refused, "{path}");
    }
    for path in ["/auth/callback/one", "/auth/callback/one?code=x", "/auth/callback/one?state="] {
        let answer = Browser::default().navigate(&stage, "cross-site", path).await;
        assert_eq!(answer.refusal(), "sign_in_lost", "{path}");
    }
}
