//! `gatelet keys`: the keys that tokens are signed with.

use gatelet_core::clock::Timestamp;
use gatelet_core::parts::Parts;
use gatelet_core::token::{KeyRing, KeyState, Retirement, RingKey};
use gatelet_host::plain::{Place, with_parts};
use serde_json::{Value, json};

use crate::arguments::KeysCommand;
use crate::page::{Cell, Page, Tone};
use crate::say::{Answer, Failure};
use crate::secrets::{must_be_there, until};
use crate::voice::{Voice, rfc_3339};

/// Lists, rotates or retires.
pub(crate) fn keys(place: &Place, what: &KeysCommand, voice: &Voice) -> Result<Answer, Failure> {
    must_be_there(place)?;
    with_parts(place, async |parts| match what {
        KeysCommand::List => list(parts, voice).await,
        KeysCommand::Rotate => rotate(parts).await,
        KeysCommand::Retire { kid, yes } => retire(parts, kid, *yes).await,
    })
}

async fn list(parts: &Parts, voice: &Voice) -> Result<Answer, Failure> {
    let now = parts.clock.now();
    let mut found = KeyRing::new(&*parts.records, &*parts.random).published(now).await?;
    found.sort_by_key(|key| key.since);
    let head = vec!["kid".into(), "state".into(), "since".into()];
    let rows = found.iter().map(|key| {
        let (word, tone) = state(key.state);
        vec![key.id.as_str().into(), Cell::state(word, tone), voice.moment(key.since).into()]
    });
    let page = Page::new().table(0, std::iter::once(head).chain(rows));
    let keys: Value = found.iter().map(|key| described(key, now)).collect();
    Ok(Answer::found(page, json!({ "v": 1, "keys": keys })))
}

async fn rotate(parts: &Parts) -> Result<Answer, Failure> {
    let now = parts.clock.now();
    let ring = KeyRing::new(&*parts.records, &*parts.random);
    let key = ring.rotate_begin(&*parts.key_maker, &*parts.signer, now).await?;
    let page = Page::new().line(format!("Published {}", key.id)).line(
        "The upkeep lets it sign ten minutes after it was published; the key before it stays published \
         until the last token has ended. Nobody has to do anything.",
    );
    Ok(Answer::done(page, json!({ "v": 1, "key": described(&key, now) })))
}

async fn retire(parts: &Parts, kid: &str, yes: bool) -> Result<Answer, Failure> {
    let now = parts.clock.now();
    let ring = KeyRing::new(&*parts.records, &*parts.random);
    // The name is not repeated: what was typed may be anything.
    let kept = Failure::no("the key was not retired");
    match ring.retire(kid, yes, now).await? {
        Retirement::Gone => {
            let page = Page::new().line(format!("Retired {kid}")).line(
                "It is published no longer. Whoever keeps the published set knows it for five minutes more; \
                 every token that it signed has ended after that.",
            );
            Ok(Answer::done(page, json!({ "v": 1, "kid": kid, "result": "retired" })))
        }
        Retirement::Unknown => Err(kept
            .note("cause", "no key of this name is published")
            .note("next", "gatelet keys list")),
        Retirement::Needed(KeyState::Next) => Err(kept
            .note("cause", "it has signed nothing yet, and is about to sign")
            .note("next", "gatelet keys list, until it says retiring")),
        Retirement::Needed(_) => Err(kept
            .note("cause", "it is the key that signs")
            .note("next", "gatelet keys rotate; once another key signs, retire this one")),
        Retirement::TokensUntil(end) => Err(kept
            .note("cause", "tokens that it signed may still be in use")
            .note("next", format!("wait for {}, or end them with --yes", until(end, now)))),
    }
}

fn described(key: &RingKey, now: Timestamp) -> Value {
    let seconds = now.since(key.since).as_secs();
    let (word, _) = state(key.state);
    let since = rfc_3339(key.since);
    json!({ "kid": key.id.as_str(), "state": word, "since": since, "for_seconds": seconds })
}

const fn state(state: KeyState) -> (&'static str, Tone) {
    match state {
        KeyState::Next => ("next", Tone::Info),
        KeyState::Current => ("current", Tone::Good),
        KeyState::Retiring => ("retiring", Tone::Plain),
    }
}
