//! The queue in SQLite: messages are leased to a worker and come back unless it deletes them.

use std::time::Duration;

use async_trait::async_trait;
use gatelet_core::automation::{Queue, RunMessage};
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use crate::database::{Database, to_sql};

/// How often a message is handed out before it is set aside as poison.
pub const MAX_DELIVERIES: u32 = 5;

const WAITING: &str = "SELECT EXISTS (SELECT 1 FROM messages WHERE visible_at <= ?1)";
const SET_ASIDE: &str = "INSERT INTO poison (id, body)
    SELECT id, body FROM messages WHERE visible_at <= ?1 AND deliveries >= ?2";
const DROP_POISON: &str = "DELETE FROM messages WHERE visible_at <= ?1 AND deliveries >= ?2";
const LEASE: &str = "UPDATE messages SET visible_at = ?2, deliveries = deliveries + 1
    WHERE id = (SELECT id FROM messages WHERE visible_at <= ?1 ORDER BY visible_at, id LIMIT 1)
    RETURNING id, deliveries, body";

/// Messages in the database's one file.
pub struct SqliteQueue(Database);

/// A message in the hands of one worker, until its lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The message as JSON text.
    pub text: String,
    /// How often it was handed out, this time included.
    pub deliveries: u32,
    id: i64,
}

impl SqliteQueue {
    /// The queue of a database.
    #[must_use]
    pub const fn new(database: Database) -> Self {
        Self(database)
    }

    /// Leases the message that has waited longest; `None` when none is waiting. One that was handed out
    /// [`MAX_DELIVERIES`] times and never deleted is set aside instead.
    pub async fn receive(
        &self,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Delivery>, Outage> {
        if !self.is_waiting(now).await? {
            return Ok(None);
        }
        let work = move |transaction: &Transaction<'_>| {
            let (now, until) = (to_sql(now), to_sql(now + lease));
            if transaction.prepare_cached(SET_ASIDE)?.execute(params![now, MAX_DELIVERIES])? > 0 {
                transaction.prepare_cached(DROP_POISON)?.execute(params![now, MAX_DELIVERIES])?;
            }
            transaction
                .prepare_cached(LEASE)?
                .query_row(params![now, until], read_delivery)
                .optional()
        };
        self.0.write("receive a message", work).await
    }

    /// Looks before a worker asks for the write lock, which other processes need too: most looks find nothing.
    async fn is_waiting(&self, now: Timestamp) -> Result<bool, Outage> {
        let work = move |connection: &Connection| {
            connection.prepare_cached(WAITING)?.query_row(params![to_sql(now)], |row| row.get(0))
        };
        self.0.read("look for a message", work).await
    }

    /// Deletes a message that is done. `false` when the lease had ended and somebody else has it now.
    pub async fn delete(&self, delivery: &Delivery) -> Result<bool, Outage> {
        let (id, deliveries) = (delivery.id, delivery.deliveries);
        let work = move |transaction: &Transaction<'_>| {
            // The count tells one lease of a message from the next.
            transaction
                .prepare_cached("DELETE FROM messages WHERE id = ?1 AND deliveries = ?2")?
                .execute(params![id, deliveries])
        };
        Ok(self.0.write("delete a message", work).await? == 1)
    }

    /// The messages that were set aside, oldest first.
    pub async fn poison(&self) -> Result<Vec<String>, Outage> {
        self.0
            .read("list poison messages", |connection| {
                connection
                    .prepare_cached("SELECT body FROM poison ORDER BY id")?
                    .query_map([], |row| row.get(0))?
                    .collect()
            })
            .await
    }
}

#[async_trait]
impl Queue for SqliteQueue {
    async fn send(&self, message: &RunMessage) -> Result<(), Outage> {
        let body = message.to_json();
        let work = move |transaction: &Transaction<'_>| {
            transaction
                .prepare_cached(
                    "INSERT INTO messages (body, visible_at, deliveries) VALUES (?1, 0, 0)",
                )?
                .execute(params![body])
        };
        self.0.write("send a message", work).await.map(|_| ())
    }
}

fn read_delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery { id: row.get(0)?, deliveries: row.get(1)?, text: row.get(2)? })
}
