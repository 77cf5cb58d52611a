//! What every handler can reach: the parts of its host.

use std::ops::Deref;
use std::sync::Arc;

use gatelet_core::parts::Parts;

/// The state of every router: the host's parts.
#[derive(Clone)]
pub struct Gate(Arc<dyn Parts>);

impl Gate {
    /// Over these parts.
    pub fn new(parts: Arc<dyn Parts>) -> Self {
        Self(parts)
    }
}

impl Deref for Gate {
    type Target = dyn Parts;

    fn deref(&self) -> &Self::Target {
        self.0.as_ref()
    }
}
