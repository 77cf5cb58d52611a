//! Azure's emulator of blobs, queues and tables, behind TLS as its SDKs insist.

use std::process::Command;

use super::ready::Answers;
use super::{Plan, Room, free_port};
use crate::run::Result;
use crate::tools::home_of;

pub(super) fn plan(room: &Room) -> Result<Plan> {
    let authority = room.authority()?;
    let (blob, queue, table) = (free_port()?, free_port()?, free_port()?);
    let script = home_of("azurite")?.join("node_modules/azurite/dist/src/azurite.js");
    let mut command = Command::new("node");
    command.arg(script);
    for (service, port) in [("blob", blob), ("queue", queue), ("table", table)] {
        command.args([&format!("--{service}Host"), "127.0.0.1"]);
        command.args([&format!("--{service}Port"), &port.to_string()]);
    }
    command.arg("--cert").arg(&authority.certificate).arg("--key").arg(&authority.key);
    command.args(["--oauth", "basic", "--skipApiVersionCheck", "--inMemoryPersistence"]);
    command.args(["--disableTelemetry", "--silent"]);
    let url = |port: u16| format!("https://127.0.0.1:{port}/devstoreaccount1");
    Ok(Plan {
        command,
        answers: Answers::Accepts(vec![blob, queue, table]),
        exports: vec![
            ("TEST_AZURITE_BLOB_URL", url(blob)),
            ("TEST_AZURITE_QUEUE_URL", url(queue)),
            ("TEST_AZURITE_TABLE_URL", url(table)),
            ("TEST_AZURITE_CA", authority.ca.display().to_string()),
        ],
    })
}
