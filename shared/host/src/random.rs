//! The operating system's random bytes. Nothing else asks for them.

use gatelet_core::random::Random;

/// Draws from the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the one source of random bytes")]
    fn fill(&self, bytes: &mut [u8]) {
        if aws_lc_rs::rand::fill(bytes).is_err() {
            // Going on would mean ids and keys that can be guessed.
            std::process::abort();
        }
    }
}
