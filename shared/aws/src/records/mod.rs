//! Records, kept by DynamoDB in one table for each [`Table`].

mod commit;
mod item;

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::records::{
    Commit, Name, Outcome, Page, Partition, Purged, Range, Record, Records, Table,
};

use self::commit::attempt;
use crate::account::Account;
use crate::fault::{persist, unread};

/// Keeps each table in a DynamoDB table of a prefix and its name, with the string keys `pk` and `sk`. What has
/// expired is deleted by DynamoDB, where time to live is switched on for the attribute `ttl`.
pub struct DynamoRecords {
    account: Arc<Account>,
    prefix: String,
}

impl DynamoRecords {
    /// The tables whose names begin with this prefix, such as `gatelet-`.
    pub fn new(account: Arc<Account>, prefix: impl Into<String>) -> Self {
        Self { account, prefix: prefix.into() }
    }

    fn table(&self, table: Table) -> String {
        format!("{}{}", self.prefix, table.name())
    }
}

#[async_trait]
impl Records for DynamoRecords {
    async fn get(
        &self,
        partition: &Partition,
        key: &Name,
        now: Timestamp,
    ) -> Result<Option<Record>, Outage> {
        const DOING: &str = "read a record";
        let call = self.account.dynamodb().get_item().table_name(self.table(partition.table()));
        let answer = call
            .set_key(Some(item::key(partition, key)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| unread(DOING, &error))?;
        let record = answer.item.map(item::decode).transpose();
        let record = record.map_err(|cause| Outage::harmless(DOING, cause))?;
        Ok(record.filter(|record| record.is_live(now)))
    }

    async fn list(
        &self,
        partition: &Partition,
        range: &Range,
        now: Timestamp,
    ) -> Result<Page, Outage> {
        const DOING: &str = "list records";
        let (low, high) = item::bounds(range);
        if low > high {
            return Ok(Page::default());
        }
        let call = self.account.dynamodb().query().table_name(self.table(partition.table()));
        let answer = call
            .key_condition_expression("pk = :pk AND sk BETWEEN :low AND :high")
            .expression_attribute_values(":pk", item::text(partition.name().as_str()))
            .expression_attribute_values(":low", AttributeValue::S(low))
            .expression_attribute_values(":high", AttributeValue::S(high))
            .limit(i32::from(range.limit.max(1)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| unread(DOING, &error))?;
        let next = answer.last_evaluated_key.map(item::decode_key).transpose();
        let next = next.map_err(|cause| Outage::harmless(DOING, cause))?;
        let records = answer.items.unwrap_or_default().into_iter().map(item::decode);
        let mut records: Vec<_> =
            records.collect::<Result<_, _>>().map_err(|cause| Outage::harmless(DOING, cause))?;
        records.retain(|record| record.is_live(now));
        Ok(Page { records, next })
    }

    async fn commit(&self, commit: &Commit, now: Timestamp) -> Result<Outcome, Outage> {
        let table = self.table(commit.partition().table());
        persist(|| attempt(self.account.dynamodb(), &table, commit, now))
            .await
            .map_err(|fault| fault.into_outage("commit records"))
    }

    async fn purge(&self, _before: Timestamp, _budget: usize) -> Result<Purged, Outage> {
        Ok(Purged::default())
    }
}
