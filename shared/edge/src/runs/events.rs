//! The events of a run: asked for again and again, or sent as they come where the host keeps a connection open.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use futures::stream::unfold;
use gatelet_core::automation::{Event, EventPage, Happening, RunId, Runs, Source, State};
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Chain;
use gatelet_core::records::StoreError;
use gatelet_core::tenant::TenantId;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Desk;
use crate::attachment::Attachment;
use crate::problem::Problem;
use crate::{Gate, Scope};

/// The most events in one answer.
const PAGE: u16 = 500;
/// The longest that an answer waits for an event.
const WAIT: Duration = Duration::from_secs(20);
/// How often a caller asks again that gets no stream, in seconds.
const EVERY_S: u64 = 2;
/// How often is looked for new events while somebody waits.
const LOOK: Duration = Duration::from_millis(300);
/// How often a stream says that it is still there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// The longest that a stream goes on. Whoever wants more proves anew who they are.
const STREAM: Duration = Duration::from_secs(30);

/// Waits on behalf of whoever asked. Hosts that keep a connection open put it into each request's extensions; without
/// it every answer is given at once.
#[derive(Clone)]
pub struct Patience(Arc<Pause>);

/// Waits for so long and tells whether to go on: not when the process is to end.
type Pause = dyn Fn(Duration) -> BoxFuture<'static, bool> + Send + Sync;

impl Patience {
    /// That waits in this way.
    pub fn new(
        pause: impl Fn(Duration) -> BoxFuture<'static, bool> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(pause))
    }

    async fn pause(&self, span: Duration) -> bool {
        (self.0)(span).await
    }
}

/// Which events are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventsQuery {
    after: Option<u32>,
    wait: Option<u64>,
}

/// Some events of a run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Events)]
pub struct EventsView {
    /// Each with `seq`, `at_ms`, `kind`, and what its kind brings.
    #[schema(value_type = Vec<Object>)]
    events: Vec<Event>,
    /// The number of the run's latest event.
    seq: u32,
    /// Where the run stands.
    #[schema(value_type = String)]
    state: State,
    /// `stream` where the host sends events as they come, else `poll`.
    hint: &'static str,
    /// How often to ask, in seconds.
    every_s: u64,
}

/// A run that is watched.
struct Watch {
    gate: Gate,
    tenant: TenantId,
    id: RunId,
    after: u32,
}

impl Watch {
    async fn look(&self, now: Timestamp) -> Result<Option<EventPage>, StoreError> {
        let runs = Runs::new(&*self.gate.records, &*self.gate.random);
        runs.events((&self.tenant, &self.id), self.after, PAGE, now).await
    }
}

impl<S: Scope> Desk<S> {
    /// The events after a number, as the caller wants them.
    pub async fn events(
        &self,
        id: &str,
        query: &EventsQuery,
        (headers, patience): (&HeaderMap, Option<Patience>),
    ) -> Result<Response, Problem> {
        let run = self.run(id).await?;
        let resumed = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
        let after = query.after.unwrap_or(0).max(resumed.unwrap_or(0));
        let (gate, tenant, id) = (self.gate.clone(), run.tenant, run.id);
        let watch = Watch { gate, tenant, id, after };
        match patience {
            Some(patience) if wants_stream(headers) => {
                let ends_at = (self.now + STREAM).min(self.access().expires_at);
                Ok(stream(watch, patience, ends_at, self.now))
            }
            patience => {
                let hint = if patience.is_some() { "stream" } else { "poll" };
                let wait = Duration::from_secs(query.wait.unwrap_or(0)).min(WAIT);
                let page = self.wait_for(&watch, patience, wait).await?;
                let EventPage { events, seq, state } = page;
                Ok(Json(EventsView { events, seq, state, hint, every_s: EVERY_S }).into_response())
            }
        }
    }

    async fn wait_for(
        &self,
        watch: &Watch,
        patience: Option<Patience>,
        wait: Duration,
    ) -> Result<EventPage, Problem> {
        let until = self.now + wait;
        loop {
            let now = self.gate.clock.now();
            let page = watch.look(now).await?.ok_or(Problem::NotFound)?;
            if !page.events.is_empty() || page.state.is_final() || now >= until {
                return Ok(page);
            }
            match &patience {
                Some(patience) if patience.pause(LOOK).await => {}
                _ => return Ok(page),
            }
        }
    }

    /// The log of a run as text, a line each with its time and who wrote it.
    pub async fn log(&self, id: &str) -> Result<Attachment, Problem> {
        let run = self.run(id).await?;
        let (mut text, mut after) = (String::new(), 0);
        loop {
            let page = self.runs().events((&run.tenant, &run.id), after, PAGE, self.now).await?;
            let Some(page) = page.filter(|page| !page.events.is_empty()) else { break };
            for event in page.events {
                after = event.seq;
                write_log(&mut text, &event);
            }
        }
        let (name, media_type) = (format!("log-{id}.txt"), "text/plain; charset=utf-8".to_owned());
        Ok(Attachment { name, media_type, content: text.into() })
    }
}

fn write_log(text: &mut String, event: &Event) {
    let mut line = |source: &str, line: &str| {
        let (at, line) = (moment(event.at_ms), line.replace(['\r', '\n'], " "));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{at} {source} {line}");
    };
    match &event.what {
        Happening::Log { source, lines } => {
            let source = match source {
                Source::Script => "script ",
                Source::Gateway => "gateway",
            };
            for one in lines {
                line(source, one);
            }
        }
        Happening::LogCut => line("gateway", "[more was written than is kept]"),
        _ => {}
    }
}

/// A moment as RFC 3339 has it, in UTC with milliseconds.
fn moment(at_ms: u64) -> String {
    let (days, rest) = (at_ms / 86_400_000, at_ms % 86_400_000);
    // From days to a date of the Gregorian calendar, counted from the first of March of the year 0.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hours, minutes) = (rest / 3_600_000, rest / 60_000 % 60);
    let (seconds, millis) = (rest / 1_000 % 60, rest % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z")
}

fn wants_stream(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut kinds = accepted.flat_map(|value| value.split(','));
    kinds.any(|kind| kind.split(';').next().unwrap_or_default().trim() == "text/event-stream")
}

/// A stream under way.
struct Stream {
    watch: Watch,
    patience: Patience,
    ends_at: Timestamp,
    said_at: Timestamp,
    is_over: bool,
}

/// Server-sent events (HTML, section 9.2): each with its number as `id`, and a comment where there is nothing to say.
fn stream(watch: Watch, patience: Patience, ends_at: Timestamp, now: Timestamp) -> Response {
    let begun = Stream { watch, patience, ends_at, said_at: now, is_over: false };
    let pieces = unfold(begun, async |mut stream| {
        let piece = stream.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(piece)), stream))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    let kind = HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

impl Stream {
    /// What is sent next; `None` at the end. Whoever wants to go on then asks again, after the last number.
    async fn next(&mut self) -> Option<String> {
        while !self.is_over {
            let now = self.watch.gate.clock.now();
            let page = match self.watch.look(now).await {
                Ok(page) => page?,
                Err(error) => {
                    tracing::warn!(error = %Chain(&error), "a stream of events ends early");
                    return None;
                }
            };
            if let Some(last) = page.events.last() {
                self.watch.after = last.seq;
                self.is_over = page.state.is_final() && last.seq >= page.seq;
                self.said_at = now;
                return Some(page.events.iter().map(written).collect());
            }
            if page.state.is_final() || now >= self.ends_at {
                return None;
            }
            if now.since(self.said_at) >= HEARTBEAT {
                self.said_at = now;
                return Some(": still here\n\n".to_owned());
            }
            if !self.patience.pause(LOOK).await {
                return None;
            }
        }
        None
    }
}

fn written(event: &Event) -> String {
    let data = serde_json::json!(event);
    format!("id: {}\ndata: {data}\n\n", event.seq)
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn a_moment_is_written_in_utc() {
        assert_eq!(moment(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(moment(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(moment(1_795_349_045_678), "2026-11-22T12:04:05.678Z");
        assert_eq!(moment(4_107_542_400_000), "2100-03-01T00:00:00.000Z");
    }
}
