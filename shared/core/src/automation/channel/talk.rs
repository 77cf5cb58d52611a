//! One attempt's talk with its runner: letters heard and answered while the invocation goes on.
//!
//! A script says hello before a line of it runs, and is let in by the answer. So an invocation of which nothing is
//! known has certainly not begun the script if its hello was never answered. Afterwards only the runner's own words tell that no process
//! is left: its last letter, or the invocation's answer. Without them nobody knows.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::{Either, pending, select};

use super::Invoked;
use super::host::Host;
use super::letter::{Letter, Said};
use super::mailbox::Waiting;
use super::payload::{End, end_of};
use crate::automation::attempt::{Answer, Message, Pace};
use crate::automation::{Attempt, Exit};
use crate::clock::Timestamp;
use crate::outage::{Chain, Effect, Outage};
use crate::records::StoreError;

const DOING: &str = "invoke the runner";
/// How long a runner may take to end a script that must end.
const TO_STOP: Duration = Duration::from_secs(40);
/// How often a mailbox is tried to be cleared away. What is left expires.
const CLOSINGS: usize = 5;

/// What is said between one attempt's worker and its runner.
pub(super) struct Talk<'a> {
    host: &'a Host,
    pace: &'a dyn Pace,
    ends: Timestamp,
    known: Mutex<Known>,
}

/// What is known about the invocation so far.
#[derive(Default)]
struct Known {
    /// Whether the script was let in, or may have been.
    let_in: bool,
    /// When it was told to end.
    stopped_at: Option<Timestamp>,
    /// What came of the invocation.
    fate: Option<Fate>,
}

/// What came of an invocation.
enum Fate {
    Ended(End),
    Died,
    Failed(Outage),
}

impl<'a> Talk<'a> {
    /// Over this mailbox, until this moment at most.
    pub(super) fn new(host: &'a Host, pace: &'a dyn Pace, ends: Timestamp) -> Self {
        Self { host, pace, ends, known: Mutex::default() }
    }

    /// Hears letters and answers them until the script has ended, or nobody can know any more.
    pub(super) async fn until_its_end(
        &self,
        invocation: impl Future<Output = Result<Invoked, Outage>> + Send,
        attempt: &dyn Attempt,
    ) -> Result<Exit, Outage> {
        let hearing = pin!(self.hear(attempt));
        let invoking = pin!(self.note(invocation));
        let stopping = pin!(self.stop_when_told(attempt));
        match select(hearing, select(invoking, stopping)).await {
            Either::Left((Some(exit), _)) => Ok(exit),
            Either::Left((None, _)) => self.judge(),
            Either::Right((Either::Left((never, _)) | Either::Right((never, _)), _)) => {
                match never {}
            }
        }
    }

    /// Clears the mailbox away.
    pub(super) async fn close(&self) {
        for _ in 0..CLOSINGS {
            match self.host.close().await {
                Ok(()) => return,
                Err(error) => tracing::warn!(error = %Chain(&error), "a mailbox was not closed"),
            }
            self.pace.pause().await;
        }
    }

    /// How the script ended, where a letter tells.
    async fn hear(&self, attempt: &dyn Attempt) -> Option<Exit> {
        let (mut n, mut is_away) = (1, false);
        loop {
            let found = self.host.mailbox.letter(n).await;
            if let Err(error) = &found
                && !is_away
            {
                tracing::warn!(error = %Chain(error), "a mailbox could not be read");
            }
            is_away = found.is_err();
            let Ok(Some(letter)) = found else {
                if self.is_over() {
                    return None;
                }
                self.pace.pause().await;
                continue;
            };
            let (answer, exit) = self.answer_to(n, &letter, attempt).await;
            while let Err(error) = self.host.reply(n, &letter, &answer).await {
                if !self.tries_again(error).await {
                    return exit;
                }
            }
            if exit.is_some() {
                return exit;
            }
            n += 1;
        }
    }

    async fn answer_to(
        &self,
        n: u32,
        letter: &Waiting,
        attempt: &dyn Attempt,
    ) -> (Answer, Option<Exit>) {
        let plain = self.host.mailbox.open(n, letter);
        match plain.and_then(|plain| Letter::read(&plain)) {
            Some((_, _, Said::Message(message))) => {
                let answer = match serde_json::from_value::<Message>(message) {
                    Ok(message) => attempt.hear(message).await,
                    Err(error) => Answer::Wrong { problem: format!("it is no message: {error}") },
                };
                match &answer {
                    Answer::Stop { reason } => self.stop(reason).await,
                    Answer::Wrong { .. } => {}
                    _ => self.known().let_in = true,
                }
                (answer, None)
            }
            Some((_, _, Said::Output(lines))) => {
                attempt.output(lines).await;
                (Answer::Go, None)
            }
            Some((_, _, Said::Exit(exit))) => (Answer::Go, Some(exit)),
            Some((_, _, Said::Pulse)) | None => {
                tracing::error!(n, "a letter cannot be read that was taken as one");
                (Answer::Stop { reason: "channel_lost".into() }, None)
            }
        }
    }

    async fn stop_when_told(&self, attempt: &dyn Attempt) -> Infallible {
        let reason = attempt.stopped().await;
        self.stop(reason).await;
        pending().await
    }

    async fn stop(&self, reason: &str) {
        self.known().stopped_at.get_or_insert(self.host.mailbox.now());
        while let Err(error) = self.host.stop(reason).await {
            if !self.tries_again(error).await {
                return;
            }
        }
    }

    async fn note(
        &self,
        invocation: impl Future<Output = Result<Invoked, Outage>> + Send,
    ) -> Infallible {
        let fate = match invocation.await {
            Ok(Invoked::Answered(answer)) => Fate::Ended(end_of(&answer)),
            Ok(Invoked::Died(why)) => {
                tracing::error!(why, "a runner died");
                Fate::Died
            }
            Err(outage) => {
                tracing::warn!(error = %Chain(&outage), "an invocation was not answered");
                Fate::Failed(outage)
            }
        };
        self.known().fate = Some(fate);
        pending().await
    }

    /// What is known without a last letter.
    fn judge(&self) -> Result<Exit, Outage> {
        let mut known = self.known();
        let why = match known.fate.take() {
            Some(Fate::Ended(End::Exit(exit))) => return Ok(exit),
            _ if known.let_in => return Ok(Exit::Unknown),
            Some(Fate::Ended(End::Refused(why))) => why,
            Some(Fate::Ended(End::Unclear)) => "its answer cannot be understood".to_owned(),
            Some(Fate::Died) => "it died before its script began".to_owned(),
            Some(Fate::Failed(outage)) => Chain(&outage).to_string(),
            None => "its script did not begin in time".to_owned(),
        };
        Err(Outage::harmless(DOING, why))
    }

    /// Whether nothing is to be expected any more where there is no letter.
    fn is_over(&self) -> bool {
        let now = self.host.mailbox.now();
        let known = self.known();
        let is_too_late =
            now >= self.ends || known.stopped_at.is_some_and(|at| now >= at + TO_STOP);
        match &known.fate {
            None => is_too_late,
            // The way to it may have been cut while it works on. Its last letter tells.
            Some(Fate::Failed(outage)) if known.let_in && outage.effect == Effect::Unknown => {
                is_too_late
            }
            Some(_) => true,
        }
    }

    /// Whether what the store did not take is tried again, after a moment.
    async fn tries_again(&self, error: StoreError) -> bool {
        if self.is_over() {
            tracing::warn!(error = %Chain(&error), "a mailbox could not be written");
            return false;
        }
        self.pace.pause().await;
        true
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
