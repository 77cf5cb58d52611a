//! Taking a token back on its owner's word (RFC 7009).
//!
//! A refresh token takes its family with it, and an access token the session or family that it came from: an
//! access token alone is not kept anywhere, and whoever lost one has lost what the session could do. The kind of a
//! token shows in its form, so a hint is not needed and not looked at (RFC 7009 §2.1).

use super::{CheckError, Families, Presented, read};
use crate::audit::{Actor, Entry, Trail};
use crate::clock::Timestamp;
use crate::parts::Parts;
use crate::records::StoreError;
use crate::revocation::{Cut, Cuts};

/// Who gives a token back. Somebody else's token is left alone, and nobody is told so.
#[derive(Clone, Copy)]
pub enum Owner<'a> {
    /// The client that it was issued to.
    Client(&'a str),
    /// The live session that it was issued to, by its public id.
    Session(&'a str),
}

/// Takes a token back. One that is unknown, over, or somebody else's is no mistake (RFC 7009 §2.2); that nothing
/// is known about it is an error, and the caller tries again.
pub async fn take_back(
    parts: &Parts,
    token: &str,
    owner: Owner<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (records, random) = (&*parts.records, &*parts.random);
    if let Owner::Client(client_id) = owner {
        let families = Families::new(records, random);
        if families.revoke(&Presented { token, client_id }, now).await? {
            return Ok(());
        }
    }
    let access = match read(parts, token, now).await {
        Ok(access) => access,
        Err(CheckError::Invalid(_)) => return Ok(()),
        Err(CheckError::Outage(away)) => return Err(away),
    };
    let belongs = match owner {
        Owner::Client(client_id) => access.client_id == client_id,
        Owner::Session(session_id) => access.session_id == session_id,
    };
    if !belongs {
        return Ok(());
    }
    let session = access.session_id.clone();
    Cuts::new(records, random).cut(&Cut::Session(session.clone()), now).await?;
    let entry = Entry {
        tenant: access.tenant.clone(),
        actor: Actor::Session(session.clone()),
        action: "token.revoke",
        resource: session,
        outcome: "ok".into(),
    };
    // The same token can be given back any number of times.
    Trail::new(records, random).append_hourly(&entry, now).await
}
