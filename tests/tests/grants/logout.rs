//! Signing out, here and everywhere.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use gatelet_contracts::records::Last;
use gatelet_core::session::{IDLE, SessionKey};
use gatelet_edge::CSRF_HEADER;

use crate::stage::{Answer, Stage, cookie, posted};

const EVERYWHERE: [(&str, &str); 1] = [("everywhere", "true")];

/// The one cookie that an answer sets.
fn set_cookie(answer: &Answer) -> &str {
    let mut set = answer.headers.get_all(header::SET_COOKIE).iter();
    let (Some(one), None) = (set.next(), set.next()) else { panic!("one Set-Cookie") };
    one.to_str().unwrap()
}

const GONE: &str = "__Host-bff_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure";

// Proves std 97; L 6.
#[tokio::test]
async fn signing_out_ends_the_session_its_tokens_and_its_cookie() {
    let stage = Stage::new().await;
    let (key, other) = (stage.session("acme/ada").await, stage.session("acme/ada").await);
    let token = stage.page("/auth/token", &key, &[]).await.ok().text("access_token");
    let answer = stage.page("/auth/logout", &key, &[]).await.ok();
    assert_eq!(set_cookie(&answer), GONE);
    assert_eq!(answer.headers["clear-site-data"], "\"cache\"", "going back shows nothing");
    assert_eq!(stage.page("/auth/token", &key, &[]).await.problem().0, 401);
    assert!(!stage.is_good(&token).await);
    assert!(stage.is_live(&other).await, "this one alone");
    assert_eq!(stage.told("session.end").await, ["ok"]);
}

// Proves std 108.
#[tokio::test]
async fn whoever_is_signed_out_already_has_signed_out() {
    let stage = Stage::new().await;
    let key = stage.session("acme/ada").await;
    for _ in 0..2 {
        let answer = stage.page("/auth/logout", &key, &[]).await.ok();
        assert_eq!(set_cookie(&answer), GONE);
    }
    let never = SessionKey::draw(&*stage.parts.random);
    stage.page("/auth/logout", &never, &[]).await.ok();
    let without = [(CSRF_HEADER, "1"), ("sec-fetch-site", "same-origin")];
    let answer = stage.send(posted("/auth/logout", &[], &without)).await.ok();
    assert_eq!(set_cookie(&answer), GONE);
    stage.clock.advance(IDLE);
    let idle = stage.session("acme/ada").await;
    stage.clock.advance(IDLE);
    stage.page("/auth/logout", &idle, &[]).await.ok();
}

// Proves std 71; L 6.
#[tokio::test]
async fn signing_out_everywhere_ends_all_that_the_person_began_and_nothing_of_others() {
    let stage = Stage::new().await;
    let (key, phone) = (stage.session("acme/ada").await, stage.session("acme/ada").await);
    let (hers, his) = (stage.client("acme/ada").await, stage.client("acme/bob").await);
    let bob = stage.session("acme/bob").await;
    let answer = stage.page("/auth/logout", &key, &EVERYWHERE).await.ok();
    assert_eq!(set_cookie(&answer), GONE);
    for session in [&key, &phone] {
        assert!(!stage.is_live(session).await);
    }
    assert_eq!(stage.refresh(&hers.refresh).await.error(), (400, "invalid_grant".into()));
    assert!(!stage.is_good(&hers.access).await);
    assert!(stage.is_live(&bob).await && stage.is_good(&his.access).await);
    stage.refresh(&his.refresh).await.ok();
    let later = stage.session("acme/ada").await;
    assert!(stage.is_live(&later).await, "she can sign in again");
    stage.page("/auth/logout", &key, &EVERYWHERE).await.ok();
    stage.page("/auth/logout", &phone, &EVERYWHERE).await.ok();
    assert!(stage.is_live(&later).await, "a key that is over ends nothing that came after it");
}

#[tokio::test]
async fn signing_out_everywhere_takes_somebody_who_is_signed_in() {
    let stage = Stage::new().await;
    let (key, other) = (stage.session("acme/ada").await, stage.session("acme/ada").await);
    stage.page("/auth/logout", &key, &[]).await.ok();
    let never = SessionKey::draw(&*stage.parts.random);
    for key in [&key, &never] {
        let answer = stage.page("/auth/logout", key, &EVERYWHERE).await;
        assert_eq!(answer.problem(), (401, "sign_in_required".into()), "nothing false is said");
    }
    assert!(stage.is_live(&other).await);
    let odd = stage.page("/auth/logout", &other, &[("everywhere", "yes")]).await;
    assert_eq!(odd.problem(), (400, "bad_request".into()));
    assert!(stage.is_live(&other).await);
}

// Proves std 44, 111.
#[tokio::test]
async fn nobody_elses_page_signs_anybody_out() {
    let stage = Stage::new().await;
    let key = stage.session("acme/ada").await;
    let cookie = cookie(&key);
    for headers in [
        &[("cookie", &*cookie)][..],
        &[("cookie", &*cookie), ("sec-fetch-site", "cross-site"), (CSRF_HEADER, "1")],
        &[("cookie", &*cookie), ("origin", "null"), (CSRF_HEADER, "1")],
    ] {
        let answer = stage.send(posted("/auth/logout", &[], headers)).await;
        assert_eq!(answer.problem(), (403, "not_from_our_page".into()));
        assert!(!answer.headers.contains_key(header::SET_COOKIE));
    }
    for headers in [&[][..], &[(CSRF_HEADER, "1"), ("sec-fetch-site", "same-origin")]] {
        let request = Request::get("/auth/logout").header(header::HOST, "gate.example");
        let request = request.header(header::COOKIE, &*cookie);
        let request = headers.iter().fold(request, |r, (k, v)| r.header(*k, *v));
        let answer = stage.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(answer.headers.get(header::LOCATION).unwrap(), "/");
        assert!(!answer.headers.contains_key(header::SET_COOKIE));
    }
    assert!(stage.is_live(&key).await);
}

// Proves std 73; L 5, 6.
#[tokio::test]
async fn an_outage_keeps_the_cookie_and_the_next_try_ends_what_the_first_began() {
    for form in [&[][..], &EVERYWHERE] {
        let stage = Stage::new().await;
        let (key, phone) = (stage.session("acme/ada").await, stage.session("acme/ada").await);
        let token = stage.page("/auth/token", &phone, &[]).await.ok().text("access_token");
        let own = stage.page("/auth/token", &key, &[]).await.ok().text("access_token");
        let mut breaks = 0;
        loop {
            stage.records.break_after(breaks);
            let answer = stage.page("/auth/logout", &key, form).await;
            stage.records.mend();
            if answer.status == StatusCode::OK {
                break;
            }
            answer.is_away();
            breaks += 1;
        }
        assert!(breaks >= 4, "each step was taken away: {breaks}");
        assert!(!stage.is_live(&key).await);
        assert!(!stage.is_good(&own).await, "told to every verifier");
        assert_eq!(stage.is_live(&phone).await, form.is_empty());
        assert_eq!(stage.is_good(&token).await, form.is_empty());
        let action = if form.is_empty() { "session.end" } else { "session.end_everywhere" };
        assert!(!stage.told(action).await.is_empty());
    }
    for last in [Last::Applied, Last::Lost] {
        let stage = Stage::new().await;
        let key = stage.session("acme/ada").await;
        stage.clock.advance(Duration::from_secs(1));
        stage.records.lose_after(0, last);
        stage.page("/auth/logout", &key, &EVERYWHERE).await.is_away();
        stage.records.mend();
        stage.page("/auth/logout", &key, &EVERYWHERE).await.ok();
        assert!(!stage.is_live(&key).await);
    }
}

/// The sessions that a person's own page lists.
async fn listed(stage: &Stage, key: &SessionKey) -> Vec<serde_json::Value> {
    let answer = stage.send(asked(Method::GET, "/auth/sessions", key)).await.ok();
    answer.json().get("sessions").unwrap().as_array().unwrap().clone()
}

fn asked(method: Method, path: &str, key: &SessionKey) -> Request<Body> {
    let request = Request::builder().method(method).uri(path).header(header::HOST, "gate.example");
    let ours = [("cookie", &*cookie(key)), (CSRF_HEADER, "1"), ("sec-fetch-site", "same-origin")];
    ours.iter().fold(request, |r, (k, v)| r.header(*k, *v)).body(Body::empty()).unwrap()
}

fn end(id: &serde_json::Value, key: &SessionKey) -> Request<Body> {
    asked(Method::DELETE, &format!("/auth/sessions/{}", id.as_str().unwrap()), key)
}

// Proves L 33.
#[tokio::test]
async fn a_person_sees_their_own_sessions_and_ends_one_of_them() {
    let stage = Stage::new().await;
    let phone = stage.session("acme/ada").await;
    stage.clock.advance(Duration::from_secs(1));
    let (desk, bob) = (stage.session("acme/ada").await, stage.session("acme/bob").await);
    let elsewhere = stage.session("globex/ada").await;
    let token = stage.page("/auth/token", &phone, &[]).await.ok().text("access_token");
    let sessions = listed(&stage, &desk).await;
    assert_eq!(sessions.len(), 2, "not those of others, and not those of another tenant");
    assert_eq!(
        (&sessions[0]["current"], &sessions[1]["current"]),
        (&true.into(), &false.into()),
        "the newest first"
    );
    let names: Vec<&String> = sessions[0].as_object().unwrap().keys().collect();
    let members = ["begun_at", "browser", "current", "ends_at", "id", "idle_ends_at", "provider"];
    assert_eq!(names, members);
    for _ in 0..2 {
        let answer = stage.send(end(&sessions[1]["id"], &desk)).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "also a second time");
        assert!(!answer.headers.contains_key(header::SET_COOKIE));
    }
    assert!(!stage.is_live(&phone).await && stage.is_live(&desk).await);
    assert!(stage.is_live(&elsewhere).await && stage.is_live(&bob).await);
    assert!(!stage.is_good(&token).await, "its tokens are over too");
    assert_eq!(listed(&stage, &desk).await.len(), 1);
    assert!(stage.told("session.end").await.iter().all(|outcome| outcome == "ok"));
    let answer = stage.send(end(&sessions[0]["id"], &desk)).await;
    assert_eq!((answer.status, set_cookie(&answer)), (StatusCode::NO_CONTENT, GONE));
    assert!(!stage.is_live(&desk).await);
}

// Proves L 47.
#[tokio::test]
async fn a_session_of_somebody_else_is_none_and_stays() {
    let stage = Stage::new().await;
    let ada = stage.session("acme/ada").await;
    for other in ["acme/bob", "globex/ada"] {
        let theirs = stage.session(other).await;
        let id = listed(&stage, &theirs).await[0]["id"].clone();
        let answer = stage.send(end(&id, &ada)).await;
        assert_eq!(answer.problem(), (404, "not_found".into()), "{other}");
        assert!(stage.is_live(&theirs).await);
    }
    for id in ["0".repeat(32), "x".into(), "a%20b".into(), "a".repeat(300)] {
        let answer = stage.send(end(&id.as_str().into(), &ada)).await;
        assert_eq!(answer.problem(), (404, "not_found".into()), "{id}");
    }
    let mut strange = end(&"x".into(), &ada);
    strange.headers_mut().remove(CSRF_HEADER);
    assert_eq!(stage.send(strange).await.problem(), (403, "not_from_our_page".into()));
}
