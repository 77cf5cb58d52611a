//! A sign-in as the provider sees it: where the browser is sent, what its answer must say, and the one call that
//! turns the code into facts.

use std::sync::Arc;
use std::time::Duration;

use url::Url;
use zeroize::Zeroizing;

use super::client_auth::Credentials;
use super::id_token::{self, Expected};
use super::metadata::{self, Metadata};
use super::token_endpoint::{self, TokenEndpoint};
use super::{Facts, Refusal, SignInError, issuer, key_set};
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
        let mut url = self.metadata(provider, now).await?.authorization_endpoint.clone();
        let max_age = asked.max_age.map(|span| span.as_secs().to_string());
        let always = [
            ("response_type", "code"),
            ("client_id", provider.client_id.as_str()),
            ("redirect_uri", asked.redirect_uri),
            ("scope", &provider.scopes.join(" ")),
            ("state", asked.state),
            ("nonce", asked.nonce),
            ("code_challenge", asked.challenge),
            ("code_challenge_method", "S256"),
        ];
        let sometimes = [
            ("max_age", max_age.as_deref()),
            ("acr_values", asked.acr_values),
            ("login_hint", asked.login_hint),
            ("prompt", asked.prompt),
        ];
        url.query_pairs_mut().extend_pairs(always).extend_pairs(present(sometimes));
        Ok(url)
    }

    /// Whether an answer comes from the provider that was asked (RFC 9207 §2.4). Asked before the code is
    /// redeemed, and before an error answer is believed.
    pub async fn check_response_issuer(
        &self,
        provider: &Provider,
        iss: Option<&str>,
        now: Timestamp,
    ) -> Result<(), SignInError> {
        let from_them = match iss {
            Some(iss) => issuer::may_issue(provider, iss),
            None => !self.metadata(provider, now).await?.names_itself,
        };
        if from_them { Ok(()) } else { Err(Refusal::WrongIssuer.into()) }
    }

    /// Fetches what a redemption needs beside the code. Asked before the code is spent, so that a provider which
    /// is away costs the person nothing.
    pub async fn prepare(&self, provider: &Provider, now: Timestamp) -> Result<(), SignInError> {
        let metadata = self.metadata(provider, now).await?;
        let published = self.parts.memory.providers.of(&provider.issuer);
        let fetch = key_set::fetch(&*self.parts.web, metadata.jwks_uri.clone());
        published.keys.get(now, fetch).await?;
        Ok(())
    }

    /// Redeems a code and checks what came for it. The code is spent by this, whatever comes of it.
    pub async fn redeem(
        &self,
        provider: &Provider,
        answered: &Answered<'_>,
        now: Timestamp,
    ) -> Result<Redeemed, SignInError> {
        let metadata = self.metadata(provider, now).await?;
        let endpoint = TokenEndpoint {
            web: &*self.parts.web,
            random: &*self.parts.random,
            credentials: Credentials {
                secrets: &*self.parts.secrets,
                remembered: &self.parts.memory.providers.credentials,
                name: &provider.secret,
            },
            provider,
            address: &metadata.token_endpoint,
        };
        let verifier = String::from_utf8(answered.verifier.expose().to_vec())
            .map_err(|_| Outage::harmless("use a verifier", "it is no text"))?;
        let verifier = Zeroizing::new(verifier);
        let form = token_endpoint::form(answered.code, &verifier, answered.redirect_uri);
        let given = endpoint.redeem(&form, now).await?;
        let expected = Expected {
            provider,
            nonce: answered.nonce,
            max_age: answered.max_age,
            acr_values: answered.acr_values,
            access_token: given.access.as_ref().map(SecretBytes::expose),
            now,
        };
        let text = str::from_utf8(given.proof.expose()).map_err(|_| Refusal::BadIdToken)?;
        let facts = self.check_id_token(text, &expected, &metadata).await?;
        Ok(Redeemed { facts, id_token: given.proof, refresh_token: given.refresh })
    }

    /// Where to send a browser so that the person is signed out at the provider too (OpenID Connect
    /// RP-Initiated Logout §2); `None` where the provider has no such address.
    pub async fn end_session_url(
        &self,
        provider: &Provider,
        leaving: &Leaving<'_>,
        now: Timestamp,
    ) -> Result<Option<Url>, SignInError> {
        let Some(mut url) = self.metadata(provider, now).await?.end_session_endpoint.clone() else {
            return Ok(None);
        };
        let hint = leaving.id_token_hint.and_then(|token| str::from_utf8(token.expose()).ok());
        let parameters = [
            ("client_id", Some(provider.client_id.as_str())),
            ("id_token_hint", hint),
            ("post_logout_redirect_uri", leaving.post_logout_redirect_uri),
            ("state", leaving.state),
        ];
        url.query_pairs_mut().extend_pairs(present(parameters));
        Ok(Some(url))
    }

    async fn metadata(&self, provider: &Provider, now: Timestamp) -> Result<Arc<Metadata>, Outage> {
        let published = self.parts.memory.providers.of(&provider.issuer);
        let fetch = metadata::fetch(&*self.parts.web, provider, &self.parts.base_url);
        published.metadata.get(now, fetch).await
    }

    /// A token that names a key we do not know lets us ask for the keys once more, and not again for a while.
    async fn check_id_token(
        &self,
        token: &str,
        expected: &Expected<'_>,
        metadata: &Metadata,
    ) -> Result<Facts, SignInError> {
        let header = id_token::header(token, expected.provider)?;
        let published = self.parts.memory.providers.of(&expected.provider.issuer);
        let fetch = || key_set::fetch(&*self.parts.web, metadata.jwks_uri.clone());
        let mut keys = published.keys.get(expected.now, fetch()).await?;
        if keys.candidates(header.kid.as_deref(), header.alg).is_empty() {
            keys = published.keys.newer(&keys, expected.now, fetch()).await?;
        }
        let candidates = keys.candidates(header.kid.as_deref(), header.alg);
        Ok(id_token::facts(token, &header, &candidates, expected)?)
    }
}

fn present<'p, const N: usize>(
    parameters: [(&'p str, Option<&'p str>); N],
) -> impl Iterator<Item = (&'p str, &'p str)> {
    parameters.into_iter().filter_map(|(name, value)| Some((name, value?)))
}
