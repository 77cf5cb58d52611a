//! What a caller may do with a resource, and if not, why and who could.

use serde::Serialize;

use super::{Detailed, Problem};

/// The verdict on one action, computed by the function that enforces it, so that a page never offers what would be
/// refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Can {
    /// Whether the caller may.
    pub allowed: bool,
    /// The stable code of what stands in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// The same for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// Who may, such as `role:admin`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub who: Vec<String>,
}

impl Can {
    /// The caller may.
    #[must_use]
    pub const fn yes() -> Self {
        Self { allowed: true, code: None, reason: None, who: Vec::new() }
    }

    /// The caller may not, for this reason.
    #[must_use]
    pub const fn no(code: &'static str, reason: &'static str) -> Self {
        Self { allowed: false, code: Some(code), reason: Some(reason), who: Vec::new() }
    }

    /// Names who may.
    #[must_use]
    pub fn but(mut self, who: impl IntoIterator<Item = String>) -> Self {
        self.who.extend(who);
        self
    }
}

impl<E: Into<Detailed>> From<Result<(), E>> for Can {
    /// The verdict that the enforcing function reached, in the words in which it would refuse.
    fn from(verdict: Result<(), E>) -> Self {
        let Err(refused) = verdict else { return Self::yes() };
        let problem = refused.into().problem().unwrap_or(Problem::Internal);
        let (_, code, title) = problem.describe();
        Self::no(code, title)
    }
}

#[cfg(test)]
mod tests {
    use super::Can;

    #[test]
    fn a_verdict_says_why_not_and_nothing_where_there_is_nothing_to_say() {
        let json = |can: &Can| serde_json::to_string(can).unwrap();
        assert_eq!(json(&Can::yes()), r#"{"allowed":true}"#);
        let no = Can::no("requester", "You asked for it").but(["role:admin".to_owned()]);
        let expected = r#"{"allowed":false,"code":"requester","reason":"You asked for it","who":["role:admin"]}"#;
        assert_eq!(json(&no), expected);
    }
}
