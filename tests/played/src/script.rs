//! A catalog of two automations, and what runs them without any process.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;
use gatelet_core::automation::attempt::Message;
use gatelet_core::automation::catalog::{Automation, Catalog};
use gatelet_core::automation::{Attempt, Exit, Job, Level, Runner, SandboxReport};
use gatelet_core::outage::Outage;
use serde_json::json;

const FILE: &str = r#"
title = "Review"
summary = "Looks at a file."
version = "1.0.0"
effect = "reads"
timeout_s = 60
[inputs]
type = "object"
required = ["file"]
additionalProperties = false
[inputs.properties.file]
type = "string"
title = "File"
contentMediaType = "text/csv"
x-max-bytes = 5000000
x-sample = "sample.csv"
[inputs.properties.days]
type = "integer"
title = "Days"
minimum = 1
maximum = 9
[result]
kind = "table"
columns = [{ name = "name", title = "Name" }, { name = "formula", title = "Formula" }]
"#;

const CLOUD: &str = r#"
title = "Cloud"
summary = "Looks at a cloud."
version = "1.0.0"
effect = "reads"
roles = ["admin"]
timeout_s = 60
[concurrency]
on_busy = "reject"
[connections.cloud]
kind = "aws"
title = "Account"
[inputs]
type = "object"
additionalProperties = false
[result]
kind = "text"
"#;

/// The catalog: `review`, which takes a file, and `cloud`, which needs a connection and an admin.
#[must_use]
pub fn catalog() -> Catalog {
    let read = |name: &str, manifest: &str| {
        let files = [("automation.toml", manifest), ("main.py", "run()"), ("sample.csv", "a\n")];
        let files = files.map(|(path, text)| (path.to_owned(), Bytes::from(text.to_owned())));
        let automation = Automation::read(name, BTreeMap::from(files));
        automation.unwrap_or_else(|mistakes| panic!("{mistakes}"))
    };
    [read("review", FILE), read("cloud", CLOUD)].into_iter().collect()
}

/// Plays a script that leaves a file and a table in which somebody hid formulas.
pub struct Script;

#[async_trait]
impl Runner for Script {
    async fn sandbox(&self) -> SandboxReport {
        SandboxReport { level: Level::S3, network: "none".into(), probes: Vec::new() }
    }

    async fn run(&self, _: Job, attempt: &dyn Attempt) -> Result<Exit, Outage> {
        let rows = json!([
            { "name": "a", "formula": "=HYPERLINK(\"https://evil.example\")" },
            { "name": "@SUM(A1)", "formula": "-1+1" },
        ]);
        let page = Message::Artifact {
            name: "page.html".into(),
            media_type: "text/html".into(),
            chunk: "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==".into(),
            last: true,
        };
        let log = Message::Log { text: "looked at it".into() };
        for message in [Message::Hello, log, page, Message::Result { value: rows }] {
            attempt.hear(message).await;
        }
        Ok(Exit::Status(0))
    }
}
