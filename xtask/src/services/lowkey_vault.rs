//! An emulator of Key Vault, with our certificate instead of the one it ships.

use std::path::Path;
use std::process::Command;

use super::ready::Answers;
use super::{Plan, authority, free_port};
use crate::run::{Result, logged};
use crate::tools::home_of;

/// Guards a key store that lives for one test run.
const PASSWORD: &str = "changeit";

pub(super) fn plan(folder: &Path) -> Result<Plan> {
    let authority = authority::make(folder)?;
    let store = folder.join("server.p12");
    let mut export = Command::new("openssl");
    export.args(["pkcs12", "-export", "-name", "server", "-passout", "pass:changeit", "-in"]);
    export.arg(&authority.certificate).arg("-inkey").arg(&authority.key).arg("-out").arg(&store);
    logged(&mut export, &folder.join("openssl.log"))?;

    let (port, token_port) = (free_port()?, free_port()?);
    let mut command = Command::new("java");
    command.arg("-Xmx512m").arg("-jar").arg(home_of("lowkey-vault")?.join("lowkey-vault-app.jar"));
    command.arg("--server.address=127.0.0.1").arg(format!("--server.port={port}"));
    command.arg(format!("--app.token.port={token_port}"));
    command.arg("--server.ssl.key-store-type=PKCS12");
    command.arg(format!("--server.ssl.key-store=file:{}", store.display()));
    command.arg(format!("--server.ssl.key-store-password={PASSWORD}"));
    Ok(Plan {
        command,
        answers: Answers::Accepts(vec![port, token_port]),
        exports: vec![
            ("TEST_KEY_VAULT_URL", format!("https://localhost:{port}")),
            ("TEST_KEY_VAULT_CA", authority.ca.display().to_string()),
            (
                "TEST_KEY_VAULT_TOKEN_URL",
                format!("http://localhost:{token_port}/metadata/identity/oauth2/token"),
            ),
        ],
    })
}
