//! How we prove to a provider who we are, also while a secret is replaced.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use std::time::Duration;

use gatelet_core::identity::Refusal;
use serde_json::{Value, json};

use crate::house::{House, NOW, is_outage, refusal};
use crate::played::{OTHER, pkcs8, public};

const OIDC: &str = "kind = \"oidc\"\nissuer = \"https://idp.example\"\ntenant_claim = \"org\"";

fn house(authentication: &str) -> House {
    House::with(&format!("{OIDC}\nclient_authentication = \"{authentication}\""), "")
}

// Proves std 1.
#[tokio::test]
async fn a_secret_in_a_header_is_encoded_as_a_form_first() {
    let mut house = house("client_secret_basic");
    house.provider.client_id = "ga te:1".into();
    house.vault.add("p%ss wörd+".as_bytes());
    house.played.set(|state| {
        state.claims.insert("aud".into(), json!("ga te:1"));
    });
    house.redeem().await.unwrap();
    let sent = &house.played.asked("/token")[0];
    let encoded = sent.authorization.as_deref().unwrap().strip_prefix("Basic ").unwrap();
    assert_eq!(STANDARD.decode(encoded).unwrap(), b"ga+te%3A1:p%25ss+w%C3%B6rd%2B");
    assert_eq!(sent.field("client_secret"), None);
}

// Proves std 1.
#[tokio::test]
async fn a_secret_in_the_form_stands_there_and_nowhere_else() {
    let house = house("client_secret_post");
    house.redeem().await.unwrap();
    let sent = &house.played.asked("/token")[0];
    assert_eq!(sent.field("client_id"), Some("gate"));
    assert_eq!(sent.field("client_secret"), Some("the secret"));
    assert_eq!(sent.authorization, None);
    assert!(!sent.path.contains('?'));
}

// Proves std 30.
#[tokio::test]
async fn a_key_of_ours_signs_a_proof_for_this_provider_that_lives_a_minute() {
    let der = pkcs8(&OTHER);
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(&der)
    );
    let mut seen = Vec::new();
    for secret in [der, pem.into_bytes()] {
        let house = house("private_key_jwt");
        house.vault.add(&secret);
        house.redeem().await.unwrap();
        house.redeem().await.unwrap();
        for sent in house.played.asked("/token") {
            let sort = sent.field("client_assertion_type");
            assert_eq!(sort, Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
            assert_eq!((sent.field("client_secret"), sent.authorization.as_ref()), (None, None));
            let assertion = sent.field("client_assertion").unwrap();
            let (message, signature) = assertion.rsplit_once('.').unwrap();
            let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
            assert!(public(&OTHER).verifies(message.as_bytes(), &signature));
            let parts: Vec<Value> = message
                .split('.')
                .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
                .collect();
            assert_eq!(parts[0]["alg"], "RS256");
            assert_eq!(parts[0]["kid"], public(&OTHER).thumbprint().as_str());
            assert_eq!((&parts[1]["iss"], &parts[1]["sub"]), (&json!("gate"), &json!("gate")));
            assert_eq!(parts[1]["aud"], "https://idp.example");
            assert_eq!(parts[1]["exp"], NOW.secs() + 60);
            seen.push(parts[1]["jti"].as_str().unwrap().to_owned());
        }
    }
    assert_ne!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_key_that_is_none_is_an_outage_and_sends_nothing() {
    let house = house("private_key_jwt");
    for broken in ["no key", "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----"] {
        house.vault.add(broken.as_bytes());
        assert!(is_outage(&house.redeem().await));
    }
    assert_eq!(house.played.count("/token"), 0);
}

#[tokio::test]
async fn a_secret_is_read_once_in_five_minutes() {
    let house = house("client_secret_post");
    for seconds in [0, 60, 299] {
        house.redeem_at(NOW + Duration::from_secs(seconds)).await.unwrap();
    }
    assert_eq!(house.vault.reads(), 1);
    for seconds in [300, 301, 359] {
        house.redeem_at(NOW + Duration::from_secs(seconds)).await.unwrap();
        assert_eq!(house.vault.reads(), 2);
    }
}

#[tokio::test]
async fn a_secret_that_was_replaced_costs_nobody_a_sign_in() {
    let house = house("client_secret_post");
    house.played.set(|state| state.accepts = Some("the secret".into()));
    house.redeem().await.unwrap();
    // The vault has the new one, and the provider takes the old one no longer.
    house.vault.add(b"the next secret");
    house.played.set(|state| state.accepts = Some("the next secret".into()));
    let (one, two) = tokio::join!(house.redeem(), house.redeem());
    assert!(one.is_ok() && two.is_ok());
    let before = house.played.count("/token");
    house.redeem().await.unwrap();
    assert_eq!(house.played.count("/token"), before + 1, "the one that worked is remembered");
}

#[tokio::test]
async fn a_secret_that_the_provider_does_not_know_yet_costs_nobody_a_sign_in() {
    let house = house("client_secret_post");
    house.played.set(|state| state.accepts = Some("the secret".into()));
    house.vault.add(b"the next secret");
    house.redeem().await.unwrap();
    assert_eq!(house.played.count("/token"), 2);
    house.redeem().await.unwrap();
    assert_eq!(house.played.count("/token"), 3, "the one that worked is remembered");
}

#[tokio::test]
async fn a_secret_that_no_version_of_is_accepted_is_an_outage_after_two_tries() {
    let house = house("client_secret_post");
    house.vault.add(b"the next secret");
    house.vault.add(b"and one more");
    house.played.set(|state| state.accepts = Some("the secret".into()));
    assert!(is_outage(&house.redeem().await));
    let tried: Vec<Option<String>> = house
        .played
        .asked("/token")
        .iter()
        .map(|sent| sent.field("client_secret").map(str::to_owned))
        .collect();
    assert_eq!(tried, [Some("and one more".into()), Some("the next secret".into())]);
}

#[tokio::test]
async fn a_vault_that_is_away_is_an_outage_before_the_code_is_spent() {
    let house = house("client_secret_post");
    house.vault.set_down(true);
    assert!(is_outage(&house.redeem().await));
    assert_eq!(house.played.count("/token"), 0);
}

#[tokio::test]
async fn other_errors_do_not_make_us_try_other_secrets() {
    let house = house("client_secret_post");
    house.vault.add(b"the next secret");
    let body = br#"{"error":"invalid_grant"}"#.to_vec();
    house.played.set(|state| state.answer = Some((400, body)));
    assert_eq!(refusal(house.redeem().await), Refusal::ProviderRefused);
    assert_eq!(house.played.count("/token"), 1);
}
