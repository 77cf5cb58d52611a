//! The contract of a registry's source, against an emulator of S3.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod emulator;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use gatelet_aws::S3Document;
use gatelet_contracts::registry::{Operator, registry_source_contract};
use gatelet_contracts::unique;

struct Owner {
    client: Client,
    bucket: String,
}

#[async_trait]
impl Operator for Owner {
    async fn write(&self, text: &[u8]) {
        let call = self.client.put_object().bucket(&self.bucket).key("registry.toml");
        call.body(text.to_vec().into()).send().await.unwrap();
    }
}

#[tokio::test]
#[ignore = "needs MiniStack: cargo xtask test starts it"]
async fn ministack_keeps_the_registry() {
    let endpoint = emulator::address(emulator::MINISTACK);
    let config = aws_sdk_s3::config::Builder::from(&emulator::setup(&endpoint));
    let client = Client::from_conf(config.force_path_style(true).build());
    let bucket = format!("registry-{}", unique());
    let here = CreateBucketConfiguration::builder()
        .location_constraint(BucketLocationConstraint::EuCentral1)
        .build();
    let call = client.create_bucket().bucket(&bucket).create_bucket_configuration(here);
    call.send().await.unwrap();
    let address = format!("s3://{bucket}/registry.toml");
    let source = S3Document::new(emulator::account(endpoint), &address).unwrap();
    registry_source_contract(&source, &Owner { client, bucket }).await;
}
