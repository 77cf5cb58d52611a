//! The five cookies in which a browser carries the sign-ins that it has under way, one a tab.

use super::pending::{Carried, LIFE, Pending};
use super::sealing::{NotOpened, Purpose, Sealer};
use super::{NotSignedIn, SignInRefusal};
use crate::clock::Timestamp;
use crate::parts::Parts;
use crate::random::draw;

/// What stands in a slot.
enum Slot {
    Free,
    /// Something that is worth its place until then.
    Taken(Timestamp),
}

/// The slot for a new sign-in: one of the free ones, or else the one that has been under way for longest. Which
/// of the free ones is left to chance, because tabs that open together see the same ones free.
pub(super) async fn choose_slot(parts: &Parts, carried: &Carried, now: Timestamp) -> usize {
    let mut free = Vec::new();
    let mut oldest = (0, Timestamp::from_millis(u64::MAX));
    for (index, text) in carried.iter().enumerate() {
        match look(parts, text.as_deref(), now).await {
            Slot::Free => free.push(index),
            Slot::Taken(until) if until < oldest.1 => oldest = (index, until),
            Slot::Taken(_) => {}
        }
    }
    let [chance] = draw::<1>(&*parts.random);
    let pick = usize::from(chance).checked_rem(free.len()).and_then(|at| free.get(at));
    pick.copied().unwrap_or(oldest.0)
}

async fn look(parts: &Parts, text: Option<&str>, now: Timestamp) -> Slot {
    let Some(text) = text else { return Slot::Free };
    let sealer = Sealer::new(parts);
    for purpose in [Purpose::Pending, Purpose::Choice] {
        match sealer.until(purpose, text, now).await {
            Ok(until) => return Slot::Taken(until),
            Err(NotOpened::Expired) => return Slot::Free,
            // It may be as young as any. A younger one is not taken for the oldest.
            Err(NotOpened::Outage(_)) => return Slot::Taken(now + LIFE),
            Err(NotOpened::Foreign) => {}
        }
    }
    Slot::Free
}

/// The sign-in under way that an answer with this state belongs to, and its slot. A cookie that cannot be read
/// now hides nothing from the others: only when none of them fits is it an outage.
pub(super) async fn find_pending(
    parts: &Parts,
    carried: &Carried,
    state: &str,
    now: Timestamp,
) -> Result<(usize, Pending), NotSignedIn> {
    let mut why = NotSignedIn::Refused(SignInRefusal::Lost);
    for (index, text) in carried.iter().enumerate() {
        let Some(text) = text else { continue };
        match Pending::open(parts, text, now).await {
            Ok(pending) if pending.answers_to(state) => return Ok((index, pending)),
            Err(NotOpened::Outage(outage)) => why = outage.into(),
            Ok(_) | Err(NotOpened::Foreign | NotOpened::Expired) => {}
        }
    }
    Err(why)
}
