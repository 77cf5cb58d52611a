//! People who sign in, in one tab and in many.

use std::time::Duration;

use crate::browser::{Browser, SESSION};
use crate::provider::Person;
use crate::stage::Stage;

fn ada() -> Person {
    Person::of("ada", "acme.example")
}

// Proves std 2, 3, 12, 13, 31, 32, 33, 34, 38, 39, 115, 116; L 2, 4, 14.
#[tokio::test]
async fn a_click_leads_over_the_provider_to_a_session() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let begun = browser
        .navigate(&stage, "same-origin", "/auth/login/one?target=/t/acme/runs%3Fx%3D1")
        .await;
    let pending = begun.set_cookie().unwrap();
    assert!(pending.starts_with("__Host-bff_login_"), "{pending}");
    assert!(pending.ends_with("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure"));
    let callback = stage.web.approve(begun.location(), &ada());
    let answer = browser.navigate(&stage, "cross-site", &callback).await;
    assert_eq!(answer.location(), "/t/acme/runs?x=1");
    let cookie = answer.set_cookie().unwrap();
    assert!(cookie.starts_with("__Host-bff_session="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
    assert!(cookie.len() < 512 && !cookie.contains("Domain"), "{cookie}");
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ] {
        assert_eq!(answer.headers[name], value);
        assert_eq!(begun.headers[name], value);
    }
    let session = browser.ask(&stage, "/auth/session").await;
    assert_eq!(session.headers["cache-control"], "no-store");
    assert_eq!(session.set_cookie(), None, "reading sets no cookie");
    assert_eq!(stage.trail("acme").await, [("sign_in".to_owned(), "ok".to_owned())]);
}

// Proves std 35, 36, 43; L 33.
#[tokio::test]
async fn a_session_says_who_and_what_is_allowed_and_no_secret_is_stored_or_shown() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    browser.sign_in(&stage, "/auth/login/one", &ada()).await;
    let key = browser.jar[SESSION].value.clone();
    assert_eq!(key.len(), 43, "256 bits in base64url");
    assert!(!stage.has_stored(&key), "only its digest is stored");
    let mut twin = Browser::default();
    twin.sign_in(&stage, "/auth/login/one", &ada()).await;
    assert_ne!(twin.jar[SESSION].value, key);
    let answer = browser.ask(&stage, "/auth/session").await;
    let view = answer.json();
    let names: Vec<&str> = view.as_object().unwrap().keys().map(String::as_str).collect();
    let allowed = [
        "auth_time",
        "begun_at",
        "can",
        "ends_at",
        "idle_ends_at",
        "name",
        "now",
        "provider",
        "region",
        "role",
        "scopes",
        "session_id",
        "subject",
        "tenant",
        "tenant_title",
    ];
    assert_eq!(names, allowed);
    assert_eq!((&view["tenant"], &view["tenant_title"]), (&"acme".into(), &"Acme Works".into()));
    assert_eq!((&view["role"], &view["name"]), (&"viewer".into(), &"Ada L.".into()));
    assert_eq!((&view["region"], &view["scopes"][0]), (&"eu".into(), &"me".into()));
    assert!(view["subject"].as_str().unwrap().starts_with("p-"));
    assert_eq!(view["session_id"].as_str().map(str::len), Some(32));
    assert_eq!(view["can"]["extend"]["allowed"], true);
    assert!(!answer.body.contains(&key) && !answer.body.contains("theirs"), "{}", answer.body);
}

// Proves L 3.
#[tokio::test]
async fn five_tabs_at_once_all_finish_in_any_order() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let mut callbacks = Vec::new();
    for tab in 0..5 {
        let path = format!("/auth/login/one?target=/t/{tab}");
        let begun = browser.navigate(&stage, "same-origin", &path).await;
        callbacks.push((stage.web.approve(begun.location(), &ada()), format!("/t/{tab}")));
    }
    assert_eq!(browser.jar.len(), 5, "each has a slot of its own");
    for at in [3, 0, 4, 2, 1] {
        let (callback, target) = &callbacks[at];
        let answer = browser.navigate(&stage, "cross-site", callback).await;
        assert_eq!(answer.location(), target);
    }
}

// Proves L 3, 4.
#[tokio::test]
async fn the_sixth_tab_takes_the_place_of_the_oldest() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let mut callbacks = Vec::new();
    for _ in 0..6 {
        let begun = browser.navigate(&stage, "same-origin", "/auth/login/one").await;
        callbacks.push(stage.web.approve(begun.location(), &ada()));
        stage.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(browser.jar.len(), 5);
    let oldest = browser.navigate(&stage, "cross-site", &callbacks[0]).await;
    assert_eq!(oldest.refusal(), "sign_in_lost");
    for callback in &callbacks[1..] {
        assert_eq!(browser.navigate(&stage, "cross-site", callback).await.location(), "/");
    }
}

#[tokio::test]
async fn tabs_that_open_in_the_same_moment_seldom_take_the_same_slot() {
    let stage = Stage::new().await;
    let mut taken = std::collections::BTreeSet::new();
    for _ in 0..40 {
        // Each begins before the browser has heard the answer to any other.
        let mut tab = Browser::default();
        tab.navigate(&stage, "same-origin", "/auth/login/one").await;
        taken.extend(tab.jar.into_keys());
    }
    assert_eq!(taken.len(), 5, "chance picks among the free slots");
}

// Proves std 34.
#[tokio::test]
async fn a_sign_in_that_takes_too_long_is_lost_whatever_the_browser_keeps() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let begun = browser.navigate(&stage, "same-origin", "/auth/login/one").await;
    let callback = stage.web.approve(begun.location(), &ada());
    stage.clock.advance(Duration::from_mins(10));
    let answer = browser.navigate(&stage, "cross-site", &callback).await;
    assert_eq!(answer.refusal(), "sign_in_lost");
    assert_eq!(stage.web.redemptions(), 0);
}

#[tokio::test]
async fn the_providers_are_listed_for_a_sign_in_page() {
    let stage = Stage::new().await;
    let listed = Browser::default().ask(&stage, "/auth/providers").await.json();
    let one = serde_json::json!({ "name": "one", "title": "Provider One", "kind": "oidc" });
    assert_eq!(listed["providers"][0], one, "and nobody who could be chosen there");
    assert_eq!(listed["local"], false);
    assert_eq!(listed["providers"][1]["title"], "two");
}

#[tokio::test]
async fn whoever_names_no_provider_chooses_one_and_nothing_is_lost_on_the_way() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    browser.sign_in(&stage, "/auth/login/one", &ada()).await;
    let query = "?target=/t/acme/runs%3Fx%3D1&login_hint=ada";
    let answer = browser.navigate(&stage, "same-origin", &format!("/auth/login{query}")).await;
    assert_eq!(answer.location(), format!("/sign-in{query}"));
    assert!(browser.is_signed_in(&stage).await, "nothing ends before a provider is chosen");
    let bad = "/auth/login?target=https://evil.example/";
    assert_eq!(browser.navigate(&stage, "same-origin", bad).await.refusal(), "bad_target");
}

#[tokio::test]
async fn a_hint_reaches_the_provider_and_is_never_long() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let hinted = "/auth/login/one?login_hint=ada%40acme.example";
    let answer = browser.navigate(&stage, "same-origin", hinted).await;
    assert!(answer.location().contains("login_hint=ada%40acme.example"), "{}", answer.location());
    for bad in ["%00".to_owned(), "a%0ab".to_owned(), "a".repeat(257)] {
        let hinted = format!("/auth/login/one?login_hint={bad}");
        let answer = browser.navigate(&stage, "same-origin", &hinted).await;
        assert_eq!(answer.refusal(), "bad_request", "{bad}");
    }
}
