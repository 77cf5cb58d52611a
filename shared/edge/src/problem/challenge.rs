//! The `WWW-Authenticate` header of an answer that refuses a bearer token, or asks for one.

use std::time::Duration;

use http::HeaderValue;

/// What is asked of whoever comes with a bearer token, or should have (RFC 6750 §3, RFC 9470 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// No token came: no error is named, because nothing is known yet.
    Bearer,
    /// The key of an attempt is asked for.
    Attempt,
    /// The token is not valid, or no longer.
    InvalidToken,
    /// The token lacks this scope.
    InsufficientScope(&'static str),
    /// The sign-in behind the token is too old, or not of this authentication context.
    StepUp {
        /// The greatest age of a sign-in that would do.
        max_age: Option<Duration>,
        /// The authentication contexts that would do, separated by spaces.
        acr_values: Option<&'static str>,
    },
}

impl Challenge {
    pub(super) fn header(self) -> Option<HeaderValue> {
        let text = match self {
            Self::Bearer => "Bearer".to_owned(),
            Self::Attempt => "Attempt".to_owned(),
            Self::InvalidToken => r#"Bearer error="invalid_token""#.to_owned(),
            Self::InsufficientScope(scope) => {
                format!(r#"Bearer error="insufficient_scope", scope="{scope}""#)
            }
            Self::StepUp { max_age, acr_values } => {
                let age = max_age.map(|age| format!(r#", max_age="{}""#, age.as_secs()));
                let acr = acr_values.map(|acr| format!(r#", acr_values="{acr}""#));
                let (age, acr) = (age.unwrap_or_default(), acr.unwrap_or_default());
                format!(r#"Bearer error="insufficient_user_authentication"{acr}{age}"#)
            }
        };
        // Only a scope or context that no header can carry fails here, and then the status has to do.
        HeaderValue::from_str(&text).ok()
    }
}
