//! A record as a DynamoDB item, and a range as bounds of its sort key.
//!
//! `pk` and `sk` are the record's name, `v` its version, `b` its body, `x` the millisecond from which on it does
//! not exist, and `ttl` the second after which DynamoDB may delete it.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use gatelet_core::clock::Timestamp;
use gatelet_core::records::{Name, Partition, Range, Record, Version};

pub(super) type Item = HashMap<String, AttributeValue>;

/// How long an expired item is left alone, so that no clock's error deletes a live one.
const GRACE: Duration = Duration::from_hours(1);
/// The first of the characters that a [`Name`] may hold, by byte.
const FIRST: char = '-';
/// Above all of them.
const BEYOND_LAST: char = '\u{7f}';

/// An item that this adapter did not write.
#[derive(Debug, thiserror::Error)]
#[error("an item's attribute {0} is missing or malformed")]
pub(super) struct NotOurs(&'static str);

pub(super) fn key(partition: &Partition, key: &Name) -> Item {
    HashMap::from([
        ("pk".to_owned(), text(partition.name().as_str())),
        ("sk".to_owned(), text(key.as_str())),
    ])
}

pub(super) fn encode(
    mut key: Item,
    version: Version,
    body: &[u8],
    expires_at: Option<Timestamp>,
) -> Item {
    key.insert("v".to_owned(), version_value(version));
    key.insert("b".to_owned(), AttributeValue::B(Blob::new(body)));
    if let Some(end) = expires_at {
        key.insert("x".to_owned(), number(end.millis()));
        key.insert("ttl".to_owned(), number((end + GRACE).secs().saturating_add(1)));
    }
    key
}

pub(super) fn decode(mut item: Item) -> Result<Record, NotOurs> {
    let Some(AttributeValue::B(version)) = item.remove("v") else { return Err(NotOurs("v")) };
    let version = version.into_inner().try_into().map_err(|_| NotOurs("v"))?;
    let Some(AttributeValue::B(body)) = item.remove("b") else { return Err(NotOurs("b")) };
    let expires_at = match item.remove("x") {
        None => None,
        Some(AttributeValue::N(digits)) => Some(digits.parse().map_err(|_| NotOurs("x"))?),
        Some(_) => return Err(NotOurs("x")),
    };
    Ok(Record {
        key: decode_key(item)?,
        version: Version::from_bytes(version),
        expires_at: expires_at.map(Timestamp::from_millis),
        body: body.into_inner(),
    })
}

pub(super) fn decode_key(mut item: Item) -> Result<Name, NotOurs> {
    let Some(AttributeValue::S(key)) = item.remove("sk") else { return Err(NotOurs("sk")) };
    Name::new(key).map_err(|_| NotOurs("sk"))
}

/// The smallest and the largest sort key of a range, both included. A key condition takes one pair of bounds
/// and no prefix besides; when the pair is the wrong way round, the range is empty.
pub(super) fn bounds(range: &Range) -> (String, String) {
    let prefix = range.prefix.as_ref().map_or("", Name::as_str);
    // Every name behind another one is at least that one with the first character appended.
    let behind = range.after.as_ref().map(|after| format!("{after}{FIRST}"));
    let low = [prefix.to_owned(), behind.unwrap_or_default(), FIRST.to_string()];
    (low.into_iter().max().unwrap_or_default(), format!("{prefix}{BEYOND_LAST}"))
}

pub(super) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(super) fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(super) fn version_value(version: Version) -> AttributeValue {
    AttributeValue::B(Blob::new(*version.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    fn range(prefix: Option<&str>, after: Option<&str>) -> Range {
        Range { prefix: prefix.map(name), after: after.map(name), limit: 1 }
    }

    fn holds(range: &Range, key: &str) -> bool {
        let (low, high) = bounds(range);
        low.as_str() <= key && key <= high.as_str()
    }

    #[test]
    fn bounds_hold_what_the_range_says() {
        let keys = ["-", "a", "a-", "a.", "a:1", "a:1-", "a:1~", "a:2", "b", "~", "~~"];
        let edges = [None, Some("-"), Some("a"), Some("a:"), Some("a:1"), Some("~"), Some("~~")];
        for prefix in edges {
            for after in edges {
                let range = range(prefix, after);
                for key in keys {
                    let wanted = prefix.is_none_or(|it| key.starts_with(it))
                        && after.is_none_or(|it| key > it);
                    assert_eq!(holds(&range, key), wanted, "{key} in {range:?}");
                }
            }
        }
    }

    #[test]
    fn an_item_comes_back_as_the_record_it_was() {
        let partition = Partition::new(gatelet_core::records::Table::Runs, "p").unwrap();
        for expires_at in [None, Some(Timestamp::from_millis(1_700_000_000_001))] {
            let record = Record {
                key: name("k"),
                version: Version::from_bytes([7; 16]),
                expires_at,
                body: vec![0, 255],
            };
            let item =
                encode(key(&partition, &record.key), record.version, &record.body, expires_at);
            assert_eq!(decode(item).unwrap(), record);
        }
    }

    #[test]
    fn dynamodb_deletes_an_hour_after_the_end() {
        let partition = Partition::new(gatelet_core::records::Table::Runs, "p").unwrap();
        let end = Timestamp::from_millis(10_001);
        let item =
            encode(key(&partition, &name("k")), Version::from_bytes([7; 16]), &[], Some(end));
        assert_eq!(item.get("ttl"), Some(&number(3_611)));
    }

    #[test]
    fn a_foreign_item_is_no_record() {
        let partition = Partition::new(gatelet_core::records::Table::Runs, "p").unwrap();
        assert!(decode(key(&partition, &name("k"))).is_err());
    }
}
