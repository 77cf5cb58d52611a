//! A cage that stands.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use gatelet_core::automation::attempt::LINE_BYTES;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::super::plan::{Plan, Walls};
use super::channel::LineReader;

/// How long a cage may take to be built.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much is read of what it says when it could not be built.
const SAID: u64 = 4096;

/// Its keeper, and the three pipes.
pub(super) struct Started {
    pub(super) keeper: Child,
    /// When nobody can write to it any more, the keeper ends everything.
    pub(super) answers: ChildStdin,
    pub(super) messages: LineReader<ChildStdout>,
    pub(super) output: ChildStderr,
    /// What it is made of, by its own word.
    pub(super) walls: Walls,
}

/// Builds a cage. Its task has begun when this returns, and nothing was given to it yet. An error means that it never
/// begins.
pub(super) async fn start(executable: &Path, plan: &Plan) -> Result<Started, String> {
    let mut command = Command::new(executable);
    command.args([crate::WORD, &plan.to_argument()]).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Ctrl+C is meant for the gateway.
    command.process_group(0);
    let mut keeper = command.spawn().map_err(|error| format!("could not start it: {error}"))?;
    let (answers, messages, output) =
        (keeper.stdin.take(), keeper.stdout.take(), keeper.stderr.take());
    let (Some(answers), Some(messages), Some(output)) = (answers, messages, output) else {
        return Err("its pipes are not there".to_owned());
    };
    let mut messages = LineReader::new(messages, LINE_BYTES);
    let first = timeout(PATIENCE, messages.next()).await;
    let walls = match first {
        Ok(Ok(Some(line))) => serde_json::from_slice(&line.bytes).ok(),
        _ => None,
    };
    let Some(walls) = walls else {
        // Nobody can answer it from here on, so its keeper ends it.
        drop(answers);
        let mut said = Vec::new();
        let reading = async { output.take(SAID).read_to_end(&mut said).await };
        let _ = timeout(PATIENCE, reading).await;
        let _ = timeout(PATIENCE, keeper.wait()).await;
        return Err(String::from_utf8_lossy(&said).trim().to_owned());
    };
    Ok(Started { keeper, answers, messages, output, walls })
}
