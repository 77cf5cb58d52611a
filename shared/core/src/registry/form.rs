//! The document's entries as they are written. Members that nobody knows are mistakes.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenRole {
    pub(super) scopes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenProvider {
    pub(super) kind: String,
    pub(super) title: Option<String>,
    pub(super) issuer: Option<String>,
    pub(super) client_id: String,
    pub(super) client_secret: Option<String>,
    pub(super) private_key: Option<String>,
    pub(super) client_authentication: Option<String>,
    pub(super) algorithms: Option<Vec<String>>,
    pub(super) scopes: Option<Vec<String>>,
    pub(super) tenant_claim: Option<String>,
    pub(super) groups_claim: Option<String>,
    #[serde(default)]
    pub(super) people: Vec<WrittenHuman>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenHuman {
    pub(super) login_hint: String,
    pub(super) name: String,
    pub(super) tenant: String,
    pub(super) role: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenTenant {
    pub(super) title: Option<String>,
    pub(super) region: Option<String>,
    #[serde(default = "yes")]
    pub(super) active: bool,
    pub(super) step_up_s: Option<u64>,
    pub(super) sign_in: Vec<WrittenSignIn>,
    pub(super) roles: Vec<WrittenRoleRule>,
    #[serde(default)]
    pub(super) connections: BTreeMap<String, toml::Table>,
    #[serde(default)]
    pub(super) schedules: BTreeMap<String, toml::Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenSchedule {
    pub(super) automation: String,
    pub(super) every_s: Option<u64>,
    /// A moment of TOML. It is a text by now.
    pub(super) at: Option<String>,
    #[serde(default)]
    pub(super) inputs: toml::Table,
    #[serde(default)]
    pub(super) connections: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenSignIn {
    pub(super) provider: String,
    pub(super) matches: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenRoleRule {
    pub(super) role: String,
    pub(super) groups: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenClient {
    pub(super) title: Option<String>,
    pub(super) redirect_uris: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenApi {
    pub(super) audience: String,
    pub(super) scopes: Vec<String>,
    #[serde(default)]
    pub(super) with_name: bool,
    #[serde(default)]
    pub(super) with_email: bool,
    #[serde(default)]
    pub(super) aliases: BTreeMap<String, String>,
}

const fn yes() -> bool {
    true
}
