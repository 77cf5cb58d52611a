//! The broker: turns a tenant's connection into the credential of one run, just before the run needs it.
//!
//! What it gives is never kept. A credential that can be narrowed to a token with an end is: a script gets the stored
//! secret itself only where the kind of connection has nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use url::{Url, form_urlencoded};

use super::{Connection, Credential};
use crate::automation::catalog::Need;
use crate::clock::Timestamp;
use crate::identity::{private_key, signed};
use crate::outage::{Cause, Outage};
use crate::secrets::{SecretBytes, Secrets};
use crate::web::{Web, WebAnswer, WebRequest};

/// Microsoft's authority, unless a connection names another one.
const AUTHORITY: &str = "https://login.microsoftonline.com";
/// What an Azure credential is for, unless what the automation may do names another resource.
const RESOURCE: &str = "https://management.azure.com";
/// How a JWT is presented as a grant (RFC 7523 §2.1).
const JWT_GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// How long such a JWT is good for. Salesforce takes three minutes at most.
const GRANT_LIVES: Duration = Duration::from_mins(2);

const DOING: &str = "get a run's credential";

/// Gets credentials.
pub struct Broker<'a> {
    secrets: &'a dyn Secrets,
    web: &'a dyn Web,
}

/// Why there is no credential.
#[derive(Debug, thiserror::Error)]
pub enum NoCredential {
    /// The connection is not complete: its secret, or a setting. Trying again changes nothing.
    #[error("the connection {0:?} is not complete: {1}")]
    Incomplete(String, &'static str),
    /// The other side does not accept it.
    #[error("the connection {0:?} was refused")]
    Refused(String),
    /// The vault or the other side is away.
    #[error(transparent)]
    Away(#[from] Outage),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AwsKeys {
    access_key_id: String,
    secret_access_key: String,
    #[serde(default)]
    session_token: Option<String>,
}

#[derive(Deserialize)]
struct Token {
    #[serde(rename = "access_token")]
    value: String,
    #[serde(default)]
    expires_in: Option<u64>,
    #[serde(default)]
    instance_url: Option<String>,
}

impl<'a> Broker<'a> {
    /// A broker over a vault and the way to other servers.
    pub fn new(secrets: &'a dyn Secrets, web: &'a dyn Web) -> Self {
        Self { secrets, web }
    }

    /// The credential that a connection gives for a need.
    pub async fn credential(
        &self,
        connection: &Connection,
        need: &Need,
        now: Timestamp,
    ) -> Result<Credential, NoCredential> {
        let stored = self.stored(connection).await?;
        match connection.kind.as_str() {
            "aws" => aws(connection, &stored),
            "azure" => self.azure(connection, need, &stored, now).await,
            "salesforce" => self.salesforce(connection, &stored, now).await,
            "token" => {
                let plain = plain(connection, &["url"])?;
                let secret = [("token".to_owned(), stored)].into();
                Ok(Credential { plain, secret, ends_at: None })
            }
            _ => Err(incomplete(connection, "no such kind")),
        }
    }

    async fn stored(&self, connection: &Connection) -> Result<SecretBytes, NoCredential> {
        let missing = "its secret is not in the vault";
        let name = connection.secret.as_ref().ok_or_else(|| incomplete(connection, missing))?;
        let found = self.secrets.current(name).await?;
        Ok(found.ok_or_else(|| incomplete(connection, missing))?.value)
    }

    /// Client credentials (RFC 6749 §4.4) for the resource of what the automation may do.
    async fn azure(
        &self,
        connection: &Connection,
        need: &Need,
        stored: &SecretBytes,
        now: Timestamp,
    ) -> Result<Credential, NoCredential> {
        let directory = setting(connection, "directory")?;
        let authority = connection.settings.get("authority").map_or(AUTHORITY, String::as_str);
        let at = format!("{}/{directory}/oauth2/v2.0/token", authority.trim_end_matches('/'));
        let resource = resource_of(need);
        let secret = text(connection, stored)?;
        let scope = format!("{resource}/.default");
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", setting(connection, "client_id")?),
            ("client_secret", secret),
            ("scope", &scope),
        ];
        let token = self.token(connection, &at, &form).await?;
        let lives = Duration::from_secs(token.expires_in.unwrap_or(3600));
        let mut plain = plain(connection, &["directory", "client_id"])?;
        plain.insert("resource".into(), resource);
        Ok(Credential { plain, secret: as_secret(token.value), ends_at: Some(now + lives) })
    }

    /// A JWT as grant (RFC 7523 §2.1), signed with the key that the connected app knows.
    async fn salesforce(
        &self,
        connection: &Connection,
        stored: &SecretBytes,
        now: Timestamp,
    ) -> Result<Credential, NoCredential> {
        let login = setting(connection, "login_url")?.trim_end_matches('/');
        let claims = json!({
            "iss": setting(connection, "client_id")?,
            "sub": setting(connection, "username")?,
            "aud": login,
            "exp": (now + GRANT_LIVES).secs(),
        });
        let unfit = |_: Cause| incomplete(connection, "its secret is no RSA key in PKCS#8");
        let key = private_key(stored).map_err(unfit)?;
        let assertion = signed(&key, &json!({ "alg": "RS256", "typ": "JWT" }), &claims);
        let assertion = assertion.map_err(unfit)?;
        let form = [("grant_type", JWT_GRANT), ("assertion", assertion.as_str())];
        let token =
            self.token(connection, &format!("{login}/services/oauth2/token"), &form).await?;
        let instance = token.instance_url.unwrap_or_else(|| login.to_owned());
        let plain = BTreeMap::from([("instance_url".to_owned(), instance)]);
        // Its end is the organization's own setting, which the answer does not say.
        Ok(Credential { plain, secret: as_secret(token.value), ends_at: None })
    }

    async fn token(
        &self,
        connection: &Connection,
        at: &str,
        form: &[(&str, &str)],
    ) -> Result<Token, NoCredential> {
        let url = Url::parse(at).map_err(|_| incomplete(connection, "a setting is no address"))?;
        let form = Some(encoded(form));
        let answer = self.web.send(&WebRequest { url, authorization: None, form }).await?;
        let WebAnswer { status, body, .. } = &answer;
        match status {
            // The parser's own words could repeat a piece of the token.
            200 => Ok(serde_json::from_slice(body.expose())
                .map_err(|_| Outage::harmless(DOING, "the answer holds no token"))?),
            400..=403 => Err(NoCredential::Refused(connection.name.clone())),
            other => Err(Outage::harmless(DOING, format!("the answer was {other}")).into()),
        }
    }
}

fn encoded(form: &[(&str, &str)]) -> SecretBytes {
    let mut text = form_urlencoded::Serializer::new(String::new());
    SecretBytes::new(text.extend_pairs(form).finish().into_bytes())
}

fn aws(connection: &Connection, stored: &SecretBytes) -> Result<Credential, NoCredential> {
    let keys: AwsKeys = serde_json::from_slice(stored.expose())
        .map_err(|_| incomplete(connection, "its secret is not the JSON of an access key"))?;
    let mut plain = plain(connection, &["region"])?;
    if let Some(endpoint) = connection.settings.get("endpoint") {
        plain.insert("endpoint".into(), endpoint.clone());
    }
    let members = [
        ("access_key_id", Some(keys.access_key_id)),
        ("secret_access_key", Some(keys.secret_access_key)),
        ("session_token", keys.session_token),
    ];
    let secret = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), SecretBytes::new(value?.into_bytes()))));
    Ok(Credential { plain, secret: secret.collect(), ends_at: None })
}

/// The origin of the first thing that the automation may do, where that is an address.
fn resource_of(need: &Need) -> String {
    let named = need.may.iter().filter_map(|may| Url::parse(may).ok());
    let origin = named.filter(|url| url.scheme() == "https").find_map(|url| {
        let origin = url.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    });
    origin.unwrap_or_else(|| RESOURCE.to_owned())
}

fn as_secret(token: String) -> BTreeMap<String, SecretBytes> {
    [("access_token".to_owned(), SecretBytes::new(token.into_bytes()))].into()
}

fn plain(
    connection: &Connection,
    names: &[&'static str],
) -> Result<BTreeMap<String, String>, NoCredential> {
    let member =
        |name: &&'static str| Ok(((*name).to_owned(), setting(connection, name)?.to_owned()));
    names.iter().map(member).collect()
}

fn setting<'c>(connection: &'c Connection, name: &'static str) -> Result<&'c str, NoCredential> {
    let found = connection.settings.get(name).map(String::as_str);
    found.ok_or_else(|| incomplete(connection, name))
}

fn text<'s>(connection: &Connection, stored: &'s SecretBytes) -> Result<&'s str, NoCredential> {
    str::from_utf8(stored.expose()).map_err(|_| incomplete(connection, "its secret is no text"))
}

fn incomplete(connection: &Connection, what: &'static str) -> NoCredential {
    NoCredential::Incomplete(connection.name.clone(), what)
}
