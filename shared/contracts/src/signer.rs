//! What every custody of signing keys owes.

use gatelet_core::token::{KeyHandle, KeyMaker, Sha256Digest, Signer};

/// Makes two keys and signs with both. `unknown` is a handle that is well formed and names no key.
pub async fn signer_contract(signer: &dyn Signer, maker: &dyn KeyMaker, unknown: &KeyHandle) {
    let (one, other) = (maker.make_key().await.unwrap(), maker.make_key().await.unwrap());
    assert_ne!(one, other);
    let public = signer.public_key(&one).await.unwrap().unwrap();
    let stranger = signer.public_key(&other).await.unwrap().unwrap();
    assert_ne!(public, stranger, "two keys are one");
    assert_eq!((public.bits(), stranger.bits()), (2048, 2048));
    assert_eq!(signer.public_key(&one).await.unwrap().as_ref(), Some(&public));

    let message = b"header.claims";
    let signature = signer.sign(&one, &Sha256Digest::of(message)).await.unwrap().unwrap();
    assert!(public.verifies(message, &signature));
    assert!(!public.verifies(b"header.other", &signature), "another message");
    assert!(!stranger.verifies(message, &signature), "another key");
    let signature = signer.sign(&other, &Sha256Digest::of(message)).await.unwrap().unwrap();
    assert!(stranger.verifies(message, &signature));

    assert_eq!(signer.sign(unknown, &Sha256Digest::of(message)).await.unwrap(), None);
    assert_eq!(signer.public_key(unknown).await.unwrap(), None);
}
