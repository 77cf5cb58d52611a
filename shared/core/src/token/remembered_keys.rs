//! What a process remembers of the key ring: the key to sign with, and the keys to verify with, parsed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::claims::written_header;
use super::{KeyRing, RingKey, VerifyingKey};
use crate::clock::Timestamp;
use crate::outage::{Chain, Outage};
use crate::random::Random;
use crate::records::{Records, StoreError};

/// How long a process signs with the key that it last found to be the current one.
pub(super) const SIGNING_FRESH: Duration = Duration::from_mins(1);
/// How long a process verifies with the keys that it last found in the ring: as long as others may keep the
/// published set.
pub(super) const VERIFYING_FRESH: Duration = Duration::from_mins(5);
/// How soon a key that is not known makes a process look again. Strangers can name any key.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// What a process remembers of the key ring. Begins empty.
#[derive(Default)]
pub struct RememberedKeys(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    signing: Option<(RingKey, Timestamp)>,
    verifying: Option<Verifying>,
}

#[derive(Clone)]
struct Verifying {
    keys: Arc<Keys>,
    read_at: Timestamp,
    tried_at: Timestamp,
}

/// The keys of the ring, ready for use.
pub(super) struct Keys {
    by_id: HashMap<String, VerifyingKey>,
    /// The id of each key by the header that we write for it, which saves reading what says the same each time.
    by_header: HashMap<String, Arc<str>>,
}

impl Keys {
    pub(super) fn find(&self, id: &str) -> Option<&VerifyingKey> {
        self.by_id.get(id)
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// The id of the key whose tokens have exactly this header.
    pub(super) fn named_by(&self, header: &str) -> Option<Arc<str>> {
        self.by_header.get(header).map(Arc::clone)
    }

    fn of(ring: &[RingKey]) -> Result<Self, StoreError> {
        let mut keys = Self { by_id: HashMap::new(), by_header: HashMap::new() };
        for key in ring {
            let parsed = key.public.parse().ok_or_else(|| {
                StoreError::unreadable("key", "it is no RSA key that can verify anything")
            })?;
            let header = written_header(&key.id)
                .map_err(|error| Outage::harmless("write a token's header", error))?;
            keys.by_header.insert(header, key.id.as_str().into());
            keys.by_id.insert(key.id.as_str().to_owned(), parsed);
        }
        Ok(keys)
    }
}

impl RememberedKeys {
    /// The key to sign with. That there is none yet is an outage: the upkeep makes it.
    pub(super) async fn current(
        &self,
        records: &dyn Records,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<RingKey, StoreError> {
        let known = self.with(|known| {
            let (key, read_at) = known.signing.as_ref()?;
            read_at.is_within(SIGNING_FRESH, now).then(|| key.clone())
        });
        if let Some(key) = known {
            return Ok(key);
        }
        let found = KeyRing::new(records, random).current(now).await?;
        let key = found.ok_or_else(|| {
            Outage::harmless("find the key to sign with", "there is none yet: upkeep makes it")
        })?;
        self.with(|known| known.signing = Some((key.clone(), now)));
        Ok(key)
    }

    /// The keys to verify with.
    pub(super) async fn verifying(
        &self,
        records: &dyn Records,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<Arc<Keys>, StoreError> {
        let Some(known) = self.with(|known| known.verifying.clone()) else {
            return self.look(records, random, now).await;
        };
        let fresh = known.read_at.is_within(VERIFYING_FRESH, now);
        if fresh || known.tried_at.is_within(LOOK_AGAIN, now) {
            return Ok(known.keys);
        }
        match self.look(records, random, now).await {
            Ok(keys) => Ok(keys),
            // Keys do not go bad by an outage, and whoever checks a token asks for the revocations as well.
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "verifying with the keys known last");
                self.note_try(now);
                Ok(known.keys)
            }
        }
    }

    /// The same, for a key that is not among them: read anew, unless that was done a moment ago.
    pub(super) async fn verifying_again(
        &self,
        records: &dyn Records,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<Arc<Keys>, StoreError> {
        let known = self.with(|known| known.verifying.clone());
        if let Some(known) = known.filter(|known| known.tried_at.is_within(LOOK_AGAIN, now)) {
            return Ok(known.keys);
        }
        // Noted before the answer, so that a flood of unknown names makes one read.
        self.note_try(now);
        self.look(records, random, now).await
    }

    async fn look(
        &self,
        records: &dyn Records,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<Arc<Keys>, StoreError> {
        let ring = KeyRing::new(records, random).published(now).await?;
        let keys = Arc::new(Keys::of(&ring)?);
        // An empty ring is about to be filled, and is not worth remembering.
        let verifying = Verifying { keys: Arc::clone(&keys), read_at: now, tried_at: now };
        self.with(|known| known.verifying = (!ring.is_empty()).then_some(verifying));
        Ok(keys)
    }

    fn note_try(&self, now: Timestamp) {
        self.with(|known| {
            if let Some(verifying) = &mut known.verifying {
                verifying.tried_at = now;
            }
        });
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Remembered) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
