//! What is believed of a provider's documents, and for how long.

use std::time::Duration;

use gatelet_core::identity::Asked;
use serde_json::{Value, json};

use crate::house::{House, NOW, is_outage};
use crate::played::{KEY, OTHER, jwk};

const ASKED: Asked<'_> = Asked {
    state: "s",
    nonce: "n",
    challenge: "c",
    redirect_uri: "https://gate.example/auth/callback/corp",
    max_age: None,
    acr_values: None,
    login_hint: None,
    prompt: None,
};

const LOCAL: &str = "kind = \"oidc\"\nissuer = \"http://127.0.0.1:9000\"\ntenant_claim = \"org\"";

async fn is_believed(house: &House) -> bool {
    house.identity().authorization_url(&house.provider, &ASKED, NOW).await.is_ok()
}

// Proves std 26.
#[tokio::test]
async fn a_document_of_another_issuer_is_not_believed() {
    for lie in ["https://evil.example", "https://idp.example/", "https://IDP.example", ""] {
        let house = House::new();
        house.played.set(|state| state.discovery["issuer"] = json!(lie));
        assert!(is_outage(&house.redeem().await), "{lie:?}");
        assert_eq!(house.played.count("/token"), 0, "{lie:?}");
    }
}

// Proves std 27.
#[tokio::test]
async fn endpoints_without_tls_or_inside_our_network_are_not_believed() {
    for member in ["authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"] {
        for lie in [
            "http://idp.example/x",
            "http://localhost/x",
            "https://localhost/x",
            "https://127.0.0.1/x",
            "https://[::1]/x",
            "https://169.254.169.254/latest",
            "https://10.0.0.1/x",
            "https://user:word@idp.example/x",
            "https://idp.example/x#fragment",
            "javascript:alert(1)",
            "/x",
        ] {
            let house = House::new();
            house.played.set(|state| state.discovery[member] = json!(lie));
            assert!(!is_believed(&house).await, "{member} {lie}");
        }
    }
}

// Proves std 27.
#[tokio::test]
async fn the_loopback_needs_no_tls_on_ones_own_machine_and_nowhere_else() {
    let own = House::with(LOCAL, "http://localhost:8080");
    own.redeem().await.unwrap();
    let again = House::with(LOCAL, "http://localhost:8080");
    again.played.set(|state| state.discovery["jwks_uri"] = json!("http://idp.example/keys"));
    assert!(!is_believed(&again).await);
}

// Proves L 16.
#[tokio::test]
async fn documents_are_asked_for_once_while_they_are_fresh() {
    let house = House::new();
    house.played.set(|state| state.max_age = Some(Duration::from_mins(10)));
    for minutes in [0, 3, 9] {
        let now = NOW + Duration::from_mins(minutes);
        house.played.set(|state| {
            state.claims.insert("iat".into(), json!(now.secs()));
            state.claims.insert("exp".into(), json!(now.secs() + 60));
        });
        house.redeem_at(now).await.unwrap();
    }
    assert_eq!(house.played.count("/keys"), 1);
    assert_eq!(house.played.count("/.well-known/openid-configuration"), 1);
    let _ = house.redeem_at(NOW + Duration::from_mins(10)).await;
    assert_eq!(house.played.count("/keys"), 2);
}

// Proves L 16.
#[tokio::test]
async fn freshness_has_a_least_and_a_greatest() {
    for (said, kept, gone) in [
        (Some(Duration::ZERO), Duration::from_mins(4), Duration::from_mins(5)),
        (Some(Duration::MAX), Duration::from_hours(23), Duration::from_hours(24)),
        (None, Duration::from_mins(59), Duration::from_hours(1)),
    ] {
        let house = House::new();
        house.played.set(|state| state.max_age = said);
        house.redeem().await.unwrap();
        let _ = house.redeem_at(NOW + kept).await;
        assert_eq!(house.played.count("/keys"), 1, "{said:?}");
        let _ = house.redeem_at(NOW + gone).await;
        assert_eq!(house.played.count("/keys"), 2, "{said:?}");
    }
}

// Proves std 28; L 16.
#[tokio::test]
async fn the_last_good_documents_stay_in_use_while_the_provider_lies_about_them() {
    let house = House::new();
    house.redeem().await.unwrap();
    house.played.set(|state| {
        state.discovery["issuer"] = json!("https://evil.example");
        state.discovery["token_endpoint"] = json!("https://evil.example/token");
        state.keys = Vec::new();
    });
    let later = NOW + Duration::from_hours(2);
    sign_at(&house, later.secs());
    house.redeem_at(later).await.unwrap();
    assert_eq!(house.played.count("evil.example/token"), 0);
    // Nor is the provider asked again with each sign-in.
    house.redeem_at(later + Duration::from_secs(29)).await.unwrap();
    assert_eq!(house.played.count("/keys"), 2);
    // And it is not believed for ever.
    let much_later = NOW + Duration::from_hours(25);
    sign_at(&house, much_later.secs());
    assert!(is_outage(&house.redeem_at(much_later).await));
}

fn sign_at(house: &House, secs: u64) {
    house.played.set(|state| {
        state.claims.insert("iat".into(), json!(secs));
        state.claims.insert("exp".into(), json!(secs + 60));
    });
}

// Proves std 28.
#[tokio::test]
async fn a_provider_that_is_away_costs_no_sign_in_its_keys() {
    let house = House::new();
    house.redeem().await.unwrap();
    house.played.set(|state| state.down = true);
    let later = NOW + Duration::from_hours(2);
    assert!(house.identity().authorization_url(&house.provider, &ASKED, later).await.is_ok());
    assert!(is_outage(&house.redeem_at(later).await));
    house.played.set(|state| state.down = false);
    sign_at(&house, later.secs());
    house.redeem_at(later + Duration::from_secs(1)).await.unwrap();
}

#[tokio::test]
async fn a_provider_that_never_answered_is_an_outage_and_asked_again() {
    let house = House::new();
    house.played.set(|state| state.down = true);
    assert!(is_outage(&house.redeem().await));
    house.played.set(|state| state.down = false);
    house.redeem().await.unwrap();
}

#[tokio::test]
async fn several_sign_ins_at_once_ask_once() {
    let house = House::new();
    let (one, two, three) = tokio::join!(house.redeem(), house.redeem(), house.redeem());
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(house.played.count("/keys"), 1);
    assert_eq!(house.played.count("/.well-known/openid-configuration"), 1);
}

#[tokio::test]
async fn keys_that_cannot_be_used_do_not_spoil_those_that_can() {
    let house = House::new();
    house.played.set(|state| {
        state.keys = vec![
            Value::Null,
            json!({ "kty": "OKP", "crv": "Ed25519", "x": "AAAA" }),
            json!({ "kty": "RSA", "n": 7 }),
            jwk("second", &OTHER),
            jwk("first", &KEY),
        ];
    });
    house.redeem().await.unwrap();
}
