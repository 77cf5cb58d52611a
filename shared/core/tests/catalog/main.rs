//! The catalog: what a manifest must say, and what may be asked by it.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod asked;
mod folder;
mod manifest;
mod reference;
mod schema;

use std::collections::BTreeMap;

use bytes::Bytes;
use gatelet_core::automation::catalog::{Automation, CatalogMistakes};

/// A manifest to which nothing can be added without saying something new.
const SOUND: &str = r#"
title = "Access review"
summary = "Finds accounts that nobody uses."
version = "1.0.0"
effect = "reads"
timeout_s = 120

[connections.cloud]
kind = "aws"
title = "AWS account"
may = ["s3:ListAllMyBuckets"]

[inputs]
type = "object"
required = ["accounts"]
additionalProperties = false

[inputs.properties.accounts]
type = "string"
title = "Accounts"
contentMediaType = "text/csv"
x-max-bytes = 1048576
x-sample = "accounts.csv"

[inputs.properties.days]
type = "integer"
title = "Days"
minimum = 1
maximum = 365
default = 90

[inputs.properties.mode]
type = "string"
title = "Mode"
oneOf = [{ const = "all", title = "All" }, { const = "new", title = "New ones" }]

[inputs.properties.since]
type = "string"
title = "Since"
format = "date"

[inputs.properties.tags]
type = "array"
title = "Tags"
maxItems = 3
uniqueItems = true

[inputs.properties.tags.items]
type = "string"
maxLength = 5
pattern = "^[a-z]+$"

[result]
kind = "table"
columns = [{ name = "account", title = "Account" }]
"#;

fn files(manifest: &str) -> BTreeMap<String, Bytes> {
    let files = [("automation.toml", manifest), ("main.py", "main()"), ("accounts.csv", "a\n")];
    files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned().into())).collect()
}

fn read(manifest: &str) -> Result<Automation, CatalogMistakes> {
    Automation::read("access-review", files(manifest))
}

fn sound() -> Automation {
    read(SOUND).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

/// The places and words of all that is wrong.
fn mistakes(manifest: &str) -> Vec<String> {
    let Err(CatalogMistakes(found)) = read(manifest) else { return Vec::new() };
    found.into_iter().map(|one| format!("{}: {}", one.mistake.at, one.mistake.problem)).collect()
}

/// That a change of the sound manifest is noticed, where it stands and in these words.
fn assert_noticed(old: &str, new: &str, expected: &str) {
    assert!(SOUND.contains(old), "{old}");
    let found = mistakes(&SOUND.replacen(old, new, 1));
    assert!(found.iter().any(|one| one.contains(expected)), "{new}: {found:?}");
}
