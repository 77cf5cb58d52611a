//! An identity provider that signs with real keys and says whatever a test wants.

use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatelet_core::outage::Outage;
use gatelet_core::secrets::SecretBytes;
use gatelet_core::token::RsaPublicKey;
use gatelet_core::web::{Web, WebAnswer, WebRequest};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

/// The provider's key.
pub(crate) static KEY: LazyLock<RsaKeyPair> = LazyLock::new(new_key);
/// A key of somebody else, or the provider's next one.
pub(crate) static OTHER: LazyLock<RsaKeyPair> = LazyLock::new(new_key);

fn new_key() -> RsaKeyPair {
    RsaKeyPair::generate(KeySize::Rsa2048).unwrap()
}

pub(crate) const ACCESS: &str = "the provider's access token";

/// The provider.
pub(crate) struct Played(Mutex<State>);

/// What it says and does, open to every test.
pub(crate) struct State {
    pub(crate) discovery: Value,
    pub(crate) keys: Vec<Value>,
    pub(crate) header: Value,
    pub(crate) claims: Map<String, Value>,
    pub(crate) max_age: Option<Duration>,
    /// Whether nobody answers.
    pub(crate) down: bool,
    /// Whether the key that signs is the other one.
    pub(crate) other_signs: bool,
    /// The answer of the token endpoint, instead of tokens.
    pub(crate) answer: Option<(u16, Vec<u8>)>,
    /// The ID token, instead of a signed one.
    pub(crate) id_token: Option<String>,
    /// The secret it accepts; any, if none.
    pub(crate) accepts: Option<String>,
    pub(crate) asked: Vec<Asked>,
}

/// A request that came in.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) form: Vec<(String, String)>,
}

impl Asked {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Played {
    /// A provider with this issuer, whose documents lie below `at`.
    pub(crate) fn new(issuer: &str, at: &str, claims: Value) -> Self {
        let Value::Object(claims) = claims else { panic!("claims are an object") };
        Self(Mutex::new(State {
            discovery: json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{at}/authorize?of=us"),
                "token_endpoint": format!("{at}/token"),
                "jwks_uri": format!("{at}/keys"),
                "end_session_endpoint": format!("{at}/leave"),
            }),
            keys: vec![jwk("first", &KEY)],
            header: json!({ "alg": "RS256", "kid": "first", "typ": "JWT" }),
            claims,
            max_age: None,
            down: false,
            other_signs: false,
            answer: None,
            id_token: None,
            accepts: None,
            asked: Vec::new(),
        }))
    }

    /// Changes what it says.
    pub(crate) fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.lock().unwrap());
    }

    /// How often something below this path was asked for.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.asked(path).len()
    }

    /// What came in below this path.
    pub(crate) fn asked(&self, path: &str) -> Vec<Asked> {
        let state = self.0.lock().unwrap();
        state.asked.iter().filter(|asked| asked.path.ends_with(path)).cloned().collect()
    }
}

impl State {
    fn knows(&self, asked: &Asked) -> bool {
        let Some(accepted) = &self.accepts else { return true };
        asked.field("client_secret") == Some(accepted)
    }

    fn tokens(&self) -> Vec<u8> {
        let key = if self.other_signs { &OTHER } else { &KEY };
        let signed = || sign(&self.header, &Value::Object(self.claims.clone()), key);
        let id_token = self.id_token.clone().unwrap_or_else(signed);
        let answer = json!({
            "id_token": id_token,
            "access_token": ACCESS,
            "refresh_token": "a refresh token",
            "token_type": "Bearer",
        });
        answer.to_string().into_bytes()
    }
}

#[async_trait]
impl Web for Played {
    async fn send(&self, request: &WebRequest) -> Result<WebAnswer, Outage> {
        let form = request.form.as_ref().map(SecretBytes::expose).unwrap_or_default();
        let authorization = request.authorization.as_ref();
        let asked = Asked {
            path: request.url.as_str().to_owned(),
            authorization: authorization
                .map(|value| String::from_utf8(value.expose().to_vec()).unwrap()),
            form: form_urlencoded::parse(form).into_owned().collect(),
        };
        let mut state = self.0.lock().unwrap();
        state.asked.push(asked.clone());
        if state.down {
            return Err(Outage::harmless("ask a server", "a played outage"));
        }
        let (status, body) = if asked.path.ends_with("/.well-known/openid-configuration") {
            (200, state.discovery.to_string().into_bytes())
        } else if asked.path.ends_with("/keys") {
            (200, json!({ "keys": state.keys }).to_string().into_bytes())
        } else if let Some(answer) = &state.answer {
            answer.clone()
        } else if state.knows(&asked) {
            (200, state.tokens())
        } else {
            (401, br#"{"error":"invalid_client"}"#.to_vec())
        };
        Ok(WebAnswer { status, body: SecretBytes::new(body), max_age: state.max_age })
    }
}

/// The public half as a JWK.
pub(crate) fn jwk(id: &str, key: &RsaKeyPair) -> Value {
    let public = public(key);
    json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": id, "n": public.n(), "e": public.e() })
}

pub(crate) fn public(key: &RsaKeyPair) -> RsaPublicKey {
    let public = key.public_key();
    RsaPublicKey::new(
        public.modulus().big_endian_without_leading_zero(),
        public.exponent().big_endian_without_leading_zero(),
    )
}

/// The key as PKCS#8.
pub(crate) fn pkcs8(key: &RsaKeyPair) -> Vec<u8> {
    let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
    der.as_ref().to_vec()
}

/// A token in the compact form, signed as its header says: RS512, or else RS256.
pub(crate) fn sign(header: &Value, claims: &Value, key: &RsaKeyPair) -> String {
    let message = unsigned(header, claims);
    let encoding: &dyn RsaEncoding =
        if header["alg"] == "RS512" { &RSA_PKCS1_SHA512 } else { &RSA_PKCS1_SHA256 };
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(encoding, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Header and claims, encoded and joined.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}", encode(header), encode(claims))
}
