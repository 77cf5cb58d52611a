//! Chance, as an argument: random bytes, and ids that sort by the time they were made.

use crate::clock::Timestamp;

/// A source of bytes that nobody can guess. Only the host owns one that asks the operating system.
pub trait Random: Send + Sync {
    /// Fills `bytes`. A source that cannot deliver must end the process: there is no safe way to go on.
    fn fill(&self, bytes: &mut [u8]);
}

/// Draws `N` random bytes.
pub fn draw<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

/// An id whose text sorts by time: 48 bits of milliseconds, then 80 random bits, in 32 hex digits.
#[must_use]
pub fn time_ordered_id(now: Timestamp, random: &dyn Random) -> String {
    format!("{}{}", time_prefix(now), hex::encode(draw::<10>(random)))
}

/// What every [`time_ordered_id`] of this millisecond begins with; the lower bound of a range.
#[must_use]
pub fn time_prefix(at: Timestamp) -> String {
    format!("{:012x}", at.millis() & 0xffff_ffff_ffff)
}
