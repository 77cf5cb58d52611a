//! Environments with packages: made once, read by every run, and refused where they cannot be had.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "hostile/stage.rs"]
#[expect(dead_code, reason = "this test needs a part of the stage alone")]
mod stage;

use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use gatelet_cage::PrepareError;
use gatelet_core::automation::catalog::Automation;
use gatelet_core::automation::{Exit, Job};
use serde_json::json;
use stage::{Listener, Stage, automation, job};

/// A lock file that names a wheel beside it, by its digest.
fn locked(folder: &std::path::Path, script: &str) -> Automation {
    let wheel = wheel();
    let path = folder.join("tiny-1.0-py3-none-any.whl");
    std::fs::write(&path, &wheel).unwrap();
    let digest = hex::encode(digest(&SHA256, &wheel));
    let line = format!("tiny @ file://{} --hash=sha256:{digest}\n", path.display());
    let mut automation = automation(script, false);
    automation.files.insert("requirements.lock".into(), Bytes::from(line));
    automation
}

/// A package of one module, as a wheel: a ZIP archive whose members are stored as they are.
fn wheel() -> Vec<u8> {
    let metadata = "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n";
    let kind = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
    let record = "tiny.py,,\ntiny-1.0.dist-info/METADATA,,\ntiny-1.0.dist-info/WHEEL,,\ntiny-1.0.dist-info/RECORD,,\n";
    let members = [
        ("tiny.py", "size = 7\n"),
        ("tiny-1.0.dist-info/METADATA", metadata),
        ("tiny-1.0.dist-info/WHEEL", kind),
        ("tiny-1.0.dist-info/RECORD", record),
    ];
    let program = "import sys, json, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w') as z:\n    [z.writestr(n, t) for n, t in json.loads(sys.argv[2])]";
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("wheel");
    let made = std::process::Command::new("python3")
        .args(["-I", "-c", program])
        .arg(&path)
        .arg(serde_json::to_string(&members).unwrap())
        .status();
    assert!(made.unwrap().success());
    std::fs::read(path).unwrap()
}

#[tokio::test]
async fn packages_are_installed_once_and_seen_by_the_script() {
    let stage = Stage::new();
    let automation = locked(
        stage.folder.path(),
        "import tiny\nlog([tiny.size, tried(lambda: open(tiny.__file__, 'a'))])",
    );
    let said = Mutex::new(Vec::new());
    let tell = |line: &str| said.lock().unwrap().push(line.to_owned());
    assert!(stage.runner.prepare(&automation, &tell).await.unwrap());
    assert_eq!(said.lock().unwrap().len(), 3, "{said:?}");
    assert!(stage.runner.prepare(&automation, &tell).await.unwrap());
    assert_eq!(said.lock().unwrap().len(), 3, "the second time nothing is done");

    let job = Job { automation: Arc::new(automation), ..job("", &json!({}), false) };
    let told = stage.run_job(job, &Listener::default()).await.unwrap();
    assert_eq!(told.exit, Exit::Status(0), "{told:?}");
    let first = told.first();
    assert_eq!(first[0], 7);
    assert!(first[1].as_str().unwrap().starts_with("refused"), "{first}");
}

#[tokio::test]
async fn a_package_that_is_not_what_was_named_is_not_installed() {
    let stage = Stage::new();
    let mut automation = locked(stage.folder.path(), "");
    let line = String::from_utf8(automation.files["requirements.lock"].to_vec()).unwrap();
    let (before, digest) = line.trim().rsplit_once(':').unwrap();
    let other = format!("{before}:{}\n", digest.chars().rev().collect::<String>());
    automation.files.insert("requirements.lock".into(), Bytes::from(other));
    let refused = stage.runner.prepare(&automation, &|_| {}).await.unwrap_err();
    assert!(matches!(refused, PrepareError::Packages { .. }), "{refused}");
    let text = refused.to_string();
    assert!(
        text.contains("PIP_INDEX_URL") && text.contains("gatelet automation prepare"),
        "{text}"
    );
    let left = std::fs::read_dir(stage.folder.path().join("environments")).unwrap().count();
    assert_eq!(left, 0, "nothing half-made is left");
}

#[tokio::test]
async fn an_automation_without_a_lock_file_needs_nothing() {
    let stage = Stage::new();
    assert!(!stage.runner.prepare(&automation("", false), &|_| {}).await.unwrap());
    assert!(!stage.folder.path().join("environments").exists());
}
