//! What a holder answers to each message of a script.

use serde_json::Value;

use super::holder::{Holder, Inner};
use super::output::PROGRESS_LENGTH;
use super::{Answer, Gone, Message, ScriptFailure};
use crate::automation::RESULT_BYTES;
use crate::automation::draft::Choice;
use crate::automation::ending::MESSAGE_LENGTH;
use crate::automation::event::Source;
use crate::automation::row::Progress;
use crate::automation::runs::partition;
use crate::automation::step::Intent;
use crate::records::Name;

impl Holder<'_> {
    /// Hears a message and answers it. Nothing is answered `go` that is not kept, or held back to be kept with the
    /// next commit.
    pub async fn hear(&self, message: Message) -> Answer {
        let mut inner = self.lock().await;
        let Some(redactor) = inner.redactor.clone() else { return wrong("nothing was begun") };
        if let Some(problem) = out_of_order(&inner, &message) {
            return wrong(problem);
        }
        let answer = match message {
            Message::Hello => self.hello(&mut inner).await,
            Message::Intent { key, class, title, params, quiet } => {
                // A name with a secret in it is none any more, and is refused as such.
                let key = redactor.redact_text(&key);
                let title = redactor.redact_text(&title);
                let intent = Intent { key, class, title, params, quiet };
                self.intent(&mut inner, intent).await
            }
            Message::Done { key, evidence, value } => {
                let evidence = redactor.redact_map(&evidence);
                let value = redactor.redact_json(&value);
                self.done(&mut inner, &key, (evidence, value)).await
            }
            Message::Undone { key } => self.undone(&mut inner, &key).await,
            Message::Progress { done, of, text } => {
                let text = redactor.redact_text(&text).chars().take(PROGRESS_LENGTH).collect();
                inner.output.progress(Progress { done, of, text });
                Ok(Answer::Go)
            }
            Message::Log { text } => self.lines(&mut inner, [text]).await.map(|()| Answer::Go),
            Message::Artifact { name, media_type, chunk, last } => {
                let about = (redactor.redact_text(&name), redactor.redact_text(&media_type));
                self.piece(&mut inner, about, &chunk, last).await
            }
            Message::Result { value } => Ok(take_result(&mut inner, redactor.redact_json(&value))),
            Message::Failure { code, message, retry } => {
                let code = redactor.redact_text(&code);
                Ok(take_failure(&mut inner, code, &redactor.redact_text(&message), retry))
            }
        };
        answer.unwrap_or_else(|_| stop("lease_lost"))
    }

    /// Keeps lines that the script wrote to its standard output or error.
    pub async fn output(&self, lines: Vec<String>) -> Result<(), Gone> {
        let mut inner = self.lock().await;
        self.lines(&mut inner, lines).await
    }

    /// Keeps a line of the gateway's own.
    pub async fn note(&self, line: &str) {
        self.lock().await.output.line(Source::Gateway, line);
    }

    async fn lines(
        &self,
        inner: &mut Inner,
        lines: impl IntoIterator<Item = String> + Send,
    ) -> Result<(), Gone> {
        let lines: Vec<String> = lines.into_iter().collect();
        for line in lines.iter().flat_map(|text| text.lines()) {
            // Nobody was begun, so nobody speaks.
            let Some(redacted) = &mut inner.lines else { return Ok(()) };
            let line = redacted.redact(line);
            inner.output.line(Source::Script, &line);
            if inner.output.is_full() {
                self.keep(inner).await?;
            }
        }
        Ok(())
    }

    /// Lets the script in, once for each fence.
    async fn hello(&self, inner: &mut Inner) -> Result<Answer, Gone> {
        let key = Name::new(format!("hello:{:08}", inner.run.fence));
        let key = key.map_err(|error| Gone::Away(error.into()))?;
        let place = partition(&inner.run.tenant, &inner.run.id).map_err(Gone::Away)?;
        loop {
            match self.runs.records.get(&place, &key, self.clock.now()).await {
                Ok(Some(_)) => return Ok(stop("attempt_taken")),
                Ok(None) => break,
                Err(away) => self.be_patient(inner, away.into()).await?,
            }
        }
        self.change(inner, |draft| {
            draft.put_once(key.clone(), Vec::new());
            Ok(Choice::Store(()))
        })
        .await?;
        inner.heard.hello = true;
        Ok(if self.is_held(inner) { Answer::Go } else { stop("lease_lost") })
    }
}

fn out_of_order(inner: &Inner, message: &Message) -> Option<&'static str> {
    let is_hello = matches!(message, Message::Hello);
    match (&inner.heard, is_hello) {
        (heard, _) if heard.is_over() => Some("nothing follows the result or the failure"),
        (heard, true) if heard.hello => Some("hello was said before"),
        (heard, false) if !heard.hello => Some("hello comes first"),
        _ => None,
    }
}

fn take_result(inner: &mut Inner, value: Value) -> Answer {
    if !inner.files.is_empty() {
        return wrong("a file was begun and its last piece never came");
    }
    if value.to_string().len() > RESULT_BYTES {
        return wrong("a result has 5 MiB at most");
    }
    inner.heard.result = Some(value);
    Answer::Go
}

fn take_failure(inner: &mut Inner, code: String, message: &str, retry: bool) -> Answer {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !(1..=64).contains(&code.len()) || !code.bytes().all(plain) {
        return wrong("a code is 1 to 64 of a-z 0-9 _");
    }
    let message = message.chars().take(MESSAGE_LENGTH).collect();
    inner.heard.failure = Some(ScriptFailure { code, message, retry });
    Answer::Go
}

pub(super) fn wrong(problem: impl Into<String>) -> Answer {
    Answer::Wrong { problem: problem.into() }
}

pub(super) fn stop(reason: impl Into<String>) -> Answer {
    Answer::Stop { reason: reason.into() }
}
