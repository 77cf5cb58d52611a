//! What every adapter of `Secrets` owes.

use futures::future::join_all;
use gatelet_core::secrets::{Disabled, SecretBytes, SecretName, SecretVersion, Secrets};

use crate::random::unique;

/// Runs every clause.
pub async fn secrets_contract(secrets: &dyn Secrets) {
    what_is_unknown_is_none(secrets).await;
    values_are_exact_bytes(secrets).await;
    the_newest_version_is_current(secrets).await;
    a_disabled_version_cannot_be_read(secrets).await;
    racing_puts_are_all_kept(secrets).await;
}

/// No secret, no version: an answer, not an outage.
pub async fn what_is_unknown_is_none(secrets: &dyn Secrets) {
    let unknown = name("unknown");
    // Vaults check the shape of a version before they look for it; this shape suits all of them.
    let version = SecretVersion::new("0123456789abcdef0123456789abcdef");
    assert!(secrets.current(&unknown).await.unwrap().is_none());
    assert!(secrets.version(&unknown, &version).await.unwrap().is_none());
    assert_eq!(secrets.facts(&unknown).await.unwrap(), None);
    assert_eq!(secrets.disable(&unknown, &version).await.unwrap(), Disabled::Yes);

    let known = name("known");
    put(secrets, &known, b"value").await;
    assert!(secrets.version(&known, &version).await.unwrap().is_none());
    assert_eq!(secrets.disable(&known, &version).await.unwrap(), Disabled::Yes);
    assert!(secrets.current(&known).await.unwrap().is_some());
}

/// Any byte, the size of a private key, and a name of the full length.
pub async fn values_are_exact_bytes(secrets: &dyn Secrets) {
    let mut longest = format!("{}-0-z", unique().replace(char::is_numeric, "n"));
    longest.push_str(&"-9z".repeat(40));
    longest.truncate(100);
    let name = SecretName::new(longest).unwrap();
    let every_byte: Vec<u8> = (0..=u8::MAX).cycle().take(4096).collect();
    for value in [&every_byte[..], &[0], b" text with spaces \n"] {
        let version = put(secrets, &name, value).await;
        let secret = secrets.current(&name).await.unwrap().unwrap();
        assert_eq!(secret.version, version);
        assert!(secret.value.expose() == value, "the value changed on its way");
    }
}

/// Both newest versions are readable, and the facts tell them in order without a value.
pub async fn the_newest_version_is_current(secrets: &dyn Secrets) {
    let name = name("rotated");
    let mut versions = Vec::new();
    for value in [b"one", b"two", b"six"] {
        let version = put(secrets, &name, value).await;
        assert!(!versions.contains(&version), "a version was used twice");
        versions.push(version);
        let current = secrets.current(&name).await.unwrap().unwrap();
        assert_eq!(
            (&current.version, current.value.expose()),
            (&versions[versions.len() - 1], &value[..])
        );
    }
    for (version, value) in [(&versions[2], b"six"), (&versions[1], b"two")] {
        let secret = secrets.version(&name, version).await.unwrap().unwrap();
        assert_eq!((&secret.version, secret.value.expose()), (version, &value[..]));
    }
    let facts = secrets.facts(&name).await.unwrap().unwrap();
    assert!(facts.len() >= 2, "the two newest versions are always there");
    assert_eq!((&facts[0].version, facts[0].enabled), (&versions[2], true));
    assert_eq!((&facts[1].version, facts[1].enabled), (&versions[1], true));
    assert!(facts.is_sorted_by(|newer, older| newer.created_at >= older.created_at));
    assert!(facts.iter().all(|fact| fact.created_at.secs() > 1_700_000_000), "{facts:?}");
}

/// An older version can be closed for good, the current one cannot.
pub async fn a_disabled_version_cannot_be_read(secrets: &dyn Secrets) {
    let name = name("disabled");
    let old = put(secrets, &name, b"old").await;
    assert_eq!(secrets.disable(&name, &old).await.unwrap(), Disabled::StillCurrent);
    assert!(secrets.version(&name, &old).await.unwrap().is_some());

    let new = put(secrets, &name, b"new").await;
    for _ in 0..2 {
        assert_eq!(secrets.disable(&name, &old).await.unwrap(), Disabled::Yes);
        assert!(secrets.version(&name, &old).await.unwrap().is_none(), "still readable");
    }
    let current = secrets.current(&name).await.unwrap().unwrap();
    assert_eq!((&current.version, current.value.expose()), (&new, &b"new"[..]));
    assert_eq!(secrets.disable(&name, &new).await.unwrap(), Disabled::StillCurrent);

    let facts = secrets.facts(&name).await.unwrap().unwrap();
    assert_eq!((&facts[0].version, facts[0].enabled), (&new, true));
    assert!(facts.iter().all(|fact| fact.version != old || !fact.enabled), "{facts:?}");
}

/// Two that put the first version at once both succeed, and one of the two is current.
pub async fn racing_puts_are_all_kept(secrets: &dyn Secrets) {
    let name = name("raced");
    let versions = join_all([b"one", b"two"].map(|value| put(secrets, &name, value))).await;
    assert_ne!(versions[0], versions[1]);
    for (version, value) in versions.iter().zip([b"one", b"two"]) {
        let secret = secrets.version(&name, version).await.unwrap().unwrap();
        assert_eq!(secret.value.expose(), value);
    }
    let current = secrets.current(&name).await.unwrap().unwrap();
    assert!(versions.contains(&current.version));
}

async fn put(secrets: &dyn Secrets, name: &SecretName, value: &[u8]) -> SecretVersion {
    secrets.put(name, &SecretBytes::new(value.to_vec())).await.unwrap()
}

fn name(text: &str) -> SecretName {
    SecretName::new(format!("contract-{text}-{}", unique())).unwrap()
}
