//! Reading a whole catalog from its files, be they in a folder or in the executable.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;

use super::manifest::{MANIFEST, manifest};
use super::{Automation, Catalog};
use crate::mistakes::{Mistake, Notes};

/// The longest that all files of one automation may be together.
const FOLDER_BYTES: usize = 2 * 1024 * 1024;

/// One thing that is wrong with a catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogMistake {
    /// The file, from the catalog's folder on.
    pub file: String,
    /// What is wrong in it, and where.
    pub mistake: Mistake,
}

/// Everything that is wrong with a catalog.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct CatalogMistakes(pub Vec<CatalogMistake>);

impl fmt::Display for CatalogMistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the catalog is not usable:")?;
        for CatalogMistake { file, mistake: Mistake { at, problem, line } } in &self.0 {
            write!(f, "\n  {file}: ")?;
            line.map_or(Ok(()), |line| write!(f, "line {line}: "))?;
            write!(f, "{at}: {problem}")?;
        }
        Ok(())
    }
}

impl Catalog {
    /// Reads a catalog from its files, each by its path with `/` between folders. What stands in no folder, in a
    /// folder without a manifest, or is made by tools (`__pycache__`, names that begin with a dot) is not part of it.
    pub fn read(files: impl IntoIterator<Item = (String, Bytes)>) -> Result<Self, CatalogMistakes> {
        let mut folders: BTreeMap<String, BTreeMap<String, Bytes>> = BTreeMap::new();
        for (path, content) in files {
            if let Some((folder, inner)) = path.split_once('/')
                && !is_made_by_tools(&path)
            {
                folders.entry(folder.to_owned()).or_default().insert(inner.to_owned(), content);
            }
        }
        folders.retain(|_, files| files.contains_key(MANIFEST));
        let (mut entries, mut mistakes) = (Vec::new(), Vec::new());
        for (name, files) in folders {
            match Automation::read(&name, files) {
                Ok(automation) => entries.push(automation),
                Err(CatalogMistakes(found)) => mistakes.extend(found),
            }
        }
        if mistakes.is_empty() {
            return Ok(entries.into_iter().collect());
        }
        Err(CatalogMistakes(mistakes))
    }
}

impl Automation {
    /// Reads one automation from the files of its folder, each by its path there.
    pub fn read(name: &str, files: BTreeMap<String, Bytes>) -> Result<Self, CatalogMistakes> {
        let mut notes = Notes::default();
        let file = format!("{name}/{MANIFEST}");
        let text = files.get(MANIFEST).map(|content| String::from_utf8_lossy(content).into_owned());
        let text = text.unwrap_or_default();
        if files.values().map(Bytes::len).sum::<usize>() > FOLDER_BYTES {
            notes.note("(folder)", "its files must not be longer than 2 MiB together");
        }
        let automation = manifest(name, &text, files, &mut notes);
        let found = notes.located(&text);
        match automation.filter(|_| found.is_empty()) {
            Some(automation) => Ok(automation),
            None => Err(CatalogMistakes(
                found
                    .into_iter()
                    .map(|mistake| CatalogMistake { file: file.clone(), mistake })
                    .collect(),
            )),
        }
    }
}

fn is_made_by_tools(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.') || part == "__pycache__")
}

/// Names a folder by its content. Each length stands before what it measures, so that no two folders are alike.
pub(super) fn digest(files: &BTreeMap<String, Bytes>) -> String {
    let mut hash = Context::new(&SHA256);
    for (path, content) in files {
        for part in [path.as_bytes(), content] {
            hash.update(&(part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    hex::encode(hash.finish())
}
