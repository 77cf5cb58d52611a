//! Digests that stand in record names, so that what a stranger sends never becomes part of one.

use aws_lc_rs::digest::{Context, SHA256};

use crate::records::{BadName, Partition, Table};

/// SHA-256 over parts whose borders count: ("ab", "c") and ("a", "bc") differ.
pub(crate) fn digest_of(parts: &[&str]) -> [u8; 32] {
    let mut hash = Context::new(&SHA256);
    for part in parts {
        hash.update(&(part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(hash.finish().as_ref());
    bytes
}

/// The same as 64 hex digits.
pub(crate) fn hex_digest_of(parts: &[&str]) -> String {
    hex_of(&digest_of(parts))
}

/// A digest as 64 hex digits.
pub(crate) fn hex_of(digest: &[u8; 32]) -> String {
    let mut text = vec![0; 64];
    // `hex::encode` goes letter by letter, which took longer than the digest itself.
    match hex::encode_to_slice(digest, &mut text).map(|()| String::from_utf8(text)) {
        Ok(Ok(text)) => text,
        _ => unreachable!("32 bytes are 64 hex digits"),
    }
}

/// Where a digest lies in a space of the table `identity`: in one of 256 partitions, by its first two digits.
pub(crate) fn spread(space: &str, hex_digest: &str) -> Result<Partition, BadName> {
    let two = hex_digest.get(..2).unwrap_or(hex_digest);
    Partition::new(Table::Identity, format!("{space}:{two}"))
}
