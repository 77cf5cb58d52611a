//! AWS's own DynamoDB emulator.

use std::process::Command;

use super::ready::Answers;
use super::{Plan, Room, free_port};
use crate::run::{Result, require};
use crate::tools::home_of;

/// Starts the emulator on the loopback address; its own start listens on every address.
const LAUNCHER: &str = include_str!("LoopbackDynamo.java");

pub(super) fn plan(room: &Room) -> Result<Plan> {
    // Java compiles the launcher as it starts it, which only a development kit can.
    require(&["javac"])?;
    let port = free_port()?;
    let libraries = home_of("dynamodb-local")?.join("lib");
    let launcher = room.folder.join("LoopbackDynamo.java");
    std::fs::write(&launcher, LAUNCHER)?;
    let mut command = Command::new("java");
    command.arg("-Xmx512m").arg(format!("-Djava.library.path={}", libraries.display()));
    command.arg("-cp").arg(libraries.join("*")).arg(launcher);
    command.args(["-inMemory", "-disableTelemetry", "-port", &port.to_string()]);
    Ok(Plan {
        command,
        answers: Answers::Http(port, "/"),
        exports: vec![("TEST_DYNAMODB_LOCAL_URL", format!("http://127.0.0.1:{port}"))],
    })
}
