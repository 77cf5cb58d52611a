//! `s3-inventory` through the whole gateway: an emulator of S3 with three buckets, a key in the vault that may list them
//! and nothing else, a person who signs in and starts it, and the table that she gets.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a broken story fails the test")]
#![expect(clippy::print_stdout, reason = "the table is what the test is for")]

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use gatelet_story::local::LocalStage;
use gatelet_story::{Browser, PROVIDER, Scene, Stage, binary, eventually, project, setting};
use http::Method;
use serde_json::{Value, json};

const PREFIX: &str = "trial-";
const FINAL: [&str; 5] = ["succeeded", "failed", "cancelled", "timed_out", "poisoned"];

#[tokio::test]
#[ignore = "needs MiniStack and the provider: cargo xtask test starts them"]
async fn an_editor_lists_the_buckets_of_an_account_whose_key_she_never_sees() {
    let key = buckets_and_their_key();
    let stage = LocalStage::with(async |base_url| {
        let mut scene = Scene::with_provider(base_url).await;
        let endpoint = setting("TEST_MINISTACK_URL");
        write!(
            scene.registry,
            r#"
[tenants.acme.connections.trial]
kind = "aws"
region = "eu-central-1"
endpoint = "{endpoint}"
secret = "connection-trial"
"#
        )
        .unwrap();
        scene.secrets.push(("connection-trial".into(), key.clone()));
        scene
    })
    .await;
    install_its_packages(&stage);

    let mut browser = Browser::new(&stage);
    browser.sign_in(&format!("/auth/login/{PROVIDER}?target=home"), "ada").await;
    let token = browser.fetch(Method::POST, "/auth/token", "").await.expect(200);
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());

    let id = start(&stage, &bearer).await;
    let run = eventually("the run ends", async || {
        let run = get(&stage, &bearer, &format!("/api/runs/{id}")).await;
        FINAL.contains(&run["state"].as_str().unwrap()).then_some(run)
    })
    .await;
    assert_eq!(run["state"], "succeeded", "{run}");
    let headers = [("authorization", bearer.as_str())];
    let table = stage.get(&format!("/api/runs/{id}/result.csv"), &headers).await;
    println!("{}", table.text);
    let rows: Vec<&str> = table.text.lines().skip(1).collect();
    let begun = |bucket: &str| format!("{PREFIX}{bucket},eu-central-1,");
    assert_eq!(rows.len(), 3, "{}", table.text);
    for (row, bucket) in rows.iter().zip(["letters", "pictures", "wages"]) {
        assert!(row.starts_with(&begun(bucket)), "{row}");
    }
    assert!(rows.last().unwrap().contains(",enabled,yes,"), "{}", table.text);

    let secret: Value = serde_json::from_str(&key).unwrap();
    let secret = secret["secret_access_key"].as_str().unwrap();
    let log = stage.get(&format!("/api/runs/{id}/log"), &headers).await;
    assert!(![log.text, table.text, run.to_string()].concat().contains(secret));
}

/// The JSON that stands in the vault.
fn buckets_and_their_key() -> String {
    let output = Command::new(setting("TEST_AWS_PYTHON"))
        .arg(project().join("tests/deploy/buckets.py"))
        .args(["--url", &setting("TEST_MINISTACK_URL"), "--prefix", PREFIX])
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "buckets.py failed");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// As an operator does before the first run, so that no run waits for a download.
fn install_its_packages(stage: &LocalStage) {
    let folder = stage.folder().join(".gatelet");
    let mut command = Command::new(binary("gatelet"));
    command.args(["automation", "prepare", "s3-inventory", "--folder"]).arg(folder);
    assert!(command.status().unwrap().success());
}

async fn start(stage: &LocalStage, bearer: &str) -> String {
    let headers = [
        ("authorization", bearer),
        ("content-type", "application/json"),
        ("idempotency-key", "\"inventory\""),
    ];
    let asked = json!({ "inputs": { "prefix": PREFIX }, "connections": { "account": "trial" } });
    let path = "/api/automations/s3-inventory/runs";
    let run = stage.send(Method::POST, path, &headers, &asked.to_string()).await.expect(201);
    run["id"].as_str().unwrap().to_owned()
}

async fn get(stage: &LocalStage, bearer: &str, path: &str) -> Value {
    stage.get(path, &[("authorization", bearer)]).await.expect(200)
}
