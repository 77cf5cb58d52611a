//! Whatever a provider sends, nobody is signed in by it and nothing breaks.

use gatelet_core::identity::SignInError;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::Builder;

use crate::house::House;
use crate::played::{KEY, sign};

fn run<T>(work: impl Future<Output = T>) -> T {
    Builder::new_current_thread().build().unwrap().block_on(work)
}

/// JSON of every shape, not too deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map("[a-z_]{1,8}", inner, 0..6)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Something that looks like a token from afar, or not even that.
fn any_token() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,80}",
        "[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}",
        (any_json(), any_json())
            .prop_map(|(header, claims)| { crate::played::unsigned(&header, &claims) + ".AAAA" }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    // Proves std 19.
    #[test]
    fn no_arbitrary_id_token_signs_anybody_in(token in any_token()) {
        let house = House::new();
        house.played.set(|state| state.id_token = Some(token));
        prop_assert!(matches!(run(house.redeem()), Err(SignInError::Refused(_))));
    }

    #[test]
    fn no_arbitrary_token_answer_signs_anybody_in(
        status in prop_oneof![Just(200_u16), Just(400), Just(401), any::<u16>()],
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let house = House::new();
        house.played.set(|state| state.answer = Some((status, body)));
        prop_assert!(run(house.redeem()).is_err());
    }

    #[test]
    fn no_arbitrary_metadata_are_believed(document in any_json()) {
        let house = House::new();
        house.played.set(|state| state.discovery = document);
        prop_assert!(matches!(run(house.redeem()), Err(SignInError::Outage(_))));
    }

    #[test]
    fn no_arbitrary_member_of_a_key_verifies(
        member in prop::sample::select(vec!["kty", "n", "e", "use", "alg", "kid", "key_ops"]),
        value in any_json(),
    ) {
        let house = House::new();
        house.played.set(|state| {
            // What is left out does not restrict a key; the strategy does make a null now and then.
            let restricts = member == "kty" || member == "n" || member == "e" || member == "kid";
            let value = if value.is_null() && !restricts { json!(7) } else { value };
            state.keys[0][member] = value;
        });
        prop_assert!(run(house.redeem()).is_err());
    }

    #[test]
    fn arbitrary_claims_signed_by_the_provider_never_break_us(
        name in prop::sample::select(vec![
            "iss", "sub", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash", "auth_time", "acr",
            "amr", "sid", "groups", "org", "name", "email", "email_verified", "_claim_names",
        ]),
        value in any_json(),
    ) {
        let house = House::new();
        house.played.set(|state| {
            state.claims.insert(name.to_owned(), value);
            let claims = Value::Object(state.claims.clone());
            state.id_token = Some(sign(&state.header, &claims, &KEY));
        });
        if let Ok(redeemed) = run(house.redeem()) {
            prop_assert_eq!(redeemed.facts.person.issuer, "https://idp.example");
        }
    }
}
