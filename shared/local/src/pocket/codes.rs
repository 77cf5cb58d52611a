//! What the provider remembers, in memory and for a short time: requests that wait for a click, and codes that
//! wait to be redeemed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gatelet_core::clock::Timestamp;
use gatelet_core::random::{Random, draw};

use super::people::Human;

/// How long somebody may look at the page.
const PATIENCE: Duration = Duration::from_mins(10);
/// How long a code may travel (RFC 6749 §4.1.2 says ten minutes at the most).
const CODE_LIFETIME: Duration = Duration::from_mins(1);
/// How many entries are remembered at once. The oldest give way.
const ENTRIES: usize = 1000;

/// An authorization request that was found to be sound.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) challenge: String,
    pub(super) acr: Option<String>,
}

/// A request that somebody has answered.
#[derive(Clone, Debug)]
pub(super) struct Granted {
    pub(super) asked: Asked,
    pub(super) human: &'static Human,
    pub(super) auth_time: Timestamp,
    pub(super) session: String,
}

/// Requests by the name that the page carries.
pub(super) type Waiting = Once<Asked, { PATIENCE.as_secs() }>;
/// What was granted, by code.
pub(super) type Codes = Once<Granted, { CODE_LIFETIME.as_secs() }>;

/// Entries that can be taken once, and only for so many seconds.
pub(super) struct Once<T, const SECONDS: u64>(Mutex<HashMap<String, (Timestamp, T)>>);

impl<T, const SECONDS: u64> Default for Once<T, SECONDS> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T, const SECONDS: u64> Once<T, SECONDS> {
    /// Remembers an entry under a name that nobody can guess.
    pub(super) fn put(&self, entry: T, random: &dyn Random, now: Timestamp) -> String {
        let name = hex::encode(draw::<32>(random));
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|_, (since, _)| is_fresh::<SECONDS>(*since, now));
        if entries.len() >= ENTRIES {
            let oldest = entries.iter().min_by_key(|(_, (since, _))| *since);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                entries.remove(&oldest);
            }
        }
        entries.insert(name.clone(), (now, entry));
        name
    }

    /// Takes an entry. It is gone from then on, whatever becomes of it.
    pub(super) fn take(&self, name: &str, now: Timestamp) -> Option<T> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        taken.filter(|(since, _)| is_fresh::<SECONDS>(*since, now)).map(|(_, entry)| entry)
    }
}

fn is_fresh<const SECONDS: u64>(since: Timestamp, now: Timestamp) -> bool {
    now.since(since) < Duration::from_secs(SECONDS)
}
