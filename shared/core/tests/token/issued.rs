//! What a token says, and to whom it is given.

use std::collections::BTreeSet;
use std::time::Duration;

use gatelet_core::clock::Timestamp;
use gatelet_core::identity::Refusal;
use gatelet_core::registry::Registry;
use gatelet_core::token::{BROWSER_CLIENT, Holder, IssueError, TOKEN_LIFE, Wish};
use serde_json::{Value, json};

use super::world::{NOW, ORDERS, OURS, REGISTRY, World, ada, part, session};

fn scoped(scope: &str) -> Wish<'_> {
    Wish { audience: None, scope: Some(scope) }
}

// Proves std 53, 54, 56, 59, 62.
#[tokio::test]
async fn a_token_says_what_rfc_9068_asks_for_and_is_signed_with_the_current_key() {
    let world = World::new().await;
    let token = world.token().await;
    let key = world.key().await;
    let header = part(&token.text, 0);
    assert_eq!(header, json!({"typ": "at+jwt", "alg": "RS256", "kid": key.id.as_str()}));

    let claims = part(&token.text, 1);
    assert_eq!(claims["iss"], "https://gate.example");
    assert_eq!(claims["aud"], OURS);
    assert_eq!(claims["iat"], NOW.secs());
    assert_eq!(claims["nbf"], NOW.secs());
    assert_eq!(claims["exp"], token.expires_at.secs());
    assert_eq!(claims["sub"], ada().facts.person.public_id());
    assert_eq!(claims["client_id"], BROWSER_CLIENT);
    assert_eq!(claims["tid"], "acme");
    assert_eq!(claims["role"], "operator");
    assert_eq!(claims["sid"], "adas-session");
    assert_eq!(claims["session_iat"], NOW.millis());
    assert_eq!(claims["acr"], "2");
    assert_eq!(claims["amr"], json!(["pwd", "otp"]));
    assert_eq!(claims["auth_time"], NOW.secs() - 60);
    assert!(!claims["sub"].as_str().unwrap().contains("ada"), "no provider chooses our subject");
    assert_ne!(claims["jti"], part(&world.token().await.text, 1)["jti"]);

    let (input, signature) = token.text.rsplit_once('.').unwrap();
    let signature =
        base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, signature);
    assert!(key.public.verifies(input.as_bytes(), &signature.unwrap()));
}

// Proves std 55, 58.
#[tokio::test]
async fn a_scope_is_what_was_asked_for_or_an_error_and_never_something_else() {
    let world = World::new().await;
    let sign_in = ada();
    let holder = session(&sign_in, NOW);
    let all = world.issued(&holder, &Wish::default()).await.unwrap();
    assert_eq!(all.scope, "me runs:read runs:start", "all of the role that is ours");
    // Right after a token with more, one that asks for less has less.
    let less = world.issued(&holder, &scoped("runs:read me")).await.unwrap();
    assert_eq!(less.scope, "me runs:read");
    assert_eq!(part(&less.text, 1)["scope"], "me runs:read", "one string");

    for wrong in ["runs:stop", "me runs:stop", "orders:write", "", " ", "me  runs:read", "ME"] {
        let answer = world.issued(&holder, &scoped(wrong)).await;
        assert!(matches!(answer, Err(IssueError::InvalidScope)), "{wrong:?}");
    }
}

// Proves std 57, 64.
#[tokio::test]
async fn a_token_is_for_one_known_api_with_what_the_role_may_do_there() {
    let world = World::new().await;
    let sign_in = ada();
    let holder = session(&sign_in, NOW);
    let orders = Wish { audience: Some(ORDERS), scope: None };
    let token = world.issued(&holder, &orders).await.unwrap();
    assert_eq!((token.audience.as_str(), token.scope.as_str()), (ORDERS, "orders:read"));
    assert_eq!(part(&token.text, 1)["aud"], ORDERS);

    let ours = Wish { audience: Some(ORDERS), scope: Some("runs:read") };
    assert!(matches!(world.issued(&holder, &ours).await, Err(IssueError::InvalidScope)));
    let twice = format!("{ORDERS} {OURS}");
    for unknown in ["https://evil.example", "orders", "", "https://orders.example/", &twice] {
        let wish = Wish { audience: Some(unknown), scope: None };
        let answer = world.issued(&holder, &wish).await;
        assert!(matches!(answer, Err(IssueError::InvalidTarget)), "{unknown:?}");
    }
}

#[tokio::test]
async fn only_an_api_that_asks_for_them_gets_name_address_and_other_names() {
    let world = World::new().await;
    let sign_in = ada();
    let holder = session(&sign_in, NOW);
    let orders = Wish { audience: Some(ORDERS), scope: None };
    let claims = part(&world.issued(&holder, &orders).await.unwrap().text, 1);
    assert_eq!(claims["name"], "Ada");
    assert_eq!(claims["email"], "ada@acme.example");
    assert_eq!(claims["userId"], claims["sub"]);
    assert_eq!(claims["organizationId"], "acme");

    let claims = part(&world.issued(&holder, &Wish::default()).await.unwrap().text, 1);
    assert_eq!(claims["name"], "Ada", "a run of ours says who asked for it");
    for absent in ["email", "userId", "cnf"] {
        assert_eq!(claims.get(absent), None::<&Value>, "{absent}");
    }
}

// Proves std 60.
#[tokio::test]
async fn a_token_lives_a_quarter_of_an_hour_and_never_past_its_session() {
    let world = World::new().await;
    let sign_in = ada();
    let mut lives = BTreeSet::new();
    for _ in 0..40 {
        let token = world.issued(&session(&sign_in, NOW), &Wish::default()).await.unwrap();
        lives.insert(token.expires_at.since(NOW));
    }
    assert!(lives.len() > 3, "tokens of one moment end at different moments: {lives:?}");
    assert!(lives.iter().all(|life| *life <= TOKEN_LIFE));
    assert!(lives.iter().all(|life| *life + Duration::from_secs(20) >= TOKEN_LIFE));

    let ends_at = NOW + Duration::from_millis(90_500);
    let holder = Holder { ends_at, ..session(&sign_in, NOW) };
    let token = world.issued(&holder, &Wish::default()).await.unwrap();
    assert_eq!(token.expires_at, Timestamp::from_secs(NOW.secs() + 90));
}

// Proves L 37.
#[tokio::test]
async fn the_rules_of_signing_in_are_applied_again_to_every_token() {
    let mut world = World::new().await;
    let base_url = world.parts.base_url.clone();
    let sign_in = ada();
    let holder = session(&sign_in, NOW);

    let fewer = REGISTRY.replace("groups = [\"ops\"]", "groups = [\"admins\"]");
    world.registry = Registry::read(&fewer, &base_url).unwrap();
    let token = world.issued(&holder, &Wish::default()).await.unwrap();
    assert_eq!((token.role.as_str(), token.scope.as_str()), ("viewer", "me runs:read"));

    let shut = REGISTRY.replace("[tenants.acme]", "[tenants.acme]\nactive = false");
    world.registry = Registry::read(&shut, &base_url).unwrap();
    let answer = world.issued(&holder, &Wish::default()).await;
    assert!(matches!(answer, Err(IssueError::Refused(Refusal::TenantInactive))));

    let moved = REGISTRY.replace("matches = [\"acme\"]", "matches = [\"other\"]");
    world.registry = Registry::read(&moved, &base_url).unwrap();
    let answer = world.issued(&holder, &Wish::default()).await;
    assert!(matches!(answer, Err(IssueError::Refused(Refusal::NoTenant))));
}

#[tokio::test]
async fn a_tenant_that_has_moved_to_another_region_gets_its_tokens_there() {
    let mut world = World::new().await;
    let regions =
        "[regions]\nnorth = \"https://gate.example\"\nsouth = \"https://south.example\"\n";
    let moved = REGISTRY.replace("[tenants.acme]", "[tenants.acme]\nregion = \"south\"");
    let registry = Registry::read(&format!("{regions}{moved}"), &world.parts.base_url);
    world.registry = registry.unwrap();
    let sign_in = ada();
    match world.issued(&session(&sign_in, NOW), &Wish::default()).await {
        Err(IssueError::Elsewhere(url)) => assert_eq!(url.as_str(), "https://south.example/"),
        other => panic!("{:?}", other.map(|token| token.scope)),
    }
}

#[tokio::test]
async fn a_process_that_has_issued_a_token_issues_the_next_without_reading_anything() {
    let world = World::new().await;
    world.token().await;
    let before = world.records.calls();
    world.token().await;
    assert_eq!(world.records.calls(), before);
    world.clock.advance(Duration::from_mins(1));
    world.token().await;
    assert!(world.records.calls() > before, "once a minute it asks which key is the current one");
}

#[tokio::test]
async fn without_keys_it_is_an_outage() {
    let world = World::new().await;
    world.records.set_away(true);
    let sign_in = ada();
    let answer = world.issued(&session(&sign_in, NOW), &Wish::default()).await;
    assert!(matches!(answer, Err(IssueError::Outage(_))));
}
