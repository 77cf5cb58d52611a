//! What a sign-in does to the session that is there, and how a session is kept.

use std::time::Duration;

use crate::browser::{Browser, SESSION};
use crate::provider::Person;
use crate::stage::Stage;

fn ada() -> Person {
    Person::of("ada", "acme.example")
}

async fn signed_in(stage: &Stage) -> Browser {
    let mut browser = Browser::default();
    browser.sign_in(stage, "/auth/login/one", &ada()).await;
    assert!(browser.is_signed_in(stage).await);
    browser
}

// Proves L 23.
#[tokio::test]
async fn a_fresh_sign_in_ends_the_session_at_once_and_says_so_in_the_trail() {
    let stage = Stage::new().await;
    let mut browser = signed_in(&stage).await;
    let begun = browser.navigate(&stage, "same-origin", "/auth/login/one").await;
    assert!(!begun.set_cookie().unwrap().contains("bff_session"), "no cookie is cleared");
    assert!(!browser.is_signed_in(&stage).await, "the next user of the machine inherits nothing");
    let ended = ("session.end".to_owned(), "new_sign_in".to_owned());
    assert!(stage.trail("acme").await.contains(&ended));
}

#[tokio::test]
async fn another_site_that_begins_a_sign_in_ends_nothing() {
    let stage = Stage::new().await;
    for site in ["cross-site", "same-site"] {
        let mut browser = signed_in(&stage).await;
        browser.navigate(&stage, site, "/auth/login/one").await.location();
        assert!(browser.is_signed_in(&stage).await, "{site}");
    }
}

// Proves std 36.
#[tokio::test]
async fn a_step_up_lets_the_session_go_on_and_replaces_it_when_it_succeeds() {
    let stage = Stage::new().await;
    let mut browser = signed_in(&stage).await;
    let before = browser.jar[SESSION].value.clone();
    let path = "/auth/login/one?step_up=1&max_age=60&target=/t/acme/approve";
    let begun = browser.navigate(&stage, "same-origin", path).await;
    assert!(begun.location().contains("max_age=60"));
    assert!(browser.is_signed_in(&stage).await, "abandoned, nothing has changed");
    let mut old = browser.clone();
    let callback = stage.web.approve(begun.location(), &ada());
    let answer = browser.navigate(&stage, "cross-site", &callback).await;
    assert_eq!(answer.location(), "/t/acme/approve");
    assert_ne!(browser.jar[SESSION].value, before, "a new key");
    assert!(browser.is_signed_in(&stage).await);
    assert!(!old.is_signed_in(&stage).await, "the old key is dead");
}

#[tokio::test]
async fn a_step_up_that_asks_for_nothing_makes_the_provider_ask_again() {
    let stage = Stage::new().await;
    let mut browser = signed_in(&stage).await;
    let begun = browser.navigate(&stage, "same-origin", "/auth/login/one?step_up=1").await;
    assert!(begun.location().contains("prompt=login"), "{}", begun.location());
}

// Proves L 13.
#[tokio::test]
async fn nobody_steps_up_in_the_session_of_another_person() {
    let stage = Stage::new().await;
    let mut browser = signed_in(&stage).await;
    let begun = browser.navigate(&stage, "same-origin", "/auth/login/one?step_up=1").await;
    let callback = stage.web.approve(begun.location(), &Person::of("bob", "acme.example"));
    let answer = browser.navigate(&stage, "cross-site", &callback).await;
    assert_eq!(answer.refusal(), "other_person");
    assert!(browser.is_signed_in(&stage).await, "the session goes on");
}

// Proves std 36.
#[tokio::test]
async fn a_session_key_that_we_did_not_issue_is_never_adopted() {
    let stage = Stage::new().await;
    let mut attacker = signed_in(&stage).await;
    let known = attacker.jar[SESSION].clone();
    for planted in ["A".repeat(43), known.value.clone()] {
        let mut victim = Browser::default();
        let mut cookie = known.clone();
        cookie.value.clone_from(&planted);
        victim.jar.insert(SESSION.to_owned(), cookie);
        victim.sign_in(&stage, "/auth/login/one", &Person::of("vic", "acme.example")).await;
        assert_ne!(victim.jar[SESSION].value, planted);
        assert!(victim.is_signed_in(&stage).await);
    }
    assert!(!attacker.is_signed_in(&stage).await, "what was planted is over");
}

// Proves std 37, 40; L 15.
#[tokio::test]
async fn only_an_extension_moves_the_idle_end_and_nothing_moves_the_absolute_one() {
    let stage = Stage::new().await;
    let mut browser = signed_in(&stage).await;
    let first = browser.ask(&stage, "/auth/session").await.json();
    stage.clock.advance(Duration::from_mins(59));
    let read = browser.ask(&stage, "/auth/session").await.json();
    assert_eq!(read["idle_ends_at"], first["idle_ends_at"], "reading keeps nothing alive");
    let extended = browser.post(&stage, "/auth/session/extend", "").await.json();
    let moved = first["idle_ends_at"].as_u64().unwrap() + 59 * 60;
    assert_eq!(extended["idle_ends_at"], moved);
    assert_eq!(extended["ends_at"], first["ends_at"]);
    for _ in 0..23 {
        stage.clock.advance(Duration::from_mins(58));
        browser.post(&stage, "/auth/session/extend", "").await;
    }
    let last = browser.ask(&stage, "/auth/session").await.json();
    assert_eq!(last["idle_ends_at"], last["ends_at"]);
    assert_eq!(last["can"]["extend"]["allowed"], false);
    assert_eq!(last["can"]["extend"]["code"], "ends_anyway");
    let refused = browser.post(&stage, "/auth/session/extend", "").await;
    assert_eq!(refused.problem(), (409, "ends_anyway".to_owned()), "what `can` has said");
    stage.clock.advance(Duration::from_hours(1));
    assert!(!browser.is_signed_in(&stage).await);
    let late = browser.post(&stage, "/auth/session/extend", "").await;
    assert_eq!(late.problem(), (401, "sign_in_required".to_owned()), "an end is an end");
}

// Proves L 37.
#[tokio::test]
async fn an_extension_applies_the_rules_of_signing_in_again() {
    let stage = Stage::new().await;
    let mut browser = signed_in(&stage).await;
    stage.registry.write(|text| text.replace("title = \"Acme Works\"", "active = false"));
    stage.clock.advance(Duration::from_mins(2));
    let view = browser.ask(&stage, "/auth/session").await.json();
    assert_eq!(view["can"]["extend"]["code"], "not_admitted");
    let refused = browser.post(&stage, "/auth/session/extend", "").await;
    assert_eq!(refused.problem(), (403, "not_admitted".to_owned()));
}
