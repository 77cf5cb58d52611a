//! Who sent a request, as far as it was proved, for the trail: a refusal of somebody who is signed in is written
//! down, a stranger's never.

use std::sync::{Arc, OnceLock};

use axum::extract::Request;
use gatelet_core::audit::{Actor, Entry, Trail};
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Chain;
use gatelet_core::tenant::TenantId;
use http::Extensions;

use crate::Gate;
use crate::problem::Problem;

/// What an extractor learned about the sender of one request. The front reads it once the request was answered.
#[derive(Clone, Default)]
pub(crate) struct Visitor(Arc<OnceLock<Known>>);

struct Known {
    tenant: TenantId,
    session_id: String,
}

impl Visitor {
    /// The visitor of this request, of whom nothing is known yet.
    pub(crate) fn enters(request: &mut Request) -> Self {
        let visitor = Self::default();
        request.extensions_mut().insert(visitor.clone());
        visitor
    }

    /// Notes that a live session or family of a tenant sent the request.
    pub(crate) fn is_known(extensions: &Extensions, tenant: &TenantId, session_id: &str) {
        if let Some(Self(known)) = extensions.get::<Self>() {
            // Who was proved first stays who it is.
            known.get_or_init(|| Known {
                tenant: tenant.clone(),
                session_id: session_id.to_owned(),
            });
        }
    }

    /// Writes down that somebody who is signed in was refused: one entry an hour for each session, route and
    /// reason, however often they try. The answer does not wait for a trail that is away.
    pub(crate) async fn was_refused(&self, gate: &Gate, route: &str, why: Problem, now: Timestamp) {
        let Some(Known { tenant, session_id }) = self.0.get() else { return };
        let (_, code, _) = why.describe();
        let entry = Entry {
            tenant: tenant.clone(),
            actor: Actor::Session(session_id.clone()),
            action: "access.refuse",
            resource: route.to_owned(),
            outcome: code.into(),
        };
        let trail = Trail::new(&*gate.records, &*gate.random);
        if let Err(error) = trail.append_hourly(&entry, now).await {
            tracing::error!(error = %Chain(&error), route, code, "a refusal is missing in the trail");
        }
    }
}
