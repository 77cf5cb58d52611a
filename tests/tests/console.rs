//! The console's files: what is vendored is what its lock says, and no text can become markup or stay behind.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use gatelet_tests::{console_files, project};
use toml::Table;

/// The longest file that somebody writes here.
const LINES: usize = 150;

/// The console's own files of these kinds.
fn files(extensions: &[&str]) -> Vec<(String, String)> {
    let found = console_files(extensions).unwrap();
    assert!(found.len() > 2, "the console has files of these kinds: {extensions:?}");
    found
}

fn sha256(path: &Path) -> String {
    let mut text = String::new();
    for byte in digest(&SHA256, &fs::read(path).unwrap()).as_ref() {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

#[test]
fn what_is_vendored_is_what_its_lock_says() {
    let vendor = project().join("console/vendor");
    let lock: Table = fs::read_to_string(vendor.join("LOCK.toml")).unwrap().parse().unwrap();
    let output = &lock["output"];
    let module = vendor.join(output["file"].as_str().unwrap());
    assert_eq!(sha256(&module), output["sha256"].as_str().unwrap(), "cargo xtask vendor writes it");
    assert_eq!(
        fs::metadata(&module).unwrap().len(),
        output["bytes"].as_integer().unwrap().cast_unsigned()
    );

    let head = fs::read_to_string(&module).unwrap().lines().next().unwrap().to_owned();
    let catalogue = fs::read_to_string(project().join("xtask/src/tools/catalogue.rs")).unwrap();
    let mut licences = BTreeSet::new();
    for package in lock["package"].as_array().unwrap() {
        let of = |name: &str| package[name].as_str().unwrap().to_owned();
        let (name, version, licence) = (of("name"), of("version"), of("licence"));
        assert!(["MIT", "Apache-2.0"].contains(&licence.as_str()), "{name}: {licence}");
        assert!(head.contains(&format!("{name} {version} ({licence})")), "{head}");
        assert!(catalogue.contains(&format!("\"{name}@{version}\"")), "{name} is pinned elsewhere");
        assert!(!package["inputs"].as_table().unwrap().is_empty(), "{name}");
        let text = fs::read_to_string(vendor.join(of("licence_file"))).unwrap();
        assert!(text.contains("MIT License") || text.contains("Apache License"), "{name}");
        licences.insert(vendor.join(of("licence_file")));
    }
    let beside = fs::read_dir(vendor.join("licences")).unwrap();
    let beside: BTreeSet<PathBuf> = beside.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(beside, licences);
}

#[test]
fn text_of_the_gateway_never_becomes_markup() {
    for (name, text) in files(&["js"]) {
        for way in [
            "innerHTML",
            "outerHTML",
            "insertAdjacent",
            "document.write",
            "DOMParser",
            "createContextualFragment",
            "eval(",
            "Function(",
            "dangerouslySet",
        ] {
            assert!(!text.contains(way), "{name}: {way}");
        }
    }
}

#[test]
fn only_preferences_and_drafts_are_kept_in_the_browser() {
    for (name, text) in files(&["js"]) {
        for store in ["indexedDB", "document.cookie", "caches."] {
            assert!(!text.contains(store), "{name} keeps something in {store}");
        }
        let drafts = text.contains("sessionStorage");
        assert!(
            !drafts || name == "shell/preferences.js",
            "{name} keeps something in sessionStorage"
        );
        let keeps = text.contains("localStorage");
        let may = ["shell/preferences.js", "shell/early.js"].contains(&name.as_str());
        assert!(may || !keeps, "{name} keeps something in localStorage");
    }
}

#[test]
fn every_file_of_the_console_says_what_it_is_for_and_stays_short() {
    for (name, text) in files(&["js", "css"]) {
        if name.starts_with("gatelet") {
            continue;
        }
        assert!(text.starts_with("// ") || text.starts_with("/* "), "{name}");
        let lines = text.lines().count();
        assert!(lines <= LINES, "{name} has {lines} lines");
    }
}

#[test]
fn the_page_brings_no_script_or_style_of_its_own_and_names_files_that_exist() {
    let page = fs::read_to_string(project().join("console/index.html")).unwrap();
    for inline in ["<style", "style=", "onclick", "onload", "javascript:", "http:", "https:"] {
        assert!(!page.contains(inline), "{inline}");
    }
    let mut named = 0;
    for attribute in ["src=\"", "href=\""] {
        for path in page.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
            let Some(file) = path.strip_prefix("/assets/") else { continue };
            let file = file.strip_prefix("VERSION/").unwrap_or(file);
            assert!(project().join("console").join(file).is_file(), "{path}");
            named += 1;
        }
    }
    assert!(named > 5, "the page names its files");
    for rest in page.split("<script").skip(1) {
        assert!(
            rest.starts_with(" src=\"/assets/")
                || rest.starts_with(" type=\"module\" src=\"/assets/"),
            "{rest}"
        );
    }
}

#[test]
fn the_page_loads_ahead_what_its_script_will_ask_for_and_nothing_else() {
    let home = project().join("console");
    let mut wanted = BTreeSet::new();
    let mut left = vec![home.join("shell/main.js")];
    while let Some(module) = left.pop() {
        if !wanted.insert(module.clone()) || module.ends_with("vendor/preact.js") {
            continue;
        }
        let text = fs::read_to_string(&module).unwrap();
        let imports = text.lines().filter(|line| line.starts_with("import "));
        for path in imports.filter_map(|line| line.split("from '.").nth(1)?.split('\'').next()) {
            let folder = module.parent().unwrap();
            let path = path.strip_prefix("./").map_or_else(
                || folder.join(path.trim_start_matches('/')),
                |path| folder.parent().unwrap().join(path),
            );
            left.push(path);
        }
    }
    wanted.remove(&home.join("shell/main.js"));
    let page = fs::read_to_string(home.join("index.html")).unwrap();
    let ahead = page.split("rel=\"modulepreload\" href=\"/assets/VERSION/").skip(1);
    let ahead: BTreeSet<PathBuf> =
        ahead.map(|rest| home.join(rest.split('"').next().unwrap())).collect();
    assert_eq!(ahead, wanted);
}
