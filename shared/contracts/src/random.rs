//! Chance for tests: bytes that follow from a seed, and names that no other run uses.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use gatelet_core::random::Random;

/// Bytes that follow from a seed (`SplitMix64`). Anybody can guess them: for tests only.
#[derive(Debug)]
pub struct SeededRandom(AtomicU64);

impl SeededRandom {
    /// The same seed gives the same bytes.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// A seed that no other run has, for what is written to a store that several runs share.
    #[must_use]
    pub fn unseeded() -> Self {
        Self::new(surprise())
    }

    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut word = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let word = self.next().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}

/// 16 hex digits that no other call gives, in this process or another.
#[must_use]
pub fn unique() -> String {
    format!("{:016x}", surprise())
}

/// The standard library keys every hash map with what the operating system draws.
fn surprise() -> u64 {
    RandomState::new().hash_one(0)
}
