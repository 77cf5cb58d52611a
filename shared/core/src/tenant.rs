//! Tenants: the customers whose people and clouds are kept apart.

use std::fmt;

/// A tenant's id: 1 to 40 characters of `a-z 0-9 -`, beginning with a letter or digit. It is part of every
/// record name that belongs to the tenant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(String);

/// A text that is no tenant's id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a tenant id must be 1 to 40 characters of a-z 0-9 - and begin with a letter or digit")]
pub struct BadTenantId;

impl TenantId {
    /// Checks and takes an id.
    pub fn new(text: impl Into<String>) -> Result<Self, BadTenantId> {
        let text = text.into();
        let letters =
            text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if letters && !text.starts_with('-') && (1..=40).contains(&text.len()) {
            Ok(Self(text))
        } else {
            Err(BadTenantId)
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
