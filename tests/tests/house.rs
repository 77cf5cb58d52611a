//! The house itself: what a reader relies on and no compiler checks.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use gatelet_tests::{listed, project, template};
use toml::Table;

/// Lines that a function crate may have, all its sources together.
const CRATE_LINES: usize = 400;
/// Lines of a Lambda function's `main.rs`.
const MAIN_LINES: usize = 15;
/// Lines of any source file.
const FILE_LINES: usize = 400;

/// Every file that is under version control or about to be.
fn files() -> Vec<String> {
    let files = listed(&[]).unwrap();
    assert!(files.len() > 100, "git lists the files of the project");
    files
}

fn is_kind(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == extension)
}

fn sources() -> impl Iterator<Item = (String, String)> {
    files().into_iter().filter(|name| is_kind(name, "rs")).map(|name| {
        let text = read(&name);
        (name, text)
    })
}

fn read(name: &str) -> String {
    fs::read_to_string(project().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn manifests() -> Vec<(String, Table)> {
    let is_member = |name: &String| name.ends_with("/Cargo.toml");
    files()
        .into_iter()
        .filter(is_member)
        .map(|name| {
            let table = read(&name).parse().unwrap();
            (name, table)
        })
        .collect()
}

#[test]
fn every_source_says_what_it_is_for_and_stays_readable() {
    for (name, text) in sources() {
        assert!(text.starts_with("//! "), "{name}: begin with a line that says what it is for");
        let lines = text.lines().count();
        assert!(lines <= FILE_LINES, "{name} has {lines} lines: two rooms in one?");
        let switched_off = text.lines().any(|line| line.starts_with(concat!("#![", "allow(")));
        assert!(!switched_off, "{name}: `expect` with a reason tells when it is no longer needed");
        for leftover in [concat!("FIX", "ME"), concat!("XX", "X"), concat!("unimple", "mented!")] {
            assert!(!text.contains(leftover), "{name}: {leftover}");
        }
    }
}

#[test]
fn every_package_inherits_lints_edition_and_licence() {
    for (name, manifest) in manifests() {
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        assert_eq!(lints.and_then(toml::Value::as_bool), Some(true), "{name}: [lints]");
        for field in ["version", "edition", "rust-version", "license", "publish"] {
            let inherited = manifest["package"].get(field).and_then(|value| value.get("workspace"));
            assert_eq!(inherited.and_then(toml::Value::as_bool), Some(true), "{name}: {field}");
        }
    }
}

#[test]
fn every_dependency_is_declared_once_with_its_purpose() {
    let text = read("Cargo.toml");
    let (_, dependencies) = text.split_once("[workspace.dependencies]").unwrap();
    let (dependencies, _) = dependencies.split_once("\n[").unwrap();
    let (_, foreign) = dependencies.split_once("# Async ground").unwrap();
    for line in foreign.lines().filter(|line| line.contains('=')) {
        assert!(line.contains(" # "), "say what it is for: {line}");
    }
    for (name, manifest) in manifests() {
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(found) = manifest.get(section).and_then(toml::Value::as_table) else {
                continue;
            };
            for (dependency, value) in found {
                let ours = value.get("workspace").is_some() || value.get("path").is_some();
                assert!(ours, "{name}: {dependency} declares a version of its own");
            }
        }
    }
}

#[test]
fn function_crates_stay_small() {
    let mut sizes = std::collections::BTreeMap::new();
    for (name, text) in sources() {
        let Some(rest) = name.strip_prefix("functions/") else { continue };
        let (package, file) = rest.split_once('/').unwrap();
        // A build script is no part of what a function does.
        if file == "build.rs" {
            continue;
        }
        let lines = text.lines().count();
        *sizes.entry(package.to_owned()).or_insert(0) += lines;
        if file == "src/main.rs" {
            assert!(lines <= MAIN_LINES, "{name} is more than a sentence: {lines} lines");
        }
    }
    assert!(sizes.len() >= 5, "there are function crates: {sizes:?}");
    for (package, lines) in sizes {
        assert!(lines <= CRATE_LINES, "functions/{package} has {lines} lines");
    }
}

#[test]
fn a_function_never_sees_an_sdk_and_core_never_a_host() {
    let foreign = ["aws-", "aws_", "azure_", "redis", "rusqlite", "reqwest", "lambda_"];
    for (name, manifest) in manifests() {
        let is_function = name.starts_with("functions/");
        let is_core = name == "shared/core/Cargo.toml";
        let is_edge = name == "shared/edge/Cargo.toml";
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
        for dependency in dependencies.into_iter().flat_map(Table::keys) {
            let is_foreign = foreign.iter().any(|start| dependency.starts_with(start))
                && dependency != "aws-lc-rs";
            if is_function || is_core || is_edge {
                assert!(!is_foreign, "{name}: {dependency}");
            }
            if is_core {
                let above = ["axum", "http", "gatelet-edge", "gatelet-host", "gatelet-local"];
                assert!(!above.contains(&dependency.as_str()), "{name}: {dependency}");
            }
        }
    }
}

#[test]
fn no_executable_links_both_clouds() {
    let linked = |package: &str, feature: &str| {
        let tree = Command::new(env!("CARGO"))
            .args(["tree", "--offline", "--locked", "--edges", "normal", "--prefix", "none"])
            .args(["--no-default-features", "--package", package, "--features", feature])
            .current_dir(project())
            .output()
            .unwrap();
        assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
        let names = String::from_utf8(tree.stdout).unwrap();
        let names: BTreeSet<String> =
            names.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
        (names.contains("gatelet-aws"), names.contains("gatelet-azure"))
    };
    let functions = [
        "login",
        "token",
        "revoke",
        "run-automation",
        "attempt",
        "console",
        "work-automation",
        "upkeep",
    ];
    for function in functions {
        assert_eq!(linked(function, "lambda"), (true, false), "{function}");
    }
    assert_eq!(linked("all", "azure"), (false, true));
    assert_eq!(linked("gatelet-cli", ""), (false, false));
}

#[test]
fn every_path_in_the_documents_exists() {
    let documents = files().into_iter().filter(|name| is_kind(name, "md"));
    let mut checked = 0;
    for name in documents {
        for word in read(&name).split('`').skip(1).step_by(2).filter(|word| is_path(word)) {
            checked += 1;
            assert!(
                project().join(word.trim_end_matches('/')).exists(),
                "{name}: `{word}` is not there"
            );
        }
    }
    assert!(checked > 20, "the documents name paths");
}

/// Whether a word in backticks names a file of this project: it begins with one of its folders or is a file at
/// its root.
fn is_path(word: &str) -> bool {
    let plain = word.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b));
    let tops = [
        "cli/",
        "console/",
        "functions/",
        "shared/",
        "tests/",
        "automations/",
        "docs/",
        "infra/",
        "xtask/",
        ".ci/",
        ".cargo/",
    ];
    let roots = ["Cargo.toml", "template.yaml", "host.json", "clippy.toml", "deny.toml"];
    plain && (tops.iter().any(|top| word.starts_with(top)) || roots.contains(&word))
}

#[test]
fn the_template_routes_what_is_declared_and_nothing_else() {
    let template = read("template.yaml");
    let declared: BTreeSet<String> = all::routes()
        .declared()
        .iter()
        .map(|route| format!("{} {}", route.method.name(), template::routed_path(route.path)))
        .collect();
    let routed: BTreeSet<String> = template
        .lines()
        .filter_map(|line| line.trim().strip_prefix("RouteKey:"))
        .map(|key| key.trim().trim_matches(['"', '\'']).to_owned())
        .collect();
    assert_eq!(routed, declared);
    let written = template::with_routes(&template).unwrap();
    assert!(written == template, "template.yaml: `cargo xtask bless` writes the routes");
}
