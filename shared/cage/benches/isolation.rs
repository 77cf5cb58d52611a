//! Measures what isolation costs: a run in a cage beside a bare Python that speaks the same channel, in turns.
#![expect(clippy::print_stdout, reason = "a benchmark tells what it measured")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what cannot be measured ends the benchmark"
)]

#[path = "../tests/hostile/stage.rs"]
#[expect(dead_code, reason = "a benchmark needs a part of the stage alone")]
mod stage;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use gatelet_core::automation::{Exit, Runner as _};
use serde_json::json;

/// How often each takes its turn. The median of the turns counts.
const TURNS: usize = 31;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let stage = stage::Stage::new();
    let report = runtime.block_on(stage.runner.sandbox());
    let (mut bare, mut caged) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        bare.push(time(|| {
            let mut python = Command::new("/usr/bin/python3");
            python.args(["-I", "-S", "-B", "-X", "utf8", "-c", "import json, os, runpy"]);
            assert!(python.stdout(Stdio::null()).status().unwrap().success());
        }));
        caged.push(time(|| {
            let job = stage::job("say(m='result', value=1)", &json!({}), false);
            let exit = runtime.block_on(stage.runner.run(job, &stage::Listener::default()));
            assert_eq!(exit.unwrap(), Exit::Status(0));
        }));
    }
    let (bare, caged) = (median(bare), median(caged));
    println!("| level {} | milliseconds | ratio |", u8::from(report.level));
    println!("|---|---|---|");
    println!("| Python alone | {:.1} | 1 |", bare * 1e3);
    println!(
        "| a run in a cage, laid out and removed | {:.1} | {:.2} |",
        caged * 1e3,
        caged / bare
    );
}

fn time(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

fn median(mut turns: Vec<Duration>) -> f64 {
    turns.sort_unstable();
    turns.get(turns.len() / 2).unwrap().as_secs_f64()
}
