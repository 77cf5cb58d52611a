//! Clocks that are ten minutes off, ahead or behind, and clocks that are put right again.

use std::time::Duration;

use gatelet_core::clock::Clock as _;
use gatelet_core::session::{ABSOLUTE, IDLE};
use gatelet_played::{Ask, Gateway, NOW, Who};

const OFF: Duration = Duration::from_mins(10);
const SECOND: Duration = Duration::from_secs(1);

async fn code(gateway: &Gateway, ask: &Ask) -> (u16, String) {
    let answer = gateway.send(ask).await;
    assert!(!answer.lets_in(), "{answer:?}");
    answer.code()
}

fn session(cookie: &str) -> Ask {
    Ask::page("/auth/session").cookie(cookie)
}

fn me(token: &str) -> Ask {
    Ask::bare("GET", "/api/me").bearer(token)
}

// Proves std 20, 81.
#[tokio::test]
async fn a_process_whose_clock_is_behind_takes_no_proof_from_its_future() {
    let gateway = Gateway::new(all::routes).await;
    let token = gateway.token(&gateway.sign_in(Who::ADA).await).await;
    let behind = gateway.process_at(NOW.before(OFF));
    assert_eq!(code(&behind, &me(&token)).await, (401, "invalid_token".into()));

    let callback = behind.at_callback("/auth/login/one", Who::ADA).await;
    let answer = behind.send(&callback).await;
    assert_eq!(answer.refusal().as_deref(), Some("bad_id_token"));
    assert!(!answer.lets_in());
    // Put right, it takes both.
    behind.clock.set(NOW);
    assert_eq!(behind.send(&me(&token)).await.status, 200);
    behind.sign_in(Who::ADA).await;
}

// Proves std 20, 37, 40.
#[tokio::test]
async fn a_process_whose_clock_is_ahead_takes_no_proof_that_is_over_for_it() {
    let gateway = Gateway::new(all::routes).await;
    let code_of_client = gateway.client_code(Who::ADA).await;
    let callback = gateway.at_callback("/auth/login/one", Who::ADA).await;
    let token = gateway.token(&gateway.sign_in(Who::ADA).await).await;
    let ahead = gateway.process_at(NOW + OFF + OFF);
    assert_eq!(code(&ahead, &me(&token)).await, (401, "invalid_token".into()));
    let redeem = Gateway::redeem(&code_of_client);
    assert_eq!(code(&ahead, &redeem).await, (400, "invalid_grant".into()));
    let answer = ahead.send(&callback).await;
    assert_eq!(answer.refusal().as_deref(), Some("sign_in_lost"));
    // Nothing of it was used up: a process with the right clock takes all three.
    assert_eq!(gateway.send(&me(&token)).await.status, 200);
    assert_eq!(gateway.send(&redeem).await.status, 200);
    assert!(gateway.send(&callback).await.lets_in());
}

// Proves std 37, 60, 68.
#[tokio::test]
async fn no_clock_gives_anything_a_life_beyond_its_end() {
    let gateway = Gateway::new(all::routes).await;
    let cookie = gateway.sign_in(Who::ADA).await;
    let token = gateway.token(&cookie).await;
    let (_, refresh) = gateway.client_tokens(Who::ADA).await;
    // A process far behind extends, and refreshes, and gives a token.
    let behind = gateway.process_at(NOW.before(OFF));
    let extend = Ask::page_form("/auth/session/extend", &[]).cookie(&cookie);
    assert_eq!(behind.send(&extend).await.status, 200);
    let answer = behind.send(&Gateway::refresh(&refresh)).await;
    let refresh = answer.text("refresh_token").unwrap();
    let early = answer.text("access_token").unwrap();

    // All of it is over when the clocks that are right say so.
    gateway.clock.set(NOW + Duration::from_mins(15));
    assert_eq!(code(&gateway, &me(&token)).await.0, 401);
    assert_eq!(code(&gateway, &me(&early)).await.0, 401);
    gateway.clock.set(NOW + IDLE);
    assert_eq!(code(&gateway, &session(&cookie)).await.0, 401);
    gateway.clock.set(NOW + ABSOLUTE);
    assert_eq!(code(&gateway, &Gateway::refresh(&refresh)).await, (400, "invalid_grant".into()));
}

// Proves std 36, 37; L 15.
#[tokio::test]
async fn a_sign_out_by_a_clock_that_is_off_ends_the_session_for_every_clock() {
    for when in [NOW.before(OFF), NOW + OFF] {
        let gateway = Gateway::new(all::routes).await;
        let cookie = gateway.sign_in(Who::ADA).await;
        let token = gateway.token(&cookie).await;
        let other = gateway.process_at(when);
        let out = other.send(&Ask::page_form("/auth/logout", &[]).cookie(&cookie)).await;
        assert_eq!(out.status, 200);
        for process in [&gateway, &other, &gateway.second_process()] {
            assert_eq!(code(process, &session(&cookie)).await, (401, "sign_in_required".into()));
        }
        // Who only follows the feed may hear of it late, and never later than the token lives.
        gateway.clock.set(NOW + Duration::from_mins(15));
        assert_eq!(code(&gateway, &me(&token)).await, (401, "invalid_token".into()));
    }
}

// Proves L 5, 16.
#[tokio::test]
async fn what_was_remembered_by_a_clock_that_ran_ahead_is_asked_for_again() {
    let gateway = Gateway::new(all::routes).await;
    let cookie = gateway.sign_in(Who::ADA).await;
    let token = gateway.token(&cookie).await;
    let process = gateway.process_at(NOW + OFF);
    assert_eq!(process.send(&me(&token)).await.status, 200, "within its life");
    // The clock is put back. What was read by the wrong clock must not look ten minutes fresh.
    process.clock.set(NOW + SECOND);
    assert_eq!(process.send(&me(&token)).await.status, 200);
    let out = gateway.send(&Ask::page_form("/auth/logout", &[]).cookie(&cookie)).await;
    assert_eq!(out.status, 200);
    process.clock.set(process.clock.now() + Duration::from_secs(6));
    assert_eq!(code(&process, &me(&token)).await, (401, "invalid_token".into()));
}

#[tokio::test]
async fn a_sign_in_that_began_by_another_clock_is_finished_within_its_ten_minutes_or_never() {
    let gateway = Gateway::new(all::routes).await;
    // Begun by a process that runs ahead, the cookie tells an end that lies further away.
    let ahead = gateway.process_at(NOW + OFF);
    let callback = ahead.at_callback("/auth/login/one", Who::ADA).await;
    assert!(gateway.send(&callback).await.lets_in());
    assert_eq!(
        gateway.send(&callback).await.refusal().as_deref(),
        Some("sign_in_used"),
        "and its mark lasts as long as the cookie"
    );
    gateway.clock.set((NOW + OFF + OFF).before(SECOND));
    let again = gateway.send(&callback).await;
    assert_eq!(again.refusal().as_deref(), Some("sign_in_used"));
    gateway.clock.set(NOW + OFF + OFF);
    let late = gateway.send(&callback).await;
    assert_eq!(late.refusal().as_deref(), Some("sign_in_lost"));
}
