//! Why somebody could not sign in, in words that may reach the browser: a code and nothing else.

use crate::outage::Outage;

/// A sign-in that did not come about.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The provider or the vault did not answer, or not with something that can be believed. Trying again later
    /// may help.
    #[error(transparent)]
    Outage(#[from] Outage),
    /// It was refused. Trying again with the same facts will not help.
    #[error("refused: {}", .0.code())]
    Refused(#[from] Refusal),
}

/// Why a sign-in, or the use of one, is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("refused: {}", self.code())]
pub enum Refusal {
    /// The ID token breaks a rule that has no code of its own.
    BadIdToken,
    /// The answer, or the ID token, comes from somebody else than the provider that was asked, or does not say
    /// from whom although the provider promised to.
    WrongIssuer,
    /// The ID token was made for another sign-in.
    NonceMismatch,
    /// The provider left the groups out because there are too many of them. The role would be a guess.
    TooManyGroups,
    /// The provider does not give anything for the code.
    ProviderRefused,
    /// The person proved who they are longer ago than was asked for.
    SignInTooOld,
    /// The proof is weaker than was asked for.
    SignInTooWeak,
    /// The person belongs to no tenant, or not to this one.
    NoTenant,
    /// The tenant is switched off.
    TenantInactive,
    /// The tenant has no role for the person.
    NoRole,
}

impl Refusal {
    /// Every one.
    pub const ALL: [Self; 10] = [
        Self::BadIdToken,
        Self::WrongIssuer,
        Self::NonceMismatch,
        Self::TooManyGroups,
        Self::ProviderRefused,
        Self::SignInTooOld,
        Self::SignInTooWeak,
        Self::NoTenant,
        Self::TenantInactive,
        Self::NoRole,
    ];

    /// Its stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BadIdToken => "bad_id_token",
            Self::WrongIssuer => "wrong_issuer",
            Self::NonceMismatch => "nonce_mismatch",
            Self::TooManyGroups => "too_many_groups",
            Self::ProviderRefused => "provider_refused",
            Self::SignInTooOld => "sign_in_too_old",
            Self::SignInTooWeak => "sign_in_too_weak",
            Self::NoTenant => "no_tenant",
            Self::TenantInactive => "tenant_inactive",
            Self::NoRole => "no_role",
        }
    }
}
