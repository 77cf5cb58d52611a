//! What strangers say when they are asked, or leave where it is read: providers, queues, and whoever writes a registry.

use std::sync::LazyLock;

use gatelet_core::automation::RunMessage;
use gatelet_core::identity::{Answered, Asked, Identity};
use gatelet_core::registry::{Provider, Registry};
use gatelet_core::secrets::SecretBytes;
use gatelet_played::{Gateway, NOW};
use serde_json::json;
use url::Url;

use crate::requests::runtime;

const DISCOVERY: &str = "/.well-known/openid-configuration";
const CALLBACK: &str = "https://gate.example/auth/callback/one";

static GATEWAY: LazyLock<Gateway> = LazyLock::new(|| runtime().block_on(Gateway::new(all::routes)));

/// Lets a provider say something at a path, to a process that has not asked it before.
fn told<T>(path: &'static str, body: &[u8], ask: impl AsyncFnOnce(&Gateway, &Provider) -> T) -> T {
    runtime().block_on(async {
        let process = Gateway::new(all::routes).await;
        process.store.providers.lie(path, 200, body);
        let registry = process.parts.registry.current(NOW).await.unwrap();
        ask(&process, registry.providers.get("one").unwrap()).await
    })
}

async fn redeem(process: &Gateway, provider: &Provider) {
    let verifier = SecretBytes::new(b"a verifier".to_vec());
    let answered = Answered {
        code: "a code",
        verifier: &verifier,
        nonce: "a nonce",
        redirect_uri: CALLBACK,
        max_age: None,
        acr_values: None,
    };
    let redeemed = Identity::new(&process.parts).redeem(provider, &answered, NOW).await;
    assert!(redeemed.is_err(), "a stranger's word was taken for a proof");
}

/// An ID token.
pub fn id_token(bytes: &[u8]) {
    let body = json!({ "id_token": String::from_utf8_lossy(bytes) }).to_string();
    told("/token", body.as_bytes(), redeem);
}

/// All that a token endpoint answers.
pub fn token_answer(bytes: &[u8]) {
    told("/token", bytes, redeem);
}

/// What a provider says about itself.
pub fn discovery(bytes: &[u8]) {
    told(DISCOVERY, bytes, async |process, provider| {
        let asked = Asked {
            state: "a state",
            nonce: "a nonce",
            challenge: "a challenge",
            redirect_uri: CALLBACK,
            max_age: None,
            acr_values: None,
            login_hint: None,
            prompt: None,
        };
        let url = Identity::new(&process.parts).authorization_url(provider, &asked, NOW).await;
        if let Ok(url) = url {
            assert_eq!(url.scheme(), "https", "{url}");
            assert!(url.query_pairs().any(|(name, value)| name == "state" && value == "a state"));
        }
    });
}

/// A provider's keys, while it sends a token that is signed with none of them.
pub fn key_set(bytes: &[u8]) {
    let claims = json!({
        "iss": "https://one.example", "aud": "gatelet", "sub": "x", "nonce": "a nonce",
        "iat": NOW.secs(), "exp": NOW.secs() + 300,
    });
    // Signed by the providers of another gateway.
    let header = json!({ "alg": "ES256", "kid": "1" });
    let proof = GATEWAY.store.providers.sign(&header, &claims);
    told("/keys", bytes, async |process, provider| {
        let answer = json!({ "id_token": proof }).to_string();
        process.store.providers.lie("/token", 200, answer);
        redeem(process, provider).await;
    });
}

/// A registry.
pub fn registry(bytes: &[u8]) {
    let base_url = Url::parse("https://gate.example").unwrap();
    let Ok(registry) = Registry::read(&String::from_utf8_lossy(bytes), &base_url) else { return };
    assert!(registry.providers.values().all(|it| it.issuer.starts_with("https://")));
    assert!(registry.clients.values().flat_map(|it| &it.redirect_uris).all(|uri| {
        uri.scheme() == "https" || uri.host_str().is_some_and(|host| host != "0.0.0.0")
    }));
    assert!(registry.targets.values().all(|target| target.starts_with('/')));
}

/// A message of the queue.
pub fn queue_message(bytes: &[u8]) {
    let Ok(message) = RunMessage::from_json(&String::from_utf8_lossy(bytes)) else { return };
    assert_eq!(RunMessage::from_json(&message.to_json()).as_ref(), Ok(&message));
}
