//! The automations that come with the gateway, and the Python package that every script imports, as parts of the
//! executable. Only who asks for them has them linked.

use std::collections::BTreeMap;

use bytes::Bytes;
use gatelet_core::automation::catalog::{Catalog, CatalogMistakes};

mod embedded {
    //! What the build script wrote.
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

/// Where the Python package lies in the folder of automations.
const PACKAGE: &str = "python/";
/// What of it runs: the way in, and what a script imports.
const RUN: [&str; 2] = ["__main__.py", "gatelet/"];

/// The delivered catalog. It is read when it is first asked for something.
#[must_use]
pub fn catalog() -> Catalog {
    Catalog::lazy(|| read().unwrap_or_else(|mistakes| unreachable!("a test reads it: {mistakes}")))
}

/// The delivered catalog, read now.
pub fn read() -> Result<Catalog, CatalogMistakes> {
    let files = embedded::FILES.iter();
    Catalog::read(files.map(|(path, content)| ((*path).to_owned(), Bytes::from_static(content))))
}

/// The Python side of the runner: what is executed, and the package `gatelet` beside it, each file by its path from the
/// folder that stands on `sys.path`.
#[must_use]
pub fn package() -> BTreeMap<String, Bytes> {
    let files = embedded::FILES.iter().filter_map(|(path, content)| {
        let path = path.strip_prefix(PACKAGE)?;
        RUN.iter().find(|run| path.starts_with(**run))?;
        Some((path.to_owned(), Bytes::from_static(content)))
    });
    files.collect()
}

#[cfg(test)]
mod tests {
    use super::{package, read};

    #[test]
    fn what_is_delivered_is_sound() {
        let catalog = read().unwrap_or_else(|mistakes| panic!("{mistakes}"));
        for automation in catalog.iter() {
            assert!(automation.files.contains_key("main.py"), "{}", automation.name);
        }
        let package = package();
        for needed in ["__main__.py", "gatelet/__init__.py"] {
            assert!(package.contains_key(needed), "{needed}");
        }
    }
}
