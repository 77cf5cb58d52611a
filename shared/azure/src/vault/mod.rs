//! Secrets and signing keys in Key Vault.

mod secrets;
mod signer;

use azure_core::error::ErrorKind;
use azure_core::http::StatusCode;

pub use self::secrets::KeyVaultSecrets;
pub use self::signer::{KeyVaultKeyMaker, KeyVaultSigner};
use crate::failure;

/// The protocol's version. Nothing that came later is used here, and emulators know none much newer.
const API_VERSION: &str = "7.6";

/// A vault's name for a version of a secret or key. It answers anything else with a complaint about the
/// request, although the answer is that there is no such version.
fn is_version(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_missing(error: &azure_core::Error) -> bool {
    failure::is(error, StatusCode::NotFound)
}

/// Whether the vault refused because the secret or key is disabled. Its outer code says no more than
/// `Forbidden`, which is also what a missing permission is called.
fn is_disabled(error: &azure_core::Error) -> bool {
    let ErrorKind::HttpResponse { raw_response: Some(answer), .. } = error.kind() else {
        return false;
    };
    let Ok(body) = answer.body().json::<serde_json::Value>() else { return false };
    let inner = body.pointer("/error/innererror/code").and_then(serde_json::Value::as_str);
    matches!(inner, Some("SecretDisabled" | "KeyDisabled"))
}
