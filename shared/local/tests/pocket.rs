//! The pocket identity provider, as a gateway and a browser meet it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use gatelet_contracts::{ManualClock, SeededRandom};
use gatelet_core::clock::{Clock as _, Timestamp};
use gatelet_core::secrets::{SecretBytes, SecretName, Secrets};
use gatelet_core::token::RsaPublicKey;
use gatelet_local::FileSecrets;
use gatelet_local::pocket::{PEOPLE, Pocket};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;
use url::Url;

const CALLBACK: &str = "http://localhost:8787/auth/callback/pocket";
/// The pair that RFC 7636 prints in its appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

struct Stage {
    _folder: tempfile::TempDir,
    secrets: Arc<FileSecrets>,
    clock: Arc<ManualClock>,
    router: Router,
}

struct Answer {
    status: StatusCode,
    headers: http::HeaderMap,
    body: String,
}

impl Stage {
    async fn set_up() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Arc::new(FileSecrets::open(folder.path()).unwrap());
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_900_000_000)));
        let gateway = Url::parse("http://localhost:8787").unwrap();
        let random = Arc::new(SeededRandom::new(7));
        let (vault, time) =
            (Arc::<FileSecrets>::clone(&secrets), Arc::<ManualClock>::clone(&clock));
        let pocket = Pocket::open(8788, gateway, vault, time, random).await.unwrap();
        Self { _folder: folder, secrets, clock, router: pocket.router() }
    }

    async fn send(&self, mut request: Request<Body>, peer: &str) -> Answer {
        let peer: SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body).unwrap(),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::HOST, "127.0.0.1:8788");
        self.send(request.body(Body::empty()).unwrap(), "127.0.0.1:5000").await
    }

    async fn post(&self, path: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = Request::post(path).header(header::HOST, "127.0.0.1:8788");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(form)).unwrap(), "127.0.0.1:5000").await
    }

    /// The page for a request like a gateway's, with some parameters changed.
    async fn ask(&self, changes: &[(&str, &str)]) -> Answer {
        let mut asked = vec![
            ("client_id", "gatelet"),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid profile email"),
            ("state", "st&te"),
            ("nonce", "once"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        asked.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        asked.extend(changes);
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).finish();
        self.get(&format!("/authorize?{query}")).await
    }

    /// Lets somebody be chosen on a page.
    async fn choose(&self, page: &Answer, person: &str) -> Answer {
        let (_, rest) = page.body.split_once("name=\"request\" value=\"").unwrap();
        let (request, _) = rest.split_once('"').unwrap();
        self.post("/authorize", &[("request", request), ("person", person)], &[]).await
    }

    async fn code(&self, person: &str) -> String {
        let page = self.ask(&[]).await;
        self.choose(&page, person).await.sent()["code"].clone()
    }

    async fn basic(&self) -> String {
        let name = SecretName::new("provider-pocket").unwrap();
        let secret = self.secrets.current(&name).await.unwrap().unwrap();
        let pair = [b"gatelet:", secret.value.expose()].concat();
        format!("Basic {}", STANDARD.encode(pair))
    }

    async fn redeem(&self, code: &str, changes: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        form.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
        form.extend(changes);
        self.post("/token", &form, &[("authorization", &self.basic().await)]).await
    }
}

impl Answer {
    /// The parameters of the redirect to the gateway.
    fn sent(&self) -> std::collections::BTreeMap<String, String> {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        let url = Url::parse(self.headers[header::LOCATION].to_str().unwrap()).unwrap();
        assert!(url.as_str().starts_with(&format!("{CALLBACK}?")), "{url}");
        url.query_pairs().into_owned().collect()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    #[track_caller]
    fn refused(&self, error: &str) {
        assert_eq!(self.json()["error"], error, "{}", self.body);
        assert!(self.status.is_client_error());
    }
}

/// The claims of a token whose signature fits one of the published keys.
async fn verified(stage: &Stage, token: &str) -> Value {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let key = stage.get("/keys").await.json()["keys"][0].clone();
    let public = RsaPublicKey::from_jwk(key["n"].as_str().unwrap(), key["e"].as_str().unwrap());
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    assert!(public.unwrap().verifies(message.as_bytes(), &signature));
    let (header, claims) = message.split_once('.').unwrap();
    let [header, claims]: [Value; 2] = [header, claims]
        .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap());
    assert_eq!((&header["alg"], &header["kid"]), (&"RS256".into(), &key["kid"]));
    claims
}

#[tokio::test]
async fn somebody_is_chosen_and_vouched_for() {
    let stage = Stage::set_up().await;
    let page = stage.ask(&[("acr_values", "urn:example:mfa other")]).await;
    assert_eq!(page.status, StatusCode::OK);
    for human in PEOPLE {
        assert!(page.body.contains(&format!("value=\"{}\"", human.subject)), "{}", human.name);
    }
    assert!(!page.body.contains("<script"), "it works without script");
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");

    let sent = stage.choose(&page, "eda").await.sent();
    assert_eq!((sent["state"].as_str(), sent["iss"].as_str()), ("st&te", "http://127.0.0.1:8788"));
    let answer = stage.redeem(&sent["code"], &[]).await.json();
    let claims = verified(&stage, answer["id_token"].as_str().unwrap()).await;
    let now = stage.clock.now().secs();
    for (name, value) in [
        ("iss", "http://127.0.0.1:8788"),
        ("sub", "eda"),
        ("aud", "gatelet"),
        ("nonce", "once"),
        ("acr", "urn:example:mfa"),
        ("email", "eda@acme.example"),
        ("org", "acme"),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    assert_eq!(claims["groups"], serde_json::json!(["editors"]));
    assert_eq!((&claims["iat"], &claims["auth_time"]), (&now.into(), &now.into()));
    assert_eq!(claims["email_verified"], true);
    assert_eq!(claims["sid"].as_str().unwrap().len(), 32);
}

#[tokio::test]
async fn the_metadata_is_that_of_its_issuer() {
    let stage = Stage::set_up().await;
    let metadata = stage.get("/.well-known/openid-configuration").await.json();
    assert_eq!(metadata["issuer"], "http://127.0.0.1:8788");
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    assert_eq!(metadata["code_challenge_methods_supported"], serde_json::json!(["S256"]));
    let keys = stage.get("/keys").await;
    assert!(keys.headers[header::CACHE_CONTROL].to_str().unwrap().contains("max-age"));
    assert!(!keys.body.contains("\"d\""), "no private member");
}

#[tokio::test]
async fn only_this_machine_under_the_issuers_name_is_answered() {
    let stage = Stage::set_up().await;
    for (host, peer) in [
        ("127.0.0.1:8788", "192.0.2.7:5000"),
        ("127.0.0.1:8788", "[2001:db8::1]:5000"),
        ("localhost:8788", "127.0.0.1:5000"),
        ("rebound.example:8788", "127.0.0.1:5000"),
        ("127.0.0.1", "127.0.0.1:5000"),
    ] {
        let request = Request::get("/keys").header(header::HOST, host).body(Body::empty());
        let answer = stage.send(request.unwrap(), peer).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{host} from {peer}");
    }
    let nameless = Request::get("/keys").body(Body::empty()).unwrap();
    assert_eq!(stage.send(nameless, "127.0.0.1:5000").await.status, StatusCode::FORBIDDEN);
    // Served without the peer's address, it trusts nobody.
    let request = Request::get("/keys").header(header::HOST, "127.0.0.1:8788");
    let unknown = stage.router.clone().oneshot(request.body(Body::empty()).unwrap()).await;
    assert_eq!(unknown.unwrap().status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn nobody_is_sent_to_another_place_than_the_gateways_callback() {
    let stage = Stage::set_up().await;
    for place in [
        "https://evil.example/auth/callback/pocket",
        "http://localhost:8787/auth/callback/pocket/",
        "http://localhost:8787/auth/callback/pocket?x",
        "http://localhost:8787.evil.example/auth/callback/pocket",
        "http://localhost:9999/auth/callback/pocket",
        "http://evil@localhost:8787/auth/callback/pocket",
        "http://127.0.0.1:8787/auth/callback/pocket",
        "HTTP://LOCALHOST:8787/auth/callback/pocket",
        "",
    ] {
        let answer = stage.ask(&[("redirect_uri", place)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{place}");
        assert!(!answer.headers.contains_key(header::LOCATION));
    }
    let twice = stage.ask(&[("redirect_uri", CALLBACK), ("redirect_uri", CALLBACK)]).await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST);
    assert_eq!(stage.ask(&[("client_id", "other")]).await.status, StatusCode::BAD_REQUEST);
    let away = "https://evil.example/";
    let answer = stage.get(&format!("/end_session?post_logout_redirect_uri={away}")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_request_without_pkce_or_openid_is_told_so_at_the_callback() {
    let stage = Stage::set_up().await;
    for (change, error) in [
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("response_type", "id_token"), "unsupported_response_type"),
        (("response_mode", "fragment"), "invalid_request"),
        (("scope", "profile"), "invalid_scope"),
        (("prompt", "none"), "login_required"),
    ] {
        let sent = stage.ask(&[change]).await.sent();
        assert_eq!(sent["error"], error, "{change:?}");
        assert_eq!(
            (sent["state"].as_str(), sent["iss"].as_str()),
            ("st&te", "http://127.0.0.1:8788")
        );
    }
}

#[tokio::test]
async fn a_code_is_good_once_for_a_minute_and_for_whoever_began() {
    let stage = Stage::set_up().await;
    let code = stage.code("ada").await;
    assert_eq!(stage.redeem(&code, &[]).await.status, StatusCode::OK);
    stage.redeem(&code, &[]).await.refused("invalid_grant");

    for change in [
        ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX"),
        ("code_verifier", ""),
        ("redirect_uri", "http://localhost:8787/auth/callback/other"),
    ] {
        let code = stage.code("ada").await;
        stage.redeem(&code, &[change]).await.refused("invalid_grant");
        stage.redeem(&code, &[]).await.refused("invalid_grant");
    }

    let code = stage.code("ada").await;
    stage.clock.advance(Duration::from_secs(59));
    assert_eq!(stage.redeem(&code, &[]).await.status, StatusCode::OK);
    let code = stage.code("ada").await;
    stage.clock.advance(Duration::from_mins(1));
    stage.redeem(&code, &[]).await.refused("invalid_grant");
}

#[tokio::test]
async fn a_page_is_good_for_one_choice_from_itself() {
    let stage = Stage::set_up().await;
    let page = stage.ask(&[]).await;
    let (_, rest) = page.body.split_once("name=\"request\" value=\"").unwrap();
    let form = [("request", rest.split_once('"').unwrap().0), ("person", "ada")];
    let elsewhere = stage.post("/authorize", &form, &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(elsewhere.status, StatusCode::BAD_REQUEST);
    let own = stage.post("/authorize", &form, &[("sec-fetch-site", "same-origin")]).await;
    assert!(own.sent().contains_key("code"));
    assert_eq!(stage.choose(&page, "ada").await.status, StatusCode::BAD_REQUEST, "used");

    let page = stage.ask(&[]).await;
    assert_eq!(stage.choose(&page, "-").await.sent()["error"], "access_denied");
    let page = stage.ask(&[]).await;
    stage.clock.advance(Duration::from_mins(10));
    assert_eq!(stage.choose(&page, "ada").await.status, StatusCode::BAD_REQUEST, "too old");
}

#[tokio::test]
async fn the_gateway_proves_itself_with_one_of_two_secrets() {
    let stage = Stage::set_up().await;
    let form = [("grant_type", "authorization_code"), ("code", "x")];
    for headers in
        [&[][..], &[("authorization", "Basic Z2F0ZWxldDo=")], &[("authorization", "Bearer x")]]
    {
        let answer = stage.post("/token", &form, headers).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Basic realm=\"pocket\"");
    }

    let name = SecretName::new("provider-pocket").unwrap();
    let first = stage.basic().await;
    let rotate = async |value: &str| {
        stage.secrets.put(&name, &SecretBytes::new(value.into())).await.unwrap();
    };
    rotate("second").await;
    let second = stage.basic().await;
    for secret in [&first, &second] {
        let code = stage.code("ada").await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let answer = stage.post("/token", &form, &[("authorization", secret)]).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    rotate("third").await;
    let answer = stage.post("/token", &form, &[("authorization", &first)]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "the one before last is over");
}

#[tokio::test]
async fn a_restart_keeps_the_key_and_the_secret() {
    let stage = Stage::set_up().await;
    let before = (stage.get("/keys").await.body, stage.basic().await);
    let gateway = Url::parse("http://localhost:8787").unwrap();
    let (vault, time) =
        (Arc::<FileSecrets>::clone(&stage.secrets), Arc::<ManualClock>::clone(&stage.clock));
    let random = Arc::new(SeededRandom::new(8));
    let again = Pocket::open(8788, gateway, vault, time, random).await.unwrap();
    let stage = Stage { router: again.router(), ..stage };
    assert_eq!((stage.get("/keys").await.body, stage.basic().await), before);
}

#[test]
fn the_registry_of_one_machine_gives_everybody_the_role_that_the_page_says() {
    let gateway = Url::parse("http://localhost:8787").unwrap();
    let text = gatelet_local::pocket::registry(&gateway, 8788);
    let registry = gatelet_core::registry::Registry::read(&text, &gateway).unwrap();
    assert_eq!(registry.home.as_deref(), Some("eu"));
    for human in PEOPLE {
        let person = gatelet_core::identity::Person {
            issuer: "http://127.0.0.1:8788".into(),
            subject: human.subject.into(),
        };
        let mut facts = gatelet_core::identity::Facts::of("pocket", person);
        facts.tenant_claim = Some(human.organization.into());
        facts.groups = human.groups.iter().map(|group| (*group).to_owned()).collect();
        let admitted = gatelet_core::identity::admissions(&registry, &facts);
        let (tenants, role) = human.place.rsplit_once(", ").unwrap();
        assert!(!admitted.is_empty(), "{} belongs somewhere", human.name);
        for admission in &admitted {
            assert_eq!(admission.role, role, "{}", human.name);
            assert!(tenants.contains(admission.tenant.as_str()), "{}", human.name);
            assert_eq!(admission.elsewhere.is_some(), tenants.contains("another region"));
        }
        assert_eq!(admitted.len(), tenants.split(" or ").count(), "{}", human.name);
    }
}
