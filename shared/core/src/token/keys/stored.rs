//! The stored forms of the ring: one record a key, and its head, which names the key to sign with and the next.

use serde::{Deserialize, Serialize};

use super::{KeyState, RingKey};
use crate::clock::Timestamp;
use crate::records::{Partition, Record, StoreError, Table, Version, decode, encode};
use crate::token::{KeyHandle, RsaPublicKey};

/// The key of the head's record. No `kid` is this short.
pub(super) const HEAD: &str = "current";

/// The head of the ring as it was read.
pub(super) struct Head {
    pub(super) current: String,
    pub(super) next: Option<String>,
    pub(super) version: Version,
}

#[derive(Serialize, Deserialize)]
struct StoredHead {
    v: u8,
    kid: String,
    next: Option<String>,
}

/// The first version of this form had no state: there was one key, and it was the current one.
#[derive(Serialize, Deserialize)]
struct StoredKey {
    v: u8,
    n: String,
    e: String,
    handle: String,
    #[serde(default)]
    state: StoredState,
    since_ms: u64,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredState {
    Next,
    #[default]
    Current,
    Retiring,
}

pub(super) fn partition() -> Result<Partition, StoreError> {
    Ok(Partition::new(Table::Identity, "keys")?)
}

pub(super) fn head(current: &str, next: Option<&str>) -> Result<Vec<u8>, StoreError> {
    let stored = StoredHead { v: 2, kid: current.into(), next: next.map(str::to_owned) };
    encode("key ring", &stored)
}

pub(super) fn read_head(record: &Record) -> Result<Head, StoreError> {
    let StoredHead { kid, next, .. } = decode("key ring", record)?;
    Ok(Head { current: kid, next, version: record.version })
}

pub(super) fn key(key: &RingKey) -> Result<Vec<u8>, StoreError> {
    let state = match key.state {
        KeyState::Next => StoredState::Next,
        KeyState::Current => StoredState::Current,
        KeyState::Retiring => StoredState::Retiring,
    };
    let stored = StoredKey {
        v: 2,
        n: key.public.n(),
        e: key.public.e(),
        handle: key.handle.as_str().into(),
        state,
        since_ms: key.since.millis(),
    };
    encode("key", &stored)
}

pub(super) fn read_key(record: &Record) -> Result<(RingKey, Version), StoreError> {
    let stored: StoredKey = decode("key", record)?;
    let public = RsaPublicKey::from_jwk(&stored.n, &stored.e)
        .ok_or_else(|| StoreError::unreadable("key", "its numbers are not base64url"))?;
    let id = public.thumbprint();
    if id.as_str() != record.key.as_str() {
        return Err(StoreError::unreadable("key", "it does not have the id it is stored under"));
    }
    let state = match stored.state {
        StoredState::Next => KeyState::Next,
        StoredState::Current => KeyState::Current,
        StoredState::Retiring => KeyState::Retiring,
    };
    let since = Timestamp::from_millis(stored.since_ms);
    let handle = KeyHandle::new(stored.handle);
    Ok((RingKey { id, public, handle, state, since }, record.version))
}
