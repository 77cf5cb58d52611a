//! The executables under test, and where they are.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// A child process that ends with its owner.
pub struct Process(Child);

impl Process {
    /// Starts a command.
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }
}

impl Process {
    /// The most memory that the process has had resident so far, in bytes.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()));
        let status = status.expect("the process lives");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        kib.expect("a number of KiB") * 1024
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, which its stage has noticed in its own way.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The project's folder.
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A Lambda function with settings that its door accepts, and every service at an address where nobody listens.
pub fn lambda(name: &str) -> Command {
    let mut command = Command::new(binary(name));
    command.env_clear().envs([
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "a"),
        ("AWS_SECRET_ACCESS_KEY", "b"),
        ("GATELET_BASE_URL", "https://gate.example"),
        ("GATELET_TABLE_PREFIX", "gatelet-"),
        ("GATELET_SECRET_PREFIX", "gatelet/"),
    ]);
    if !["attempt", "console"].contains(&name) {
        command.env("GATELET_REGISTRY", "s3://registry/registry.toml");
    }
    if ["run-automation", "work-automation", "upkeep"].contains(&name) {
        command.env("GATELET_SEALED_BUCKET", "sealed").env("GATELET_FILES_BUCKET", "files");
    }
    if ["run-automation", "upkeep"].contains(&name) {
        command.env("GATELET_QUEUE_URL", "http://127.0.0.1:1/queue");
    }
    if name == "work-automation" {
        command.env("GATELET_RUNNER", "runner");
    }
    command.env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", free_port()));
    command
}

/// The executable of this name, as the test run builds it.
pub fn binary(name: &str) -> PathBuf {
    let path = PathBuf::from(setting("TEST_BINARIES")).join(name);
    assert!(path.is_file(), "{} is missing: cargo xtask test builds it", path.display());
    path
}

/// A setting of the test run.
#[expect(
    clippy::disallowed_methods,
    reason = "the test run tells its services' addresses this way"
)]
pub fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: cargo xtask test sets it"))
}

/// How much the servers are to log, if whoever runs this says so.
#[expect(clippy::disallowed_methods, reason = "a benchmark keeps its tables apart from the log")]
pub fn log_filter() -> Option<String> {
    std::env::var("GATELET_LOG").ok()
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    listener.local_addr().expect("an address").port()
}
