//! The gateway as its clients see it: metadata (RFC 8414), the token endpoint (RFC 6749) and revocation (RFC 7009).

use gatelet_core::secrets::SecretBytes;
use gatelet_core::web::{Web, WebAnswer, WebRequest};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::{CLIENT_ID, origin};
use crate::say::Failure;

/// A gateway that has said where its endpoints are.
pub(super) struct Gateway<'a> {
    web: &'a dyn Web,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    #[serde(deserialize_with = "address")]
    authorization_endpoint: Url,
    #[serde(deserialize_with = "address")]
    token_endpoint: Url,
    #[serde(deserialize_with = "address")]
    revocation_endpoint: Url,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// What the token endpoint answers.
#[derive(Deserialize)]
pub(super) struct Tokens {
    #[serde(deserialize_with = "secret")]
    pub(super) access_token: Zeroizing<String>,
    #[serde(deserialize_with = "secret")]
    pub(super) refresh_token: Zeroizing<String>,
    pub(super) expires_in: u64,
    pub(super) scope: String,
}

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
    Url::parse(&String::deserialize(from)?).map_err(D::Error::custom)
}

fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(from).map(Zeroizing::new)
}

/// A code, and what proves that it is ours.
pub(super) struct Redemption<'a> {
    pub(super) code: &'a str,
    pub(super) verifier: &'a str,
    pub(super) redirect_uri: &'a str,
}

impl<'a> Gateway<'a> {
    /// Asks a gateway where its endpoints are. They must be its own, and so must the issuer (RFC 8414 §3.3).
    pub(super) async fn discover(web: &'a dyn Web, gateway: &Url) -> Result<Self, Failure> {
        let doing = "ask the gateway where its endpoints are";
        let place = gateway.join(".well-known/oauth-authorization-server");
        let place = place.map_err(|error| Failure::could_not(doing, &error))?;
        let answer = web.send(&WebRequest::get(place)).await;
        let answer = answer.map_err(|error| Failure::could_not("reach the gateway", &error))?;
        let metadata: Metadata = read(doing, &answer)?;
        let endpoints = [
            &metadata.authorization_endpoint,
            &metadata.token_endpoint,
            &metadata.revocation_endpoint,
        ];
        let ours = endpoints.iter().all(|endpoint| endpoint.origin() == gateway.origin());
        if metadata.issuer == origin(gateway) && ours {
            return Ok(Self { web, metadata });
        }
        let cause = "it gives another server's addresses for its own";
        Err(Failure::no("the gateway is not believed").note("cause", cause))
    }

    /// Where a sign-in begins.
    pub(super) fn authorization_url(&self, pairs: &[(&str, &str)]) -> Url {
        let mut url = self.metadata.authorization_endpoint.clone();
        url.query_pairs_mut().extend_pairs(pairs);
        url
    }

    /// Whether an answer comes from this gateway (RFC 9207 §2.4).
    pub(super) fn made(&self, iss: Option<&str>) -> bool {
        let expected = self.metadata.authorization_response_iss_parameter_supported;
        iss.map_or(!expected, |iss| iss == self.metadata.issuer)
    }

    /// A code for tokens.
    pub(super) async fn redeem(&self, code: &Redemption<'_>) -> Result<Tokens, Failure> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.code),
            ("redirect_uri", code.redirect_uri),
            ("code_verifier", code.verifier),
        ];
        let refused = || Failure::no("the gateway does not accept the sign-in");
        self.token(&form).await?.ok_or_else(|| refused().note("next", "gatelet login"))
    }

    /// A refresh token for tokens; `None` when it is over.
    pub(super) async fn refresh(
        &self,
        token: &SecretBytes,
        scope: Option<&str>,
    ) -> Result<Option<Tokens>, Failure> {
        let token = std::str::from_utf8(token.expose());
        let token = token.map_err(|error| Failure::could_not("read the refresh token", &error))?;
        let mut form = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
        form.extend(scope.map(|scope| ("scope", scope)));
        self.token(&form).await
    }

    /// Takes a refresh token back.
    pub(super) async fn revoke(&self, token: &SecretBytes) -> Result<(), Failure> {
        let token = std::str::from_utf8(token.expose()).unwrap_or_default();
        let form = [("token", token), ("token_type_hint", "refresh_token")];
        let answer = self.post(&self.metadata.revocation_endpoint, &form).await?;
        if answer.status == 200 { Ok(()) } else { Err(unexpected("sign out", &answer)) }
    }

    async fn token(&self, form: &[(&str, &str)]) -> Result<Option<Tokens>, Failure> {
        let answer = self.post(&self.metadata.token_endpoint, form).await?;
        let member = |name: &str| {
            let body: Value = serde_json::from_slice(answer.body.expose()).ok()?;
            Some(body.get(name)?.as_str()?.to_owned())
        };
        let error = member("error");
        match (answer.status, error.as_deref()) {
            (200, _) => read("read the gateway's tokens", &answer).map(Some),
            (400, Some("invalid_grant")) => Ok(None),
            (400, Some("invalid_target")) => {
                Err(traced(Failure::no("there is no such API, or not for you"), &answer))
            }
            (400, Some("invalid_scope")) => {
                Err(traced(Failure::no("your role does not have this scope there"), &answer))
            }
            (421, _) => {
                let failure = Failure::no("your tenant lives in another region");
                let failure = match member("base_url").and_then(|there| pasteable(&there)) {
                    Some(there) => failure.note("next", format!("gatelet login --gateway {there}")),
                    None => failure,
                };
                Err(traced(failure, &answer))
            }
            _ => Err(unexpected("get a token", &answer)),
        }
    }

    async fn post(&self, to: &Url, pairs: &[(&str, &str)]) -> Result<WebAnswer, Failure> {
        let form = Some(written(pairs));
        let request = WebRequest { url: to.clone(), authorization: None, form };
        let answer = self.web.send(&request).await;
        answer.map_err(|error| Failure::could_not("reach the gateway", &error))
    }
}

fn written(pairs: &[(&str, &str)]) -> SecretBytes {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs).append_pair("client_id", CLIENT_ID);
    SecretBytes::new(form.finish().into_bytes())
}

fn read<T: DeserializeOwned>(doing: &str, answer: &WebAnswer) -> Result<T, Failure> {
    if answer.status != 200 {
        return Err(unexpected(doing, answer));
    }
    // The parser's message could repeat what it met.
    serde_json::from_slice(answer.body.expose()).map_err(|_| {
        Failure::could_not(doing, &std::io::Error::other("its answer has another form"))
    })
}

/// An answer that says nothing about the sign-in.
fn unexpected(doing: &str, answer: &WebAnswer) -> Failure {
    let cause = std::io::Error::other(format!("the gateway answered {}", answer.status));
    traced(Failure::could_not(doing, &cause), answer)
}

/// The same failure with the trace of the answer that led to it, if it names one.
fn traced(failure: Failure, answer: &WebAnswer) -> Failure {
    let body: Value = serde_json::from_slice(answer.body.expose()).unwrap_or_default();
    match body.get("trace_id").and_then(Value::as_str) {
        Some(trace) => failure.note("trace", printable(trace)),
        None => failure,
    }
}

/// A stranger's address as it may stand in a command that somebody pastes into a shell: an origin with TLS, whose name
/// has no letter that means anything there.
fn pasteable(address: &str) -> Option<String> {
    let url = Url::parse(address).ok().filter(|url| url.scheme() == "https")?;
    let origin = url.origin().ascii_serialization();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".:/-".contains(&byte);
    Some(origin).filter(|origin| origin.bytes().all(plain))
}

/// What a stranger's text looks like on a terminal: without anything that could steer it.
pub(super) fn printable(text: &str) -> String {
    text.matches(|letter: char| letter.is_ascii_graphic()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::pasteable;

    #[test]
    fn only_a_plain_origin_gets_into_a_command() {
        let origin = |address| pasteable(address).unwrap_or_default();
        assert_eq!(origin("https://us.gate.example/"), "https://us.gate.example");
        assert_eq!(origin("https://us.gate.example:8443/a;b"), "https://us.gate.example:8443");
        for address in ["https://$(id).example", "https://a;b.example", "http://x.example", "x", ""]
        {
            assert_eq!(pasteable(address), None, "{address}");
        }
    }
}
