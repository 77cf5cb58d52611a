//! Addresses and queries of the table service. Record names need no quoting in a filter, and the few
//! characters that a URL would not take as they are get percent-encoded.

use std::fmt::Write as _;

use azure_core::http::headers::{HeaderName, Headers};
use gatelet_core::clock::Timestamp;
use gatelet_core::records::{Name, Partition, Range, Table};
use url::Url;

const NEXT_PARTITION: HeaderName =
    HeaderName::from_static_standard("x-ms-continuation-nextpartitionkey");
const NEXT_ROW: HeaderName = HeaderName::from_static_standard("x-ms-continuation-nextrowkey");

/// Where the tables are.
#[derive(Debug)]
pub(super) struct Addresses {
    service: Url,
    prefix: String,
}

impl Addresses {
    pub(super) fn new(service: Url, prefix: &str) -> Self {
        Self { service, prefix: prefix.to_owned() }
    }

    pub(super) fn table(&self, table: Table) -> Url {
        self.under(&format!("{}{table}", self.prefix))
    }

    pub(super) fn entity(&self, partition: &Partition, key: &Name) -> Url {
        let (table, partition) = (partition.table(), partition.name());
        self.under(&format!("{}{table}(PartitionKey='{partition}',RowKey='{key}')", self.prefix))
    }

    pub(super) fn batch(&self) -> Url {
        self.under("$batch")
    }

    pub(super) fn query(
        &self,
        table: Table,
        query: &Query,
        continuation: Option<&Continuation>,
    ) -> Url {
        let mut url = self.under(&format!("{}{table}()", self.prefix));
        let mut text = format!("$filter={}&$top={}", encoded(&query.filter), query.limit);
        if query.tags {
            // The tag is made of the time stamp, which has to be selected for it.
            text.push_str("&$select=PartitionKey,RowKey,Timestamp");
        }
        if let Some(Continuation { partition, row }) = continuation {
            let _infallible = write!(text, "&NextPartitionKey={}", encoded(partition));
            if let Some(row) = row {
                let _infallible = write!(text, "&NextRowKey={}", encoded(row));
            }
        }
        url.set_query(Some(&text));
        url
    }

    fn under(&self, path: &str) -> Url {
        let mut url = self.service.clone();
        url.set_path(&format!("{}/{path}", self.service.path().trim_end_matches('/')));
        url
    }
}

/// Which entities to ask for.
#[derive(Debug)]
pub(super) struct Query {
    filter: String,
    limit: usize,
    /// Whether the entities' tags are wanted, and nothing besides their names.
    pub(super) tags: bool,
}

impl Query {
    /// A part of a partition.
    pub(super) fn range(partition: &Partition, range: &Range, most: usize) -> Self {
        let mut filter = format!("PartitionKey eq '{}'", partition.name());
        if let Some(prefix) = &range.prefix {
            let _infallible = write!(filter, " and RowKey ge '{prefix}'");
            if let Some(end) = end_of(prefix) {
                let _infallible = write!(filter, " and RowKey lt '{end}'");
            }
        }
        if let Some(after) = &range.after {
            let _infallible = write!(filter, " and RowKey gt '{after}'");
        }
        Self { filter, limit: usize::from(range.limit).clamp(1, most), tags: false }
    }

    /// What expired at or before a moment, anywhere in a table. An entity without an end has no `x`, and a
    /// comparison with a property that is missing does not hold.
    pub(super) fn expired(before: Timestamp, limit: usize) -> Self {
        let before = i64::try_from(before.millis()).unwrap_or(i64::MAX);
        Self { filter: format!("x le {before}L"), limit, tags: true }
    }
}

/// Where the service wants to be asked to go on.
#[derive(Debug)]
pub(super) struct Continuation {
    partition: String,
    row: Option<String>,
}

impl Continuation {
    pub(super) fn of(headers: &Headers) -> Option<Self> {
        let partition = headers.get_optional_string(&NEXT_PARTITION)?;
        Some(Self { partition, row: headers.get_optional_string(&NEXT_ROW) })
    }
}

/// The smallest text above every name that begins with the prefix. After `~`, the greatest character that a
/// name may hold, the character before it counts; with none left, there is no end.
fn end_of(prefix: &Name) -> Option<String> {
    let mut end = prefix.as_str().trim_end_matches('~').to_owned();
    let last = end.pop()?;
    end.push(char::from_u32(u32::from(last) + 1)?);
    Some(end)
}

fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _infallible = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_no_name_can_begin_with_it() {
        for (prefix, end) in [
            ("a", Some("b")),
            ("step:", Some("step;")),
            ("Z", Some("[")),
            ("a~", Some("b")),
            ("a~~", Some("b")),
            ("~", None),
            ("~~", None),
        ] {
            assert_eq!(end_of(&Name::new(prefix).unwrap()).as_deref(), end, "{prefix}");
        }
    }

    #[test]
    fn names_that_look_special_stay_in_their_place() {
        let service = Url::parse("https://127.0.0.1:1/account").unwrap();
        let addresses = Addresses::new(service, "gatelet");
        let partition = Partition::new(Table::Runs, "..").unwrap();
        let entity = addresses.entity(&partition, &Name::new(".").unwrap());
        assert_eq!(entity.path(), "/account/gateletruns(PartitionKey='..',RowKey='.')");

        let range = Range { prefix: None, after: Some(Name::new("a:b").unwrap()), limit: 0 };
        let query = Query::range(&partition, &range, 1000);
        let url = addresses.query(Table::Runs, &query, None);
        assert_eq!(
            url.query(),
            Some("$filter=PartitionKey%20eq%20%27..%27%20and%20RowKey%20gt%20%27a%3Ab%27&$top=1")
        );
    }
}
