//! What must stand neither in a log, nor in an address, nor in a record.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use gatelet_core::records::Table;
use gatelet_played::{Ask, Gateway, Who};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::trips::TRIPS;

thread_local! {
    /// What this thread has logged, from the moment at which it is listened to.
    static HEARD: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Writes to what the thread has logged.
struct Ear;

impl io::Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        HEARD.with_borrow_mut(|heard| heard.as_mut().map(|heard| heard.extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Listens to this thread. One subscriber serves the whole process: those that come and go with a test lose lines while
/// other tests meet the same places of the code.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let is_heard = dynamic_filter_fn(|_, _| HEARD.with_borrow(Option::is_some));
        let layer = tracing_subscriber::fmt::layer().with_writer(|| Ear).with_filter(is_heard);
        tracing_subscriber::registry().with(layer).init();
    });
    HEARD.set(Some(Vec::new()));
}

/// Everything in a request or an answer that lets somebody in or tells who they are.
fn secrets_of(ask: &Ask, text: &mut Vec<String>) {
    for (name, value) in &ask.headers {
        let value = String::from_utf8_lossy(value).into_owned();
        if name == "cookie" || name == "authorization" {
            text.extend(value.split(['=', ' ']).skip(1).map(str::to_owned));
        }
    }
    let query = ask.path.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let pairs = [query.as_bytes(), &ask.body];
    for (name, value) in pairs.into_iter().flat_map(url::form_urlencoded::parse) {
        let names = ["code", "state", "token", "refresh_token", "code_verifier", "code_challenge"];
        if names.contains(&&*name) {
            text.push(value.into_owned());
        }
    }
}

// Proves std 117.
#[tokio::test]
async fn no_request_leaves_a_secret_or_a_name_in_the_log() {
    listen();
    let mut secrets: Vec<String> =
        ["a client secret", "Ada L.", "ada@mail.example", "theirs"].map(str::to_owned).into();
    for trip in TRIPS {
        let gateway = Gateway::new(all::routes).await;
        let ask = (trip.prepare)(&gateway).await;
        secrets_of(&ask, &mut secrets);
        let answer = gateway.send(&ask).await;
        let set = answer.cookie().and_then(|pair| pair.split_once('=')).map(|(_, value)| value);
        secrets.extend(set.map(str::to_owned));
        secrets.extend(["access_token", "refresh_token"].iter().filter_map(|it| answer.text(it)));
        // The same request without what it needs is refused, and refusals are logged too.
        for port in gatelet_played::Port::ALL {
            gateway.weather.away(port);
            gateway.send(&ask).await;
        }
    }
    secrets.retain(|secret| secret.len() > 5 && secret != "its-state");
    assert!(secrets.len() > 30, "there is something to look for");
    let log = String::from_utf8(HEARD.take().unwrap()).unwrap();
    assert!(log.lines().count() > 100, "and something to look through");
    for secret in &secrets {
        assert!(!log.contains(secret.as_str()), "{secret} stands in the log");
    }
}

// Proves std 35, 117; L 33.
#[tokio::test]
async fn no_record_holds_what_would_let_its_reader_in() {
    let gateway = Gateway::new(all::routes).await;
    let cookie = gateway.sign_in(Who::ADA).await;
    let (access, refresh) = gateway.client_tokens(Who::ADA).await;
    let code = gateway.client_code(Who::ADA).await;
    let key = cookie.split_once('=').unwrap().1;
    let stored = gateway.store.records.dump();
    assert!(stored.contains("begun_ms"), "there is something to look through");
    for secret in [key, &access, &refresh, &code] {
        let tail = secret.rsplit('.').next().unwrap();
        assert!(!stored.contains(tail), "{secret} can be made from a record");
    }
}

// Proves std 29.
#[tokio::test]
async fn no_address_that_anybody_is_sent_to_or_asked_at_holds_a_providers_token() {
    let gateway = Gateway::new(all::routes).await;
    let callback = gateway.at_callback("/auth/login/one", Who::ADA).await;
    let answer = gateway.send(&callback).await;
    let asked = gateway.store.providers.addresses();
    assert!(asked.iter().any(|address| address.ends_with("/token")), "{asked:?}");
    let all = asked.iter().map(String::as_str).chain([answer.location()]);
    for address in all {
        assert!(!address.contains("theirs") && !address.contains("eyJ"), "{address}");
        assert!(!address.contains("code") || address.contains("code_challenge"), "{address}");
    }
}

// Proves L 66.
#[tokio::test]
async fn every_entry_of_the_trail_says_who_did_what_to_what() {
    for trip in TRIPS {
        let gateway = Gateway::new(all::routes).await;
        let ask = (trip.prepare)(&gateway).await;
        gateway.send(&ask).await;
        let stored = gateway.store.records.dump();
        let entries = stored.lines().filter_map(|line| line.strip_prefix("audit "));
        let entries: Vec<&str> = entries.filter_map(|line| line.splitn(3, ' ').nth(2)).collect();
        assert_eq!(entries.len(), gateway.store.records.count(Table::Audit));
        for entry in entries {
            let entry: serde_json::Value = serde_json::from_str(entry).unwrap();
            for member in ["actor", "action", "resource", "outcome", "tenant"] {
                let said = &entry[member];
                let nothing = said.is_null() || said == "" || said == "anonymous";
                assert!(!nothing, "{}: {member} of {entry}", trip.row);
            }
        }
    }
}
