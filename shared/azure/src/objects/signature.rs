//! Addresses that are credentials: shared access signatures, made with a key that the service gave to our
//! identity for an hour (user delegation). Whoever holds such an address can do no more than it grants.

use aws_lc_rs::hmac;
use azure_core::time::{OffsetDateTime, to_rfc3339};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use url::Url;
use zeroize::Zeroizing;

/// The version of the signature's rules, which fixes the fields below and their order.
const VERSION: &str = "2022-11-02";

/// What an address lets its holder do.
#[derive(Clone, Copy, Debug)]
pub(super) enum Grant {
    /// Create the blob. Not write it: what is there cannot be replaced.
    Upload,
    /// Read the blob, as an attachment whose type no browser displays.
    Download,
}

impl Grant {
    /// What the holder has to send.
    pub(super) fn headers(self) -> Vec<(String, String)> {
        match self {
            Self::Upload => vec![("x-ms-blob-type".to_owned(), "BlockBlob".to_owned())],
            Self::Download => Vec::new(),
        }
    }

    const fn permission(self) -> &'static str {
        match self {
            Self::Upload => "c",
            Self::Download => "r",
        }
    }

    /// The `Content-Disposition` and `Content-Type` that the service is made to answer with.
    const fn answer(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Upload => None,
            Self::Download => Some(("attachment", "application/octet-stream")),
        }
    }
}

/// What the service answers that is asked for a key.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UserDelegationKey {
    signed_oid: String,
    signed_tid: String,
    signed_start: String,
    signed_expiry: String,
    signed_service: String,
    signed_version: String,
    value: String,
}

/// A key that the service gave to our identity, and what it has to be quoted with.
#[derive(Clone)]
pub(super) struct DelegationKey {
    value: hmac::Key,
    owner: UserDelegationKey,
}

impl DelegationKey {
    /// `None` when the key is not base64.
    pub(super) fn from_service(mut owner: UserDelegationKey) -> Option<Self> {
        let value = Zeroizing::new(std::mem::take(&mut owner.value));
        let value = Zeroizing::new(STANDARD.decode(value.as_bytes()).ok()?);
        Some(Self { value: hmac::Key::new(hmac::HMAC_SHA256, &value), owner })
    }

    /// The blob's address with a signature that ends at `end`. The signature quotes the blob by account,
    /// container and name.
    pub(super) fn sign(
        &self,
        mut url: Url,
        quoted: &str,
        grant: Grant,
        end: OffsetDateTime,
    ) -> Url {
        let end = text(end);
        let signature = hmac::sign(&self.value, self.text_to_sign(quoted, grant, &end).as_bytes());
        let mut query = url.query_pairs_mut();
        query.append_pair("sp", grant.permission());
        query.append_pair("se", &end);
        query.append_pair("skoid", &self.owner.signed_oid);
        query.append_pair("sktid", &self.owner.signed_tid);
        query.append_pair("skt", &self.owner.signed_start);
        query.append_pair("ske", &self.owner.signed_expiry);
        query.append_pair("sks", &self.owner.signed_service);
        query.append_pair("skv", &self.owner.signed_version);
        query.append_pair("spr", "https");
        query.append_pair("sv", VERSION);
        query.append_pair("sr", "b");
        if let Some((disposition, kind)) = grant.answer() {
            query.append_pair("rscd", disposition);
            query.append_pair("rsct", kind);
        }
        query.append_pair("sig", &STANDARD.encode(signature));
        drop(query);
        url
    }

    /// 24 fields, a line each; what is not used stays empty.
    fn text_to_sign(&self, quoted: &str, grant: Grant, end: &str) -> String {
        let (disposition, kind) = grant.answer().unwrap_or_default();
        let (start, agents, address, snapshot, scope) = ("", ["", "", ""], "", "", "");
        let (cache, encoding, language) = ("", "", "");
        [
            grant.permission(),
            start,
            end,
            quoted,
            &self.owner.signed_oid,
            &self.owner.signed_tid,
            &self.owner.signed_start,
            &self.owner.signed_expiry,
            &self.owner.signed_service,
            &self.owner.signed_version,
            agents[0],
            agents[1],
            agents[2],
            address,
            "https",
            VERSION,
            "b",
            snapshot,
            scope,
            cache,
            disposition,
            encoding,
            language,
            kind,
        ]
        .join("\n")
    }
}

/// A moment as signatures spell it: to the second, in UTC.
fn text(at: OffsetDateTime) -> String {
    to_rfc3339(&at.replace_nanosecond(0).unwrap_or(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> DelegationKey {
        DelegationKey::from_service(UserDelegationKey {
            signed_oid: "object".to_owned(),
            signed_tid: "tenant".to_owned(),
            signed_start: "key-start".to_owned(),
            signed_expiry: "key-end".to_owned(),
            signed_service: "b".to_owned(),
            signed_version: "key-version".to_owned(),
            value: STANDARD.encode("value"),
        })
        .unwrap()
    }

    #[test]
    fn what_is_signed_has_every_field_in_its_place() {
        let text = key().text_to_sign("/blob/account/files/a/b", Grant::Download, "end");
        assert_eq!(
            text,
            "r\n\nend\n/blob/account/files/a/b\nobject\ntenant\nkey-start\nkey-end\nb\nkey-version\n\
             \n\n\n\nhttps\n2022-11-02\nb\n\n\n\nattachment\n\n\napplication/octet-stream"
        );
        assert_eq!(text.split('\n').count(), 24);
    }

    #[test]
    fn an_address_for_an_upload_grants_creation_alone() {
        let blob = Url::parse("https://account.blob.core.windows.net/files/a").unwrap();
        let end = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let url = key().sign(blob, "/blob/account/files/a", Grant::Upload, end);
        let field = |name| {
            url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        assert_eq!(field("sp").as_deref(), Some("c"));
        assert_eq!(field("se").as_deref(), Some("2027-01-15T08:00:00Z"));
        assert_eq!(field("spr").as_deref(), Some("https"));
        assert_eq!(field("rscd"), None);
    }
}
