//! Measures each door: the size of its executable, the time from its start to its first answer, and the memory it
//! has then. `cargo xtask bench` runs it on the executables that the tests use and prints a table.

#![expect(clippy::print_stdout, reason = "a benchmark tells what it measured")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what cannot be measured ends the benchmark"
)]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use gatelet_story::{Process, RuntimeApi, binary, free_port, lambda};
use serde_json::{Value, json};

/// How often each door is opened. The median counts.
const OPENINGS: usize = 11;

struct Opening {
    took: Duration,
    memory: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("| door | executable | size | start to first answer | memory then |");
    println!("|---|---|---|---|---|");
    let mut bare = Vec::new();
    let mut local = Vec::new();
    let mut azure = Vec::new();
    let mut http = Vec::new();
    let mut queue = Vec::new();
    let folder = tempfile::tempdir().unwrap();
    // The first start makes the signing key, which is no part of later ones.
    gatelet(&folder).await;
    // The doors take turns, so that a change of the machine's speed meets them all.
    for _ in 0..OPENINGS {
        bare.push(process_start());
        local.push(gatelet(&folder).await);
        azure.push(handler().await);
        http.push(login().await);
        queue.push(worker().await);
    }
    row("plain", "gatelet", &local);
    row("Azure custom handler", "handler", &azure);
    row("Lambda, HTTP", "login", &http);
    row("Lambda, queue", "work-automation", &queue);
    let baseline = millis(median(&bare));
    println!("\nStarting and ending `true` took {baseline:.1} ms on the same machine.");
}

fn row(door: &str, name: &str, openings: &[Opening]) {
    let size = std::fs::metadata(binary(name)).unwrap().len();
    let times: Vec<Duration> = openings.iter().map(|opening| opening.took).collect();
    let memory: Vec<u64> = openings.iter().map(|opening| opening.memory).collect();
    println!(
        "| {door} | `{name}` | {} | {:.1} ms | {} |",
        mib(size),
        millis(median(&times)),
        mib(median(&memory)),
    );
}

fn median<T: Ord + Copy>(values: &[T]) -> T {
    let mut values = values.to_vec();
    values.sort_unstable();
    values[values.len() / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn mib(bytes: u64) -> String {
    let tenths = bytes * 10 / (1024 * 1024);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

fn process_start() -> Duration {
    let began = Instant::now();
    assert!(Command::new("true").status().unwrap().success());
    began.elapsed()
}

async fn gatelet(folder: &tempfile::TempDir) -> Opening {
    let port = free_port();
    let mut command = Command::new(binary("gatelet"));
    command.env_clear().arg("--folder").arg(folder.path()).arg("--port").arg(port.to_string());
    command.arg("--provider-port").arg(free_port().to_string());
    command.stdout(Stdio::null());
    server(command, &format!("http://localhost:{port}/.well-known/jwks.json")).await
}

async fn handler() -> Opening {
    let port = free_port();
    let mut command = Command::new(binary("handler"));
    command.env_clear().envs([
        ("GATELET_APP", "auth"),
        ("GATELET_BASE_URL", "https://gate.example"),
        ("GATELET_FRONT_DOOR_ID", "id"),
        ("GATELET_TABLES_URL", "https://t.example"),
        ("GATELET_QUEUES_URL", "https://q.example"),
        ("GATELET_BLOBS_URL", "https://b.example"),
        ("GATELET_REGISTRY", "https://b.example/registry/registry.toml"),
        ("GATELET_VAULT_URL", "https://v.example"),
    ]);
    command.env("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string());
    command.stdout(Stdio::null());
    server(command, &format!("http://127.0.0.1:{port}/auth/session")).await
}

/// Knocks until the server answers anything, without a pause that would be measured too.
async fn server(mut command: Command, url: &str) -> Opening {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let began = Instant::now();
    let process = Process::start(&mut command);
    while client.get(url).send().await.is_err() {
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    Opening { took: began.elapsed(), memory: process.peak_memory() }
}

async fn login() -> Opening {
    let event = serde_json::from_str(include_str!("../../events/aws/http-get-session.json"));
    function("login", &event.unwrap()).await
}

async fn worker() -> Opening {
    let text = include_str!("../../events/aws/sqs-two-messages.json");
    let mut event: Value = serde_json::from_str(text).unwrap();
    // A message that needs no store, so that the door alone is measured.
    for record in event["Records"].as_array_mut().unwrap() {
        record["body"] = json!("no message");
    }
    function("work-automation", &event).await
}

async fn function(name: &str, event: &Value) -> Opening {
    let mut command = lambda(name);
    command.stdout(Stdio::null());
    let began = Instant::now();
    let api = RuntimeApi::start(command, name).await;
    api.invoke(event).await.unwrap();
    Opening { took: began.elapsed(), memory: api.process().peak_memory() }
}
