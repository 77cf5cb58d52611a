//! A catalog as files.

use bytes::Bytes;
use gatelet_core::automation::catalog::{Automation, Catalog};

use super::{SOUND, files};

fn catalog(names: &[(&str, &str)]) -> Catalog {
    let files =
        names.iter().map(|(path, text)| ((*path).to_owned(), Bytes::from((*text).to_owned())));
    Catalog::read(files).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

#[test]
fn a_folder_with_a_manifest_is_an_automation_and_nothing_else_is() {
    let plain = SOUND.replace("x-sample = \"accounts.csv\"\n", "");
    let catalog = catalog(&[
        ("README.md", "read me"),
        ("one/automation.toml", &plain),
        ("one/main.py", "main()"),
        ("one/__pycache__/main.pyc", "x"),
        ("one/.venv/lib", "x"),
        ("python/gatelet/__init__.py", ""),
        (".git/automation.toml", "x"),
    ]);
    assert_eq!(catalog.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["one"]);
    let files: Vec<&String> = catalog.get("one").unwrap().files.keys().collect();
    assert_eq!(files, ["automation.toml", "main.py"]);
}

#[test]
fn every_folder_is_judged_before_any_is_refused() {
    let broken =
        [("a/automation.toml", "x"), ("b/automation.toml", "title = 1"), ("b/main.py", "x")];
    let files =
        broken.iter().map(|(path, text)| ((*path).to_owned(), Bytes::from_static(text.as_bytes())));
    let told = Catalog::read(files).err().unwrap().to_string();
    assert!(told.contains("a/automation.toml: (folder): there is no main.py"), "{told}");
    assert!(told.contains("b/automation.toml: line 1: title"), "{told}");
}

#[test]
fn a_digest_names_every_byte_of_every_file() {
    let digest = |change: &dyn Fn(&mut std::collections::BTreeMap<String, Bytes>)| {
        let mut files = files(SOUND);
        change(&mut files);
        Automation::read("access-review", files).unwrap_or_else(|m| panic!("{m}")).digest
    };
    let first = digest(&|_| {});
    assert_eq!(first, digest(&|_| {}));
    let changed = digest(&|files| drop(files.insert("main.py".into(), "main ()".into())));
    let added = digest(&|files| drop(files.insert("b".into(), Bytes::new())));
    let moved = digest(&|files| {
        files.insert("main.py".into(), "main()a".into());
        files.insert("accounts.csv".into(), "\n".into());
    });
    let all = std::collections::BTreeSet::from([first, changed, added, moved]);
    assert_eq!(all.len(), 4);
}

#[test]
fn a_folder_has_a_name_that_can_stand_in_an_address() {
    for name in ["", "Access", "1a", "a_b", "a b", "../a", "ä", &"a".repeat(65)] {
        let told = Automation::read(name, files(SOUND)).err().unwrap().to_string();
        assert!(told.contains("its name must be"), "{name}: {told}");
    }
}

#[test]
fn a_lazy_catalog_is_read_when_it_is_first_asked() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static READ: AtomicUsize = AtomicUsize::new(0);
    let lazy = Catalog::lazy(|| {
        READ.fetch_add(1, Ordering::Relaxed);
        Catalog::default()
    });
    assert_eq!(READ.load(Ordering::Relaxed), 0);
    assert!(lazy.get("a").is_none() && lazy.iter().next().is_none());
    assert_eq!(READ.load(Ordering::Relaxed), 1);
}
