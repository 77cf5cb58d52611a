//! Everything that can be away, lost, slow, wrong or hostile, met through the front of the whole gateway. What each
//! is answered stands in `docs/reference/failures.md`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod attacks;
mod clocks;
mod holds;
mod interrupted;
mod lies;
mod remembered;
mod strangers;
mod table;
mod trips;
