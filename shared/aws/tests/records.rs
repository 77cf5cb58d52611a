//! The contract of `Records`, against two emulators of DynamoDB.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod emulator;

use std::sync::Arc;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use gatelet_aws::DynamoRecords;
use gatelet_contracts::families::families_contract;
use gatelet_contracts::records::records_contract;
use gatelet_contracts::unique;
use gatelet_core::records::Table;
use url::Url;

async fn records(variable: &str) -> Arc<DynamoRecords> {
    let endpoint = emulator::address(variable);
    let prefix = format!("contract-{}-", unique());
    make_tables(&endpoint, &prefix).await;
    Arc::new(DynamoRecords::new(emulator::account(endpoint), prefix))
}

#[tokio::test]
#[ignore = "needs MiniStack: cargo xtask test starts it"]
async fn ministack_keeps_records() {
    records_contract(records(emulator::MINISTACK).await).await;
}

#[tokio::test]
#[ignore = "needs DynamoDB Local: cargo xtask test starts it"]
async fn dynamodb_local_keeps_records() {
    records_contract(records("TEST_DYNAMODB_LOCAL_URL").await).await;
}

// Proves std 72; L 1, 35.
#[tokio::test]
#[ignore = "needs MiniStack: cargo xtask test starts it"]
async fn ministack_keeps_families() {
    families_contract(records(emulator::MINISTACK).await).await;
}

// Proves std 72; L 1, 35.
#[tokio::test]
#[ignore = "needs DynamoDB Local: cargo xtask test starts it"]
async fn dynamodb_local_keeps_families() {
    families_contract(records("TEST_DYNAMODB_LOCAL_URL").await).await;
}

/// Makes the three tables under a prefix.
async fn make_tables(endpoint: &Url, prefix: &str) {
    let client = aws_sdk_dynamodb::Client::new(&emulator::setup(endpoint));
    for table in Table::ALL {
        let call = client.create_table().table_name(format!("{prefix}{table}"));
        call.billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(text("pk"))
            .attribute_definitions(text("sk"))
            .key_schema(part("pk", KeyType::Hash))
            .key_schema(part("sk", KeyType::Range))
            .send()
            .await
            .unwrap();
    }
}

fn text(name: &str) -> AttributeDefinition {
    let definition = AttributeDefinition::builder().attribute_name(name);
    definition.attribute_type(ScalarAttributeType::S).build().unwrap()
}

fn part(name: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
}
