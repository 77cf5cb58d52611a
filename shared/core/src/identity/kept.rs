//! What a provider has published, kept while it is fresh, and a while longer when the provider is away or lies.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::lock::Mutex as Turn;

use super::client_auth::RememberedCredentials;
use super::key_set::KeySet;
use super::metadata::Metadata;
use crate::clock::Timestamp;
use crate::outage::{Chain, Outage};

/// How long something is fresh where its server does not say.
const UNSAID: Duration = Duration::from_hours(1);
/// The shortest time for which it is taken to be fresh.
const SHORTEST: Duration = Duration::from_mins(5);
/// The longest.
const LONGEST: Duration = Duration::from_hours(24);
/// How long something stays in use after it should have been replaced, while the provider cannot replace it.
const BEYOND: Duration = Duration::from_hours(24);
/// How long a provider is left alone after it was asked out of turn, or did not answer well.
const PAUSE: Duration = Duration::from_secs(30);
/// How many issuers a process remembers.
const ISSUERS: usize = 1000;

/// What a process remembers of identity providers.
#[derive(Default)]
pub struct RememberedProviders {
    published: Mutex<HashMap<String, Arc<Published>>>,
    pub(super) credentials: RememberedCredentials,
}

/// What one issuer has published.
#[derive(Default)]
pub(super) struct Published {
    pub(super) metadata: Kept<Metadata>,
    pub(super) keys: Kept<KeySet>,
}

impl RememberedProviders {
    /// What is remembered of an issuer.
    pub(super) fn of(&self, issuer: &str) -> Arc<Published> {
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        if published.len() >= ISSUERS && !published.contains_key(issuer) {
            published.clear();
        }
        Arc::clone(published.entry(issuer.to_owned()).or_default())
    }
}

/// One document.
pub(super) struct Kept<T> {
    state: Mutex<Option<State<T>>>,
    /// Held by whoever is asking the provider, so that a process asks once.
    turn: Turn<()>,
}

struct State<T> {
    value: Arc<T>,
    due_at: Timestamp,
    tried_at: Timestamp,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { state: Mutex::new(None), turn: Turn::new(()) }
    }
}

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value), due_at: self.due_at, tried_at: self.tried_at }
    }
}

impl<T> State<T> {
    /// Whether there is no reason to ask the provider.
    fn is_enough(&self, now: Timestamp) -> bool {
        now < self.due_at || (self.is_usable(now) && self.tried_at.is_within(PAUSE, now))
    }

    fn is_usable(&self, now: Timestamp) -> bool {
        now < self.due_at + BEYOND
    }
}

impl<T: Send + Sync> Kept<T> {
    /// The document: the remembered one while it is fresh, or else what `fetch` brings.
    pub(super) async fn get(
        &self,
        now: Timestamp,
        fetch: impl Future<Output = Result<(T, Option<Duration>), Outage>> + Send,
    ) -> Result<Arc<T>, Outage> {
        let known = self.state();
        if let Some(state) = known.as_ref().filter(|state| state.is_enough(now)) {
            return Ok(Arc::clone(&state.value));
        }
        let _turn = match known.filter(|state| state.is_usable(now)) {
            None => self.turn.lock().await,
            Some(state) => match self.turn.try_lock() {
                Some(turn) => turn,
                None => return Ok(state.value),
            },
        };
        match self.state().filter(|state| state.is_enough(now)) {
            Some(state) => Ok(state.value),
            None => self.ask(now, fetch).await,
        }
    }

    /// A newer document than the one in which something was missing, if the provider may be asked again
    /// already; or else the same.
    pub(super) async fn newer(
        &self,
        known: &Arc<T>,
        now: Timestamp,
        fetch: impl Future<Output = Result<(T, Option<Duration>), Outage>> + Send,
    ) -> Result<Arc<T>, Outage> {
        let _turn = self.turn.lock().await;
        match self.state() {
            Some(state)
                if !Arc::ptr_eq(&state.value, known) || state.tried_at.is_within(PAUSE, now) =>
            {
                Ok(state.value)
            }
            _ => self.ask(now, fetch).await,
        }
    }

    /// The new document is complete before it takes the old one's place.
    async fn ask(
        &self,
        now: Timestamp,
        fetch: impl Future<Output = Result<(T, Option<Duration>), Outage>> + Send,
    ) -> Result<Arc<T>, Outage> {
        match (fetch.await, self.state()) {
            (Ok((value, max_age)), _) => {
                let fresh_for = max_age.unwrap_or(UNSAID).clamp(SHORTEST, LONGEST);
                let value = Arc::new(value);
                let kept = Arc::clone(&value);
                self.keep(State { value: kept, due_at: now + fresh_for, tried_at: now });
                Ok(value)
            }
            (Err(outage), Some(state)) if state.is_usable(now) => {
                tracing::warn!(error = %Chain(&outage), "what the provider said last stays in use");
                let value = Arc::clone(&state.value);
                self.keep(State { tried_at: now, ..state });
                Ok(value)
            }
            (Err(outage), _) => Err(outage),
        }
    }

    fn state(&self) -> Option<State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, state: State<T>) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = Some(state);
    }
}
