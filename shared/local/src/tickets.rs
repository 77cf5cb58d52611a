//! Tickets: random words that stand for one upload or download, once and for a minute. The database keeps
//! only their digests.

use aws_lc_rs::digest::{SHA256, digest};
use gatelet_core::clock::Timestamp;
use gatelet_core::objects::{ADDRESS_LIFETIME, ObjectName, Place};
use gatelet_core::outage::Outage;
use gatelet_core::random::{Random, draw};
use rusqlite::{OptionalExtension as _, Transaction, params};

use crate::database::{Database, to_sql};

/// What a ticket lets its holder do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Create the object.
    Upload,
    /// Read the object.
    Download,
}

/// What a ticket stood for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redeemed {
    /// The object, always one of [`Place::Files`].
    pub name: ObjectName,
    /// What may be done with it.
    pub direction: Direction,
}

impl Direction {
    const fn name(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Download => "download",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Upload, Self::Download].into_iter().find(|direction| direction.name() == name)
    }
}

/// Makes a ticket for an object of [`Place::Files`].
pub(crate) async fn issue(
    database: &Database,
    random: &dyn Random,
    redeemed: Redeemed,
    now: Timestamp,
) -> Result<String, Outage> {
    let ticket = hex::encode(draw::<32>(random));
    let digest = digest_of(&ticket);
    let work = move |transaction: &Transaction<'_>| {
        let path = redeemed.name.path();
        let end = to_sql(now + ADDRESS_LIFETIME);
        transaction
            .prepare_cached(
                "INSERT INTO tickets (digest, direction, path, expires_at) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![digest, redeemed.direction.name(), path, end])
    };
    database.write("issue a ticket", work).await?;
    Ok(ticket)
}

/// Takes a ticket; `None` when it is unknown, used or too old. It is gone from then on.
pub(crate) async fn redeem(
    database: &Database,
    ticket: &str,
    now: Timestamp,
) -> Result<Option<Redeemed>, Outage> {
    let digest = digest_of(ticket);
    let work = move |transaction: &Transaction<'_>| {
        transaction
            .prepare_cached(
                "DELETE FROM tickets WHERE digest = ?1 AND expires_at > ?2
                 RETURNING path, direction",
            )?
            .query_row(params![digest, to_sql(now)], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
    };
    let found: Option<(String, String)> = database.write("redeem a ticket", work).await?;
    let Some((path, direction)) = found else { return Ok(None) };
    let name = ObjectName::new(Place::Files, path)
        .map_err(|bad| Outage::harmless("redeem a ticket", bad))?;
    let direction = Direction::from_name(&direction)
        .ok_or_else(|| Outage::harmless("redeem a ticket", "no such direction"))?;
    Ok(Some(Redeemed { name, direction }))
}

/// Forgets tickets that ended at or before a moment.
pub(crate) async fn purge(database: &Database, before: Timestamp) -> Result<(), Outage> {
    let work = move |transaction: &Transaction<'_>| {
        transaction.execute("DELETE FROM tickets WHERE expires_at <= ?1", params![to_sql(before)])
    };
    database.write("purge tickets", work).await.map(|_| ())
}

fn digest_of(ticket: &str) -> Vec<u8> {
    digest(&SHA256, ticket.as_bytes()).as_ref().to_vec()
}
