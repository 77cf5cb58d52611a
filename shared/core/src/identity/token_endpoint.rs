//! The call that spends a code: one POST, repeated only where the provider has said that it did not know us.

use serde::Deserialize;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::client_auth::{Credentials, Proof, prove};
use super::{Refusal, SignInError};
use crate::clock::Timestamp;
use crate::outage::{Effect, Outage};
use crate::random::Random;
use crate::registry::Provider;
use crate::secrets::SecretBytes;
use crate::web::{LONGEST_ANSWER, Web, WebAnswer, WebRequest};

const DOING: &str = "redeem a code";

/// What the provider gave for a code: an ID token, and perhaps the others.
pub(super) struct Given {
    pub(super) proof: SecretBytes,
    pub(super) access: Option<SecretBytes>,
    pub(super) refresh: Option<SecretBytes>,
}

/// The token endpoint of a provider, and what is needed to speak to it.
pub(super) struct TokenEndpoint<'a> {
    pub(super) web: &'a dyn Web,
    pub(super) random: &'a dyn Random,
    pub(super) credentials: Credentials<'a>,
    pub(super) provider: &'a Provider,
    pub(super) address: &'a Url,
}

/// Every member is a secret, so each is wrapped at once.
#[derive(Deserialize)]
struct WrittenAnswer {
    #[serde(rename = "id_token")]
    proof: Option<String>,
    #[serde(rename = "access_token")]
    access: Option<String>,
    #[serde(rename = "refresh_token")]
    refresh: Option<String>,
}

#[derive(Deserialize)]
struct WrittenError {
    error: String,
}

enum Judged {
    Given(Given),
    /// The provider did not accept our proof of who we are, so the code is not spent.
    NotKnown,
}

impl TokenEndpoint<'_> {
    /// Redeems a code. Where the provider does not know us, other versions of our secret are tried.
    pub(super) async fn redeem(
        &self,
        form: &[(&str, &str)],
        now: Timestamp,
    ) -> Result<Given, SignInError> {
        let mut secret = self.credentials.first(now).await?;
        let mut tried = Vec::new();
        loop {
            let proof = self.prove(&secret.value, now)?;
            let answer = self.web.send(&self.request(form, proof)).await?;
            match self.judge(&answer)? {
                Judged::Given(given) => {
                    self.credentials.works(&secret, now);
                    return Ok(given);
                }
                Judged::NotKnown => tried.push(secret.version.clone()),
            }
            secret = self.credentials.next(&tried).await?.ok_or_else(|| {
                tracing::error!(provider = %self.provider.name, "provider does not accept our secret");
                Outage::harmless(DOING, "the provider does not accept our secret")
            })?;
        }
    }

    fn prove(&self, secret: &SecretBytes, now: Timestamp) -> Result<Proof, Outage> {
        let issuer = &self.provider.issuer;
        // A template is nobody's name; there the endpoint's own address stands in.
        let templated = super::issuer::is_templated(self.provider);
        let audience = if templated { self.address.as_str() } else { issuer.as_str() };
        prove(self.provider, secret, audience, self.random, now)
    }

    fn request(&self, form: &[(&str, &str)], proof: Proof) -> WebRequest {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(form);
        text.extend_pairs(proof.form.iter().map(|(name, value)| (name, value.as_str())));
        WebRequest {
            url: self.address.clone(),
            authorization: proof.authorization,
            form: Some(SecretBytes::new(text.finish().into_bytes())),
        }
    }

    /// RFC 6749 §5.1 and §5.2. What is neither, such as a page of a broken proxy, is an outage.
    fn judge(&self, answer: &WebAnswer) -> Result<Judged, SignInError> {
        let body = answer.body.expose();
        let strange =
            |cause: String| Outage { doing: DOING, effect: Effect::Unknown, cause: cause.into() };
        if body.len() > LONGEST_ANSWER {
            return Err(strange("the answer is too long".into()).into());
        }
        if answer.status == 200 {
            let given: Result<WrittenAnswer, _> = serde_json::from_slice(body);
            // The parser's own words could repeat a piece of a token.
            let given = given.map_err(|_| strange("the answer holds no tokens".into()))?;
            let proof = given.proof.ok_or(Refusal::BadIdToken)?;
            let wrap = |text: String| SecretBytes::new(text.into_bytes());
            return Ok(Judged::Given(Given {
                proof: wrap(proof),
                access: given.access.map(wrap),
                refresh: given.refresh.map(wrap),
            }));
        }
        let error = serde_json::from_slice(body).ok().map(|it: WrittenError| it.error);
        match (answer.status, error.as_deref()) {
            (400 | 401, Some("invalid_client")) | (401, None) => Ok(Judged::NotKnown),
            (400, Some("unauthorized_client" | "invalid_client_id")) => {
                Err(strange("the provider does not serve this client".into()).into())
            }
            (400..=403, Some(code)) => {
                let code = shown(code);
                tracing::info!(provider = %self.provider.name, code, "provider gives nothing for a code");
                Err(Refusal::ProviderRefused.into())
            }
            (status, _) => Err(strange(format!("the answer was {status}")).into()),
        }
    }
}

/// An error code as RFC 6749 §5.2 has them. Whatever else a provider sends does not reach the log.
fn shown(code: &str) -> &str {
    let plain = code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if plain && code.len() <= 40 { code } else { "other" }
}

/// The form of RFC 6749 §4.1.3 with the verifier of RFC 7636 §4.5.
pub(super) fn form<'a>(
    code: &'a str,
    verifier: &'a Zeroizing<String>,
    redirect_uri: &'a str,
) -> [(&'a str, &'a str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", verifier.as_str()),
    ]
}
