//! What every handler can reach: the parts of its host.

use std::ops::Deref;
use std::sync::Arc;

use gatelet_core::parts::Parts;

/// The state of every router: the host's parts.
#[derive(Clone)]
pub struct Gate(Arc<Parts>);

impl Gate {
    /// Over these parts.
    #[must_use]
    pub fn new(parts: Arc<Parts>) -> Self {
        Self(parts)
    }
}

impl Deref for Gate {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
