//! Files that a run leaves: put together from their pieces, freed of secrets as a whole, and stored as objects.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::hear::wrong;
use super::holder::{Holder, Inner};
use super::{Answer, CHUNK_BYTES, Gone};
use crate::automation::draft::Choice;
use crate::automation::event::Happening;
use crate::automation::row::Artifact;
use crate::automation::{RedactedStream, artifact_object};

/// The most files of one run.
pub const ARTIFACTS: usize = 20;
/// The longest file.
pub const ARTIFACT_BYTES: usize = 25 * 1024 * 1024;
/// The longest media type, in bytes.
const MEDIA_TYPE_BYTES: usize = 100;
/// So many files are put together at a time.
const AT_A_TIME: usize = 4;

/// Files whose last piece has not come.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

impl Holder<'_> {
    /// Takes a piece of a file. The last one stores the file.
    pub(super) async fn piece(
        &self,
        inner: &mut Inner,
        (name, media_type): (String, String),
        chunk: &str,
        last: bool,
    ) -> Result<Answer, Gone> {
        if let Some(problem) = problem(inner, &name, &media_type) {
            return Ok(wrong(problem));
        }
        let chunk = match STANDARD.decode(chunk) {
            Ok(chunk) if chunk.len() <= CHUNK_BYTES => chunk,
            Ok(_) => return Ok(wrong("a piece has 256 KiB at most")),
            Err(_) => return Ok(wrong("a piece is base64")),
        };
        let mut file = inner.files.remove(&name).unwrap_or_default();
        if file.len() + chunk.len() > ARTIFACT_BYTES {
            return Ok(wrong("a file has 25 MiB at most"));
        }
        file.extend_from_slice(&chunk);
        if !last {
            inner.files.insert(name, file);
            return Ok(Answer::Go);
        }
        let file = freed(inner, &file);
        let artifact = Artifact {
            name,
            media_type,
            bytes: file.len() as u64,
            sha256: hex::encode(digest(&SHA256, &file)),
            fence: inner.run.fence,
        };
        self.store(inner, &artifact, Bytes::from(file)).await?;
        Ok(Answer::Go)
    }

    /// The object first: nothing refers to it until the row does, and it expires by itself.
    async fn store(&self, inner: &mut Inner, artifact: &Artifact, file: Bytes) -> Result<(), Gone> {
        let object = artifact_object(&inner.run, artifact);
        let object = object.map_err(|error| Gone::Away(error.into()))?;
        // One that is there is this attempt's own, from a try whose answer was lost: nobody else has its fence.
        while let Err(away) = self.objects.create(&object, file.clone()).await.map(drop) {
            self.be_patient(inner, away.into()).await?;
        }
        self.change(inner, |draft| {
            draft.run.artifacts.retain(|other| other.name != artifact.name);
            draft.run.artifacts.push(artifact.clone());
            let Artifact { name, media_type, bytes, sha256, .. } = artifact.clone();
            draft.tell(Happening::Artifact { name, media_type, bytes, sha256 });
            Ok(Choice::Store(()))
        })
        .await
    }
}

/// The whole file without secrets: one may lie across the border of two pieces.
fn freed(inner: &Inner, file: &[u8]) -> Vec<u8> {
    let Some(redactor) = inner.redactor.clone() else { return Vec::new() };
    let mut stream = RedactedStream::new(redactor);
    let mut kept = stream.push(file);
    kept.extend(stream.finish());
    kept
}

fn problem(inner: &Inner, name: &str, media_type: &str) -> Option<&'static str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if !(1..=100).contains(&name.len()) || !name.bytes().all(plain) || name.starts_with('.') {
        return Some("a file's name is 1 to 100 of A-Z a-z 0-9 . _ - and begins with no dot");
    }
    let visible = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    if media_type.len() > MEDIA_TYPE_BYTES || !media_type.bytes().all(visible) {
        return Some("a media type is 100 visible ASCII characters at most");
    }
    let fence = inner.run.fence;
    if inner.run.artifacts.iter().any(|other| other.name == name && other.fence == fence) {
        return Some("this attempt has left a file of that name");
    }
    let is_new = !inner.files.contains_key(name);
    let others = inner.run.artifacts.iter().filter(|other| other.name != name).count();
    if is_new && others + inner.files.len() >= ARTIFACTS {
        return Some("a run leaves 20 files at most");
    }
    if is_new && inner.files.len() >= AT_A_TIME {
        return Some("four files are put together at a time at most");
    }
    None
}
