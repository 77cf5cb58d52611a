//! What an ID token must say (OpenID Connect Core §3.1.3.7).

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatelet_core::clock::Timestamp;
use gatelet_core::identity::Refusal;
use serde_json::{Value, json};

use crate::house::{House, NOW, refusal};
use crate::played::{ACCESS, KEY, sign};

#[tokio::test]
async fn a_token_that_keeps_every_rule_proves_what_it_says() {
    let facts = House::new().facts().await;
    assert_eq!(facts.provider, "corp");
    assert_eq!(facts.person.issuer, "https://idp.example");
    assert_eq!(facts.person.subject, "248289761001");
    assert_eq!(facts.tenant_claim.as_deref(), Some("acme"));
    assert_eq!(facts.groups, ["staff", "admins"]);
    assert_eq!(facts.provider_session.as_deref(), Some("their session"));
    assert_eq!(facts.name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(facts.email.as_deref(), Some("ada@acme.example"));
}

// Proves std 5, 15.
#[tokio::test]
async fn the_nonce_of_another_sign_in_or_none_is_refused_although_pkce_is_not_announced() {
    let house = House::new();
    for lie in [None, Some(json!("of another sign-in")), Some(json!("")), Some(json!(7))] {
        let outcome = house.with_claim("nonce", lie).await;
        assert_eq!(refusal(outcome), Refusal::NonceMismatch);
    }
}

// Proves std 16.
#[tokio::test]
async fn an_issuer_that_is_not_exactly_the_providers_is_refused() {
    let house = House::new();
    for lie in [
        None,
        Some(json!("https://idp.example/")),
        Some(json!("HTTPS://idp.example")),
        Some(json!("https://evil.example")),
        Some(json!(["https://idp.example"])),
    ] {
        assert_eq!(refusal(house.with_claim("iss", lie).await), Refusal::WrongIssuer);
    }
}

// Proves std 17, 18.
#[tokio::test]
async fn a_token_for_another_client_or_for_one_more_is_refused() {
    let house = House::new();
    for (claim, lie) in [
        ("aud", None),
        ("aud", Some(json!("another"))),
        ("aud", Some(json!([]))),
        ("aud", Some(json!(["gate", "another"]))),
        ("aud", Some(json!(["gate", 7]))),
        ("azp", Some(json!("another"))),
        ("azp", Some(Value::Null)),
    ] {
        let outcome = house.with_claim(claim, lie.clone()).await;
        assert_eq!(refusal(outcome), Refusal::BadIdToken, "{claim} {lie:?}");
    }
    house.with_claim("aud", Some(json!(["gate"]))).await.unwrap();
    house.with_claim("azp", Some(json!("gate"))).await.unwrap();
}

// Proves std 20.
#[tokio::test]
async fn time_is_judged_by_our_clock_with_a_minute_of_grace() {
    let house = House::new();
    let now = NOW.secs();
    for (claim, lie) in [
        ("exp", None),
        ("exp", Some(json!(now - 60))),
        ("exp", Some(json!("soon"))),
        ("exp", Some(json!(-1))),
        ("exp", Some(json!(1e300))),
        ("iat", None),
        ("iat", Some(json!(now + 61))),
        ("iat", Some(json!(now - 601))),
        ("nbf", Some(json!(now + 61))),
        ("nbf", Some(json!("now"))),
    ] {
        let outcome = house.with_claim(claim, lie.clone()).await;
        assert_eq!(refusal(outcome), Refusal::BadIdToken, "{claim} {lie:?}");
    }
    for (claim, truth) in [
        ("exp", json!(now - 59)),
        ("exp", json!(4_102_444_741.5)),
        ("iat", json!(now + 60)),
        ("iat", json!(now - 600)),
        ("nbf", json!(now + 60)),
    ] {
        house.with_claim(claim, Some(truth)).await.unwrap();
    }
}

// Proves std 21.
#[tokio::test]
async fn a_token_that_came_beside_another_access_token_is_refused() {
    let house = House::new();
    let hash =
        |token: &str| URL_SAFE_NO_PAD.encode(&digest(&SHA256, token.as_bytes()).as_ref()[..16]);
    house.with_claim("at_hash", Some(json!(hash(ACCESS)))).await.unwrap();
    for lie in [json!(hash("another")), json!(""), Value::Null] {
        let outcome = house.with_claim("at_hash", Some(lie)).await;
        assert_eq!(refusal(outcome), Refusal::BadIdToken);
    }
}

// Proves std 21.
#[tokio::test]
async fn a_token_that_speaks_of_an_access_token_that_did_not_come_is_refused() {
    let house = House::new();
    house.played.set(|state| {
        state.claims.insert("at_hash".into(), json!("AAAA"));
        let id_token = sign(&state.header, &Value::Object(state.claims.clone()), &KEY);
        state.answer = Some((200, json!({ "id_token": id_token }).to_string().into_bytes()));
    });
    assert_eq!(refusal(house.redeem().await), Refusal::BadIdToken);
}

// Proves std 22.
#[tokio::test]
async fn a_sign_in_older_than_was_asked_for_is_refused() {
    let mut house = House::new();
    house.max_age = Some(Duration::from_mins(5));
    let now = NOW.secs();
    for stale in [None, Some(json!(now - 361)), Some(json!(0))] {
        assert_eq!(refusal(house.with_claim("auth_time", stale).await), Refusal::SignInTooOld);
    }
    let ahead = house.with_claim("auth_time", Some(json!(now + 61))).await;
    assert_eq!(refusal(ahead), Refusal::BadIdToken);
    let recent = house.with_claim("auth_time", Some(json!(now - 300))).await.unwrap();
    assert_eq!(recent.facts.auth_time, Some(Timestamp::from_secs(now - 300)));
}

// Proves std 22.
#[tokio::test]
async fn a_sign_in_weaker_than_was_asked_for_is_refused() {
    let mut house = House::new();
    house.acr_values = Some("phr mfa");
    for weak in [None, Some(json!("pwd")), Some(json!("")), Some(json!("phr mfa"))] {
        assert_eq!(refusal(house.with_claim("acr", weak).await), Refusal::SignInTooWeak);
    }
    let strong = house.with_claim("acr", Some(json!("mfa"))).await.unwrap();
    assert_eq!(strong.facts.acr.as_deref(), Some("mfa"));
}

#[tokio::test]
async fn a_subject_that_no_provider_may_choose_is_refused() {
    let house = House::new();
    for lie in [None, Some(json!("")), Some(json!("x".repeat(256))), Some(json!("ädä"))] {
        assert_eq!(refusal(house.with_claim("sub", lie).await), Refusal::BadIdToken);
    }
}

// Proves L 25.
#[tokio::test]
async fn a_group_claim_that_is_no_list_of_groups_gives_no_smaller_role() {
    let house = House::new();
    for lie in [json!({ "staff": true }), json!(["staff", 7]), json!(true)] {
        let outcome = house.with_claim("groups", Some(lie)).await;
        assert_eq!(refusal(outcome), Refusal::BadIdToken);
    }
    let many: Vec<String> = (0..501).map(|number| number.to_string()).collect();
    let outcome = house.with_claim("groups", Some(json!(many))).await;
    assert_eq!(refusal(outcome), Refusal::TooManyGroups);
}

#[tokio::test]
async fn an_address_that_nobody_verified_is_not_kept() {
    let house = House::new();
    for unproved in [None, Some(json!(false)), Some(json!("true")), Some(json!(1))] {
        let redeemed = house.with_claim("email_verified", unproved).await.unwrap();
        assert_eq!(redeemed.facts.email, None);
    }
}

// Proves L 11.
#[tokio::test]
async fn a_provider_without_sessions_or_refresh_tokens_signs_people_in_too() {
    let house = House::new();
    let redeemed = house.with_claim("sid", None).await.unwrap();
    assert_eq!(redeemed.facts.provider_session, None);
}
