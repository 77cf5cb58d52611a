//! Entity group transactions: many operations in one request, as MIME parts (`OData` 3, batch processing).

use std::fmt::Write as _;

use gatelet_core::records::Commit;

use super::address::Addresses;
use super::change::Change;

/// A transaction as it travels.
pub(super) struct Batch {
    pub(super) content_type: String,
    pub(super) body: String,
}

/// Writes a commit's operations into one transaction. The commit's own id keeps the parts apart: nothing
/// else in the body can begin a line with it.
pub(super) fn compose(addresses: &Addresses, commit: &Commit, changes: &[Change<'_>]) -> Batch {
    let id = commit.version().to_hex();
    let mut body =
        format!("--batch_{id}\r\nContent-Type: multipart/mixed; boundary=changeset_{id}\r\n\r\n");
    for change in changes {
        let _infallible = write!(body, "--changeset_{id}\r\n");
        operation(&mut body, addresses, commit, change);
    }
    let _infallible = write!(body, "--changeset_{id}--\r\n--batch_{id}--\r\n");
    Batch { content_type: format!("multipart/mixed; boundary=batch_{id}"), body }
}

fn operation(body: &mut String, addresses: &Addresses, commit: &Commit, change: &Change<'_>) {
    let (method, key, tag, entity) = change.request();
    let address = match key {
        Some(key) => addresses.entity(commit.partition(), key),
        None => addresses.table(commit.partition().table()),
    };
    body.push_str("Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n");
    let _infallible = write!(body, "{} {address} HTTP/1.1\r\n", method.as_str());
    body.push_str("Accept: application/json;odata=nometadata\r\nDataServiceVersion: 3.0;\r\n");
    body.push_str("Prefer: return-no-content\r\n");
    if let Some(tag) = tag {
        let _infallible = write!(body, "If-Match: {tag}\r\n");
    }
    match entity {
        Some(entity) => {
            let _infallible = write!(body, "Content-Type: application/json\r\n\r\n{entity}\r\n");
        }
        None => body.push_str("\r\n\r\n"),
    }
}

/// The status of each operation that the answer tells about. A transaction that failed has one.
pub(super) fn statuses(answer: &str) -> Vec<u16> {
    answer
        .lines()
        .filter_map(|line| line.strip_prefix("HTTP/1.1 ")?.split(' ').next()?.parse().ok())
        .collect()
}

/// The service's name for what is wrong, in a whole answer or in a part of a transaction's.
pub(super) fn code(answer: &str) -> Option<String> {
    let json = answer.get(answer.find('{')?..=answer.rfind('}')?)?;
    let error: serde_json::Value = serde_json::from_str(json).ok()?;
    Some(error.get("odata.error")?.get("code")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_transaction_tells_one_status_and_its_code() {
        let answer = "--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_2\r\n\r\n\
            --changesetresponse_2\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 409 Conflict\r\n\
            Content-Type: application/json;odata=nometadata\r\n\r\n\
            {\"odata.error\":{\"code\":\"EntityAlreadyExists\",\"message\":{\"lang\":\"en-US\",\
            \"value\":\"1:The specified entity already exists.\"}}}\r\n--changesetresponse_2--\r\n";
        assert_eq!(statuses(answer), [409]);
        assert_eq!(code(answer).as_deref(), Some("EntityAlreadyExists"));
        assert_eq!(code("no JSON at all"), None);
        assert_eq!(statuses("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content"), [204, 204]);
    }
}
