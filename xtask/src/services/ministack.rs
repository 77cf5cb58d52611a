//! AWS in one process, with signatures and policies enforced.

use std::process::Command;

use super::ready::Answers;
use super::{Plan, Room, free_port};
use crate::run::Result;
use crate::tools::home_of;

pub(super) fn plan(room: &Room) -> Result<Plan> {
    let port = free_port()?;
    let url = format!("http://127.0.0.1:{port}");
    let programs = home_of("ministack")?.join("bin");
    let mut command = Command::new(programs.join("ministack"));
    // Functions inherit its environment, and refuse settings of ours that they do not know.
    command.env_remove("GATELET_TOOLS_DIR");
    command
        .env("BIND_HOST", "127.0.0.1")
        .env("MINISTACK_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", port.to_string())
        .env("AWS_ENDPOINT_URL", &url)
        .env("MINISTACK_REGION", "eu-central-1")
        .env("AUTH", "true")
        // Functions find the OpenID provider of the tests, whose certificate is of this authority.
        .env("SSL_CERT_FILE", room.authority()?.ca)
        // Its IoT listener does not heed BIND_HOST.
        .env("IOT_MTLS_ENABLED", "0");
    Ok(Plan {
        command,
        answers: Answers::Http(port, "/_ministack/health"),
        exports: vec![
            ("TEST_MINISTACK_URL", url),
            // Its environment has the client library that deploys to it.
            ("TEST_AWS_PYTHON", programs.join("python").display().to_string()),
        ],
    })
}
