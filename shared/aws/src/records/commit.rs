//! A commit as one conditional call: a put or a delete of one item, or a transaction of several.

use std::collections::HashMap;
use std::error::Error;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, Put, TransactWriteItem,
};
use gatelet_core::clock::Timestamp;
use gatelet_core::records::{Commit, Condition, Outcome, Version, Write};

use super::item::{self, Item};
use crate::fault::Fault;

/// A condition expression and its values.
type Test = (&'static str, Item);

/// Sends the commit once. A lost answer is never followed by a second call, which might meet the first one's
/// writes and report a conflict with itself.
pub(super) async fn attempt(
    client: &Client,
    table: &str,
    commit: &Commit,
    now: Timestamp,
) -> Result<Outcome, Fault> {
    let writes = commit.writes().iter().map(|write| call_of(table, commit, write, now));
    let mut writes: Vec<_> = writes.collect::<Result<_, _>>().map_err(|it| Fault::unsent(&it))?;
    if writes.len() > 1 {
        return transact(client, writes).await;
    }
    match writes.pop() {
        None => Ok(Outcome::Committed),
        Some(TransactWriteItem { put: Some(put), .. }) => put_item(client, put).await,
        Some(TransactWriteItem { delete: Some(delete), .. }) => delete_item(client, delete).await,
        Some(expect) => transact(client, vec![expect]).await,
    }
}

async fn put_item(client: &Client, put: Put) -> Result<Outcome, Fault> {
    let call = client.put_item().table_name(put.table_name).set_item(Some(put.item));
    let answer = call
        .set_condition_expression(put.condition_expression)
        .set_expression_attribute_values(put.expression_attribute_values)
        .customize()
        .config_override(once())
        .send()
        .await;
    answer.map_or_else(|error| ended(&error), |_| Ok(Outcome::Committed))
}

async fn delete_item(client: &Client, delete: Delete) -> Result<Outcome, Fault> {
    let call = client.delete_item().table_name(delete.table_name).set_key(Some(delete.key));
    let answer = call
        .set_condition_expression(delete.condition_expression)
        .set_expression_attribute_values(delete.expression_attribute_values)
        .customize()
        .config_override(once())
        .send()
        .await;
    answer.map_or_else(|error| ended(&error), |_| Ok(Outcome::Committed))
}

async fn transact(client: &Client, writes: Vec<TransactWriteItem>) -> Result<Outcome, Fault> {
    let call = client.transact_write_items().set_transact_items(Some(writes));
    let Err(error) = call.customize().config_override(once()).send().await else {
        return Ok(Outcome::Committed);
    };
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        return Err(Fault::of(&error));
    };
    let reasons = cancelled.cancellation_reasons();
    if reasons.iter().any(|reason| reason.code() == Some("ConditionalCheckFailed")) {
        return Ok(Outcome::Conflict);
    }
    Err(Fault { passes: reasons.iter().all(passes), ..Fault::of(&error) })
}

/// Whether what a cancelled transaction ran into goes away by itself: other writers, or a quota of this second.
fn passes(reason: &CancellationReason) -> bool {
    let passing =
        ["None", "TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"];
    reason.code().is_none_or(|code| passing.contains(&code))
}

fn ended<E>(error: &SdkError<E, HttpResponse>) -> Result<Outcome, Fault>
where
    E: Error + ProvideErrorMetadata + 'static,
{
    if error.code() == Some("ConditionalCheckFailedException") {
        Ok(Outcome::Conflict)
    } else {
        Err(Fault::of(error))
    }
}

fn once() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}

fn call_of(
    table: &str,
    commit: &Commit,
    write: &Write,
    now: Timestamp,
) -> Result<TransactWriteItem, BuildError> {
    let key = item::key(commit.partition(), write.key());
    let call = TransactWriteItem::builder();
    let call = match write {
        Write::Put { condition, body, expires_at, .. } => {
            let (test, values) = test_of(*condition, now).unzip();
            let put = Put::builder()
                .table_name(table)
                .set_item(Some(item::encode(key, commit.version(), body, *expires_at)))
                .set_condition_expression(test.map(str::to_owned))
                .set_expression_attribute_values(values);
            call.put(put.build()?)
        }
        Write::Delete { version, .. } => {
            let (test, values) = version.map(|version| live_at(version, now)).unzip();
            let delete = Delete::builder()
                .table_name(table)
                .set_key(Some(key))
                .set_condition_expression(test.map(str::to_owned))
                .set_expression_attribute_values(values);
            call.delete(delete.build()?)
        }
        Write::Expect { version, .. } => {
            let (test, values) = live_at(*version, now);
            let check = ConditionCheck::builder()
                .table_name(table)
                .set_key(Some(key))
                .condition_expression(test)
                .set_expression_attribute_values(Some(values));
            call.condition_check(check.build()?)
        }
    };
    Ok(call.build())
}

fn test_of(condition: Condition, now: Timestamp) -> Option<Test> {
    match condition {
        Condition::Anything => None,
        Condition::Absent => {
            Some(("attribute_not_exists(pk) OR x <= :now", values([(":now", moment(now))])))
        }
        Condition::Version(version) => Some(live_at(version, now)),
    }
}

fn live_at(version: Version, now: Timestamp) -> Test {
    let test = "v = :v AND (attribute_not_exists(x) OR x > :now)";
    (test, values([(":v", item::version_value(version)), (":now", moment(now))]))
}

fn moment(now: Timestamp) -> AttributeValue {
    item::number(now.millis())
}

fn values<const N: usize>(values: [(&str, AttributeValue); N]) -> Item {
    HashMap::from(values.map(|(name, value)| (name.to_owned(), value)))
}
