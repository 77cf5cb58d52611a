//! Who may sign an ID token, with what, and in which form.

use std::time::Duration;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatelet_core::identity::Refusal;
use serde_json::{Value, json};

use crate::house::{House, NOW, is_outage, refusal};
use crate::played::{KEY, OTHER, State, jwk, public, sign, unsigned};

fn claims(state: &State) -> Value {
    Value::Object(state.claims.clone())
}

async fn refused_after(change: impl FnOnce(&mut State)) -> Refusal {
    let house = House::new();
    house.played.set(change);
    refusal(house.redeem().await)
}

// Proves std 19.
#[tokio::test]
async fn a_signature_of_somebody_else_is_refused() {
    assert_eq!(refused_after(|state| state.other_signs = true).await, Refusal::BadIdToken);
}

// Proves std 19.
#[tokio::test]
async fn claims_changed_after_signing_are_refused() {
    let forge = |state: &mut State| {
        let signed = sign(&state.header, &claims(state), &KEY);
        state.claims.insert("sub".into(), json!("somebody else"));
        let (_, signature) = signed.rsplit_once('.').unwrap();
        state.id_token = Some(format!("{}.{signature}", unsigned(&state.header, &claims(state))));
    };
    assert_eq!(refused_after(forge).await, Refusal::BadIdToken);
}

// Proves std 19.
#[tokio::test]
async fn a_token_without_a_signature_is_refused() {
    for alg in ["none", "None", "NONE", "nOnE"] {
        for end in ["", ".", ".AAAA"] {
            let forge = |state: &mut State| {
                state.header["alg"] = json!(alg);
                state.id_token = Some(unsigned(&state.header, &claims(state)) + end);
            };
            assert_eq!(refused_after(forge).await, Refusal::BadIdToken, "{alg} {end}");
        }
    }
}

// Proves std 19.
#[tokio::test]
async fn the_public_key_used_as_a_shared_secret_is_refused() {
    let n = URL_SAFE_NO_PAD.decode(public(&KEY).n()).unwrap();
    let secrets = [KEY.public_key().as_ref().to_vec(), n, jwk("first", &KEY).to_string().into()];
    for secret in secrets {
        for (alg, hash) in [("HS256", hmac::HMAC_SHA256), ("HS512", hmac::HMAC_SHA512)] {
            let forge = |state: &mut State| {
                state.header["alg"] = json!(alg);
                let message = unsigned(&state.header, &claims(state));
                let tag = hmac::sign(&hmac::Key::new(hash, &secret), message.as_bytes());
                state.id_token = Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag)));
            };
            assert_eq!(refused_after(forge).await, Refusal::BadIdToken);
        }
    }
}

// Proves std 19.
#[tokio::test]
async fn a_symmetric_key_in_the_key_set_verifies_nothing() {
    let forge = |state: &mut State| {
        let k = URL_SAFE_NO_PAD.encode(b"a secret that everybody can read");
        state.keys.push(json!({ "kty": "oct", "kid": "shared", "alg": "HS256", "k": k }));
        state.header = json!({ "alg": "HS256", "kid": "shared" });
        let message = unsigned(&state.header, &claims(state));
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"a secret that everybody can read");
        let tag = hmac::sign(&key, message.as_bytes());
        state.id_token = Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag)));
    };
    assert_eq!(refused_after(forge).await, Refusal::BadIdToken);
}

// Proves std 19.
#[tokio::test]
async fn an_algorithm_that_is_not_pinned_is_refused_although_the_signature_is_right() {
    let signs_rs512 = |state: &mut State| {
        state.header["alg"] = json!("RS512");
        state.keys[0].as_object_mut().unwrap().remove("alg");
    };
    assert_eq!(refused_after(signs_rs512).await, Refusal::BadIdToken);
    let mut pinned = House::new();
    pinned.played.set(signs_rs512);
    pinned.provider.algorithms = vec!["RS512".into()];
    pinned.redeem().await.unwrap();
}

// Proves std 19.
#[tokio::test]
async fn a_key_meant_for_something_else_verifies_nothing() {
    for (member, value) in [
        ("use", json!("enc")),
        ("key_ops", json!(["encrypt"])),
        ("alg", json!("RS512")),
        ("alg", json!("RSA-OAEP")),
        ("kty", json!("EC")),
        ("crv", json!("P-256")),
    ] {
        let house = House::new();
        house.played.set(|state| {
            state.keys.push(jwk("another", &OTHER));
            state.keys[0][member] = value;
        });
        assert_eq!(refusal(house.redeem().await), Refusal::BadIdToken, "{member}");
    }
}

#[tokio::test]
async fn a_key_set_with_no_key_that_could_verify_is_not_believed() {
    let house = House::new();
    let short = json!({ "kty": "RSA", "kid": "first", "n": "AQAB", "e": "AQAB" });
    for keys in [vec![], vec![short], vec![jwk("first", &KEY); 101]] {
        house.played.set(|state| state.keys = keys);
        assert!(is_outage(&house.redeem().await));
    }
}

// Proves std 19.
#[tokio::test]
async fn a_token_that_brings_its_own_key_is_judged_by_the_providers() {
    let own = jwk("first", &OTHER);
    for (member, value) in [
        ("jwk", own.clone()),
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/chain")),
        ("x5c", json!(["AAAA"])),
    ] {
        let house = House::new();
        house.played.set(|state| {
            state.header[member] = value.clone();
            state.other_signs = true;
        });
        assert_eq!(refusal(house.redeem().await), Refusal::BadIdToken, "{member}");
        assert_eq!(house.played.count("evil.example/keys"), 0);
        house.played.set(|state| state.other_signs = false);
        house.redeem().await.unwrap();
    }
}

#[tokio::test]
async fn an_extension_that_must_be_understood_and_another_kind_of_token_are_refused() {
    for (member, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("typ", json!("logout+jwt")),
        ("typ", json!("at+jwt")),
    ] {
        let forge = |state: &mut State| state.header[member] = value.clone();
        assert_eq!(refused_after(forge).await, Refusal::BadIdToken, "{member}");
    }
}

// Proves std 19, 28; L 16.
#[tokio::test]
async fn a_key_id_is_compared_and_nothing_else() {
    for trick in ["../../first", "first' OR '1'='1", "", "FIRST", "first\0", "*"] {
        let house = House::new();
        house.played.set(|state| state.header["kid"] = json!(trick));
        assert_eq!(refusal(house.redeem().await), Refusal::BadIdToken, "{trick:?}");
        assert_eq!(house.played.count("/keys"), 1);
    }
}

#[tokio::test]
async fn a_token_without_a_key_id_is_believed_only_where_there_is_no_choice() {
    let house = House::new();
    house.played.set(|state| {
        state.header.as_object_mut().unwrap().remove("kid");
    });
    house.redeem().await.unwrap();
    let two = House::new();
    two.played.set(|state| {
        state.header.as_object_mut().unwrap().remove("kid");
        state.keys.push(jwk("second", &OTHER));
    });
    assert_eq!(refusal(two.redeem().await), Refusal::BadIdToken);
}

// Proves std 28; L 16.
#[tokio::test]
async fn a_flood_of_unknown_keys_costs_one_request_in_thirty_seconds() {
    let house = House::new();
    house.redeem().await.unwrap();
    let later = NOW + Duration::from_secs(31);
    for number in 0..50 {
        house.played.set(|state| state.header["kid"] = json!(format!("unknown {number}")));
        assert_eq!(refusal(house.redeem_at(later).await), Refusal::BadIdToken);
    }
    assert_eq!(house.played.count("/keys"), 2);
}

// Proves std 28; L 16.
#[tokio::test]
async fn a_new_key_is_found_by_its_id_at_once() {
    let house = House::new();
    house.redeem().await.unwrap();
    house.played.set(|state| {
        state.keys = vec![jwk("next", &OTHER)];
        state.header["kid"] = json!("next");
        state.other_signs = true;
    });
    house.redeem_at(NOW + Duration::from_secs(31)).await.unwrap();
    assert_eq!(house.played.count("/keys"), 2);
}

// Proves std 19.
#[tokio::test]
async fn only_the_compact_form_of_a_bounded_length_is_read() {
    let forms: [fn(String) -> String; 6] = [
        |token| format!("{token} "),
        |token| format!("{token}."),
        |token| token.replacen('.', "=.", 1),
        |token| token.replace('.', ":"),
        |token| json!({ "payload": token, "signatures": [] }).to_string(),
        |_| String::new(),
    ];
    for form in forms {
        let forge = |state: &mut State| {
            state.id_token = Some(form(sign(&state.header, &claims(state), &KEY)));
        };
        assert_eq!(refused_after(forge).await, Refusal::BadIdToken);
    }
    let long = |state: &mut State| {
        state.claims.insert("much".into(), json!("x".repeat(32 * 1024)));
    };
    assert_eq!(refused_after(long).await, Refusal::BadIdToken);
}
