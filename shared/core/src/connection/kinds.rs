//! The kinds of connections, and what each needs to be written.

/// The kinds by name.
pub const KINDS: [&str; 4] = ["aws", "azure", "salesforce", "token"];

/// What the registry must and may say of a connection of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindFacts {
    /// Settings that must be there.
    pub required: &'static [&'static str],
    /// Settings that may be there.
    pub optional: &'static [&'static str],
    /// Settings that are addresses: with TLS, or of this machine where the gateway is on it too.
    pub addresses: &'static [&'static str],
    /// What the secret in the vault is, for whoever puts it there.
    pub secret: &'static str,
}

/// The facts about a kind; `None` when there is no such kind.
#[must_use]
pub fn facts(kind: &str) -> Option<KindFacts> {
    Some(match kind {
        "aws" => KindFacts {
            required: &["region"],
            optional: &["endpoint"],
            addresses: &["endpoint"],
            secret: "JSON with access_key_id, secret_access_key and perhaps session_token",
        },
        "azure" => KindFacts {
            required: &["directory", "client_id"],
            optional: &["authority"],
            addresses: &["authority"],
            secret: "the client secret of the application",
        },
        "salesforce" => KindFacts {
            required: &["login_url", "client_id", "username"],
            optional: &[],
            addresses: &["login_url"],
            secret: "the RSA private key in PEM whose certificate the connected app knows",
        },
        "token" => KindFacts {
            required: &["url"],
            optional: &[],
            addresses: &["url"],
            secret: "the token",
        },
        _ => return None,
    })
}
