//! The broker: what a run gets from a connection of each kind, and what becomes of it when the other side says no.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use gatelet_contracts::MemorySecrets;
use gatelet_core::automation::catalog::Need;
use gatelet_core::connection::{Broker, Connection, Credential, NoCredential};
use gatelet_core::outage::Outage;
use gatelet_core::secrets::{SecretBytes, SecretName, Secrets as _};
use gatelet_core::web::{Web, WebAnswer, WebRequest};
use gatelet_played::NOW;

/// Another server: it answers the same each time, and remembers what it was sent.
struct Answers {
    status: u16,
    body: &'static str,
    asked: Mutex<Vec<(String, String)>>,
}

#[async_trait]
impl Web for Answers {
    async fn send(&self, request: &WebRequest) -> Result<WebAnswer, Outage> {
        let form = request.form.as_ref().map(|form| form.expose().to_vec()).unwrap_or_default();
        let form = String::from_utf8(form).unwrap();
        self.asked.lock().unwrap().push((request.url.to_string(), form));
        let body = SecretBytes::new(self.body.as_bytes().to_vec());
        Ok(WebAnswer { status: self.status, body, max_age: None })
    }
}

async fn credential(
    kind: &str,
    settings: &[(&str, &str)],
    secret: Option<&str>,
    web: &Answers,
) -> Result<Credential, NoCredential> {
    let vault = MemorySecrets::default();
    let name = SecretName::new("connection-acme").unwrap();
    if let Some(secret) = secret {
        vault.put(&name, &SecretBytes::new(secret.as_bytes().to_vec())).await.unwrap();
    }
    let settings = settings.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    let connection = Connection {
        name: "prod".into(),
        kind: kind.into(),
        secret: Some(name),
        settings: settings.collect(),
    };
    let may = vec!["https://graph.microsoft.com/User.Read.All".into()];
    let need = Need { kind: kind.into(), title: "Cloud".into(), may };
    Broker::new(&vault, web).credential(&connection, &need, NOW).await
}

fn silent() -> Answers {
    Answers { status: 500, body: "", asked: Mutex::default() }
}

fn secrets(credential: &Credential) -> BTreeMap<&str, &str> {
    let text = |secret| str::from_utf8(SecretBytes::expose(secret)).unwrap();
    credential.secret.iter().map(|(name, value)| (name.as_str(), text(value))).collect()
}

#[tokio::test]
async fn a_stored_key_is_given_with_its_settings_and_nobody_is_asked() {
    let web = silent();
    let key = r#"{"access_key_id":"AKIAEXAMPLE","secret_access_key":"wJalrXUtnFEMI"}"#;
    let given = credential("aws", &[("region", "eu-central-1")], Some(key), &web).await.unwrap();
    assert_eq!(given.plain["region"], "eu-central-1");
    let expected =
        [("access_key_id", "AKIAEXAMPLE"), ("secret_access_key", "wJalrXUtnFEMI")].into();
    assert_eq!(secrets(&given), expected);
    assert_eq!(given.ends_at, None);
    let given = credential("token", &[("url", "https://a.example")], Some("t-1"), &web).await;
    assert_eq!(secrets(&given.unwrap()), [("token", "t-1")].into());
    assert!(web.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_client_secret_is_turned_into_a_token_with_an_end_and_is_not_given_itself() {
    let body = r#"{"access_token":"short","expires_in":3599}"#;
    let web = Answers { status: 200, body, asked: Mutex::default() };
    let settings = [("directory", "d-1"), ("client_id", "c-1")];
    let given = credential("azure", &settings, Some("long"), &web).await.unwrap();
    assert_eq!(secrets(&given), [("access_token", "short")].into());
    assert_eq!(given.ends_at, Some(NOW + Duration::from_secs(3599)));
    let asked = web.asked.lock().unwrap();
    let (address, form) = &asked[0];
    assert_eq!(address, "https://login.microsoftonline.com/d-1/oauth2/v2.0/token");
    assert!(form.contains("scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"), "{form}");
    assert!(form.contains("client_secret=long") && !address.contains("long"));
}

#[tokio::test]
async fn what_is_missing_refused_and_away_are_three_things() {
    let settings = [("directory", "d-1"), ("client_id", "c-1")];
    let ask = async |secret, status| {
        let web =
            Answers { status, body: r#"{"error":"invalid_client"}"#, asked: Mutex::default() };
        credential("azure", &settings, secret, &web).await.unwrap_err()
    };
    assert!(matches!(ask(None, 200).await, NoCredential::Incomplete(..)));
    assert!(matches!(ask(Some("long"), 401).await, NoCredential::Refused(_)));
    assert!(matches!(ask(Some("long"), 503).await, NoCredential::Away(_)));
    let odd = ask(Some("long"), 200).await;
    assert!(matches!(odd, NoCredential::Away(_)), "no token, and nothing that says no");
    let told = format!("{odd:?} {odd}");
    assert!(!told.contains("long"), "{told}");
    let web = silent();
    let odd = credential("aws", &[("region", "r")], Some("not json"), &web).await.unwrap_err();
    assert!(!odd.to_string().contains("not json"), "{odd}");
    let key = credential(
        "salesforce",
        &[("login_url", "https://l.example"), ("client_id", "c"), ("username", "u")],
        Some("no key"),
        &web,
    );
    assert!(matches!(key.await.unwrap_err(), NoCredential::Incomplete(..)));
}
