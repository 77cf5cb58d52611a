//! What is said between a script and the gateway while it runs, and when it is stopped.

use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use gatelet_core::automation::Attempt;
use gatelet_core::automation::attempt::{Answer, Message};
use gatelet_core::outage::Outage;
use gatelet_core::secrets::SecretBytes;
use tokio::io::{AsyncRead, AsyncWriteExt as _};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::super::tree::measure;
use super::channel::{Line, LineReader};
use crate::setup::Limits;

/// The longest line of output that is kept. Its end is cut off, and it says so.
const OUTPUT_LINE: usize = 16 * 1024;
/// How many lines of output are told at a time.
const TOLD: usize = 200;
/// How often the scratch folder is measured.
const MEASURED: Duration = Duration::from_millis(500);
/// How long the gateway waits for the rest of what was said by a script whose keeper is gone.
const REST: Duration = Duration::from_secs(2);
/// How much longer than its grace a keeper may take to end everything, before it is taken for stuck.
const STUCK: Duration = Duration::from_mins(1);

/// What one script is given, and how much of what it may use.
pub(super) struct Talk {
    pub(super) start: SecretBytes,
    pub(super) timeout: Duration,
    pub(super) grace: Duration,
    pub(super) scratch: PathBuf,
    pub(super) limits: Limits,
}

/// A keeper and the three pipes.
pub(super) type Pipes = (Child, ChildStdin, LineReader<ChildStdout>, ChildStderr);

/// Talks until every process of the script is gone. Tells why it was stopped, if it was, and how it ended.
pub(super) async fn talk(
    talk: Talk,
    (mut keeper, answers, messages, output): Pipes,
    attempt: &dyn Attempt,
) -> Result<(Option<&'static str>, ExitStatus), Outage> {
    let (stop, stopping) = watch::channel(false);
    let both = async {
        tokio::join!(
            converse(talk.start, answers, messages, stopping, attempt),
            hear(output, attempt)
        )
        .0
    };
    let why = async {
        tokio::select! {
            why = attempt.stopped() => why,
            () = sleep(talk.timeout) => "timed_out",
            why = outgrown(talk.scratch, talk.limits) => why,
        }
    };
    let (mut both, mut why) = (std::pin::pin!(both), std::pin::pin!(why));
    let (mut stopped, mut is_over) = (None, false);
    let status = loop {
        let patience = talk.grace + STUCK;
        tokio::select! {
            status = keeper.wait() => break status,
            refused = &mut both, if !is_over => {
                is_over = true;
                stopped = stopped.or(refused);
            }
            why = &mut why, if stopped.is_none() => {
                stopped = Some(why);
                stop.send_replace(true);
            }
            () = sleep(patience), if stopped.is_some() => {
                // Nobody is known to do this to a keeper. The inmate dies with it.
                tracing::error!("a keeper does not end; processes of its script may be left");
                let _ = keeper.start_kill();
            }
        }
    };
    if !is_over && let Ok(refused) = timeout(REST, &mut both).await {
        stopped = stopped.or(refused);
    }
    let status = status.map_err(|error| Outage::uncertain("wait for a script", error))?;
    Ok((stopped, status))
}

/// Gives the start document, and answers each message. Tells with which word the script was refused, if it was. When
/// this ends, nobody can answer any more, and so the keeper ends the script.
async fn converse(
    start: SecretBytes,
    mut answers: ChildStdin,
    mut messages: LineReader<ChildStdout>,
    mut stopping: watch::Receiver<bool>,
    attempt: &dyn Attempt,
) -> Option<&'static str> {
    if !unless(&mut stopping, write(&mut answers, start.expose())).await? {
        return None;
    }
    drop(start);
    loop {
        let line = unless(&mut stopping, messages.next()).await?.ok()??;
        let answer = match read(&line) {
            Err(problem) => Answer::Wrong { problem },
            Ok(message) => {
                let mut hearing = attempt.hear(message);
                let heard = unless(&mut stopping, &mut hearing).await;
                let Some(answer) = heard else {
                    // First the script is stopped; then what is being kept of it is kept to the end.
                    drop(answers);
                    hearing.await;
                    return None;
                };
                answer
            }
        };
        let text = serde_json::to_vec(&answer).ok()?;
        let written = unless(&mut stopping, write(&mut answers, &text)).await?;
        if let Answer::Stop { reason } = answer {
            return Some(word(&reason));
        }
        if !written {
            return None;
        }
    }
}

/// Waits for something, unless the script is to be stopped.
async fn unless<T>(
    stopping: &mut watch::Receiver<bool>,
    what: impl Future<Output = T>,
) -> Option<T> {
    tokio::select! {
        outcome = what => Some(outcome),
        _ = stopping.wait_for(|stop| *stop) => None,
    }
}

/// Whether somebody reads it.
async fn write(answers: &mut ChildStdin, line: &[u8]) -> bool {
    answers.write_all(line).await.is_ok() && answers.write_all(b"\n").await.is_ok()
}

fn read(line: &Line) -> Result<Message, String> {
    if line.lost > 0 {
        return Err(format!("the line is {} bytes too long", line.lost));
    }
    serde_json::from_slice(&line.bytes).map_err(|error| format!("it is no message: {error}"))
}

/// The stable word for a reason.
fn word(reason: &str) -> &'static str {
    const WORDS: [&str; 4] = ["cancelled", "lease_lost", "attempt_taken", "outcome_unknown"];
    WORDS.into_iter().find(|word| *word == reason).unwrap_or("stopped")
}

/// Tells what the script writes to its outputs.
async fn hear(output: impl AsyncRead + Unpin, attempt: &dyn Attempt) {
    let mut output = LineReader::new(output, OUTPUT_LINE);
    while let Ok(Some(line)) = output.next().await {
        let mut lines = vec![line.text()];
        while lines.len() < TOLD
            && let Ok(Some(line)) = output.next_at_once().await
        {
            lines.push(line.text());
        }
        attempt.output(lines).await;
    }
}

/// Waits until there is more in the scratch folder than there may be.
async fn outgrown(scratch: PathBuf, limits: Limits) -> &'static str {
    loop {
        sleep(MEASURED).await;
        let folder = scratch.clone();
        let measured = tokio::task::spawn_blocking(move || measure(&folder, limits.entries)).await;
        if measured.is_ok_and(|(bytes, entries)| bytes > limits.scratch || entries > limits.entries)
        {
            return "too_much_output";
        }
    }
}
