//! Proof that a caller is the runner of one attempt: the attempt's key, in a header and nowhere else.

use axum::extract::{FromRequestParts, Path};
use gatelet_core::automation::RunId;
use gatelet_core::automation::channel::{AttemptKey, AttemptPlace, Carrier};
use gatelet_core::tenant::TenantId;
use http::request::Parts as RequestParts;
use http::{HeaderMap, header};

use crate::Gate;
use crate::problem::{Challenge, Detailed, Problem};

/// The name of the authentication scheme.
const SCHEME: &str = "attempt";

/// Proof that the caller knows the key of the attempt that the path names. Whatever is wrong, the tenant, the run, the fence
/// or the key, is refused alike.
pub struct OfAttempt(Carrier);

impl OfAttempt {
    /// What takes the runner's letters.
    #[must_use]
    pub const fn carrier(&self) -> &Carrier {
        &self.0
    }
}

impl FromRequestParts<Gate> for OfAttempt {
    type Rejection = Detailed;

    async fn from_request_parts(parts: &mut RequestParts, gate: &Gate) -> Result<Self, Detailed> {
        let path = Path::<(String, String, String)>::from_request_parts(parts, gate).await;
        let place = path.ok().and_then(|Path(names)| place(names)).ok_or_else(unknown)?;
        let key = key(&parts.headers).ok_or_else(unknown)?;
        let carrier = Carrier::admit(gate, place, &key).await?;
        carrier.map(Self).ok_or_else(unknown)
    }
}

fn place((tenant, run, fence): (String, String, String)) -> Option<AttemptPlace> {
    let fence_of_it = fence.parse::<u32>().ok().filter(|number| number.to_string() == fence)?;
    let (tenant, run) = (TenantId::new(tenant).ok()?, RunId::new(run).ok()?);
    Some(AttemptPlace { tenant, run, fence: fence_of_it })
}

fn key(headers: &HeaderMap) -> Option<AttemptKey> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(one), None) = (given.next(), given.next()) else { return None };
    let (scheme, key) = one.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case(SCHEME).then(|| AttemptKey::read(key)).flatten()
}

fn unknown() -> Detailed {
    Detailed::from(Problem::UnknownAttempt).challenge(Challenge::Attempt)
}
