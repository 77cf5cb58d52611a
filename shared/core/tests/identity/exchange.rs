//! The way to the provider and back.

use std::collections::HashMap;
use std::time::Duration;

use gatelet_core::identity::SignInError;
use gatelet_core::identity::{Asked, Leaving, Refusal};
use gatelet_core::outage::Effect;
use gatelet_core::secrets::SecretBytes;
use serde_json::json;

use crate::house::{House, NOW, is_outage, refusal};

const BACK: &str = "https://gate.example/auth/callback/corp";

fn asked() -> Asked<'static> {
    Asked {
        state: "a state & more",
        nonce: "a nonce",
        challenge: "a-challenge",
        redirect_uri: BACK,
        max_age: Some(Duration::from_mins(5)),
        acr_values: Some("phr mfa"),
        login_hint: None,
        prompt: Some("login"),
    }
}

// Proves std 2, 3, 5.
#[tokio::test]
async fn a_sign_in_asks_for_a_code_with_pkce_state_and_nonce() {
    let house = House::new();
    let url = house.identity().authorization_url(&house.provider, &asked(), NOW).await.unwrap();
    assert!(url.as_str().starts_with("https://idp.example/authorize?of=us&"));
    let sent: HashMap<String, String> = url.query_pairs().into_owned().collect();
    let expected = [
        ("of", "us"),
        ("response_type", "code"),
        ("client_id", "gate"),
        ("redirect_uri", BACK),
        ("scope", "openid profile email"),
        ("state", "a state & more"),
        ("nonce", "a nonce"),
        ("code_challenge", "a-challenge"),
        ("code_challenge_method", "S256"),
        ("max_age", "300"),
        ("acr_values", "phr mfa"),
        ("prompt", "login"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(sent, HashMap::from(expected));
}

// Proves std 3.
#[tokio::test]
async fn the_code_is_redeemed_once_with_its_verifier_and_its_address() {
    let house = House::new();
    let redeemed = house.redeem().await.unwrap();
    let sent = house.played.asked("/token");
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].field("grant_type"), Some("authorization_code"));
    assert_eq!(sent[0].field("code"), Some("the code"));
    assert_eq!(sent[0].field("code_verifier"), Some("the verifier"));
    assert_eq!(sent[0].field("redirect_uri"), Some(BACK));
    assert_eq!(redeemed.refresh_token.unwrap().expose(), b"a refresh token");
    assert!(redeemed.id_token.expose().starts_with(b"ey"));
}

// Proves std 9.
#[tokio::test]
async fn an_answer_that_names_another_issuer_is_refused() {
    let house = House::new();
    house.check_response_issuer(Some("https://idp.example")).await.unwrap();
    for lie in ["https://evil.example", "https://idp.example/", "https://IDP.example", ""] {
        assert_eq!(
            refusal(house.check_response_issuer(Some(lie)).await),
            Refusal::WrongIssuer,
            "{lie:?}"
        );
    }
}

// Proves std 11.
#[tokio::test]
async fn an_answer_without_the_promised_issuer_is_refused() {
    let silent = House::new();
    silent.check_response_issuer(None).await.unwrap();
    let promising = House::new();
    promising.played.set(|state| {
        state.discovery["authorization_response_iss_parameter_supported"] = json!(true);
    });
    let outcome = promising.check_response_issuer(None).await;
    assert_eq!(refusal(outcome), Refusal::WrongIssuer);
}

#[tokio::test]
async fn a_code_that_the_provider_does_not_take_is_refused_and_not_tried_again() {
    for error in ["invalid_grant", "interaction_required", "access_denied", "\n\x1b[31m"] {
        let house = House::new();
        let body = json!({ "error": error, "error_description": "no" }).to_string();
        house.played.set(|state| state.answer = Some((400, body.into_bytes())));
        assert_eq!(refusal(house.redeem().await), Refusal::ProviderRefused);
        assert_eq!(house.played.count("/token"), 1);
    }
}

#[tokio::test]
async fn a_broken_answer_to_the_code_is_an_outage_of_unknown_effect_and_not_tried_again() {
    for (status, body) in [
        (500, "{}"),
        (503, r#"{"error":"temporarily_unavailable"}"#),
        (429, "slow down"),
        (302, ""),
        (404, r#"{"error":"invalid_grant"}"#),
        (200, "<html>"),
        (200, "[]"),
    ] {
        let house = House::new();
        house.played.set(|state| state.answer = Some((status, body.into())));
        match house.redeem().await {
            Err(SignInError::Outage(outage)) => assert_eq!(outage.effect, Effect::Unknown),
            _ => panic!("{status} {body} is no outage"),
        }
        assert_eq!(house.played.count("/token"), 1);
    }
}

#[tokio::test]
async fn an_answer_without_an_id_token_proves_nothing() {
    let house = House::new();
    house.played.set(|state| state.answer = Some((200, br#"{"access_token":"a"}"#.to_vec())));
    assert_eq!(refusal(house.redeem().await), Refusal::BadIdToken);
}

#[tokio::test]
async fn a_provider_that_is_away_when_the_code_comes_is_an_outage() {
    let house = House::new();
    house.redeem().await.unwrap();
    house.played.set(|state| state.down = true);
    assert!(is_outage(&house.redeem().await));
}

#[tokio::test]
async fn somebody_who_leaves_is_taken_to_the_provider_with_all_that_it_wants() {
    let house = House::new();
    let token = SecretBytes::new(b"an.id.token".to_vec());
    let leaving = Leaving {
        id_token_hint: Some(&token),
        post_logout_redirect_uri: Some("https://gate.example/"),
        state: Some("s"),
    };
    let url = house.identity().end_session_url(&house.provider, &leaving, NOW).await.unwrap();
    assert_eq!(
        url.unwrap().as_str(),
        "https://idp.example/leave?client_id=gate&id_token_hint=an.id.token\
         &post_logout_redirect_uri=https%3A%2F%2Fgate.example%2F&state=s"
    );
    let without = House::new();
    without.played.set(|state| {
        state.discovery.as_object_mut().unwrap().remove("end_session_endpoint");
    });
    let none = without.identity().end_session_url(&without.provider, &leaving, NOW).await.unwrap();
    assert_eq!(none, None);
}
