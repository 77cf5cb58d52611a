//! One AWS account in one region: its credentials, the one HTTP client, and the services' clients.

use std::sync::OnceLock;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_types::SdkConfig;
use aws_types::region::Region;
use gatelet_core::secrets::SecretBytes;
use url::Url;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// One attempt, from the first byte sent to the head of the answer.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
/// A call with all its attempts.
const CALL_TIMEOUT: Duration = Duration::from_secs(8);
/// The same for objects, whose bodies may be large.
const OBJECT_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
const OBJECT_CALL_TIMEOUT: Duration = Duration::from_secs(20);
/// Shorter than any of the services keeps an idle connection, so that a thawed process seldom writes into
/// one that the other side has closed: a commit would not be repeated.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// What the host read for this process. Lambda passes the credentials in its environment.
pub struct Settings {
    /// The region, such as `eu-central-1`.
    pub region: String,
    /// Where all services answer instead of their own addresses: an emulator.
    pub endpoint: Option<Url>,
    /// The public half of the credentials.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: SecretBytes,
    /// What temporary credentials carry besides.
    pub session_token: Option<SecretBytes>,
}

/// Settings that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSettings {
    /// The region or the access key id is empty.
    #[error("the AWS region and access key id must not be empty")]
    Empty,
    /// The secret access key or the session token is no text.
    #[error("AWS credentials must be text")]
    NotText,
}

/// The way to the services. Adapters share it; it must stay within one tokio runtime, as its connections do.
pub struct Account {
    config: SdkConfig,
    emulated: bool,
    dynamodb: OnceLock<aws_sdk_dynamodb::Client>,
    kms: OnceLock<aws_sdk_kms::Client>,
    lambda: OnceLock<aws_sdk_lambda::Client>,
    s3: OnceLock<aws_sdk_s3::Client>,
    secrets_manager: OnceLock<aws_sdk_secretsmanager::Client>,
    sqs: OnceLock<aws_sdk_sqs::Client>,
}

impl Account {
    /// Takes the settings over. Nothing is loaded and no connection is opened before the first call.
    pub fn new(settings: Settings) -> Result<Self, BadSettings> {
        if settings.region.is_empty() || settings.access_key_id.is_empty() {
            return Err(BadSettings::Empty);
        }
        let credentials = Credentials::new(
            settings.access_key_id,
            text(&settings.secret_access_key)?,
            settings.session_token.as_ref().map(text).transpose()?,
            None,
            "gatelet",
        );
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(settings.region))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http_client())
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .timeout_config(timeouts(ATTEMPT_TIMEOUT, CALL_TIMEOUT))
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(3)
                    .with_initial_backoff(Duration::from_millis(50))
                    .with_max_backoff(Duration::from_millis(500)),
            );
        let emulated = settings.endpoint.is_some();
        config.set_endpoint_url(
            settings.endpoint.map(|url| url.as_str().trim_end_matches('/').into()),
        );
        Ok(Self {
            config: config.build(),
            emulated,
            dynamodb: OnceLock::new(),
            kms: OnceLock::new(),
            lambda: OnceLock::new(),
            s3: OnceLock::new(),
            secrets_manager: OnceLock::new(),
            sqs: OnceLock::new(),
        })
    }

    pub(crate) fn dynamodb(&self) -> &aws_sdk_dynamodb::Client {
        self.dynamodb.get_or_init(|| aws_sdk_dynamodb::Client::new(&self.config))
    }

    pub(crate) fn kms(&self) -> &aws_sdk_kms::Client {
        self.kms.get_or_init(|| aws_sdk_kms::Client::new(&self.config))
    }

    pub(crate) fn lambda(&self) -> &aws_sdk_lambda::Client {
        self.lambda.get_or_init(|| aws_sdk_lambda::Client::new(&self.config))
    }

    pub(crate) fn s3(&self) -> &aws_sdk_s3::Client {
        self.s3.get_or_init(|| {
            let config = aws_sdk_s3::config::Builder::from(&self.config)
                // An emulator has no names for its buckets.
                .force_path_style(self.emulated)
                // A bucket with Object Lock demands a checksum of what it stores. Answers are ranges, for
                // which there is none.
                .request_checksum_calculation(RequestChecksumCalculation::WhenSupported)
                .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
                .timeout_config(timeouts(OBJECT_ATTEMPT_TIMEOUT, OBJECT_CALL_TIMEOUT));
            aws_sdk_s3::Client::from_conf(config.build())
        })
    }

    pub(crate) fn secrets_manager(&self) -> &aws_sdk_secretsmanager::Client {
        self.secrets_manager.get_or_init(|| aws_sdk_secretsmanager::Client::new(&self.config))
    }

    pub(crate) fn sqs(&self) -> &aws_sdk_sqs::Client {
        self.sqs.get_or_init(|| aws_sdk_sqs::Client::new(&self.config))
    }
}

fn text(secret: &SecretBytes) -> Result<String, BadSettings> {
    let text = std::str::from_utf8(secret.expose()).map_err(|_| BadSettings::NotText)?;
    Ok(text.to_owned())
}

pub(crate) fn timeouts(attempt: Duration, call: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(attempt)
        .operation_timeout(call)
        .build()
}

/// One connector for all services, whatever their settings: one pool, and trusted roots loaded once.
fn http_client() -> SharedHttpClient {
    let connector = OnceLock::new();
    http_client_fn(move |_, _| SharedHttpConnector::clone(connector.get_or_init(connect)))
}

fn connect() -> SharedHttpConnector {
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).build();
    let connector = Connector::builder()
        .connector_settings(settings)
        .sleep_impl(TokioSleep::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .build();
    SharedHttpConnector::new(connector)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(region: &str, secret: &[u8]) -> Settings {
        Settings {
            region: region.to_owned(),
            endpoint: None,
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: SecretBytes::new(secret.to_vec()),
            session_token: None,
        }
    }

    #[test]
    fn settings_that_cannot_be_used_are_refused_at_once() {
        assert!(Account::new(settings("eu-central-1", b"secret")).is_ok());
        let ended = Account::new(settings("", b"secret"));
        assert_eq!(ended.err(), Some(BadSettings::Empty));
        let ended = Account::new(settings("eu-central-1", &[0xff]));
        assert_eq!(ended.err(), Some(BadSettings::NotText));
    }

    #[test]
    fn a_client_is_built_once() {
        let account = Account::new(settings("eu-central-1", b"secret")).unwrap();
        assert!(std::ptr::eq(account.dynamodb(), account.dynamodb()));
    }
}
