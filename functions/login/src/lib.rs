//! Serves signing in: the way to the provider and back, the choice of a tenant, and the session that comes of it.

mod choose;
mod navigate;
mod session;

use axum::Json;
use axum::extract::State;
use gatelet_core::registry::{Human, is_local};
use gatelet_edge::{Gate, Method, Problem, Routes};
use serde::Serialize;
use utoipa::ToSchema;

/// The routes of this function.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .public("providers", (Method::Get, "/auth/providers"), providers)
        .describe(|it| {
            it.summary("List the identity providers, for a sign-in page")
                .json::<ProviderList>("The providers, in the order of their names")
                .problems(&[Problem::Unavailable])
        })
        .and(navigate::routes())
        .and(choose::routes())
        .and(session::routes())
}

/// The identity providers that somebody can sign in with.
#[derive(Serialize, ToSchema)]
struct ProviderList {
    /// Whether the gateway serves nobody but the machine that it runs on.
    local: bool,
    providers: Vec<ListedProvider>,
}

/// One of them.
#[derive(Serialize, ToSchema)]
struct ListedProvider {
    name: String,
    title: String,
    /// `entra`, `google`, `salesforce` or `oidc`.
    kind: &'static str,
    /// Who can be chosen there. Only a provider on this machine says so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    people: Vec<ListedHuman>,
}

/// Somebody whom a provider on this machine vouches for.
#[derive(Serialize, ToSchema)]
struct ListedHuman {
    /// What `/auth/login/{provider}` is given.
    login_hint: String,
    name: String,
    tenant: String,
    role: String,
}

async fn providers(State(gate): State<Gate>) -> Result<Json<ProviderList>, Problem> {
    let registry = gate.registry.current(gate.clock.now()).await?;
    let providers = registry.providers.values().map(|provider| ListedProvider {
        name: provider.name.clone(),
        title: provider.title.clone(),
        kind: provider.kind.facts().name,
        people: provider.people.iter().cloned().map(ListedHuman::from).collect(),
    });
    let local = is_local(&gate.base_url);
    Ok(Json(ProviderList { local, providers: providers.collect() }))
}

impl From<Human> for ListedHuman {
    fn from(Human { login_hint, name, tenant, role }: Human) -> Self {
        Self { login_hint, name, tenant, role }
    }
}
