//! The contract of `Objects`, against an emulator of S3, and what an address signs.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod emulator;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use aws_sdk_s3::types::{
    BucketLocationConstraint, CreateBucketConfiguration, DefaultRetention, ObjectLockConfiguration,
    ObjectLockEnabled, ObjectLockRetentionMode, ObjectLockRule,
};
use bytes::Bytes;
use gatelet_aws::{Account, S3Objects, Settings};
use gatelet_contracts::objects::{
    Strictness, Visit, Visitor, object_addresses_contract, objects_contract,
};
use gatelet_contracts::unique;
use gatelet_core::clock::Timestamp;
use gatelet_core::objects::{Address, ObjectName, Objects, Place};
use gatelet_core::secrets::SecretBytes;
use reqwest::RequestBuilder;

struct Browser(reqwest::Client);

impl Browser {
    fn new() -> Self {
        Self(reqwest::Client::builder().no_proxy().build().unwrap())
    }

    async fn send(request: RequestBuilder, address: &Address) -> Visit {
        let headers = address.headers.iter();
        let request = headers.fold(request, |request, (name, value)| request.header(name, value));
        let answer = request.send().await.unwrap();
        let headers = answer.headers().iter();
        Visit {
            status: answer.status().as_u16(),
            headers: headers
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect(),
            body: answer.bytes().await.unwrap(),
        }
    }
}

#[async_trait]
impl Visitor for Browser {
    async fn put(&self, address: &Address, body: Bytes) -> u16 {
        let request = self.0.put(address.expose().clone()).body(body);
        Self::send(request, address).await.status
    }

    async fn get(&self, address: &Address) -> Visit {
        Self::send(self.0.get(address.expose().clone()), address).await
    }
}

/// Two buckets of their own; what is sealed cannot be deleted for a day.
async fn ministack() -> S3Objects {
    let endpoint = emulator::address(emulator::MINISTACK);
    let config = aws_sdk_s3::config::Builder::from(&emulator::setup(&endpoint));
    let client = aws_sdk_s3::Client::from_conf(config.force_path_style(true).build());
    let (sealed, files) = (format!("sealed-{}", unique()), format!("files-{}", unique()));
    for (bucket, locked) in [(&sealed, true), (&files, false)] {
        let here = CreateBucketConfiguration::builder()
            .location_constraint(BucketLocationConstraint::EuCentral1)
            .build();
        let call = client.create_bucket().bucket(bucket).create_bucket_configuration(here);
        call.object_lock_enabled_for_bucket(locked).send().await.unwrap();
    }
    let day = DefaultRetention::builder().mode(ObjectLockRetentionMode::Compliance).days(1);
    let lock = ObjectLockConfiguration::builder()
        .object_lock_enabled(ObjectLockEnabled::Enabled)
        .rule(ObjectLockRule::builder().default_retention(day.build()).build())
        .build();
    let call = client.put_object_lock_configuration().bucket(&sealed);
    call.object_lock_configuration(lock).send().await.unwrap();
    S3Objects::new(emulator::account(endpoint), sealed, files)
}

#[tokio::test]
#[ignore = "needs MiniStack: cargo xtask test starts it"]
async fn ministack_keeps_objects() {
    objects_contract(&ministack().await).await;
}

#[tokio::test]
#[ignore = "needs MiniStack: cargo xtask test starts it"]
async fn ministack_answers_addresses() {
    let strictness = Strictness { refuses_overwrites: true, refuses_expired: true };
    object_addresses_contract(&ministack().await, &Browser::new(), present(), strictness).await;
}

#[tokio::test]
async fn an_address_signs_all_that_its_holder_must_keep_to() {
    let settings = Settings {
        region: "eu-central-1".to_owned(),
        endpoint: None,
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: SecretBytes::new(b"secret".to_vec()),
        session_token: Some(SecretBytes::new(b"token".to_vec())),
    };
    let account = Arc::new(Account::new(settings).unwrap());
    let objects = S3Objects::new(account, "evidence", "uploads");
    let name = ObjectName::new(Place::Files, "a/b").unwrap();
    let now = Timestamp::from_secs(1_700_000_000);

    let upload = objects.upload_address(&name, now).await.unwrap();
    assert_eq!(upload.headers, [("if-none-match".to_owned(), "*".to_owned())]);
    assert_eq!(upload.expose().host_str(), Some("uploads.s3.eu-central-1.amazonaws.com"));
    assert_eq!(upload.expose().path(), "/a/b");
    let signed = query(&upload);
    assert_eq!(signed["X-Amz-SignedHeaders"], "host;if-none-match");
    assert_eq!(signed["X-Amz-Expires"], "60");
    assert_eq!(signed["X-Amz-Date"], "20231114T221320Z");
    assert_eq!(signed["X-Amz-Security-Token"], "token");
    assert!(!upload.expose().as_str().contains("checksum"), "the bytes are not known yet");

    let download = objects.download_address(&name, now).await.unwrap();
    assert_eq!(download.headers, []);
    let signed = query(&download);
    assert_eq!(signed["X-Amz-SignedHeaders"], "host");
    assert_eq!(signed["X-Amz-Expires"], "60");
    assert_eq!(signed["response-content-disposition"], "attachment");
    assert_eq!(signed["response-content-type"], "application/octet-stream");
}

fn query(address: &Address) -> HashMap<String, String> {
    address.expose().query_pairs().into_owned().collect()
}

#[expect(clippy::disallowed_methods, reason = "the emulator compares with its own clock")]
fn present() -> Timestamp {
    Timestamp::from_secs(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs())
}
