//! Measures runs: how many a second one worker carries out over the embedded store and over Redis, each beside a bare
//! commit to the same store, and how long the gateway of one machine takes from accepting a request to starting its
//! script, beside an answered request. `cargo xtask bench` runs it and prints the tables.
#![expect(clippy::print_stdout, reason = "a benchmark tells what it measured")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what cannot be measured ends the benchmark"
)]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use gatelet_contracts::SeededRandom;
use gatelet_core::automation::Effect;
use gatelet_core::clock::Clock as _;
use gatelet_core::identity::{Facts, Person};
use gatelet_core::records::{Commit, Condition, Name, Outcome, Partition, Records, Table};
use gatelet_core::session::{Sessions, SignIn};
use gatelet_core::tenant::TenantId;
use gatelet_edge::{CSRF_HEADER, session_cookie_name};
use gatelet_host::{SystemClock, SystemRandom};
use gatelet_local::{Database, SqliteRecords};
use gatelet_mishaps::{Fate, House, Process as Worker};
use gatelet_played::NOW;
use gatelet_redis::RedisRecords;
use gatelet_story::local::LocalStage;
use gatelet_story::{Process, Stage as _, eventually, free_port, project};
use http::Method;
use serde_json::{Value, json};

/// How often each operation takes its turn. The median counts.
const TURNS: usize = 15;
/// How many runs or commits a turn has.
const RUNS: usize = 20;
/// How many runs the gateway is asked for, one after the other.
const ASKED: usize = 31;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let embedded = SqliteRecords::new(Database::open(&folder.path().join("records")).unwrap());
    println!("| over | a bare commit | a run of five steps | beside the commit | runs a second |");
    println!("|---|---|---|---|---|");
    carry_out("the embedded store", Arc::new(embedded)).await;
    if let Some((_server, records)) = redis(folder.path()).await {
        carry_out("Redis", records).await;
    }
    println!();
    start(&LocalStage::set_up().await).await;
}

/// A Redis that keeps what it was told, as a production one must.
async fn redis(folder: &Path) -> Option<(Process, Arc<RedisRecords>)> {
    if Command::new("redis-server").arg("--version").output().is_err() {
        println!("| Redis: there is no `redis-server` | | | | |");
        return None;
    }
    let port = free_port();
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--dir"]);
    command.arg(folder).args(["--appendonly", "yes", "--appendfsync", "everysec"]);
    let server = Process::start(command.stdout(std::process::Stdio::null()));
    let records = Arc::new(RedisRecords::connect(&format!("redis://127.0.0.1:{port}")).unwrap());
    eventually("Redis answers", async || records.check().await.ok()).await;
    Some((server, records))
}

/// One worker, one run after the other, from the request to the end. Queue and target are in memory.
async fn carry_out(name: &str, records: Arc<dyn Records>) {
    let house = House::over(Arc::clone(&records), Effect::Steps);
    let worker = Worker::of(&house, Fate::none());
    let random = SeededRandom::unseeded();
    let (mut bare, mut whole) = (Vec::new(), Vec::new());
    for turn in 0..TURNS {
        let began = Instant::now();
        for number in 0..RUNS {
            let partition = Partition::new(Table::Runs, format!("bare:{turn}:{number}")).unwrap();
            let commit = Commit::new(partition, &random);
            let commit =
                commit.put(Name::new("row").unwrap(), Condition::Absent, vec![0; 1024], None);
            let outcome = records.commit(&commit.unwrap(), NOW).await.unwrap();
            assert_eq!(outcome, Outcome::Committed);
        }
        bare.push(each(began, RUNS));
        let began = Instant::now();
        for number in 0..RUNS {
            worker.ask(turn * RUNS + number).await;
            worker.work().await;
        }
        whole.push(each(began, RUNS));
    }
    house.check(TURNS * RUNS - 1).await;
    let (bare, whole) = (median(bare), median(whole));
    println!(
        "| {name} | {bare:.2} ms | {whole:.1} ms | {:.1} | {:.0} |",
        whole / bare,
        1000.0 / whole
    );
}

/// From the request to the beginning of its script, by the moments that the run's events tell.
async fn start(stage: &LocalStage) {
    let cookie = session(stage).await;
    let headers = [
        ("cookie", cookie.as_str()),
        ("sec-fetch-site", "same-origin"),
        (CSRF_HEADER, "1"),
        ("content-type", "text/csv"),
        ("x-gatelet-file", "accounts.csv"),
    ];
    let sample = project().join("automations/access-review/accounts.csv");
    let sample = std::fs::read_to_string(sample).unwrap();
    let file = stage.send(Method::POST, "/api/uploads", &headers, &sample).await.expect(201);
    let body = json!({ "inputs": { "accounts": file["id"] }, "connections": {} }).to_string();
    let (mut answered, mut claimed, mut running) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..ASKED {
        let began = Instant::now();
        stage.send(Method::GET, "/api/runs", &headers[..3], "").await.expect(200);
        answered.push(each(began, 1));
        let key = format!("\"bench-{number}\"");
        let asking =
            [&headers[..3], &[("content-type", "application/json"), ("idempotency-key", &key)]];
        let path = "/api/automations/access-review/runs";
        let run = stage.send(Method::POST, path, &asking.concat(), &body).await.expect(201);
        let path = format!("/api/runs/{}/events", run["id"].as_str().unwrap());
        let events = eventually("the run is over", async || {
            let told = stage.send(Method::GET, &path, &headers[..3], "").await.expect(200);
            (told["state"] == "succeeded").then(|| told["events"].clone())
        })
        .await;
        let at = |state: &str| moment(&events, state);
        claimed.push(at("leased") - at("queued"));
        running.push(at("running") - at("queued"));
    }
    let (answered, claimed, running) = (median(answered), median(claimed), median(running));
    println!("| from the request to | took | beside an answered request |");
    println!("|---|---|---|");
    println!("| an answer, `GET /api/runs` | {answered:.1} ms | 1 |");
    println!("| a worker has the run | {claimed:.0} ms | {:.0} |", claimed / answered);
    println!("| its script begins | {running:.0} ms | {:.0} |", running / answered);
}

/// When a run came into a state, in milliseconds.
fn moment(events: &Value, state: &str) -> f64 {
    let events = events.as_array().unwrap();
    let event = events.iter().find(|event| event["kind"] == "state" && event["state"] == state);
    event.unwrap()["at_ms"].as_f64().unwrap()
}

async fn session(stage: &LocalStage) -> String {
    let person = Person { issuer: stage.provider(), subject: "ada".into() };
    let facts = Facts {
        tenant_claim: Some("acme".into()),
        groups: vec!["editors".into()],
        ..Facts::of("pocket", person)
    };
    let tenant = TenantId::new("acme").unwrap();
    let sign_in = SignIn { tenant, role: "editor".into(), facts };
    let sessions = Sessions::new(stage.records(), &SystemRandom);
    let (key, _) = sessions.begin(sign_in, None, SystemClock.now()).await.unwrap();
    format!("{}={}", session_cookie_name(stage.base_url()), key.expose())
}

/// How long each took, in milliseconds.
fn each(began: Instant, count: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    let count = count as f64;
    began.elapsed().as_secs_f64() * 1000.0 / count
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
