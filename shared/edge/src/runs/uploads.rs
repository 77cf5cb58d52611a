//! Taking files that somebody uploads for a run.

use std::collections::BTreeMap;

use axum::body::to_bytes;
use axum::extract::Request;
use gatelet_core::automation::{DIRECT_BYTES, UPLOAD_BYTES, Upload};
use gatelet_core::objects::ADDRESS_LIFETIME;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Desk;
use crate::Scope;
use crate::attachment::is_media_type;
use crate::problem::{Detailed, Problem};

/// The header that says what the file is called, percent-encoded where it is not plain.
const FILE_NAME: &str = "x-gatelet-file";
/// The longest name of a file, in characters.
const NAME_LENGTH: usize = 100;

/// How long the file is that is to be uploaded elsewhere.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadQuery {
    bytes: Option<u64>,
}

/// An upload, or where to send it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Upload)]
pub struct UploadView {
    /// What an input names it by.
    id: String,
    /// How long it is.
    bytes: u64,
    /// Where to `PUT` it, once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    url: Option<String>,
    /// What to send with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    headers: Option<BTreeMap<String, String>>,
    /// Until when, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    expires_at: Option<u64>,
}

impl<S: Scope> Desk<S> {
    /// Takes a file in the body, or says where to send one of so many bytes.
    pub async fn upload(
        &self,
        query: &UploadQuery,
        request: Request,
    ) -> Result<UploadView, Detailed> {
        let (head, body) = request.into_parts();
        let name = file_name(&head.headers)?;
        let media_type = media_type(&head.headers);
        let (uploads, tenant) = (self.uploads(), &self.access().tenant);
        let what = (name.as_str(), media_type.as_str());
        let Some(bytes) = query.bytes else {
            let content = to_bytes(body, DIRECT_BYTES).await.map_err(|_| Problem::TooLarge)?;
            if content.is_empty() {
                return Err(Problem::BadRequest.into());
            }
            let Upload { id, bytes, .. } = uploads.keep(tenant, what, content).await?;
            return Ok(UploadView { id, bytes, url: None, headers: None, expires_at: None });
        };
        if !(1..=UPLOAD_BYTES).contains(&bytes) {
            return Err(Problem::TooLarge.into());
        }
        let (upload, address) = uploads.announce(tenant, what, bytes, self.now).await?;
        Ok(UploadView {
            id: upload.id,
            bytes,
            url: Some(address.expose().to_string()),
            headers: Some(address.headers.iter().cloned().collect()),
            expires_at: Some((self.now + ADDRESS_LIFETIME).secs()),
        })
    }
}

/// The file's own name, without a path. A request that names none has one all the same.
fn file_name(headers: &HeaderMap) -> Result<String, Problem> {
    let Some(given) = headers.get(FILE_NAME) else { return Ok("file".to_owned()) };
    let text = given.to_str().map_err(|_| Problem::BadRequest)?;
    let name = decoded(text).ok_or(Problem::BadRequest)?;
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let is_plain =
        !name.is_empty() && !name.chars().any(char::is_control) && !name.starts_with("..");
    if is_plain && name.chars().count() <= NAME_LENGTH {
        Ok(name.to_owned())
    } else {
        Err(Problem::BadRequest)
    }
}

/// Percent signs and what they stand for (RFC 3986 §2.1), as UTF-8.
fn decoded(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, more)) = rest.split_first() {
        rest = more;
        let byte = if *first == b'%' {
            let (digits, more) = rest.split_at_checked(2)?;
            rest = more;
            u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?
        } else {
            *first
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes).ok()
}

fn media_type(headers: &HeaderMap) -> String {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = given.and_then(|text| text.split(';').next()).unwrap_or_default().trim();
    if is_media_type(essence) {
        essence.to_ascii_lowercase()
    } else {
        "application/octet-stream".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(given: &str) -> Option<String> {
        let headers = [(FILE_NAME.parse().unwrap(), given.parse().unwrap())].into_iter().collect();
        file_name(&headers).ok()
    }

    #[test]
    fn a_file_has_a_name_and_no_path() {
        assert_eq!(name("accounts.csv").as_deref(), Some("accounts.csv"));
        assert_eq!(name("K%C3%B6ln%202.csv").as_deref(), Some("Köln 2.csv"));
        assert_eq!(name("..%2F..%2Fetc%2Fpasswd").as_deref(), Some("passwd"));
        assert_eq!(name("C:\\fakepath\\a.csv").as_deref(), Some("a.csv"));
        assert_eq!(file_name(&HeaderMap::new()).ok().as_deref(), Some("file"));
        let long = "a".repeat(101);
        for bad in ["", "..", "%0a", "%ff", "%2", "%zz", "a/", &long] {
            assert_eq!(name(bad), None, "{bad}");
        }
    }
}
