//! A real Redis that keeps what it was told, as a production one must.

use std::process::Command;

use super::ready::Answers;
use super::{Plan, Room, free_port};
use crate::run::Result;

pub(super) fn plan(room: &Room) -> Result<Plan> {
    let port = free_port()?;
    let number = port.to_string();
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--port", &number, "--dir"]).arg(&room.folder);
    command.args(["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]);
    command.args(["--maxmemory-policy", "noeviction", "--daemonize", "no"]);
    Ok(Plan {
        command,
        answers: Answers::Pong(port),
        exports: vec![("TEST_REDIS_URL", format!("redis://127.0.0.1:{port}"))],
    })
}
