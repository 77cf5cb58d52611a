//! What was taken back lately, as a process knows it. It follows the feed, so that checking a token costs no read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::lock::Mutex as Turn;

use super::{Announcement, CutDigest, FEED_WINDOW, Feed, GRACE};
use crate::clock::Timestamp;
use crate::outage::{Chain, Outage};
use crate::random::Random;
use crate::records::{Records, StoreError};

/// A view that is older than this is renewed before it is used.
const FRESH: Duration = Duration::from_secs(5);
/// A view that is older than this says nothing any more.
const USABLE: Duration = Duration::from_secs(30);
/// How far a renewal reads back: an announcement may land this long after the time in its name.
const OVERLAP: Duration = Duration::from_mins(1);
/// How soon after a renewal that failed the next one is tried.
const PAUSE: Duration = Duration::from_secs(1);

/// The feed of revocations as far back as an access token can have been issued. Begins empty.
#[derive(Default)]
pub struct RevocationView {
    seen: Mutex<Seen>,
    turn: Turn<()>,
}

#[derive(Clone, Default)]
struct Seen {
    endings: Option<(Arc<Endings>, Timestamp)>,
    failed_at: Option<Timestamp>,
}

/// What has ended, and up to when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endings {
    /// Sessions, each by its own id.
    pub sessions: Ends,
    /// Everything of a person, a tenant, a client, or a session at the provider.
    pub wider: Ends,
}

/// What has ended of one reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ends(HashMap<CutDigest, Timestamp>);

impl Ends {
    /// Up to when everything is over that matches the digest of a [`Cut`](super::Cut); `None` when nothing is.
    #[must_use]
    pub fn until(&self, digest: &CutDigest) -> Option<Timestamp> {
        self.0.get(digest).copied()
    }

    /// Whether nothing has ended.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn note(&mut self, digest: CutDigest, until: Timestamp) {
        let known = self.0.entry(digest).or_insert(until);
        *known = until.max(*known);
    }

    /// Forgets what can concern no token any more.
    fn forget(&mut self, now: Timestamp) {
        self.0.retain(|_, until| *until + FEED_WINDOW + GRACE > now);
    }
}

impl RevocationView {
    /// What has ended, not older than five seconds; not older than thirty while the store is away, and after that
    /// it is an outage. Of many requests at once, one renews the view and the others wait for it.
    pub async fn current(
        &self,
        records: &dyn Records,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<Arc<Endings>, StoreError> {
        if let Some(endings) = self.seen().younger_than(FRESH, now) {
            return Ok(endings);
        }
        let _turn = self.turn.lock().await;
        let seen = self.seen();
        if let Some(endings) = seen.younger_than(FRESH, now) {
            return Ok(endings);
        }
        if seen.failed_at.is_some_and(|failed_at| failed_at.is_within(PAUSE, now)) {
            return seen.younger_than(USABLE, now).ok_or_else(|| {
                let cause = "a try that is less than a second old has failed";
                Outage::harmless("follow the revocations", cause).into()
            });
        }
        match renewed(&seen, &Feed::new(records, random), now).await {
            Ok(endings) => {
                let endings = Arc::new(endings);
                self.keep(Seen { endings: Some((Arc::clone(&endings), now)), failed_at: None });
                Ok(endings)
            }
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "the revocations could not be read");
                self.keep(Seen { failed_at: Some(now), ..seen.clone() });
                seen.younger_than(USABLE, now).ok_or(error)
            }
        }
    }

    fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, seen: Seen) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }
}

impl Seen {
    fn younger_than(&self, age: Duration, now: Timestamp) -> Option<Arc<Endings>> {
        let (endings, read_at) = self.endings.as_ref()?;
        read_at.is_within(age, now).then(|| Arc::clone(endings))
    }
}

/// Reads what was announced since the last time, and forgets what can concern no token any more.
async fn renewed(seen: &Seen, feed: &Feed<'_>, now: Timestamp) -> Result<Endings, StoreError> {
    let window = now.before(FEED_WINDOW);
    let (mut endings, since) = match &seen.endings {
        Some((known, read_at)) => (Endings::clone(known), read_at.before(OVERLAP).max(window)),
        None => (Endings::default(), window),
    };
    for Announcement { digest, of_session, until } in feed.since(since, now).await? {
        let ends = if of_session { &mut endings.sessions } else { &mut endings.wider };
        ends.note(digest, until);
    }
    endings.sessions.forget(now);
    endings.wider.forget(now);
    Ok(endings)
}
