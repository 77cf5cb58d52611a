//! The port, in commands and one script.

use std::time::Duration;

use async_trait::async_trait;
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Outage;
use gatelet_core::records::{
    Commit, Condition, Name, Outcome, Page, Partition, Purged, Range, Record, Records, Version,
    Write,
};
use redis::{Cmd, Pipeline, Script, ScriptInvocation};

use crate::connection::{ANSWER, BadAddress, Connection, Unfit};
use crate::purge::{INDEX, Purge};

/// How many records a page holds at most, so that an answer stays small.
const PAGE: u16 = 128;
/// How long Redis keeps what has expired, in case its clock and ours disagree.
const GRACE: Duration = Duration::from_hours(24);
/// The largest whole number that a script's arithmetic keeps exact, in milliseconds far from now.
const FAR: u64 = 1 << 53;

/// Records in one Redis server, or behind one address that stands for several.
pub struct RedisRecords {
    connection: Connection,
    commit: Script,
}

/// A record's fields as they are stored; all missing when there is no record.
type Fields = (Option<Vec<u8>>, Option<String>, Option<Vec<u8>>);

impl RedisRecords {
    /// The records at an address, `redis://…` or with TLS `rediss://…`. Nothing is sent yet.
    pub fn connect(url: &str) -> Result<Self, BadAddress> {
        let commit = Script::new(include_str!("commit.lua"));
        Ok(Self { connection: Connection::new(url)?, commit })
    }

    /// Refuses a server that would evict records. To be asked once, before the first commit.
    pub async fn check(&self) -> Result<(), Unfit> {
        // CONFIG is closed on most managed servers; INFO says the same.
        let mut info = redis::pipe();
        info.cmd("INFO").arg("memory");
        let (text,): (String,) = self
            .connection
            .query(&info)
            .await
            .map_err(|fault| Unfit::Unreachable(fault.harmless("check Redis")))?;
        let policy = text.lines().find_map(|line| line.strip_prefix("maxmemory_policy:"));
        match policy {
            Some("noeviction") => Ok(()),
            other => Err(Unfit::Evicts(other.unwrap_or("(not told)").to_owned())),
        }
    }

    /// Whether so many replicas have everything that was committed before this call. Waits for them, though
    /// no longer than `timeout` or the time an answer may take.
    pub async fn confirm_replicated(
        &self,
        replicas: u32,
        timeout: Duration,
    ) -> Result<bool, Outage> {
        if replicas == 0 {
            return Ok(true);
        }
        // WAIT speaks of its own connection's writes only, so there must be one. Replicas apply writes in
        // order, and so whoever has this one has all before it.
        let mut pipeline = redis::pipe();
        let patience = timeout.min(ANSWER / 2).as_millis();
        pipeline.cmd("SET").arg("{gatelet}:replicated").arg(1).ignore();
        pipeline.cmd("WAIT").arg(replicas).arg(patience.max(1).to_string());
        let (reached,): (u32,) = self
            .connection
            .query(&pipeline)
            .await
            .map_err(|fault| fault.harmless("confirm replication"))?;
        Ok(reached >= replicas)
    }
}

#[async_trait]
impl Records for RedisRecords {
    async fn get(
        &self,
        partition: &Partition,
        key: &Name,
        now: Timestamp,
    ) -> Result<Option<Record>, Outage> {
        const DOING: &str = "read a record";
        let mut pipeline = redis::pipe();
        pipeline.add_command(fields_of(partition, key.as_str()));
        let (fields,): (Fields,) =
            self.connection.query(&pipeline).await.map_err(|fault| fault.harmless(DOING))?;
        Ok(record(key.clone(), fields, DOING)?.filter(|record| record.is_live(now)))
    }

    async fn list(
        &self,
        partition: &Partition,
        range: &Range,
        now: Timestamp,
    ) -> Result<Page, Outage> {
        const DOING: &str = "list records";
        let limit = range.limit.clamp(1, PAGE);
        let mut pipeline = redis::pipe();
        pipeline.add_command(names_in(partition, range, limit));
        let (names,): (Vec<String>,) =
            self.connection.query(&pipeline).await.map_err(|fault| fault.harmless(DOING))?;
        if names.is_empty() {
            return Ok(Page::default());
        }
        let mut pipeline = Pipeline::with_capacity(names.len());
        for name in &names {
            pipeline.add_command(fields_of(partition, name));
        }
        let found: Vec<Fields> =
            self.connection.query(&pipeline).await.map_err(|fault| fault.harmless(DOING))?;

        let mut page = Page::default();
        let full = names.len() == usize::from(limit);
        for (name, fields) in names.into_iter().zip(found) {
            let name = Name::new(name).map_err(|bad| Outage::harmless(DOING, bad))?;
            if full {
                page.next = Some(name.clone());
            }
            let live = record(name, fields, DOING)?.filter(|record| record.is_live(now));
            page.records.extend(live);
        }
        Ok(page)
    }

    async fn commit(&self, commit: &Commit, now: Timestamp) -> Result<Outcome, Outage> {
        if commit.writes().is_empty() {
            return Ok(Outcome::Committed);
        }
        let invocation = invocation(&self.commit, commit, now);
        let written: bool = self
            .connection
            .run(&invocation)
            .await
            .map_err(|fault| fault.of_commit("commit records"))?;
        Ok(if written { Outcome::Committed } else { Outcome::Conflict })
    }

    async fn purge(&self, _before: Timestamp, budget: usize) -> Result<Purged, Outage> {
        Purge::run(&self.connection, budget).await
    }
}

fn tag(partition: &Partition) -> String {
    // No name holds a brace.
    format!("{{{}:{}", partition.table(), partition.name())
}

fn index_key(partition: &Partition) -> String {
    format!("{}{INDEX}", tag(partition))
}

fn record_key(partition: &Partition, name: &str) -> String {
    format!("{}}}:r:{name}", tag(partition))
}

fn fields_of(partition: &Partition, name: &str) -> Cmd {
    let mut command = redis::cmd("HMGET");
    command.arg(record_key(partition, name)).arg("v").arg("e").arg("b");
    command
}

fn names_in(partition: &Partition, range: &Range, limit: u16) -> Cmd {
    let prefix = range.prefix.as_ref();
    let begin = match (&range.after, prefix) {
        (Some(after), Some(prefix)) if after < prefix => format!("[{prefix}"),
        (Some(after), _) => format!("({after}"),
        (None, Some(prefix)) => format!("[{prefix}"),
        (None, None) => "-".to_owned(),
    };
    // 0x7f is above every character that a name may hold.
    let end = prefix.map_or_else(|| "+".to_owned(), |prefix| format!("({prefix}\u{7f}"));
    let mut command = redis::cmd("ZRANGEBYLEX");
    command.arg(index_key(partition)).arg(begin).arg(end).arg("LIMIT").arg(0).arg(limit);
    command
}

fn record(key: Name, fields: Fields, doing: &'static str) -> Result<Option<Record>, Outage> {
    let (Some(version), Some(expiry), Some(body)) = fields else { return Ok(None) };
    let unreadable = || Outage::harmless(doing, "a record that this project did not write");
    let version = Version::from_bytes(version.try_into().map_err(|_| unreadable())?);
    let expires_at = match expiry.as_str() {
        "" => None,
        millis => Some(Timestamp::from_millis(millis.parse().map_err(|_| unreadable())?)),
    };
    Ok(Some(Record { key, version, expires_at, body }))
}

fn invocation<'a>(script: &'a Script, commit: &Commit, now: Timestamp) -> ScriptInvocation<'a> {
    let mut invocation = script.key(index_key(commit.partition()));
    invocation.arg(commit.version().as_bytes()).arg(millis(now));
    for write in commit.writes() {
        let name = write.key().as_str();
        let (kind, condition, body, end): (_, _, &[u8], _) = match write {
            Write::Put { condition, body, expires_at, .. } => {
                ("put", *condition, body, *expires_at)
            }
            Write::Delete { version, .. } => {
                ("delete", version.map_or(Condition::Anything, Condition::Version), &[], None)
            }
            Write::Expect { version, .. } => ("expect", Condition::Version(*version), &[], None),
        };
        let (condition, expected) = match &condition {
            Condition::Absent => ("absent", &[][..]),
            Condition::Version(version) => ("version", &version.as_bytes()[..]),
            Condition::Anything => ("anything", &[][..]),
        };
        invocation
            .key(record_key(commit.partition(), name))
            .arg(kind)
            .arg(name)
            .arg(condition)
            .arg(expected)
            .arg(end.map(millis).unwrap_or_default())
            .arg(end.map(|end| millis(end + GRACE)).unwrap_or_default())
            .arg(body);
    }
    invocation
}

fn millis(moment: Timestamp) -> String {
    moment.millis().min(FAR).to_string()
}
