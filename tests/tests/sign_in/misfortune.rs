//! What is away, at every step: nothing is lost that need not be, nobody is let in, and no cookie is cleared.

use gatelet_core::secrets::own::{OwnSecret, renew};

use crate::browser::{Answer, Browser, SESSION};
use crate::provider::{Mood, Person};
use crate::stage::Stage;

fn ada() -> Person {
    Person::of("ada", "acme.example")
}

#[tokio::test]
async fn a_provider_that_is_away_costs_nothing_but_time() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    browser.sign_in(&stage, "/auth/login/one", &ada()).await;
    // A process that has not met the provider yet.
    let fresh = stage.second_process();
    stage.web.be(Mood::Away);
    let answer = browser.navigate(&fresh, "same-origin", "/auth/login/one").await;
    assert_eq!(answer.refusal(), "unavailable");
    assert_eq!(answer.set_cookie(), None);
    assert!(browser.is_signed_in(&fresh).await, "the session has not ended for nothing");
    stage.web.be(Mood::Honest);
    let begun = browser.navigate(&fresh, "same-origin", "/auth/login/one").await;
    let callback = stage.web.approve(begun.location(), &ada());
    let third = stage.second_process();
    stage.web.be(Mood::Away);
    let answer = browser.navigate(&third, "cross-site", &callback).await;
    assert_eq!(answer.refusal(), "unavailable");
    stage.web.be(Mood::Honest);
    let answer = browser.navigate(&third, "cross-site", &callback).await;
    assert_eq!(answer.location(), "/", "the same answer counts when it is sent again");
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_told_where_they_were_going() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let going = "/auth/login/one?target=/t/acme/runs%3Fstate%3Dfailed";
    let ends = "&target=%2Ft%2Facme%2Fruns%3Fstate%3Dfailed";
    let begun = browser.navigate(&stage, "same-origin", going).await;
    let fresh = stage.second_process();
    stage.web.be(Mood::Away);
    let answer = browser.navigate(&fresh, "same-origin", going).await;
    assert!(answer.location().starts_with("/error/unavailable?trace="), "{}", answer.location());
    assert!(answer.location().ends_with(ends), "{}", answer.location());
    stage.web.be(Mood::Honest);
    let callback = stage.web.approve(begun.location(), &Person::of("mal", "nowhere.example"));
    let answer = browser.navigate(&stage, "cross-site", &callback).await;
    assert_eq!(answer.refusal(), "no_tenant");
    assert!(answer.location().ends_with(ends), "{}", answer.location());
    // Of a place that is none of ours nothing is repeated.
    let bad = "/auth/login/one?target=https://evil.example/";
    let answer = browser.navigate(&stage, "same-origin", bad).await;
    assert_eq!(answer.refusal(), "bad_target");
    assert!(!answer.location().contains("target="), "{}", answer.location());
}

#[tokio::test]
async fn a_provider_that_goes_away_while_the_code_is_redeemed_costs_the_answer() {
    let stage = Stage::new().await;
    for mood in [Mood::TokensAway, Mood::Broken] {
        let mut browser = Browser::default();
        let begun = browser.navigate(&stage, "same-origin", "/auth/login/one").await;
        let callback = stage.web.approve(begun.location(), &ada());
        stage.web.be(mood);
        let answer = browser.navigate(&stage, "cross-site", &callback).await;
        assert_eq!(answer.refusal(), "unavailable");
        assert!(!answer.location().contains("words"));
        stage.web.be(Mood::Honest);
        // Whether the provider has taken the code is not known, so it is not sent twice.
        let answer = browser.navigate(&stage, "cross-site", &callback).await;
        assert_eq!(answer.refusal(), "sign_in_used");
        let answer = browser.sign_in(&stage, "/auth/login/one", &ada()).await;
        assert_eq!(answer.location(), "/", "a new sign-in has nothing in its way");
    }
}

fn keeps_the_session(answer: &Answer) -> bool {
    answer.set_cookie().is_none_or(|set| !set.contains("Max-Age=0") && !set.contains("=;"))
}

// Proves std 73; L 5, 12.
#[tokio::test]
async fn a_store_that_goes_away_at_any_step_is_an_outage_and_never_a_sign_out() {
    let stage = Stage::new().await;
    let mut done = false;
    for calls in 0..60 {
        let mut browser = Browser::default();
        browser.sign_in(&stage, "/auth/login/one", &ada()).await;
        let begun = browser.navigate(&stage, "same-origin", "/auth/login/one?step_up=1").await;
        let callback = stage.web.approve(begun.location(), &ada());
        let before = browser.jar[SESSION].value.clone();
        stage.records.break_after(calls);
        let answer = browser.navigate(&stage, "cross-site", &callback).await;
        let broke = stage.records.mend();
        assert!(keeps_the_session(&answer));
        if answer.location() == "/" {
            assert!(browser.is_signed_in(&stage).await);
            done = !broke;
        } else {
            assert_eq!(answer.refusal(), "unavailable", "after {calls} calls");
            assert_eq!(answer.set_cookie(), None);
            assert_eq!(browser.jar[SESSION].value, before);
        }
        if done {
            assert!(calls > 5, "a sign-in takes several calls: {calls}");
            break;
        }
    }
    assert!(done, "with a store that stays, it succeeds");
}

// Proves std 73; L 5, 12.
#[tokio::test]
async fn without_its_store_a_session_is_neither_there_nor_gone() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    browser.sign_in(&stage, "/auth/login/one", &ada()).await;
    let both = Person::of("eve", "both.example");
    let mut chooser = Browser::default();
    let asked = chooser.sign_in(&stage, "/auth/login/one", &both).await;
    let form = format!(
        "slot={}&tenant=acme",
        asked.location().strip_prefix("/choose-tenant?slot=").unwrap()
    );
    stage.records.break_after(0);
    let answers = [
        browser.ask(&stage, "/auth/session").await,
        browser.post(&stage, "/auth/session/extend", "").await,
        chooser.post(&stage, "/auth/choose", &form).await,
    ];
    for answer in &answers {
        assert_eq!(answer.problem(), (503, "unavailable".to_owned()));
        assert!(answer.headers.contains_key("retry-after"));
        assert_eq!(answer.set_cookie(), None);
    }
    let begun = browser.navigate(&stage, "same-origin", "/auth/login/one").await;
    assert_eq!(begun.refusal(), "unavailable", "the old session could not be ended");
    assert_eq!(begun.set_cookie(), None);
    stage.records.mend();
    assert!(browser.is_signed_in(&stage).await);
    let chosen = chooser.post(&stage, "/auth/choose", &form).await;
    assert_eq!(chosen.json()["location"], "/", "the choice was not used up");
}

#[tokio::test]
async fn a_flood_of_beginnings_writes_nothing() {
    let stage = Stage::new().await;
    stage.records.break_after(0);
    for _ in 0..20 {
        let answer = Browser::default().navigate(&stage, "cross-site", "/auth/login/one").await;
        assert!(answer.location().starts_with("https://one.example/"));
    }
}

#[tokio::test]
async fn sign_ins_go_on_while_their_key_is_rotated() {
    let stage = Stage::new().await;
    let mut browser = Browser::default();
    let begun = browser.navigate(&stage, "same-origin", "/auth/login/one").await;
    let before = stage.web.approve(begun.location(), &ada());
    renew(&*stage.secrets, OwnSecret::LoginSealing, &*stage.random).await.unwrap();
    let fresh = stage.second_process();
    let begun = browser.navigate(&fresh, "same-origin", "/auth/login/one").await;
    let after = stage.web.approve(begun.location(), &ada());
    // The old version opens in the new process, and the new one in the process that has not heard of it.
    for (process, callback) in [(&fresh, before), (&stage, after)] {
        let answer = browser.navigate(process, "cross-site", &callback).await;
        assert_eq!(answer.location(), "/");
    }
}
