//! Signing out, on one device or everywhere.
//!
//! Order: with "everywhere" the cut of the person, which announces itself; the session's end, which announces
//! itself; the audit entry. Stopped in between, the session is over, or covered by the cut, and the next try with
//! the same key finds what is left to be told.

use std::time::Duration;

use super::store::read_session;
use super::{Session, SessionKey, Sessions};
use crate::audit::{Actor, Entry, Trail};
use crate::clock::Timestamp;
use crate::records::StoreError;
use crate::revocation::{Cut, Cuts};

/// For how long after a session's end another try to end it writes the audit entry again: the first may have
/// stopped before it did.
const TOLD_AGAIN: Duration = Duration::from_mins(2);

/// How far a sign-out reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// This session.
    Session,
    /// Everything that the person has begun anywhere, here and with clients.
    Everywhere,
}

/// What came of a sign-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "somebody who is not signed in cannot sign out everywhere"]
pub enum SignedOut {
    /// What should be over is over, now or since before.
    Over,
    /// The session was over before, so it ends nothing else. What else the person has begun is still alive.
    NotSignedIn,
}

impl Sessions<'_> {
    /// Signs out whoever has the key. Signing out of what is over, or was never there, is fine; signing out
    /// everywhere takes a live session, or one that was ended by just that.
    pub async fn sign_out(
        &self,
        key: &SessionKey,
        reach: Reach,
        now: Timestamp,
    ) -> Result<SignedOut, StoreError> {
        let record = self.read(key.digest().as_str(), now).await?;
        let Some(record) = record else { return Ok(reach.without_session()) };
        let (session, ended_at) = read_session(&record)?;
        let is_live = self.live(&record, now).await?.is_some();
        let mut signed_out = SignedOut::Over;
        if reach == Reach::Everywhere {
            let cuts = Cuts::new(self.records, self.random);
            let person = Cut::Person(session.sign_in.facts.person.public_id());
            if is_live {
                cuts.cut(&person, now).await?;
            } else if !cuts.announce_again(&person, session.begun_at, now).await? {
                signed_out = SignedOut::NotSignedIn;
            }
        }
        let by = session.id.clone();
        self.end_and_tell(key.digest().as_str(), (session, ended_at), (by, reach), now).await?;
        Ok(signed_out)
    }

    /// Ends the session that was read under this digest, and tells the trail which session asked for it, unless
    /// that was told long ago.
    pub(super) async fn end_and_tell(
        &self,
        digest: &str,
        (session, ended_at): (Session, Option<Timestamp>),
        (by, reach): (String, Reach),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.end_digest(digest, now).await?;
        if ended_at.is_some_and(|ended_at| now.since(ended_at) >= TOLD_AGAIN) {
            return Ok(());
        }
        let entry = Entry {
            tenant: session.sign_in.tenant,
            actor: Actor::Session(by),
            action: reach.action(),
            resource: session.id,
            outcome: "ok".into(),
        };
        Trail::new(self.records, self.random).append(&entry, now).await
    }
}

impl Reach {
    /// What signing out this far comes to without a session.
    pub const fn without_session(self) -> SignedOut {
        match self {
            Self::Session => SignedOut::Over,
            Self::Everywhere => SignedOut::NotSignedIn,
        }
    }

    const fn action(self) -> &'static str {
        match self {
            Self::Session => "session.end",
            Self::Everywhere => "session.end_everywhere",
        }
    }
}
