//! Played identity providers: `one.example` and `two.example`. They have a clock of their own, hold a gateway to
//! what it must send, and can say anything instead of the truth.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatelet_contracts::ManualClock;
use gatelet_core::clock::Clock as _;
use gatelet_core::outage::Outage;
use gatelet_core::secrets::SecretBytes;
use gatelet_core::web::{Web, WebAnswer, WebRequest};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

/// Both providers.
pub struct Providers {
    key: EcdsaKeyPair,
    clock: Arc<ManualClock>,
    given: Mutex<BTreeMap<String, Given>>,
    lies: Mutex<BTreeMap<&'static str, Lie>>,
    addresses: Mutex<Vec<String>>,
}

/// Somebody who signs in.
#[derive(Clone, Copy, Debug)]
pub struct Who {
    /// The subject.
    pub sub: &'static str,
    /// The organisation, by which a tenant knows its people.
    pub org: &'static str,
    /// The groups.
    pub groups: &'static [&'static str],
}

struct Given {
    asked: BTreeMap<String, String>,
    issuer: String,
    who: Who,
}

#[derive(Clone)]
struct Lie {
    status: u16,
    body: Vec<u8>,
}

impl Who {
    /// A viewer of `acme`.
    pub const ADA: Self = Self { sub: "ada", org: "acme.example", groups: &[] };
    /// An admin of `acme`.
    pub const AMY: Self = Self { sub: "amy", org: "acme.example", groups: &["acme-admins"] };
    /// A viewer of `globex`.
    pub const BOB: Self = Self { sub: "bob", org: "globex.example", groups: &[] };
    /// A viewer of both.
    pub const CY: Self = Self { sub: "cy", org: "both.example", groups: &[] };
    /// Somebody of `acme` whose role has no scope at our own API.
    pub const RAY: Self = Self { sub: "ray", org: "acme.example", groups: &["acme-reporters"] };
    /// Somebody of a tenant that has no role for them.
    pub const EVE: Self = Self { sub: "eve", org: "strict.example", groups: &[] };
    /// Somebody of a tenant that is switched off.
    pub const DAN: Self = Self { sub: "dan", org: "closed.example", groups: &[] };
    /// Somebody of no tenant.
    pub const MAL: Self = Self { sub: "mal", org: "nowhere.example", groups: &[] };
}

impl Providers {
    pub(crate) fn new(clock: Arc<ManualClock>) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self {
            key,
            clock,
            given: Mutex::default(),
            lies: Mutex::default(),
            addresses: Mutex::default(),
        }
    }

    /// From now on what ends in this path is answered like this.
    pub fn lie(&self, path: &'static str, status: u16, body: impl Into<Vec<u8>>) {
        self.lies.lock().unwrap().insert(path, Lie { status, body: body.into() });
    }

    /// Every address at which somebody was asked something.
    pub fn addresses(&self) -> Vec<String> {
        self.addresses.lock().unwrap().clone()
    }

    /// From now on the truth is said again.
    pub fn be_honest(&self) {
        self.lies.lock().unwrap().clear();
    }

    /// Somebody says yes at the page to which a sign-in led. Gives the path and query of the callback.
    pub fn approve(&self, location: &str, who: Who) -> String {
        let url = Url::parse(location).unwrap();
        let issuer = url.origin().ascii_serialization();
        let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!((&*asked["response_type"], &*asked["code_challenge_method"]), ("code", "S256"));
        let name = issuer.strip_prefix("https://").unwrap().strip_suffix(".example").unwrap();
        let callback = format!("https://gate.example/auth/callback/{name}");
        assert_eq!(asked["redirect_uri"], callback, "one registered address for each provider");
        let state = asked["state"].clone();
        let mut given = self.given.lock().unwrap();
        let code = format!("code-{}", given.len());
        given.insert(code.clone(), Given { asked, issuer: issuer.clone(), who });
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
        let form: BTreeMap<String, String> =
            form_urlencoded::parse(form.expose()).into_owned().collect();
        let refused = (400, json!({ "error": "invalid_grant" }));
        let mut all = self.given.lock().unwrap();
        let Some(given) = all.get_mut(&form["code"]) else { return refused };
        let proof = URL_SAFE_NO_PAD.encode(digest(&SHA256, form["code_verifier"].as_bytes()));
        let fits = given.issuer == issuer
            && given.asked.remove("code_challenge").is_some_and(|challenge| challenge == proof)
            && given.asked["redirect_uri"] == form["redirect_uri"];
        if !fits {
            return refused;
        }
        let id_token = self.id_token(given);
        (200, json!({ "access_token": "theirs", "token_type": "Bearer", "id_token": id_token }))
    }

    fn id_token(&self, given: &Given) -> String {
        let now = self.clock.now().secs();
        let claims = json!({
            "iss": given.issuer, "aud": "gatelet", "sub": given.who.sub, "nonce": given.asked["nonce"],
            "iat": now, "exp": now + 300, "auth_time": now, "org": given.who.org,
            "groups": given.who.groups, "name": "Ada L.", "email": "ada@mail.example",
            "email_verified": true,
        });
        self.sign(&json!({ "alg": "ES256", "kid": "1" }), &claims)
    }

    /// A token that says this, signed with the providers' key.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

#[async_trait]
impl Web for Providers {
    async fn send(&self, request: &WebRequest) -> Result<WebAnswer, Outage> {
        self.addresses.lock().unwrap().push(request.url.to_string());
        let lies = self.lies.lock().unwrap();
        let lie = lies.iter().find(|(path, _)| request.url.path().ends_with(**path));
        let (status, body) = if let Some((_, lie)) = lie {
            (lie.status, lie.body.clone())
        } else {
            let (status, body) = self.answer(request);
            (status, body.to_string().into_bytes())
        };
        Ok(WebAnswer { status, body: SecretBytes::new(body), max_age: None })
    }
}
