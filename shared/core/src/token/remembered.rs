//! What a process remembers of access tokens that it has verified: what they say, never that they may pass.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};

use super::Access;
use crate::clock::Timestamp;
use crate::revocation::{Cut, Endings};

/// How many tokens one half of the memory holds.
const HALF: usize = 2048;

/// The SHA-256 of a token, which stands for it: the token itself is not kept.
pub(super) type TokenName = [u8; 32];

/// What stands for a token in memory.
pub(super) fn name_of(token: &str) -> TokenName {
    let mut name = [0; 32];
    name.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    name
}

/// What a verified token says.
pub(super) struct Known {
    /// What it says about its bearer.
    pub(super) access: Arc<Access>,
    /// The key that it was verified with.
    pub(super) key: String,
    /// When it becomes good.
    pub(super) begins_at: Timestamp,
    cuts: OnceLock<Cuts>,
}

/// The digests of what would end a token.
struct Cuts {
    session: String,
    others: Vec<String>,
}

impl Known {
    pub(super) fn new(access: Access, key: String, begins_at: Timestamp) -> Self {
        Self { access: Arc::new(access), key, begins_at, cuts: OnceLock::new() }
    }

    /// Whether something that the token stands on has ended. The end of its own session counts whenever the
    /// session was begun; every other cut ends what was begun before it.
    pub(super) fn is_over(&self, endings: &Endings) -> bool {
        if endings.is_empty() {
            return false;
        }
        let cuts = self.cuts.get_or_init(|| Cuts::of(&self.access));
        let begun = self.access.begun_at;
        let is_cut = |digest: &String| endings.until(digest).is_some_and(|until| begun <= until);
        endings.until(&cuts.session).is_some() || cuts.others.iter().any(is_cut)
    }
}

impl Cuts {
    fn of(access: &Access) -> Self {
        let others = [
            Cut::Person(access.subject.clone()),
            Cut::Tenant(access.tenant.clone()),
            Cut::Client(access.client_id.clone()),
        ];
        let others = others.iter().map(Cut::digest).chain(access.provider_session.clone());
        Self { session: Cut::Session(access.session_id.clone()).digest(), others: others.collect() }
    }
}

/// The tokens that a process has verified lately, a bounded number of them. Begins empty.
#[derive(Default)]
pub struct RememberedTokens(Mutex<Halves>);

/// When the younger half is full, the older half is forgotten and the younger becomes the older.
#[derive(Default)]
struct Halves {
    younger: HashMap<TokenName, Arc<Known>>,
    older: HashMap<TokenName, Arc<Known>>,
}

impl RememberedTokens {
    pub(super) fn find(&self, name: &TokenName) -> Option<Arc<Known>> {
        let mut halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = halves.younger.get(name) {
            return Some(Arc::clone(known));
        }
        let known = halves.older.remove(name)?;
        halves.keep(*name, Arc::clone(&known));
        Some(known)
    }

    pub(super) fn keep(&self, name: TokenName, known: Arc<Known>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keep(name, known);
    }
}

impl Halves {
    fn keep(&mut self, name: TokenName, known: Arc<Known>) {
        if self.younger.len() >= HALF {
            self.older = mem::take(&mut self.younger);
        }
        self.younger.insert(name, known);
    }
}
