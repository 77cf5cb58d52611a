//! The tenant's trail for whoever reads the audit.

use gatelet_core::audit::{TrailPage, TrailSpan, read_trail};
use gatelet_core::clock::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Desk;
use crate::Scope;
use crate::problem::{Detailed, Problem};

/// How far back is looked where nobody says, in seconds.
const USUAL_S: u64 = 24 * 3600;

/// Which part of the trail is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailQuery {
    from: Option<u64>,
    to: Option<u64>,
    cursor: Option<String>,
}

/// A part of the trail, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Trail)]
pub struct TrailView {
    /// Each with `at_ms`, `actor`, `action`, `resource` and `outcome`.
    #[schema(value_type = Vec<Object>)]
    records: Vec<Value>,
    /// What to ask for the older ones with, if there may be some. A page may be empty and name a next one.
    next: Option<String>,
}

impl<S: Scope> Desk<S> {
    /// The entries of the tenant's trail between two moments.
    pub async fn trail(&self, query: TrailQuery) -> Result<TrailView, Detailed> {
        let to = query.to.map_or(self.now, Timestamp::from_secs).min(self.now);
        let from = query
            .from
            .map_or(to.before(std::time::Duration::from_secs(USUAL_S)), Timestamp::from_secs);
        let span = TrailSpan { from, to, cursor: query.cursor };
        let (records, tenant) = (&*self.gate.records, &self.access().tenant);
        let page = read_trail(records, tenant, &span, self.now).await?;
        let TrailPage { entries, next } = page.ok_or(Problem::BadRequest)?;
        Ok(TrailView { records: entries, next })
    }
}
