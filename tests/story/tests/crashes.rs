//! Workers that are killed or stopped at any of their points, over each of the stores that are not embedded.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;

use gatelet_aws::DynamoRecords;
use gatelet_azure::{Timeouts, http_client};
use gatelet_contracts::unique;
use gatelet_core::records::{Records, Table};
use gatelet_mishaps::{Remote, at_any_point, many_at_once};
use gatelet_redis::RedisRecords;
use gatelet_story::{aws, azure, setting};
use serde_json::json;

#[test]
#[ignore = "needs redis: cargo xtask test starts it"]
fn redis_keeps_what_a_worker_began() {
    at_any_point("redis_keeps_what_a_worker_began", || "redis".into(), redis);
}

#[test]
#[ignore = "needs redis: cargo xtask test starts it"]
fn two_hundred_runs_at_once_over_redis_happen_once_each() {
    let test = "two_hundred_runs_at_once_over_redis_happen_once_each";
    many_at_once(test, || "redis".into(), redis);
}

fn redis(_: &str, folder: &Path) -> Arc<dyn Records> {
    over(RedisRecords::connect(&setting("TEST_REDIS_URL")).unwrap(), folder)
}

#[test]
#[ignore = "needs DynamoDB Local: cargo xtask test starts it"]
fn dynamodb_keeps_what_a_worker_began() {
    let open = |prefix: &str, folder: &Path| {
        let account = aws::account(&setting("TEST_DYNAMODB_LOCAL_URL"));
        over(DynamoRecords::new(Arc::new(account), prefix), folder)
    };
    at_any_point("dynamodb_keeps_what_a_worker_began", || Remote::wait(dynamodb_tables()), open);
}

#[test]
#[ignore = "needs azurite and key-vault: cargo xtask test starts them"]
fn table_storage_keeps_what_a_worker_began() {
    let prepare = || {
        let prefix = format!("t{}", unique());
        Remote::wait(azure::make_tables(&prefix));
        prefix
    };
    let open = |prefix: &str, folder: &Path| over(Remote::wait(azure::records(prefix)), folder);
    at_any_point("table_storage_keeps_what_a_worker_began", prepare, open);
}

fn over(records: impl Records + 'static, folder: &Path) -> Arc<dyn Records> {
    Arc::new(Remote::new(Arc::new(records), folder))
}

/// Makes the tables under a prefix, which it tells.
async fn dynamodb_tables() -> String {
    let client = http_client(Timeouts::default(), None).unwrap();
    let prefix = format!("crashes-{}-", unique());
    for table in Table::ALL {
        let text = |name| json!({ "AttributeName": name, "AttributeType": "S" });
        let key = |name, kind| json!({ "AttributeName": name, "KeyType": kind });
        let asked = json!({
            "TableName": format!("{prefix}{table}"),
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [text("pk"), text("sk")],
            "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
        });
        // The emulator takes the name of the account from a signature that it does not check.
        let scope = "Credential=test/20260101/eu-central-1/dynamodb/aws4_request";
        let answer = client
            .post(setting("TEST_DYNAMODB_LOCAL_URL"))
            .header("x-amz-target", "DynamoDB_20120810.CreateTable")
            .header("content-type", "application/x-amz-json-1.0")
            .header(
                "authorization",
                format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=none"),
            )
            .body(asked.to_string())
            .send()
            .await
            .unwrap();
        let status = answer.status();
        assert!(status.is_success(), "{status}: {}", answer.text().await.unwrap());
    }
    prefix
}
