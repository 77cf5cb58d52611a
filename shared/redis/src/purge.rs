//! Purging: Redis removes expired records itself, and leaves their names in the indexes.

use gatelet_core::outage::Outage;
use gatelet_core::records::Purged;
use redis::Script;

use crate::connection::{Connection, Fault};

const DOING: &str = "purge records";
/// How many indexes, or names of one index, are looked at in one step.
const STEP: usize = 200;
/// What the key of an index ends with, and nothing else can: it follows the hash tag.
pub(crate) const INDEX: &str = "}:index";

/// A purge on its way through the indexes.
pub(crate) struct Purge<'a> {
    connection: &'a Connection,
    script: Script,
    left: usize,
}

impl<'a> Purge<'a> {
    /// Takes at most `budget` names off all indexes.
    pub(crate) async fn run(connection: &'a Connection, budget: usize) -> Result<Purged, Outage> {
        let script = Script::new(include_str!("purge.lua"));
        let mut purge = Self { connection, script, left: budget };
        purge.all_indexes().await.map_err(|fault| fault.harmless(DOING))?;
        Ok(Purged { deleted: budget - purge.left, more: purge.left == 0 })
    }

    async fn all_indexes(&mut self) -> Result<(), Fault> {
        let mut cursor = 0;
        loop {
            let mut scan = redis::pipe();
            scan.cmd("SCAN")
                .arg(cursor)
                .arg("MATCH")
                .arg(format!("*{INDEX}"))
                .arg("COUNT")
                .arg(STEP);
            let ((next, indexes),): ((u64, Vec<String>),) = self.connection.query(&scan).await?;
            for index in indexes {
                self.one_index(&index).await?;
            }
            cursor = next;
            if cursor == 0 || self.left == 0 {
                return Ok(());
            }
        }
    }

    async fn one_index(&mut self, index: &str) -> Result<(), Fault> {
        let mut after = "-".to_owned();
        while self.left > 0 {
            let step = self.left.min(STEP);
            let mut range = redis::pipe();
            range.cmd("ZRANGEBYLEX").arg(index).arg(&after).arg("+").arg("LIMIT").arg(0).arg(step);
            let (names,): (Vec<String>,) = self.connection.query(&range).await?;
            let Some(last) = names.last() else { return Ok(()) };
            after = format!("({last}");

            let mut invocation = self.script.key(index);
            for name in &names {
                invocation.key(record_key(index, name)).arg(name);
            }
            let removed: usize = self.connection.run(&invocation).await?;
            self.left -= removed.min(self.left);
        }
        Ok(())
    }
}

fn record_key(index: &str, name: &str) -> String {
    format!("{}}}:r:{name}", index.trim_end_matches(INDEX))
}
