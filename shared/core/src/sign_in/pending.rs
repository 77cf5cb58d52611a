//! A sign-in under way: what the browser that began it carries until the provider has answered.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use url::Url;

use super::sealing::{NotOpened, NotSealed, Purpose, Sealer};
use super::target::ReturnTarget;
use crate::clock::Timestamp;
use crate::parts::Parts;
use crate::random::{Random, draw};
use crate::secrets::SecretBytes;
use crate::session::SessionDigest;
use crate::tenant::TenantId;

/// How many sign-ins of one browser can be under way at once.
pub const SLOTS: usize = 5;
/// How long a sign-in may take.
pub const LIFE: Duration = Duration::from_mins(10);

/// What a browser sent in the cookies of the slots. A slot whose cookie came twice counts as empty.
pub type Carried = [Option<String>; SLOTS];

/// What a sign-in is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// A session for this browser, which then goes to a place of ours.
    Browser {
        /// The place.
        target: ReturnTarget,
    },
    /// A code for a client that has no cookie (RFC 6749 §4.1).
    Client(ClientRequest),
}

/// What a client asked for, checked against the registry before anything was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientRequest {
    /// Which client.
    pub client_id: String,
    /// Where its code goes.
    pub redirect_uri: String,
    /// What it wants back with the code.
    pub state: Option<String>,
    /// Its PKCE challenge (S256).
    pub challenge: String,
    /// The scopes it asks for; all of the role's where it does not say.
    pub scope: Option<String>,
    /// The API it asks for (RFC 8707); ours where it does not say.
    pub resource: Option<String>,
}

/// What the person must prove beyond who they are (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// That they did so no longer ago than this many seconds.
    pub max_age_secs: Option<u32>,
    /// That they did so in one of these ways, separated by spaces.
    pub acr_values: Option<String>,
}

/// A sign-in that waits for its provider.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: SecretBytes,
    pub(super) provider: String,
    pub(super) intent: Intent,
    pub(super) demand: Demand,
    /// The tenant that was asked for. It chooses among those that fit and never makes one fit.
    pub(super) tenant: Option<TenantId>,
    /// The session that ends when this sign-in succeeds.
    pub(super) replaces: Option<SessionDigest>,
    pub(super) begun_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    state: String,
    nonce: String,
    verifier: String,
    provider: String,
    intent: StoredIntent,
    demand: Demand,
    tenant: Option<String>,
    replaces: Option<SessionDigest>,
    begun_ms: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum StoredIntent {
    Browser { target: String },
    Client(ClientRequest),
}

/// 256 random bits in base64url.
pub(super) fn draw_text(random: &dyn Random) -> String {
    URL_SAFE_NO_PAD.encode(draw::<32>(random))
}

impl Pending {
    pub(super) async fn seal(
        &self,
        sealer: &Sealer<'_>,
        now: Timestamp,
    ) -> Result<String, NotSealed> {
        let stored = Stored {
            state: self.state.clone(),
            nonce: self.nonce.clone(),
            verifier: String::from_utf8_lossy(self.verifier.expose()).into_owned(),
            provider: self.provider.clone(),
            intent: StoredIntent::of(&self.intent),
            demand: self.demand.clone(),
            tenant: self.tenant.as_ref().map(|tenant| tenant.as_str().to_owned()),
            replaces: self.replaces.clone(),
            begun_ms: self.begun_at.millis(),
        };
        sealer.seal(Purpose::Pending, &stored, self.begun_at + LIFE, now).await
    }

    pub(super) async fn open(parts: &Parts, text: &str, now: Timestamp) -> Result<Self, NotOpened> {
        let stored: Stored = Sealer::new(parts).open(Purpose::Pending, text, now).await?;
        Ok(Self {
            state: stored.state,
            nonce: stored.nonce,
            verifier: SecretBytes::new(stored.verifier.into_bytes()),
            provider: stored.provider,
            intent: stored.intent.read(&parts.base_url)?,
            demand: stored.demand,
            tenant: read_tenant(stored.tenant)?,
            replaces: stored.replaces,
            begun_at: Timestamp::from_millis(stored.begun_ms),
        })
    }

    /// Whether an answer with this state belongs to this sign-in, in a time that does not say how much of the
    /// state was right.
    pub(super) fn answers_to(&self, state: &str) -> bool {
        verify_slices_are_equal(self.state.as_bytes(), state.as_bytes()).is_ok()
    }
}

impl StoredIntent {
    pub(super) fn of(intent: &Intent) -> Self {
        match intent {
            Intent::Browser { target } => Self::Browser { target: target.as_str().to_owned() },
            Intent::Client(request) => Self::Client(request.clone()),
        }
    }

    pub(super) fn read(self, base_url: &Url) -> Result<Intent, NotOpened> {
        Ok(match self {
            Self::Browser { target } => Intent::Browser {
                target: ReturnTarget::read(&target, &BTreeMap::new(), base_url)
                    .map_err(|_| NotOpened::Foreign)?,
            },
            Self::Client(request) => Intent::Client(request),
        })
    }
}

fn read_tenant(stored: Option<String>) -> Result<Option<TenantId>, NotOpened> {
    stored.map(TenantId::new).transpose().map_err(|_| NotOpened::Foreign)
}
