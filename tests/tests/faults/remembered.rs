//! What a process goes on with while something is away, and for how long: the last table of the reference.

use std::time::Duration;

use gatelet_core::clock::Clock as _;
use gatelet_played::{Answer, Ask, Gateway, NOW, Port, Who};

/// A process that has served everything once, and what it served it to.
struct Warm {
    gateway: Gateway,
    cookie: String,
    token: String,
    refresh: String,
}

async fn warm() -> Warm {
    let gateway = Gateway::new(all::routes).await;
    let cookie = gateway.sign_in(Who::ADA).await;
    let token = gateway.token(&cookie).await;
    let (_, refresh) = gateway.client_tokens(Who::ADA).await;
    let warm = Warm { gateway, cookie, token, refresh };
    assert_eq!(warm.me().await.status, 200);
    warm
}

impl Warm {
    async fn me(&self) -> Answer {
        self.gateway.send(&Ask::bare("GET", "/api/me").bearer(&self.token)).await
    }

    async fn token(&self) -> Answer {
        self.gateway.send(&Ask::page_form("/auth/token", &[]).cookie(&self.cookie)).await
    }

    async fn session(&self) -> Answer {
        self.gateway.send(&Ask::page("/auth/session").cookie(&self.cookie)).await
    }

    async fn callback(&self) -> Answer {
        let callback = self.gateway.at_callback("/auth/login/one", Who::BOB).await;
        self.gateway.send(&callback).await
    }

    fn later(&self, span: Duration) {
        let now = self.gateway.clock.now() + span;
        self.gateway.clock.set(now);
        self.gateway.store.right_clock.set(now);
    }

    fn at(&self, span: Duration) {
        self.gateway.clock.set(NOW + span);
        self.gateway.store.right_clock.set(NOW + span);
    }
}

const SECOND: Duration = Duration::from_secs(1);

// Proves L 5.
#[tokio::test]
async fn the_registry_stays_in_force_for_as_long_as_its_source_is_away() {
    let warm = warm().await;
    warm.gateway.weather.away(Port::Registry);
    for minutes in [1, 10, 50] {
        warm.at(Duration::from_mins(minutes));
        assert_eq!(warm.session().await.status, 200);
        assert_eq!(warm.token().await.status, 200);
    }
    assert!(warm.gateway.weather.calls(Port::Registry) >= 3, "and is asked for each time");
    warm.gateway.weather.clear();
    warm.gateway
        .store
        .registry
        .change("title = \"Acme Works\"", "title = \"Acme\"\nactive = false");
    warm.later(Duration::from_mins(1));
    assert_eq!(warm.token().await.code(), (403, "not_admitted".into()));
}

// Proves L 5.
#[tokio::test]
async fn a_token_is_checked_for_half_a_minute_without_the_store_and_then_by_nobody() {
    let warm = warm().await;
    warm.gateway.weather.away(Port::Records);
    warm.at(Duration::from_millis(29_999));
    assert_eq!(warm.me().await.status, 200);
    warm.at(Duration::from_secs(31));
    let answer = warm.me().await;
    assert_eq!(answer.code(), (503, "unavailable".into()));
    assert!(answer.header("www-authenticate").is_none());
    assert_eq!(warm.session().await.status, 503, "a session is never remembered");
    assert_eq!(warm.token().await.status, 503);
    warm.gateway.weather.clear();
    warm.later(SECOND);
    assert_eq!(warm.me().await.status, 200);
    assert_eq!(warm.session().await.status, 200);
}

// Proves std 97; L 5, 6.
#[tokio::test]
async fn a_sign_out_is_felt_by_a_process_that_remembers_the_token_within_five_seconds() {
    let warm = warm().await;
    let other = warm.gateway.second_process();
    let out = other.send(&Ask::page_form("/auth/logout", &[]).cookie(&warm.cookie)).await;
    assert_eq!(out.status, 200);
    assert_eq!(warm.session().await.status, 401, "at once where the session is read");
    warm.later(Duration::from_secs(5));
    assert_eq!(warm.me().await.code(), (401, "invalid_token".into()));
}

// Proves L 16.
#[tokio::test]
async fn people_sign_in_with_a_providers_remembered_keys_but_never_without_its_answer() {
    let warm = warm().await;
    for path in ["/.well-known/openid-configuration", "/keys"] {
        warm.gateway.store.providers.lie(path, 503, "down");
    }
    for hours in [1, 12, 24] {
        warm.at(Duration::from_hours(hours));
        assert!(warm.callback().await.lets_in(), "after {hours} hours");
    }
    warm.at(Duration::from_hours(26));
    let refused = warm.gateway.send(&Ask::navigate("/auth/login/one")).await;
    assert_eq!(refused.refusal().as_deref(), Some("unavailable"));
    warm.gateway.store.providers.be_honest();
    warm.later(Duration::from_secs(31));
    assert!(warm.callback().await.lets_in());
    warm.gateway.store.providers.lie("/token", 503, "down");
    let answer = warm.callback().await;
    assert_eq!(answer.refusal().as_deref(), Some("unavailable"));
    assert!(!answer.lets_in());
}

// Proves L 5.
#[tokio::test]
async fn secrets_and_keys_that_make_things_are_used_for_their_minutes_and_no_longer() {
    let warm = warm().await;
    warm.gateway.weather.away(Port::Secrets);
    warm.at(Duration::from_secs(299));
    let begun = warm.gateway.send(&Ask::navigate("/auth/login/one")).await;
    assert!(begun.cookie().is_some(), "{begun:?}");
    warm.at(Duration::from_secs(301));
    let begun = warm.gateway.send(&Ask::navigate("/auth/login/one")).await;
    assert_eq!(begun.refusal().as_deref(), Some("unavailable"));
    // An old version opens what it made, for as long as the process lives.
    let answer = warm.gateway.send(&Gateway::refresh(&warm.refresh)).await;
    assert_eq!(answer.status, 200, "{answer:?}");

    warm.gateway.weather.away(Port::Signer);
    let refresh = answer.text("refresh_token").unwrap();
    let refused = warm.gateway.send(&Gateway::refresh(&refresh)).await;
    assert_eq!(refused.code(), (503, "unavailable".into()), "a key's custody is asked each time");
    warm.gateway.weather.clear();
    let answer = warm.gateway.send(&Gateway::refresh(&refresh)).await;
    assert_eq!(answer.status, 200, "and the refresh token is as good as before");
}
