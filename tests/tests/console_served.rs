//! The console as it is served: one page at every address of its own, and files that the page's policy would load.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use gatelet_played::{Answer, Ask, Gateway, Who};
use gatelet_tests::{console_files, project};

async fn gateway() -> Gateway {
    Gateway::new(all::routes).await
}

async fn page(gateway: &Gateway) -> Answer {
    gateway.send(&Ask::navigate("/")).await
}

/// What the page's addresses of files begin with.
fn assets(page: &str) -> String {
    let (_, rest) = page.split_once("=\"/assets/").unwrap();
    format!("/assets/{}/", rest.split('/').next().unwrap())
}

/// The scripts that are our own, by their path in the console's folder.
fn scripts() -> BTreeMap<PathBuf, String> {
    let found = console_files(&["js"]).unwrap();
    assert!(!found.is_empty(), "the console has scripts");
    found.into_iter().map(|(name, text)| (name.into(), text)).collect()
}

#[tokio::test]
async fn every_address_of_the_console_shows_the_same_page_to_whoever_comes() {
    let gateway = gateway().await;
    let first = page(&gateway).await;
    assert_eq!(first.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(first.header("set-cookie").is_none());
    for path in
        ["/t/acme", "/t/acme/runs/x?state=failed", "/account", "/error/sign_in_lost?trace=1"]
    {
        let answer = gateway.send(&Ask::coming_from("cross-site", path)).await;
        assert_eq!((answer.status, &answer.body), (200, &first.body), "{path}");
    }
    for path in ["/auth/nothing", "/API/nothing", "/healthz/nothing", "/favicon.ico"] {
        let answer = gateway.send(&Ask::navigate(path)).await;
        assert_eq!(answer.code(), (404, "not_found".into()), "{path}");
    }
}

#[tokio::test]
async fn a_file_of_one_version_never_changes_and_other_versions_have_none() {
    let gateway = gateway().await;
    let assets = assets(&page(&gateway).await.body);
    let icon = gateway.send(&Ask::page(format!("{assets}icon.svg"))).await;
    assert_eq!(icon.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(icon.header("x-content-type-options"), Some("nosniff"));
    let stable = gateway.send(&Ask::page("/assets/icon.svg")).await;
    assert_eq!(stable.header("cache-control"), Some("no-cache"));
    assert_eq!(stable.body, icon.body);
    for path in
        ["/assets/0123456789abcdef/icon.svg", &format!("{assets}index.html"), "/assets/nothing.js"]
    {
        assert_eq!(gateway.send(&Ask::page(path)).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_page_brings_no_script_or_style_that_its_policy_would_not_load() {
    let gateway = gateway().await;
    let page = page(&gateway).await.body;
    for inline in ["<style", "style=", "onclick", "onload", "javascript:", "http:", "https:"] {
        assert!(!page.contains(inline), "{inline}");
    }
    let assets = assets(&page);
    for rest in page.split("<script").skip(1) {
        let (tag, inner) = rest.split_once('>').unwrap();
        assert!(
            tag.contains(&format!("src=\"{assets}")) && inner.starts_with("</script>"),
            "{tag}"
        );
    }
    let mut named = 0;
    for attribute in ["src=\"", "href=\""] {
        for path in page.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(path.starts_with("/assets/") || path.starts_with('#'), "{path}");
            if !path.starts_with('#') {
                assert_eq!(gateway.send(&Ask::page(path)).await.status, 200, "{path}");
                named += 1;
            }
        }
    }
    assert!(named > 1 && !page.contains("VERSION"), "it names its files in this version");
}

#[test]
fn a_module_imports_what_is_there_by_a_relative_path() {
    for (script, text) in scripts() {
        for line in text.lines().filter(|line| line.starts_with("import ")) {
            let Some(from) = line.split('\'').nth(1) else { continue };
            assert!(from.starts_with('.'), "{}: {from} is not relative", script.display());
            let folder = project().join("console").join(&script);
            let file = folder.parent().unwrap().join(from);
            assert!(file.is_file(), "{}: {from} is not there", script.display());
        }
    }
}

// Proves L 33.
#[tokio::test]
async fn a_person_knows_their_sessions_by_the_browser_and_nothing_else_of_it_is_kept() {
    let gateway = gateway().await;
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0 private";
    let callback = gateway.at_callback("/auth/login/one", Who::ADA).await;
    let signed_in = gateway.send(&callback.header("user-agent", agent)).await;
    let list = Ask::page("/auth/sessions").cookie(signed_in.cookie().unwrap());
    let sessions = gateway.send(&list).await.json();
    assert_eq!(sessions["sessions"][0]["browser"], "Firefox on Linux");
    assert_eq!(sessions["sessions"][0]["current"], true);
    assert!(!gateway.store.records.dump().contains("private"), "the header itself is not stored");
}
