//! The project's own double of Key Vault and of the endpoint where a function app gets its tokens.
//!
//! Azure has no emulator of either, and of those that others wrote none comes from a registry that every
//! machine reaches.

use std::process::Command;

use super::ready::Answers;
use super::{Plan, Room, free_port};
use crate::run::{Result, workspace};
use crate::tools::home_of;

/// What the platform would make up anew at every start. It guards nothing here.
const IDENTITY_HEADER: &str = "only-this-app-knows-it";

pub(super) fn plan(room: &Room) -> Result<Plan> {
    let authority = room.authority()?;
    let (port, identity_port) = (free_port()?, free_port()?);
    let mut command = Command::new(home_of("cryptography")?.join("bin/python"));
    // No compiled copies in the working tree.
    command.arg("-B").arg(workspace().join("tests/doubles/key_vault.py"));
    command.args(["--port", &port.to_string(), "--identity-port", &identity_port.to_string()]);
    command.args(["--identity-header", IDENTITY_HEADER]);
    command.arg("--cert").arg(&authority.certificate).arg("--key").arg(&authority.key);
    let identity = format!("http://127.0.0.1:{identity_port}");
    Ok(Plan {
        command,
        answers: Answers::Accepts(vec![port, identity_port]),
        exports: vec![
            ("TEST_KEY_VAULT_URL", format!("https://localhost:{port}")),
            ("TEST_KEY_VAULT_CA", authority.ca.display().to_string()),
            // For a process that takes only real vaults' names: `https://<any>.vault.azure.net`.
            ("TEST_KEY_VAULT_PROXY", identity.clone()),
            ("TEST_IDENTITY_ENDPOINT", format!("{identity}/metadata/identity/oauth2/token")),
            ("TEST_IDENTITY_HEADER", IDENTITY_HEADER.to_owned()),
        ],
    })
}
