//! What is known about each kind of identity provider. Nothing else in the gateway asks which kind one is.

use crate::registry::{ClientAuthentication, ProviderKind};

/// The facts about a kind: what a registry may leave out, and how its answers must be read.
#[derive(Clone, Copy, Debug)]
pub struct KindFacts {
    /// The name of the kind in a registry.
    pub name: &'static str,
    /// The issuer, where all providers of the kind share one.
    pub issuer: Option<&'static str>,
    /// The claim that says to which organisation a person belongs.
    pub tenant_claim: Option<&'static str>,
    /// The claim that lists groups or roles.
    pub groups_claim: &'static str,
    /// The scopes to ask for.
    pub scopes: &'static [&'static str],
    /// How we prove who we are.
    pub authentication: ClientAuthentication,
    /// Whether the issuer of the discovery document is a template that holds `{tenantid}`, to be filled with a
    /// token's own `tid`.
    pub templated_issuer: bool,
    /// Whether the tenant claim is a number in hexadecimal whose letters may be written in either case.
    pub tenant_in_any_case: bool,
    /// A claim that is an object and may hold the group claim.
    pub claims_within: Option<&'static str>,
    /// Whether the `sub` is an address whose path names the organisation, `/id/{organisation}/{user}`, which is
    /// read where the tenant claim is missing.
    pub tenant_in_subject: bool,
    /// The claim that says that an e-mail address was verified.
    pub email_verified_claim: &'static str,
    /// What an operator must know about the `sid` claim, or about the tenant claim.
    pub note: &'static str,
}

const OIDC_SCOPES: &[&str] = &["openid", "profile", "email"];

impl ProviderKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Entra, Self::Google, Self::Salesforce, Self::Oidc];

    /// The facts about this kind.
    #[must_use]
    pub const fn facts(self) -> KindFacts {
        match self {
            Self::Entra => KindFacts {
                name: "entra",
                issuer: Some("https://login.microsoftonline.com/{tenantid}/v2.0"),
                tenant_claim: Some("tid"),
                groups_claim: "groups",
                scopes: OIDC_SCOPES,
                authentication: ClientAuthentication::SecretPost,
                templated_issuer: true,
                tenant_in_any_case: true,
                claims_within: None,
                tenant_in_subject: false,
                email_verified_claim: "xms_edov",
                note: "sid is an optional claim: add it to the app registration, or a sign-out there ends nothing here",
            },
            Self::Google => KindFacts {
                name: "google",
                issuer: Some("https://accounts.google.com"),
                tenant_claim: Some("hd"),
                groups_claim: "groups",
                scopes: OIDC_SCOPES,
                authentication: ClientAuthentication::SecretPost,
                templated_issuer: false,
                tenant_in_any_case: false,
                claims_within: None,
                tenant_in_subject: false,
                email_verified_claim: "email_verified",
                note: "there is no sid and no group claim: give everybody of a tenant one role",
            },
            Self::Salesforce => KindFacts {
                name: "salesforce",
                issuer: Some("https://login.salesforce.com"),
                tenant_claim: Some("organization_id"),
                groups_claim: "groups",
                scopes: OIDC_SCOPES,
                authentication: ClientAuthentication::SecretPost,
                templated_issuer: false,
                tenant_in_any_case: false,
                claims_within: Some("custom_attributes"),
                tenant_in_subject: true,
                email_verified_claim: "email_verified",
                note: "a tenant matches the id of its organisation (18 characters), which stands in the sub of the ID token; a My Domain or an Experience site is an issuer of its own",
            },
            Self::Oidc => KindFacts {
                name: "oidc",
                issuer: None,
                tenant_claim: None,
                groups_claim: "groups",
                scopes: OIDC_SCOPES,
                authentication: ClientAuthentication::SecretBasic,
                templated_issuer: false,
                tenant_in_any_case: false,
                claims_within: None,
                tenant_in_subject: false,
                email_verified_claim: "email_verified",
                note: "name the claim that a tenant matches",
            },
        }
    }

    /// Whether a claim may say who belongs to a tenant at a provider of this kind. `hd` means what Google means
    /// by it only where Google is the issuer.
    #[must_use]
    pub fn may_match(self, claim: &str) -> bool {
        claim != "hd" || self == Self::Google
    }
}
