//! Digests that stand in record names, so that what a stranger sends never becomes part of one.

use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

use crate::records::{BadName, Partition, Table};

/// SHA-256 over parts whose borders count: ("ab", "c") and ("a", "bc") differ.
pub(crate) fn digest_of(parts: &[&str]) -> [u8; 32] {
    // Laid out first and digested in one call: short inputs take half as long that way. One may be a secret.
    let length = parts.iter().map(|part| part.len() + 8).sum();
    let mut laid_out = Zeroizing::new(Vec::with_capacity(length));
    for part in parts {
        laid_out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        laid_out.extend_from_slice(part.as_bytes());
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, &laid_out).as_ref());
    bytes
}

/// The same as 64 hex digits.
pub(crate) fn hex_digest_of(parts: &[&str]) -> String {
    let mut text = vec![0; 64];
    // `hex::encode` goes letter by letter, which took longer than the digest itself.
    match hex::encode_to_slice(digest_of(parts), &mut text).map(|()| String::from_utf8(text)) {
        Ok(Ok(text)) => text,
        _ => unreachable!("32 bytes are 64 hex digits"),
    }
}

/// Where a digest lies in a space of the table `identity`: in one of 256 partitions, by its first two digits.
pub(crate) fn spread(space: &str, hex_digest: &str) -> Result<Partition, BadName> {
    let two = hex_digest.get(..2).unwrap_or(hex_digest);
    Partition::new(Table::Identity, format!("{space}:{two}"))
}
