//! The end of a session that a sign-in leaves behind.

use super::NotSignedIn;
use crate::audit::{Actor, Entry, Trail};
use crate::clock::Timestamp;
use crate::parts::Parts;
use crate::session::{SessionDigest, Sessions};

/// Ends a session and writes down why. One that is over already is left as it is.
pub(super) async fn end_session(
    parts: &Parts,
    digest: &SessionDigest,
    why: &'static str,
    now: Timestamp,
) -> Result<(), NotSignedIn> {
    let sessions = Sessions::new(&*parts.records, &*parts.random);
    let live = sessions.find_stored(digest, now).await?;
    // Also when it is not live: an end that was interrupted may still have to be announced.
    sessions.end_stored(digest, now).await?;
    let Some(session) = live else { return Ok(()) };
    let entry = Entry {
        tenant: session.sign_in.tenant,
        actor: Actor::Session(session.id.clone()),
        action: "session.end",
        resource: session.id,
        outcome: why.to_owned(),
    };
    Ok(Trail::new(&*parts.records, &*parts.random).append(&entry, now).await?)
}
