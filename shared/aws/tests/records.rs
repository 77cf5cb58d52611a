//! The contract of `Records`, against two emulators of DynamoDB.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod emulator;

use std::sync::Arc;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use gatelet_aws::DynamoRecords;
use gatelet_contracts::records::records_contract;
use gatelet_contracts::unique;
use gatelet_core::records::Table;
use url::Url;

async fn holds_against(variable: &str) {
    let endpoint = emulator::address(variable);
    let prefix = format!("contract-{}-", unique());
    make_tables(&endpoint, &prefix).await;
    let records = DynamoRecords::new(emulator::account(endpoint), prefix);
    records_contract(Arc::new(records)).await;
}

#[tokio::test]
#[ignore = "needs MiniStack: cargo xtask test starts it"]
async fn ministack_keeps_records() {
    holds_against(emulator::MINISTACK).await;
}

#[tokio::test]
#[ignore = "needs DynamoDB Local: cargo xtask test starts it"]
async fn dynamodb_local_keeps_records() {
    holds_against("TEST_DYNAMODB_LOCAL_URL").await;
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
