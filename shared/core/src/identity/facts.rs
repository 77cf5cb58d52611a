//! What a sign-in has proved about a person.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::digest::digest_of;

/// Who a person is: the pair that never changes (OpenID Connect Core §5.7). An e-mail address is not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The issuer who vouches.
    pub issuer: String,
    /// The person's `sub` there.
    pub subject: String,
}

impl Person {
    /// The name under which our tokens know the person: a digest of issuer and subject, so that no provider can
    /// choose it, and no client's id looks like it.
    #[must_use]
    pub fn public_id(&self) -> String {
        let digest = digest_of(&["person", &self.issuer, &self.subject]);
        format!("p-{}", hex::encode(digest.get(..16).unwrap_or(&digest)))
    }
}

/// What the provider's verified ID token said. It is kept as long as what was begun with it, because every rule
/// of signing in is applied to it again whenever a token is issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The provider's name in our registry.
    pub provider: String,
    /// Who signed in.
    pub person: Person,
    /// What the provider's tenant claim says: Entra's `tid`, Google's `hd`, Salesforce's `organization_id`.
    pub tenant_claim: Option<String>,
    /// The groups and roles that the provider's group claim lists.
    pub groups: Vec<String>,
    /// The provider's `sid`, where it gave one.
    pub provider_session: Option<String>,
    /// The person's name, for showing.
    pub name: Option<String>,
    /// The person's e-mail address, where the provider has verified it. For showing, never for deciding.
    pub email: Option<String>,
    /// When the person last proved who they are, to the provider.
    pub auth_time: Option<Timestamp>,
    /// The class of that proof (`acr`).
    pub acr: Option<String>,
    /// Its methods (`amr`).
    pub amr: Vec<String>,
}

impl Facts {
    /// Who signed in where, and nothing more.
    #[must_use]
    pub fn of(provider: impl Into<String>, person: Person) -> Self {
        Self {
            provider: provider.into(),
            person,
            tenant_claim: None,
            groups: Vec::new(),
            provider_session: None,
            name: None,
            email: None,
            auth_time: None,
            acr: None,
            amr: Vec::new(),
        }
    }
}

/// The form in which [`Facts`] are stored.
#[derive(Serialize, Deserialize)]
pub struct StoredFacts {
    provider: String,
    issuer: String,
    subject: String,
    tenant_claim: Option<String>,
    groups: Vec<String>,
    provider_session: Option<String>,
    name: Option<String>,
    email: Option<String>,
    auth_ms: Option<u64>,
    acr: Option<String>,
    amr: Vec<String>,
}

impl From<&Facts> for StoredFacts {
    fn from(facts: &Facts) -> Self {
        let facts = facts.clone();
        Self {
            provider: facts.provider,
            issuer: facts.person.issuer,
            subject: facts.person.subject,
            tenant_claim: facts.tenant_claim,
            groups: facts.groups,
            provider_session: facts.provider_session,
            name: facts.name,
            email: facts.email,
            auth_ms: facts.auth_time.map(Timestamp::millis),
            acr: facts.acr,
            amr: facts.amr,
        }
    }
}

impl From<StoredFacts> for Facts {
    fn from(stored: StoredFacts) -> Self {
        Self {
            provider: stored.provider,
            person: Person { issuer: stored.issuer, subject: stored.subject },
            tenant_claim: stored.tenant_claim,
            groups: stored.groups,
            provider_session: stored.provider_session,
            name: stored.name,
            email: stored.email,
            auth_time: stored.auth_ms.map(Timestamp::from_millis),
            acr: stored.acr,
            amr: stored.amr,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(issuer: &str, subject: &str) -> Person {
        Person { issuer: issuer.into(), subject: subject.into() }
    }

    // Proves std 24.
    #[test]
    fn a_person_is_issuer_and_subject_and_nothing_else() {
        let ada = person("https://one.example", "ada");
        let at = |email: &str| Facts { email: Some(email.into()), ..Facts::of("one", ada.clone()) };
        assert_eq!(at("a@one.example").person.public_id(), at("b@two.example").person.public_id());
        for other in [
            person("https://one.example", "eda"),
            person("https://two.example", "ada"),
            person("https://one.exampleada", ""),
            person("https://one.example/", "ada"),
        ] {
            assert_ne!(other.public_id(), ada.public_id(), "{other:?}");
        }
    }
}
