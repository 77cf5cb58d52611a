//! Table storage.

use std::sync::Arc;

use gatelet_azure::TableRecords;
use gatelet_contracts::families::families_contract;
use gatelet_contracts::records::{Stage, purge, records_contract};
use gatelet_contracts::unique;
use gatelet_core::records::Table;

use crate::place::{client, service, set_up, storage};

/// Records in tables that nobody else uses, because a purge looks at whole tables.
async fn records() -> Arc<TableRecords> {
    let tables = service("TEST_AZURITE_TABLE_URL");
    let prefix = format!("t{}", unique());
    for table in Table::ALL {
        let request = client("TEST_AZURITE_CA")
            .post(format!("{tables}/Tables"))
            .header("content-type", "application/json")
            .header("accept", "application/json;odata=nometadata")
            .body(format!(r#"{{"TableName":"{prefix}{table}"}}"#));
        set_up(request).await;
    }
    Arc::new(TableRecords::new(&storage(), tables, &prefix))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs azurite: cargo xtask test starts it"]
async fn table_storage_keeps_the_contract_of_records() {
    records_contract(records().await).await;
}

// Proves std 72; L 1, 35.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs azurite: cargo xtask test starts it"]
async fn table_storage_keeps_families() {
    families_contract(records().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs azurite: cargo xtask test starts it"]
async fn a_purge_of_tables_deletes_what_expired() {
    purge::a_purge_deletes_what_expired(&Stage::new(records().await)).await;
}
