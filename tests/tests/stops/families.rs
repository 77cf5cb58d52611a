//! A family from its offer to its end, stopped after each commit.

use std::ops::Deref;
use std::time::Duration;

use gatelet_contracts::SeededRandom;
use gatelet_core::audit::Trail;
use gatelet_core::clock::Timestamp;
use gatelet_core::records::{Records, StoreError};
use gatelet_core::revocation::Cut;
use gatelet_core::secrets::own::{OwnSecret, OwnSecrets, RememberedSecrets, renew};
use gatelet_core::token::{Families, GrantError, Offer, Presented, Redemption};
use gatelet_local::FileSecrets;
use tempfile::TempDir;

use crate::everywhere::{fine, nothing, stopped_everywhere};
use crate::{NOW, acme, is_announced, sign_in};

const VERIFIER: &str = "a-verifier-that-is-long-enough-for-rfc-7636-0";
/// SHA-256 of it in base64url.
const CHALLENGE: &str = "bMWLHKvSFDzgrztUSZEpJnl3ylyHWXgwudV2OaFzPQA";
const CLIENT: &str = "gatelet-cli";
const REDIRECT: &str = "http://127.0.0.1:4711/callback";

struct Vault {
    _folder: TempDir,
    secrets: FileSecrets,
    remembered: RememberedSecrets,
}

impl Vault {
    async fn with_pepper(random: &SeededRandom) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secrets = FileSecrets::open(&folder.path().join("data")).unwrap();
        renew(&secrets, OwnSecret::RefreshPepper, random).await.unwrap();
        Self { _folder: folder, secrets, remembered: RememberedSecrets::default() }
    }

    fn open(&self) -> OwnSecrets<'_> {
        OwnSecrets::new(&self.secrets, &self.remembered)
    }
}

async fn offer(records: &dyn Records, random: &SeededRandom) -> Result<String, StoreError> {
    let offer = Offer {
        sign_in: &sign_in(),
        client_id: CLIENT,
        redirect_uri: REDIRECT,
        challenge: CHALLENGE,
        scope: None,
        resource: None,
    };
    let code = Families::new(records, random).offer(&offer, NOW).await?;
    Ok(code.expose().to_owned())
}

type Token = String;

/// What a client gets: a token, a refusal, or an outage.
fn answer<T: Deref<Target = String>>(
    result: Result<T, GrantError>,
) -> Result<Option<Token>, StoreError> {
    match result {
        Ok(token) => Ok(Some(String::clone(&token))),
        Err(GrantError::Refused) => Ok(None),
        Err(GrantError::Store(away)) => Err(away),
    }
}

async fn redeem(
    records: &dyn Records,
    vault: &Vault,
    code: &str,
) -> Result<Option<Token>, StoreError> {
    let random = SeededRandom::unseeded();
    let families = Families::new(records, &random);
    let redemption =
        Redemption { code, client_id: CLIENT, redirect_uri: REDIRECT, verifier: VERIFIER };
    answer(match families.present_code(&redemption, NOW).await {
        Ok(good) => families.redeem(good, &vault.open(), NOW).await,
        Err(error) => Err(error),
    })
}

async fn refresh(
    records: &dyn Records,
    vault: &Vault,
    token: &str,
    now: Timestamp,
) -> Result<Option<Token>, StoreError> {
    let random = SeededRandom::unseeded();
    let families = Families::new(records, &random);
    let presented = Presented { token, client_id: CLIENT };
    answer(match families.present(&presented, &vault.open(), now).await {
        Ok(good) => families.rotate(good, now).await,
        Err(error) => Err(error),
    })
}

#[tokio::test]
async fn a_family_is_offered_redeemed_and_rotated() {
    let random = SeededRandom::new(8);
    let vault = Vault::with_pepper(&random).await;
    stopped_everywhere(
        1,
        nothing,
        async |records, ()| offer(records, &random).await,
        fine,
        async |records, (), code| {
            assert!(redeem(records, &vault, &code).await.unwrap().is_some());
        },
    )
    .await;
    stopped_everywhere(
        1,
        async |records| offer(records, &random).await.unwrap(),
        async |records, code| redeem(records, &vault, code).await,
        fine,
        async |records, code, token| {
            // The answer to a commit that did arrive is found by reading, so a first success is never lost
            // inside; a second redemption is refused, and ends what came of the first.
            if let Some(token) = token {
                assert!(refresh(records, &vault, &token, NOW).await.unwrap().is_some());
            }
            assert!(redeem(records, &vault, code).await.unwrap().is_none());
        },
    )
    .await;
    stopped_everywhere(
        1,
        async |records| {
            let code = offer(records, &random).await.unwrap();
            redeem(records, &vault, &code).await.unwrap().unwrap()
        },
        async |records, token: &Token| refresh(records, &vault, token, NOW).await,
        fine,
        async |records, token, successor| {
            let successor = successor.unwrap();
            let again = refresh(records, &vault, token, NOW).await.unwrap().unwrap();
            assert_eq!(again, successor, "whoever asks again is told the same");
            assert!(refresh(records, &vault, &successor, NOW).await.unwrap().is_some());
        },
    )
    .await;
}

// Proves std 69, 71, 97.
#[tokio::test]
async fn a_family_that_ends_is_over_at_the_first_commit_and_told_at_the_last() {
    let random = SeededRandom::new(9);
    let vault = Vault::with_pepper(&random).await;
    let late = NOW + Duration::from_mins(1);
    let live = async |records: &dyn Records| {
        let code = offer(records, &random).await.unwrap();
        let first = redeem(records, &vault, &code).await.unwrap().unwrap();
        let second = refresh(records, &vault, &first, NOW).await.unwrap().unwrap();
        (first, second)
    };
    let over = async |records: &dyn Records, token: &str, session: Option<String>| {
        assert!(refresh(records, &vault, token, late).await.unwrap().is_none());
        let hour = Trail::new(records, &random).hour(&acme(), late, late).await.unwrap();
        assert!((1..=2).contains(&hour.len()), "told, and told twice at most: {}", hour.len());
        let entry: serde_json::Value = serde_json::from_slice(&hour.first().unwrap().body).unwrap();
        let told = entry.get("resource").unwrap().as_str().unwrap().to_owned();
        assert!(session.is_none_or(|session| session == told));
        assert!(is_announced(records, &random, &Cut::Session(told), late).await);
    };
    // By an old token. The record, the cut, its announcement, the audit entry, the record again.
    stopped_everywhere(
        5,
        live,
        async |records, (first, _)| refresh(records, &vault, first, late).await,
        fine,
        async |records, (_, second), answer| {
            assert!(answer.is_none());
            over(records, second, None).await;
        },
    )
    .await;
    // By its client.
    stopped_everywhere(
        5,
        live,
        async |records, (_, second)| {
            let presented = Presented { token: second, client_id: CLIENT };
            Families::new(records, &random).revoke(&presented, late).await
        },
        fine,
        async |records, (_, second), known| {
            assert!(known);
            over(records, second, None).await;
        },
    )
    .await;
}
