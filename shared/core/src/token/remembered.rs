//! What a process remembers of access tokens that it has verified: what they say, never that they may pass.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::{Access, Sha256Digest};
use crate::clock::Timestamp;
use crate::revocation::{CutDigest, Endings, Ends};

/// How many tokens one half of the memory holds.
const HALF: usize = 2048;

/// What stands for a token in memory: the digest that is signed, which is needed for verifying anyway, and the
/// signature. The claims themselves are not kept.
pub(super) struct Presented<'a> {
    /// The digest of what was signed.
    pub(super) digest: Sha256Digest,
    /// The signature as it stands in the token.
    pub(super) signature: &'a str,
}

/// What a verified token says.
pub(super) struct Known {
    /// What it says about its bearer.
    pub(super) access: Arc<Access>,
    /// The key that it was verified with.
    pub(super) key: Arc<str>,
    /// When it becomes good.
    pub(super) begins_at: Timestamp,
    /// The signature that was verified, as it stands in the token.
    signature: Box<str>,
    session: OnceLock<CutDigest>,
    wider: OnceLock<[Option<CutDigest>; 4]>,
}

impl Known {
    pub(super) fn new(
        access: Access,
        key: Arc<str>,
        begins_at: Timestamp,
        signature: &str,
    ) -> Self {
        let (access, signature) = (Arc::new(access), signature.into());
        let (session, wider) = (OnceLock::new(), OnceLock::new());
        Self { access, key, begins_at, signature, session, wider }
    }

    /// Whether something that the token stands on has ended. The end of its own session counts whenever the
    /// session was begun; every other cut ends what was begun before it.
    pub(super) fn is_over(&self, endings: &Endings) -> bool {
        let is_over = !endings.sessions.is_empty() && {
            let session = || CutDigest::of_session(&self.access.session_id);
            endings.sessions.until(self.session.get_or_init(session)).is_some()
        };
        is_over || self.is_cut(&endings.wider)
    }

    fn is_cut(&self, ends: &Ends) -> bool {
        if ends.is_empty() {
            return false;
        }
        let digests = self.wider.get_or_init(|| wider_cuts(&self.access));
        let covers = |digest| ends.until(digest).is_some_and(|until| self.access.begun_at <= until);
        digests.iter().flatten().any(covers)
    }
}

/// The digests of what would end a token beside its own session.
fn wider_cuts(access: &Access) -> [Option<CutDigest>; 4] {
    [
        Some(CutDigest::of_person(&access.subject)),
        Some(CutDigest::of_tenant(&access.tenant)),
        Some(CutDigest::of_client(&access.client_id)),
        access.provider_session,
    ]
}

/// The tokens that a process has verified lately, a bounded number of them. Begins empty.
#[derive(Default)]
pub struct RememberedTokens(Mutex<Halves>);

/// When the younger half is full, the older half is forgotten and the younger becomes the older.
#[derive(Default)]
struct Halves {
    younger: HashMap<Sha256Digest, Arc<Known>>,
    older: HashMap<Sha256Digest, Arc<Known>>,
}

impl RememberedTokens {
    /// What is known of this very token: the same claims under another signature are another token.
    pub(super) fn find(&self, token: &Presented<'_>) -> Option<Arc<Known>> {
        let known = self.signed(&token.digest)?;
        (*known.signature == *token.signature).then_some(known)
    }

    pub(super) fn keep(&self, digest: Sha256Digest, known: Arc<Known>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keep(digest, known);
    }

    fn signed(&self, digest: &Sha256Digest) -> Option<Arc<Known>> {
        let mut halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = halves.younger.get(digest) {
            return Some(Arc::clone(known));
        }
        let known = halves.older.remove(digest)?;
        halves.keep(*digest, Arc::clone(&known));
        Some(known)
    }
}

impl Halves {
    fn keep(&mut self, digest: Sha256Digest, known: Arc<Known>) {
        if self.younger.len() >= HALF {
            self.older = mem::take(&mut self.younger);
        }
        self.younger.insert(digest, known);
    }
}
