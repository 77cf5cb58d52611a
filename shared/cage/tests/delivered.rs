//! The package that comes with the gateway, in a cage: a script that uses it says what it should, and its recordings
//! are not needed for that.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "hostile/stage.rs"]
#[expect(dead_code, reason = "this test needs a part of the stage alone")]
mod stage;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use gatelet_core::automation::attempt::Message;
use gatelet_core::automation::{EffectClass, Exit, Job};
use gatelet_core::secrets::SecretBytes;
use serde_json::json;
use stage::{Listener, Stage, automation, job};

/// Every file below a folder, by its path there.
fn files(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Bytes>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            files(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name, fs::read(entry.path()).unwrap().into());
        }
    }
}

fn stage() -> Stage {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../automations/python");
    let mut package = BTreeMap::new();
    files(&folder, "", &mut package);
    Stage::with(|setup| setup.package = package)
}

/// A job of this script, with all that the gateway gives.
fn of(script: &str) -> Job {
    let start = json!({
        "v": 1, "run": "0".repeat(32), "fence": 1, "attempt": 1, "deadline_ms": 4_102_444_800_000_u64,
        "automation": "hostile", "inputs": { "limit": 3 }, "files": {},
        "credentials": { "server": { "url": "https://server.example", "token": "t0ken-of-the-run" } },
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    });
    let mut automation = automation("", true);
    automation.files = BTreeMap::from([("main.py".to_owned(), Bytes::from(script.to_owned()))]);
    let start = SecretBytes::new(start.to_string().into_bytes());
    Job { start, automation: Arc::new(automation), ..job("", &json!({}), true) }
}

#[tokio::test]
async fn a_script_speaks_through_the_package_and_ends_with_its_result() {
    let script = "
from gatelet import main
def run(run):
    assert run.credentials('server')['token'] == 't0ken-of-the-run'
    run.log('reads')
    with run.step('one', 'R', 'Read the first') as step:
        step.done(run.inputs()['limit'])
    run.progress(1, 1, 'rows')
    run.artifact('rows.csv', 'a,b\\n', 'text/csv')
    return {'rows': [[step.value]]}
if __name__ == '__main__':
    main(run)
";
    let told = stage().run_job(of(script), &Listener::default()).await.unwrap();
    assert_eq!(told.exit, Exit::Status(0), "{told:?}");
    assert_eq!(told.messages.first(), Some(&Message::Hello));
    let is_step = |message: &Message| matches!(message, Message::Intent { key, class: EffectClass::R, .. } if key == "one");
    assert!(told.messages.iter().any(is_step), "{told:?}");
    let is_result = |message: &Message| matches!(message, Message::Result { value } if value.get("rows") == Some(&json!([[3]])));
    assert!(told.messages.iter().any(is_result), "{told:?}");
}

#[tokio::test]
async fn a_script_that_fails_says_so_through_the_package() {
    let script = "
from gatelet import main
def run(run):
    raise ValueError('t0ken-of-the-run is wrong')
if __name__ == '__main__':
    main(run)
";
    let told = stage().run_job(of(script), &Listener::default()).await.unwrap();
    assert_eq!(told.exit, Exit::Status(1), "{told:?}");
    assert!(matches!(told.messages.last(), Some(Message::Failure { .. })), "{told:?}");
    assert!(told.lines.iter().all(|line| !line.contains("t0ken")), "{told:?}");
}
