//! Played identity providers: `one.example` and `two.example`. They hold a gateway to what it must send, and can
//! be away, slow or lie.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatelet_core::outage::Outage;
use gatelet_core::secrets::SecretBytes;
use gatelet_core::web::{Web, WebAnswer, WebRequest};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::stage::NOW;

/// Both providers.
pub(crate) struct Providers {
    key: EcdsaKeyPair,
    codes: Mutex<BTreeMap<String, Given>>,
    mood: Mutex<Mood>,
    /// How often a code was presented.
    pub(crate) redemptions: AtomicUsize,
}

/// How the providers behave.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Honest,
    /// Nothing answers.
    Away,
    /// Only the token endpoint does not answer.
    TokensAway,
    /// ID tokens carry a nonce of another sign-in.
    WrongNonce,
    /// The token endpoint answers with an error page.
    Broken,
}

/// Somebody who signs in.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) sub: &'static str,
    pub(crate) org: &'static str,
    pub(crate) groups: Vec<String>,
}

struct Given {
    asked: BTreeMap<String, String>,
    issuer: String,
    person: Person,
}

impl Person {
    pub(crate) fn of(sub: &'static str, org: &'static str) -> Self {
        Self { sub, org, groups: Vec::new() }
    }
}

impl Providers {
    pub(crate) fn new() -> Self {
        Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            codes: Mutex::default(),
            mood: Mutex::new(Mood::Honest),
            redemptions: AtomicUsize::new(0),
        }
    }

    pub(crate) fn be(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub(crate) fn redemptions(&self) -> usize {
        self.redemptions.load(Ordering::SeqCst)
    }

    /// The person says yes at the provider's page. Gives the path and query of the callback.
    pub(crate) fn approve(&self, location: &str, person: &Person) -> String {
        let url = Url::parse(location).unwrap();
        let issuer = url.origin().ascii_serialization();
        let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(url.path(), "/authorize");
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!(asked["client_id"], "gatelet");
        let name = issuer.strip_prefix("https://").unwrap().strip_suffix(".example").unwrap();
        let callback = format!("https://gate.example/auth/callback/{name}");
        assert_eq!(asked["redirect_uri"], callback, "one registered address for each provider");
        let mut codes = self.codes.lock().unwrap();
        let code = format!("code-{}", codes.len());
        let state = asked["state"].clone();
        codes.insert(code.clone(), Given { asked, issuer: issuer.clone(), person: person.clone() });
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("code", &code), ("state", &state), ("iss", &issuer)])
            .finish();
        format!("/auth/callback/{name}?{query}")
    }

    fn answer(&self, request: &WebRequest) -> (u16, Value) {
        let issuer = request.url.origin().ascii_serialization();
        match request.url.path() {
            "/.well-known/openid-configuration" => (
                200,
                json!({
                    "issuer": issuer,
                    "authorization_endpoint": format!("{issuer}/authorize"),
                    "token_endpoint": format!("{issuer}/token"),
                    "jwks_uri": format!("{issuer}/keys"),
                    "authorization_response_iss_parameter_supported": true,
                }),
            ),
            "/keys" => {
                let point = self.key.public_key().as_ref();
                let (x, y) = point[1..].split_at(32);
                let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
                let key = json!({ "kty": "EC", "crv": "P-256", "kid": "1", "x": x, "y": y });
                (200, json!({ "keys": [key] }))
            }
            "/token" => self.redeem(&issuer, request.form.as_ref().unwrap()),
            other => panic!("nobody calls {other}"),
        }
    }

    fn redeem(&self, issuer: &str, form: &SecretBytes) -> (u16, Value) {
        self.redemptions.fetch_add(1, Ordering::SeqCst);
        let form: BTreeMap<String, String> =
            form_urlencoded::parse(form.expose()).into_owned().collect();
        let refused = (400, json!({ "error": "invalid_grant", "error_description": "our words" }));
        let Some(given) = self.codes.lock().unwrap().remove(&form["code"]) else { return refused };
        let proof = URL_SAFE_NO_PAD.encode(digest(&SHA256, form["code_verifier"].as_bytes()));
        let fits = given.issuer == issuer
            && given.asked["code_challenge"] == proof
            && given.asked["redirect_uri"] == form["redirect_uri"]
            && form["grant_type"] == "authorization_code";
        if !fits {
            return refused;
        }
        let id_token = self.id_token(&given);
        (200, json!({ "access_token": "theirs", "token_type": "Bearer", "id_token": id_token }))
    }

    fn id_token(&self, given: &Given) -> String {
        let nonce = match *self.mood.lock().unwrap() {
            Mood::WrongNonce => "another",
            _ => &given.asked["nonce"],
        };
        let claims = json!({
            "iss": given.issuer, "aud": "gatelet", "sub": given.person.sub, "nonce": nonce,
            "iat": NOW.secs(), "exp": NOW.secs() + 300, "auth_time": NOW.secs(),
            "org": given.person.org, "groups": given.person.groups, "name": "Ada L.",
            "email": "ada@mail.example", "email_verified": true,
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({ "alg": "ES256", "kid": "1" })), part(&claims));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

#[async_trait]
impl Web for Providers {
    async fn send(&self, request: &WebRequest) -> Result<WebAnswer, Outage> {
        let mood = *self.mood.lock().unwrap();
        let for_tokens = request.url.path() == "/token";
        if mood == Mood::Away || (mood == Mood::TokensAway && for_tokens) {
            return Err(Outage::uncertain("call a provider", "a played outage"));
        }
        if mood == Mood::Broken && for_tokens {
            let body = SecretBytes::new(b"<h1>Bad gateway: their words</h1>".to_vec());
            return Ok(WebAnswer { status: 502, body, max_age: None });
        }
        let (status, body) = self.answer(request);
        let body = SecretBytes::new(body.to_string().into_bytes());
        Ok(WebAnswer { status, body, max_age: None })
    }
}
