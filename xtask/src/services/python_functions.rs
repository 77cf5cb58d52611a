//! The project's own double of the host of Azure Functions for Python, with the runner as its app.

use std::path::Path;
use std::process::Command;

use super::ready::Answers;
use super::{Plan, Room, free_port};
use crate::package::{files, place};
use crate::run::{Result, failure, workspace};
use crate::tools::home_of;

/// What tokens for the runner say they are for.
const AUDIENCE: &str = "api://runner";
/// The one identity that may call it: that of a process to which no client id was given.
const CALLER: &str = "system-assigned";

pub(super) fn plan(room: &Room) -> Result<Plan> {
    let authority = room.authority()?;
    let port = free_port()?;
    let app = room.folder.join("app");
    lay_out(&app)?;
    let mut command = Command::new(home_of("azure-functions")?.join("bin/python"));
    command.arg("-B").arg(workspace().join("tests/doubles/python_functions.py"));
    command.arg("--app").arg(&app).args(["--port", &port.to_string()]);
    command.arg("--cert").arg(&authority.certificate).arg("--key").arg(&authority.key);
    command.args(["--audience", AUDIENCE, "--caller", CALLER]);
    Ok(Plan {
        command,
        answers: Answers::Accepts(vec![port]),
        exports: vec![
            ("TEST_RUNNER_URL", format!("https://localhost:{port}/run")),
            ("TEST_RUNNER_SCOPE", format!("{AUDIENCE}/.default")),
        ],
    })
}

/// The app as it is packaged, but for the libraries of automations that name some.
fn lay_out(app: &Path) -> Result<()> {
    let folders = ["automations/python", "infra/azure/runner"];
    for folder in folders.map(|folder| workspace().join(folder)) {
        for file in files(&folder)? {
            let inner = file.strip_prefix(&folder).map_err(|error| failure!("{error}"))?;
            place(&file, &app.join(inner))?;
        }
    }
    Ok(())
}
