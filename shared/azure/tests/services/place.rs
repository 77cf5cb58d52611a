//! Where the emulators are, and an identity that they take for one.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatelet_azure::{Access, Timeouts, http_client};
use serde_json::json;
use url::Url;

/// 1 January 2100, in seconds.
const FAR_AHEAD: i64 = 4_102_444_800;

/// A service's address, from the environment.
pub(crate) fn service(variable: &str) -> Url {
    Url::parse(&setting(variable)).unwrap()
}

/// An HTTP client that trusts the authority in the file that the variable names.
pub(crate) fn client(authority: &str) -> reqwest::Client {
    let pem = std::fs::read(setting(authority)).unwrap();
    http_client(Timeouts::default(), Some(&pem)).unwrap()
}

/// Access to Azurite, as somebody.
pub(crate) fn storage() -> Access {
    Access::new(Arc::new(client("TEST_AZURITE_CA")), Arc::new(Somebody))
}

/// Access to the vault's emulator, as somebody.
pub(crate) fn vault() -> Access {
    let http = Arc::new(client("TEST_KEY_VAULT_CA"));
    Access::new(http, Arc::new(Somebody)).with_a_vault_of_any_domain()
}

/// Sends a request of the storage services that sets something up.
pub(crate) async fn set_up(request: reqwest::RequestBuilder) {
    let answer =
        request.bearer_auth(token()).header("x-ms-version", "2020-12-06").send().await.unwrap();
    assert!(answer.status().is_success(), "{}: {:?}", answer.status(), answer.text().await);
}

#[expect(clippy::disallowed_methods, reason = "tests are told by it where the services are")]
fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set: run this test with `cargo xtask test`, which starts the services"
        )
    })
}

/// An identity whose tokens are not signed.
#[derive(Debug)]
pub(crate) struct Somebody;

#[async_trait]
impl TokenCredential for Somebody {
    async fn get_token(
        &self,
        scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let scope = scopes.first().copied().unwrap_or_default();
        let end = OffsetDateTime::from_unix_timestamp(FAR_AHEAD).unwrap();
        Ok(AccessToken::new(token_for(scope.trim_end_matches("/.default")), end))
    }
}

pub(crate) fn token() -> String {
    token_for("https://storage.azure.com")
}

fn token_for(audience: &str) -> String {
    let tenant = "00000000-0000-0000-0000-0000000000aa";
    let claims = json!({
        "aud": audience,
        "iss": format!("https://sts.windows.net/{tenant}/"),
        "tid": tenant,
        "oid": "00000000-0000-0000-0000-0000000000bb",
        "iat": 0,
        "nbf": 0,
        "exp": FAR_AHEAD,
    });
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", part(json!({"alg": "RS256", "typ": "JWT"})), part(claims), "unsigned")
}
