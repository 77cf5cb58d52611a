//! The seal: nothing that was changed, made for something else or made elsewhere opens.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatelet_core::secrets::own::{OwnSecret, renew};
use gatelet_core::sign_in::{LONGEST_SEALED, NotOpened, NotSealed, Purpose, Sealer};
use proptest::prelude::*;

use crate::stage::{NOW, Stage};

const LIFE: Duration = Duration::from_mins(10);

async fn seal(stage: &Stage, text: &str) -> String {
    let value = text.to_owned();
    Sealer::new(&stage.parts).seal(Purpose::Pending, &value, NOW + LIFE, NOW).await.unwrap()
}

async fn open(stage: &Stage, sealed: &str) -> Result<String, NotOpened> {
    Sealer::new(&stage.parts).open(Purpose::Pending, sealed, NOW).await
}

#[tokio::test]
async fn a_seal_opens_for_its_purpose_and_until_its_end() {
    let stage = Stage::new().await;
    let sealed = seal(&stage, "something").await;
    assert!(!sealed.contains("something"));
    assert_ne!(sealed, seal(&stage, "something").await, "each seal has a nonce of its own");
    assert_eq!(open(&stage, &sealed).await.unwrap(), "something");
    let ours = Sealer::new(&stage.parts);
    let other = ours.open::<String>(Purpose::Choice, &sealed, NOW).await;
    assert!(matches!(other, Err(NotOpened::Foreign)), "another purpose");
    let late = ours.open::<String>(Purpose::Pending, &sealed, NOW + LIFE).await;
    assert!(matches!(late, Err(NotOpened::Expired)));
}

// Proves L 4.
#[tokio::test]
async fn what_would_be_too_long_for_a_cookie_is_not_sealed() {
    let stage = Stage::new().await;
    let long = "x".repeat(LONGEST_SEALED);
    let sealed = Sealer::new(&stage.parts).seal(Purpose::Pending, &long, NOW + LIFE, NOW).await;
    assert!(matches!(sealed, Err(NotSealed::TooLong)));
    assert!(matches!(open(&stage, &long).await, Err(NotOpened::Foreign)));
}

// Proves std 7; L 33.
#[test]
fn a_seal_with_any_byte_changed_or_cut_off_is_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let stage = runtime.block_on(Stage::new());
    let sealed = runtime.block_on(seal(&stage, "a state, a nonce, a verifier"));
    let (version, body) = sealed.split_once('.').unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(body).unwrap();
    let forged = |bytes: &[u8]| {
        let text = format!("{version}.{}", URL_SAFE_NO_PAD.encode(bytes));
        matches!(runtime.block_on(open(&stage, &text)), Err(NotOpened::Foreign))
    };
    proptest!(|(at in 0..bytes.len(), flip in 1_u8..)| {
        let mut changed = bytes.clone();
        changed[at] ^= flip;
        prop_assert!(forged(&changed), "byte {} by {}", at, flip);
    });
    for length in 0..bytes.len() {
        assert!(forged(&bytes[..length]), "cut to {length}");
    }
    assert!(forged(&[&bytes[..], b"x"].concat()), "made longer");
    for text in ["", ".", "1", "1.", ".AAAA", &format!("{sealed}="), &format!(" {sealed}")] {
        assert!(matches!(runtime.block_on(open(&stage, text)), Err(NotOpened::Foreign)), "{text}");
    }
}

#[tokio::test]
async fn a_seal_made_with_either_of_two_versions_opens_in_every_process() {
    let stage = Stage::new().await;
    let before = seal(&stage, "before").await;
    renew(&*stage.secrets, OwnSecret::LoginSealing, &*stage.random).await.unwrap();
    let second = stage.second_process();
    let after = seal(&second, "after").await;
    assert_ne!(before.split('.').next(), after.split('.').next(), "the new version is in use");
    // The first process has not heard of the new version, the second has never used the old one.
    for process in [&stage, &second] {
        assert_eq!(open(process, &before).await.unwrap(), "before");
        assert_eq!(open(process, &after).await.unwrap(), "after");
    }
}

#[tokio::test]
async fn a_flood_of_invented_versions_asks_the_vault_once_a_second_and_hides_nothing_that_is_known()
{
    let stage = Stage::new().await;
    let sealed = seal(&stage, "ours").await;
    let (_, body) = sealed.split_once('.').unwrap();
    let invented = |number: u32| format!("{number}.{body}");
    assert!(matches!(open(&stage, &invented(77)).await, Err(NotOpened::Foreign)));
    for number in 78..99 {
        // Not "foreign": a version that was not looked up may be a new one.
        let opened = open(&stage, &invented(number)).await;
        assert!(matches!(opened, Err(NotOpened::Outage(_))), "{opened:?}");
    }
    assert_eq!(open(&stage, &sealed).await.unwrap(), "ours");
    let later = NOW + Duration::from_secs(1);
    let ours = Sealer::new(&stage.parts);
    let opened = ours.open::<String>(Purpose::Pending, &invented(99), later).await;
    assert!(matches!(opened, Err(NotOpened::Foreign)), "asked again after a second");
}
