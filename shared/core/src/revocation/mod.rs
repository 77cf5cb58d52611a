//! Taking back what was given: cuts end everything begun before a moment, the feed tells verifiers of them,
//! and marks make things usable once.

mod cuts;
mod feed;
mod marks;
mod view;

use std::time::Duration;

pub use self::cuts::{Cut, CutDigest, Cuts};
pub use self::feed::{Announcement, FEED_WINDOW, Feed};
pub use self::marks::{MarkKind, Marks};
pub use self::view::{Endings, Ends, RevocationView};

/// The longest that anything begun can live: sessions and refresh families end after this.
pub const LONGEST_LIFE: Duration = Duration::from_hours(24);

/// How long a record about something ended outlives it, for clocks that differ.
pub const GRACE: Duration = Duration::from_mins(1);
