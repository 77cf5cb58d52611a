//! An OpenID provider that nobody here wrote, with accounts of ours: see tests/identity.

use std::process::Command;

use super::ready::Answers;
use super::{Plan, Room, free_port};
use crate::run::{Result, require, workspace};
use crate::tools::home_of;

pub(super) fn plan(room: &Room) -> Result<Plan> {
    require(&["node"])?;
    let authority = room.authority()?;
    let port = free_port()?;
    let mut command = Command::new("node");
    command.arg(workspace().join("tests/identity/provider.mjs"));
    command.arg("--modules").arg(home_of("oidc-provider")?);
    command.args(["--port", &port.to_string()]);
    command.arg("--cert").arg(&authority.certificate).arg("--key").arg(&authority.key);
    Ok(Plan {
        command,
        answers: Answers::Accepts(vec![port]),
        exports: vec![
            // By number: the gateway on this machine is called by name, so the two are different sites.
            ("TEST_OIDC_ISSUER", format!("https://127.0.0.1:{port}")),
            ("TEST_OIDC_CA", authority.ca.display().to_string()),
        ],
    })
}
