//! The records in memory are records like any other.

use std::sync::Arc;

use gatelet_contracts::records::records_contract;
use gatelet_played::MemoryRecords;

#[tokio::test]
async fn records_in_memory_keep_the_contract() {
    records_contract(Arc::new(MemoryRecords::default())).await;
}
