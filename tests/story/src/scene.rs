//! What a deployment's operator provides: the registry, and the secrets of its identity providers.

use std::fmt::Write as _;

use reqwest::{Certificate, Client};
use serde_json::{Value, json};
use url::Url;

use crate::setting;

/// The real provider's name in the registry.
pub const PROVIDER: &str = "example";
/// A client without a cookie.
pub const CLIENT: &str = "gatelet";
/// The port on which that client waits for its answer; any will do on a loopback address (RFC 8252 §7.3).
pub const CLIENT_REDIRECT: &str = "http://127.0.0.1:49152/callback";

/// The registry and the secrets that it names.
pub struct Scene {
    /// The registry's text.
    pub registry: String,
    /// The secrets, by name.
    pub secrets: Vec<(String, String)>,
}

impl Scene {
    /// A registry of nobody. It says so, because an upload without a body is none to every store.
    pub fn empty() -> Self {
        Self { registry: "# Nobody signs in.\n".into(), secrets: Vec::new() }
    }

    /// Two tenants whom the real provider signs in at this deployment, which is registered there as a client.
    pub async fn with_provider(base_url: &Url) -> Self {
        let issuer = setting("TEST_OIDC_ISSUER");
        let registered = register(&issuer, base_url).await;
        let text = |name: &str| registered[name].as_str().expect("a text").to_owned();
        let mut registry = String::new();
        write!(
            registry,
            r#"
[targets]
home = "/"

[roles]
editor = {{ scopes = ["me", "runs:read", "runs:write"] }}
admin = {{ scopes = ["me", "runs:read", "runs:write", "runs:approve", "audit:read"] }}

[providers.{PROVIDER}]
kind = "oidc"
title = "Example"
issuer = "{issuer}"
client_id = "{}"
client_secret = "provider-{PROVIDER}"
scopes = ["openid", "profile", "email"]
tenant_claim = "org"

[tenants.acme]
title = "Acme"
sign_in = [{{ provider = "{PROVIDER}", matches = ["acme"] }}]
roles = [{{ role = "admin", groups = ["admins"] }}, {{ role = "editor", groups = ["editors"] }}]

[tenants.globex]
title = "Globex"
sign_in = [{{ provider = "{PROVIDER}", matches = ["globex"] }}]
roles = [{{ role = "admin", groups = ["admins"] }}]

[clients.{CLIENT}]
title = "Command line"
redirect_uris = ["http://127.0.0.1/callback"]
"#,
            text("client_id")
        )
        .expect("writing to a text does not fail");
        Self { registry, secrets: vec![(format!("provider-{PROVIDER}"), text("client_secret"))] }
    }
}

/// Registers this deployment with the provider (RFC 7591) as a client that is told the session's `sid`.
async fn register(issuer: &str, base_url: &Url) -> Value {
    let at = |path: &str| base_url.join(path).expect("a path").to_string();
    let request = json!({
        "client_name": "Gatelet",
        "redirect_uris": [at(&format!("/auth/callback/{PROVIDER}"))],
        "post_logout_redirect_uris": [at("/")],
        "token_endpoint_auth_method": "client_secret_basic",
        "backchannel_logout_uri": "https://gate.example/nobody-listens",
        "backchannel_logout_session_required": true,
    });
    let answer = provider_client()
        .post(format!("{issuer}/reg"))
        .header("content-type", "application/json")
        .body(request.to_string())
        .send()
        .await
        .expect("the provider answers");
    let text = answer.text().await.expect("the whole body arrives");
    serde_json::from_str(&text).expect("JSON")
}

/// A client that trusts the provider's certificate and follows nothing by itself.
pub(crate) fn provider_client() -> Client {
    let pem = std::fs::read(setting("TEST_OIDC_CA")).expect("the authority");
    Client::builder()
        .no_proxy()
        .tls_certs_only(Certificate::from_pem_bundle(&pem).expect("certificates"))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
}
