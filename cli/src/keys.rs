//! `gatelet keys`: the keys that tokens are signed with.

use std::fmt::Write as _;

use gatelet_core::clock::Timestamp;
use gatelet_core::parts::Parts;
use gatelet_core::token::{KeyRing, KeyState, RingKey};
use gatelet_host::plain::{Place, with_parts};
use serde_json::{Value, json};

use crate::arguments::KeysCommand;
use crate::say::{Answer, Failure};
use crate::secrets::{age, must_be_there};

/// Lists or rotates.
pub(crate) fn keys(place: &Place, what: &KeysCommand) -> Result<Answer, Failure> {
    must_be_there(place)?;
    with_parts(place, async |parts| match what {
        KeysCommand::List => list(parts).await,
        KeysCommand::Rotate => rotate(parts).await,
    })
}

async fn list(parts: &Parts) -> Result<Answer, Failure> {
    let now = parts.clock.now();
    let mut found = KeyRing::new(&*parts.records, &*parts.random).published(now).await?;
    found.sort_by_key(|key| key.since);
    let mut text = String::new();
    for key in &found {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}  {:<8}  for {}", key.id, state(key), age(key.since, now));
    }
    let keys: Value = found.iter().map(|key| described(key, now)).collect();
    Ok(Answer::new(text, json!({ "v": 1, "keys": keys })))
}

async fn rotate(parts: &Parts) -> Result<Answer, Failure> {
    let now = parts.clock.now();
    let ring = KeyRing::new(&*parts.records, &*parts.random);
    let key = ring.rotate_begin(&*parts.key_maker, &*parts.signer, now).await?;
    let text = format!(
        "Published {}\nThe upkeep lets it sign ten minutes after it was published; the key before it stays published \
         until the last token has ended. Nobody has to do anything.",
        key.id
    );
    Ok(Answer::new(text, json!({ "v": 1, "key": described(&key, now) })))
}

fn described(key: &RingKey, now: Timestamp) -> Value {
    let seconds = now.since(key.since).as_secs();
    json!({ "kid": key.id.as_str(), "state": state(key), "for_seconds": seconds })
}

const fn state(key: &RingKey) -> &'static str {
    match key.state {
        KeyState::Next => "next",
        KeyState::Current => "current",
        KeyState::Retiring => "retiring",
    }
}
