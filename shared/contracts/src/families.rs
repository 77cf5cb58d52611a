//! What refresh families owe their clients on every store: of many at once, each gets an answer and one changes
//! anything.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use gatelet_core::clock::Timestamp;
use gatelet_core::identity::{Facts, Person};
use gatelet_core::records::Records;
use gatelet_core::secrets::own::{OwnSecret, OwnSecrets, RememberedSecrets, renew};
use gatelet_core::session::SignIn;
use gatelet_core::tenant::TenantId;
use gatelet_core::token::{
    Families, GrantError, Offer, Presented, Redeemable, Redemption, Rotatable,
};

use crate::records::{NOON, Watched};
use crate::{MemorySecrets, SeededRandom};

/// How many clients come at once.
const CROWD: usize = 50;
/// The client of the contract.
pub const CLIENT: &str = "contract-client";
const REDIRECT: &str = "http://127.0.0.1:4711/callback";
/// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Families over a store, with a pepper of their own.
pub struct FamilyStage {
    records: Watched,
    random: SeededRandom,
    secrets: MemorySecrets,
    remembered: RememberedSecrets,
}

impl FamilyStage {
    /// Over this store.
    pub async fn new(records: Arc<dyn Records>) -> Self {
        let stage = Self {
            records: Watched::new(records),
            random: SeededRandom::unseeded(),
            secrets: MemorySecrets::default(),
            remembered: RememberedSecrets::default(),
        };
        stage.renew_pepper().await;
        stage
    }

    /// Gives the vault a new pepper, which the next five minutes do not know of.
    pub async fn renew_pepper(&self) {
        renew(&self.secrets, OwnSecret::RefreshPepper, &self.random).await.unwrap();
    }

    /// How many commits have changed anything so far.
    pub fn committed(&self) -> usize {
        self.records.changes()
    }

    /// A family that was offered; its code.
    pub async fn offer(&self, now: Timestamp) -> String {
        let person = Person { issuer: "https://idp.example".into(), subject: "ada".into() };
        let facts = Facts::of("example", person);
        let tenant = TenantId::new("contract").unwrap();
        let offer = Offer {
            sign_in: &SignIn { tenant, role: "viewer".into(), facts },
            client_id: CLIENT,
            redirect_uri: REDIRECT,
            challenge: CHALLENGE,
            scope: None,
            resource: None,
        };
        self.families().offer(&offer, now).await.unwrap().expose().to_owned()
    }

    /// A family that was redeemed; its first refresh token.
    pub async fn begin(&self, now: Timestamp) -> String {
        let code = self.offer(now).await;
        let good = self.present_code(&code, now).await.unwrap();
        self.redeem(good, now).await.unwrap()
    }

    /// Finds out whether a code is good.
    pub async fn present_code(&self, code: &str, now: Timestamp) -> Result<Redeemable, GrantError> {
        let redemption =
            Redemption { code, client_id: CLIENT, redirect_uri: REDIRECT, verifier: VERIFIER };
        self.families().present_code(&redemption, now).await
    }

    /// Uses a code up.
    pub async fn redeem(&self, good: Redeemable, now: Timestamp) -> Result<String, GrantError> {
        let token = self.families().redeem(good, &self.secrets(), now).await?;
        Ok(String::clone(&token))
    }

    /// Finds out whether a refresh token is good.
    pub async fn present(&self, token: &str, now: Timestamp) -> Result<Rotatable, GrantError> {
        let presented = Presented { token, client_id: CLIENT };
        self.families().present(&presented, &self.secrets(), now).await
    }

    /// Rotates a good one.
    pub async fn rotate(&self, good: Rotatable, now: Timestamp) -> Result<String, GrantError> {
        Ok(String::clone(&*self.families().rotate(good, now).await?))
    }

    /// Both in turn, as a client that is alone.
    pub async fn refresh(&self, token: &str, now: Timestamp) -> Result<String, GrantError> {
        let good = self.present(token, now).await?;
        self.rotate(good, now).await
    }

    fn families(&self) -> Families<'_> {
        Families::new(&self.records, &self.random)
    }

    fn secrets(&self) -> OwnSecrets<'_> {
        OwnSecrets::new(&self.secrets, &self.remembered)
    }
}

/// Runs every clause.
pub async fn families_contract(records: Arc<dyn Records>) {
    let stage = FamilyStage::new(records).await;
    a_crowd_gets_one_successor(&stage).await;
    a_crowd_redeems_a_code_once(&stage).await;
}

/// Fifty present the same token, and all have read the same record before the first of them rotates it: each gets
/// the same successor, and one row was changed. Once the successor is used, the old token ends the family.
pub async fn a_crowd_gets_one_successor(stage: &FamilyStage) {
    let token = stage.begin(NOON).await;
    let read = join_all((0..CROWD).map(|_| stage.present(&token, NOON))).await;
    let before = stage.committed();
    let rotated = join_all(read.into_iter().map(|good| stage.rotate(good.unwrap(), NOON))).await;
    let successors: Vec<String> = rotated.into_iter().map(Result::unwrap).collect();
    assert_eq!(successors.len(), CROWD, "each has an answer");
    assert_eq!(successors.iter().collect::<HashSet<_>>().len(), 1, "one successor");
    assert_eq!(stage.committed() - before, 1, "one row was changed, once");
    assert_ne!(successors[0], token);

    let used = stage.refresh(&successors[0], NOON).await.unwrap();
    refused(stage.refresh(&token, NOON).await, "the successor was used");
    refused(stage.refresh(&used, NOON).await, "and with that the family is over");
}

/// Fifty redeem the same code, and all have read the offer before the first of them redeems it: one gets a token,
/// which is worth nothing, because the others have shown that the code was in several hands.
pub async fn a_crowd_redeems_a_code_once(stage: &FamilyStage) {
    let code = stage.offer(NOON).await;
    let read = join_all((0..CROWD).map(|_| stage.present_code(&code, NOON))).await;
    let redeemed = join_all(read.into_iter().map(|good| stage.redeem(good.unwrap(), NOON))).await;
    let tokens: Vec<String> = redeemed.into_iter().filter_map(Result::ok).collect();
    assert_eq!(tokens.len(), 1, "one redemption");
    let later = NOON + Duration::from_secs(1);
    refused(stage.refresh(&tokens[0], later).await, "what came of it is over");
    assert!(stage.present_code(&code, later).await.is_err(), "the code stays used");
}

/// Demands that it was refused, and not that something was away.
pub fn refused<T>(answer: Result<T, GrantError>, why: &str) {
    match answer {
        Err(GrantError::Refused) => {}
        Err(GrantError::Store(away)) => panic!("{why}: {away}"),
        Ok(_) => panic!("{why}: it was taken"),
    }
}
