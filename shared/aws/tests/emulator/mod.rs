//! An account whose services are emulated, and the configuration with which a test makes what the adapters
//! find there.

use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;
use gatelet_aws::{Account, Settings};
use gatelet_core::secrets::SecretBytes;
use url::Url;

const REGION: &str = "eu-central-1";
/// Names the address of MiniStack.
pub(crate) const MINISTACK: &str = "TEST_MINISTACK_URL";

/// The address in a variable of the environment.
#[expect(clippy::disallowed_methods, reason = "where the emulators are is said in the environment")]
pub(crate) fn address(variable: &str) -> Url {
    let text = std::env::var(variable);
    text.unwrap_or_else(|_| panic!("{variable} must be set: cargo xtask test does"))
        .parse()
        .unwrap()
}

/// An account of the emulator's own root user.
pub(crate) fn account(endpoint: Url) -> Arc<Account> {
    let settings = Settings {
        region: REGION.to_owned(),
        endpoint: Some(endpoint),
        access_key_id: "test".to_owned(),
        secret_access_key: SecretBytes::new(b"test".to_vec()),
        session_token: None,
    };
    Arc::new(Account::new(settings).unwrap())
}

/// What the test's own clients use, which make what the adapters find.
pub(crate) fn setup(endpoint: &Url) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint.as_str().trim_end_matches('/'))
        .http_client(
            aws_smithy_http_client::Builder::new()
                .tls_provider(aws_smithy_http_client::tls::Provider::Rustls(
                    aws_smithy_http_client::tls::rustls_provider::CryptoMode::AwsLc,
                ))
                .build_https(),
        )
        .build()
}
