//! One transition of a run while it is made: the row, what is told of it, and what is stored with it, all in one
//! commit.
//!
//! The records that are written once, audit entries and events, stand first in the commit. Whoever has lost the
//! store's answer finds by the first of them whether it arrived, whatever became of the row since.

use serde_json::{Map, Value};

use super::event::{self, Event, Happening};
use super::row::Run;
use super::runs::partition;
use super::state::State;
use crate::audit::{Actor, Entry};
use crate::clock::Timestamp;
use crate::random::Random;
use crate::records::{Commit, Condition, Name, StoreError, encode};

/// A transition.
pub(super) struct Draft {
    /// The row as it will be.
    pub(super) run: Run,
    entries: Vec<(Entry, Map<String, Value>)>,
    events: Vec<Happening>,
    first: Vec<Put>,
    puts: Vec<Put>,
}

type Put = (Name, Condition, Vec<u8>);

/// What a decision about a draft comes to.
pub(super) enum Choice<T> {
    /// Nothing is stored.
    Leave(T),
    /// The draft is stored.
    Store(T),
}

/// Why a run stands where it stands.
pub(super) struct Why<'a> {
    /// Who brought it there.
    pub(super) actor: Actor,
    /// By doing what.
    pub(super) action: &'static str,
    /// The code of the new state, if it has one.
    pub(super) code: Option<&'a str>,
}

impl Draft {
    pub(super) fn of(run: Run) -> Self {
        Self { run, entries: Vec::new(), events: Vec::new(), first: Vec::new(), puts: Vec::new() }
    }

    /// Tells something to whoever watches.
    pub(super) fn tell(&mut self, what: Happening) {
        self.events.push(what);
    }

    /// Adds an entry to the audit chain. Which attempt it was stands in each.
    pub(super) fn audit(
        &mut self,
        actor: Actor,
        action: &'static str,
        outcome: &str,
        mut detail: Map<String, Value>,
    ) {
        detail.insert("fence".into(), self.run.fence.into());
        detail.insert("attempt".into(), self.run.attempt.into());
        detail.insert("state".into(), self.run.state.name().into());
        if let Some(trace) = self.run.trace_id() {
            detail.insert("trace_id".into(), trace.into());
        }
        let entry = Entry {
            tenant: self.run.tenant.clone(),
            actor,
            action,
            resource: format!("run:{}", self.run.id),
            outcome: outcome.into(),
        };
        self.entries.push((entry, detail));
    }

    /// Brings the run into a state, which is an event and an entry of the audit chain.
    pub(super) fn turn(&mut self, state: State, why: Why<'_>, detail: Map<String, Value>) {
        self.run.state = state;
        self.run.code = why.code.map(str::to_owned);
        self.audit(why.actor, why.action, why.code.unwrap_or("ok"), detail);
        self.tell(Happening::State {
            state,
            code: self.run.code.clone(),
            attempt: self.run.attempt,
            continues_at_ms: self.run.continues_at().map(Timestamp::millis),
        });
    }

    /// Stores a record with the transition.
    pub(super) fn put(&mut self, key: Name, body: Vec<u8>) {
        self.puts.push((key, Condition::Anything, body));
    }

    /// Stores a record that must not be there yet.
    pub(super) fn put_once(&mut self, key: Name, body: Vec<u8>) {
        self.first.push((key, Condition::Absent, body));
    }

    /// The commit, and the run as it is once that has arrived.
    pub(super) fn seal(
        self,
        condition: Condition,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<(Commit, Run), StoreError> {
        let Self { mut run, entries, events, first, puts } = self;
        let mut commit = Commit::new(partition(&run.tenant, &run.id)?, random);
        for (entry, detail) in &entries {
            let (linked, head) = run.audit.link_with(entry, detail, now);
            let key = Name::new(format!("audit:{:08}", linked.seq))?;
            commit = commit.put(key, Condition::Absent, linked.bytes, None)?;
            run.audit = head;
        }
        for (key, condition, body) in first {
            commit = commit.put(key, condition, body, None)?;
        }
        for what in events {
            run.seq = run.seq.saturating_add(1);
            let event = Event { seq: run.seq, at_ms: now.millis(), what };
            let body = encode("event", &event)?;
            commit = commit.put(event::key(run.seq)?, Condition::Absent, body, None)?;
        }
        for (key, condition, body) in puts {
            commit = commit.put(key, condition, body, None)?;
        }
        let commit = commit.put(Name::new("row")?, condition, run.encode()?, None)?;
        Ok((commit, run))
    }
}

/// Members for an entry's detail.
pub(super) fn detail<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
