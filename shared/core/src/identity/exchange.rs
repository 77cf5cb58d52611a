//! A sign-in as the provider sees it: where the browser is sent, what its answer must say, and the one call that
//! turns the code into facts.

use std::time::Duration;

use url::Url;

use super::{Facts, SignInError};
use crate::clock::Timestamp;
use crate::outage::Outage;
use crate::parts::Parts;
use crate::registry::Provider;
use crate::secrets::SecretBytes;

/// Talks to identity providers.
pub struct Identity<'a> {
    parts: &'a Parts,
}

/// What a provider is asked when somebody signs in.
pub struct Asked<'a> {
    /// Comes back with the code.
    pub state: &'a str,
    /// Comes back in the ID token.
    pub nonce: &'a str,
    /// The PKCE challenge: SHA-256 of the verifier in base64url (RFC 7636 §4.2).
    pub challenge: &'a str,
    /// Where the code is sent, exactly as it is registered at the provider.
    pub redirect_uri: &'a str,
    /// How long ago the person may have proved who they are.
    pub max_age: Option<Duration>,
    /// The classes of proof that are wanted, separated by spaces.
    pub acr_values: Option<&'a str>,
    /// Who is probably signing in.
    pub login_hint: Option<&'a str>,
    /// `none`, `login`, `consent` or `select_account`.
    pub prompt: Option<&'a str>,
}

/// A code that came back, with what was asked for it.
pub struct Answered<'a> {
    /// The code.
    pub code: &'a str,
    /// The PKCE verifier.
    pub verifier: &'a SecretBytes,
    /// The nonce that was sent.
    pub nonce: &'a str,
    /// The redirect address that was sent.
    pub redirect_uri: &'a str,
    /// The `max_age` that was sent.
    pub max_age: Option<Duration>,
    /// The classes of proof that were asked for: one of them must have been used.
    pub acr_values: Option<&'a str>,
}

/// What a code was good for.
#[derive(Debug)]
pub struct Redeemed {
    /// What the verified ID token says.
    pub facts: Facts,
    /// The ID token itself, which the provider wants to see again at sign-out.
    pub id_token: SecretBytes,
    /// The provider's refresh token, where it gave one.
    pub refresh_token: Option<SecretBytes>,
}

/// What is told to the provider when somebody signs out (OpenID Connect RP-Initiated Logout §2).
#[derive(Default)]
pub struct Leaving<'a> {
    /// The ID token of the sign-in that ends.
    pub id_token_hint: Option<&'a SecretBytes>,
    /// Where the provider sends the browser afterwards, exactly as it is registered there.
    pub post_logout_redirect_uri: Option<&'a str>,
    /// Comes back with the browser.
    pub state: Option<&'a str>,
}

impl<'a> Identity<'a> {
    /// Over the parts of a process.
    #[must_use]
    pub const fn new(parts: &'a Parts) -> Self {
        Self { parts }
    }

    /// Where to send a browser whose person wants to sign in (OpenID Connect Core §3.1.2.1).
    pub async fn authorization_url(
        &self,
        provider: &Provider,
        asked: &Asked<'_>,
        now: Timestamp,
    ) -> Result<Url, SignInError> {
        let _ = (provider, asked.state, now, &self.parts.web);
        not_yet().await
    }

    /// Whether an answer comes from the provider that was asked (RFC 9207 §2.4). Asked before the code is
    /// redeemed, and before an error answer is believed.
    pub async fn check_response_issuer(
        &self,
        provider: &Provider,
        iss: Option<&str>,
        now: Timestamp,
    ) -> Result<(), SignInError> {
        let _ = (provider, iss, now);
        not_yet().await
    }

    /// Redeems a code and checks what came for it. The code is spent by this, whatever comes of it.
    pub async fn redeem(
        &self,
        provider: &Provider,
        answered: &Answered<'_>,
        now: Timestamp,
    ) -> Result<Redeemed, SignInError> {
        let _ = (provider, answered.code, now);
        not_yet().await
    }

    /// Where to send a browser so that the person is signed out at the provider too; `None` where the provider
    /// has no such address.
    pub async fn end_session_url(
        &self,
        provider: &Provider,
        leaving: &Leaving<'_>,
        now: Timestamp,
    ) -> Result<Option<Url>, SignInError> {
        let _ = (provider, leaving.state, now);
        not_yet().await
    }
}

async fn not_yet<T>() -> Result<T, SignInError> {
    let doing = "sign in at a provider";
    std::future::ready(Err(Outage::harmless(doing, "this build cannot yet").into())).await
}
