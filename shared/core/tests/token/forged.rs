//! What an API makes of tokens that we did not issue, or not as access tokens. Most are signed with our own key, so
//! that it is the rule under test that refuses them.

use aws_lc_rs::hmac;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use gatelet_core::token::{Invalid, RsaPublicKey};
use serde_json::{Value, json};

use super::world::{NOW, World, encoded, with};

// Proves std 61, 77, 78, 83.
#[tokio::test]
async fn a_header_that_is_not_ours_is_refused_whoever_signed_it() {
    let world = World::new().await;
    let (header, claims) = world.good().await;
    let cases = [
        (json!({"typ": null}), Invalid::WrongType),
        (json!({"typ": "JWT"}), Invalid::WrongType),
        (json!({"typ": "logout+jwt"}), Invalid::WrongType),
        (json!({"typ": "statuslist+jwt"}), Invalid::WrongType),
        (json!({"typ": "dpop+jwt"}), Invalid::WrongType),
        (json!({"typ": 7}), Invalid::Malformed),
        (json!({"alg": null}), Invalid::WrongAlgorithm),
        (json!({"alg": "none"}), Invalid::WrongAlgorithm),
        (json!({"alg": "HS256"}), Invalid::WrongAlgorithm),
        (json!({"alg": "PS256"}), Invalid::WrongAlgorithm),
        (json!({"alg": "RS512"}), Invalid::WrongAlgorithm),
        (json!({"alg": "rs256"}), Invalid::WrongAlgorithm),
        (json!({"crit": ["exp"]}), Invalid::Malformed),
        (json!({"kid": null}), Invalid::UnknownKey),
        (json!({"kid": ""}), Invalid::UnknownKey),
        (json!({"kid": "current"}), Invalid::UnknownKey),
        (json!({"kid": "../keys/current"}), Invalid::UnknownKey),
        (json!({"kid": "' OR '1'='1"}), Invalid::UnknownKey),
        (json!({"kid": ["a"]}), Invalid::Malformed),
    ];
    for (change, expected) in &cases {
        let token = world.signed(&with(&header, change), &claims).await;
        assert_eq!(world.check(&token).await.unwrap_err(), *expected, "{change}");
    }
    let whole = with(&header, &json!({"typ": "application/at+jwt"}));
    world.check(&world.signed(&whole, &claims).await).await.unwrap();
}

// Proves std 79, 80, 81, 88, 89; L 32.
#[tokio::test]
async fn claims_that_are_not_an_access_token_of_ours_for_this_api_are_refused_although_we_signed_them()
 {
    let world = World::new().await;
    let (header, claims) = world.good().await;
    let now = NOW.secs();
    let cases = [
        (json!({"iss": "https://evil.example"}), Invalid::WrongIssuer),
        (json!({"iss": "https://gate.example/"}), Invalid::WrongIssuer),
        (json!({"iss": null}), Invalid::Malformed),
        (json!({"aud": "https://gate.example"}), Invalid::WrongAudience),
        (json!({"aud": "https://gate.example/api/"}), Invalid::WrongAudience),
        (json!({"aud": null}), Invalid::Malformed),
        (json!({"aud": ["https://gate.example/api", "https://evil.example"]}), Invalid::Malformed),
        (json!({"exp": now}), Invalid::Expired),
        (json!({"exp": now - 1}), Invalid::Expired),
        (json!({"exp": null}), Invalid::Malformed),
        (json!({"exp": now + 901}), Invalid::LivesTooLong),
        (json!({"exp": u64::MAX}), Invalid::LivesTooLong),
        (json!({"exp": -1}), Invalid::Malformed),
        (json!({"iat": now + 120}), Invalid::NotYet),
        (json!({"nbf": now + 120}), Invalid::NotYet),
        (json!({"iat": null}), Invalid::Malformed),
        (json!({"sub": null}), Invalid::Malformed),
        (json!({"client_id": null}), Invalid::Malformed),
        (json!({"jti": null}), Invalid::Malformed),
        (json!({"tid": "../acme"}), Invalid::Malformed),
        (json!({"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}), Invalid::Bound),
        (json!({"cnf": {}}), Invalid::Bound),
    ];
    for (change, expected) in &cases {
        let token = world.signed(&header, &with(&claims, change)).await;
        assert_eq!(world.check(&token).await.unwrap_err(), *expected, "{change}");
    }
    world.check(&world.signed(&header, &claims).await).await.unwrap();
}

// Proves std 56, 77.
#[tokio::test]
async fn our_public_key_is_no_secret_to_sign_with() {
    let world = World::new().await;
    let (header, claims) = world.good().await;
    let public = world.key().await.public;
    let jwk = json!({"kty": "RSA", "n": public.n(), "e": public.e()}).to_string();
    let modulus = URL_SAFE_NO_PAD.decode(public.n()).unwrap();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n", STANDARD.encode(&modulus));
    let pem = pem.into_bytes();
    for secret in [&modulus[..], public.n().as_bytes(), jwk.as_bytes(), &pem] {
        for (alg, expected) in
            [("HS256", Invalid::WrongAlgorithm), ("RS256", Invalid::BadSignature)]
        {
            let header = with(&header, &json!({"alg": alg}));
            let input = format!("{}.{}", encoded(&header), encoded(&claims));
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
            let token = format!("{input}.{}", URL_SAFE_NO_PAD.encode(tag));
            assert_eq!(world.check(&token).await.unwrap_err(), expected);
        }
    }
    let none = with(&header, &json!({"alg": "none"}));
    let unsigned = format!("{}.{}.", encoded(&none), encoded(&claims));
    assert_eq!(world.check(&unsigned).await.unwrap_err(), Invalid::WrongAlgorithm);
    let unsigned = format!("{}.{}.", encoded(&header), encoded(&claims));
    assert_eq!(world.check(&unsigned).await.unwrap_err(), Invalid::BadSignature);
}

// Proves std 83.
#[tokio::test]
async fn a_key_that_a_token_brings_along_is_not_looked_at() {
    let world = World::new().await;
    let (header, claims) = world.good().await;
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let theirs = RsaPublicKey::new(
        pair.public_key().modulus().big_endian_without_leading_zero(),
        pair.public_key().exponent().big_endian_without_leading_zero(),
    );
    let brought = json!({
        "jwk": {"kty": "RSA", "n": theirs.n(), "e": theirs.e(), "kid": theirs.thumbprint().as_str()},
        "jku": "https://evil.example/jwks.json",
        "x5u": "https://evil.example/chain.pem",
        "x5c": ["MIIB"],
    });
    let ours = with(&header, &brought);
    let named = with(&ours, &json!({"kid": theirs.thumbprint().as_str()}));
    for (header, expected) in [(&ours, Invalid::BadSignature), (&named, Invalid::UnknownKey)] {
        let token = signed_by(&pair, header, &claims);
        assert_eq!(world.check(&token).await.unwrap_err(), expected);
    }
    // Signed by us it is good, and nobody is asked for what it points to: that would end the test.
    world.check(&world.signed(&ours, &claims).await).await.unwrap();
}

fn signed_by(pair: &RsaKeyPair, header: &Value, claims: &Value) -> String {
    let input = format!("{}.{}", encoded(header), encoded(claims));
    let mut signature = vec![0; pair.public_modulus_len()];
    let random = aws_lc_rs::rand::SystemRandom::new();
    pair.sign(&RSA_PKCS1_SHA256, &random, input.as_bytes(), &mut signature).unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

// Proves std 61; L 27.
#[tokio::test]
async fn claims_that_are_remembered_are_not_believed_under_another_signature() {
    let world = World::new().await;
    let token = world.token().await.text.as_str().to_owned();
    world.check(&token).await.unwrap();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    for bytes in [&bytes[..], &bytes[..255], &[0; 256], &[]] {
        let forged = format!("{input}.{}", URL_SAFE_NO_PAD.encode(bytes));
        assert_eq!(world.check(&forged).await.unwrap_err(), Invalid::BadSignature);
    }
    world.check(&token).await.unwrap();
}

// Proves std 84.
#[tokio::test]
async fn a_text_of_another_shape_is_not_even_read() {
    let world = World::new().await;
    let token = world.token().await.text.as_str().to_owned();
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let flattened =
        json!({"protected": header, "payload": claims, "signature": signature}).to_string();
    let standard = STANDARD.encode(URL_SAFE_NO_PAD.decode(signature).unwrap());
    let long = format!("{header}.{claims}{}.{signature}", "A".repeat(8 * 1024));
    let texts = [
        String::new(),
        "..".into(),
        flattened,
        format!("{header}.{claims}"),
        format!("{token}."),
        format!("{token}.AAAA"),
        format!(".{token}"),
        format!("{token}="),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{token}\0"),
        format!("{header}.{claims}.{standard}"),
        format!("{token}ü"),
        long,
    ];
    for text in texts {
        assert_eq!(world.check(&text).await.unwrap_err(), Invalid::Malformed, "{text:.60}");
    }
    world.check(&token).await.unwrap();
}
