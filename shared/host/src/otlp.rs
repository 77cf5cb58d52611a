//! The export of traces to an OpenTelemetry collector: OTLP over HTTP, as JSON
//! (<https://opentelemetry.io/docs/specs/otlp/#otlphttp>). Off unless `GATELET_OTLP_URL` is set, and then nothing of
//! this is built. What a collector does not take within two seconds is lost: no answer depends on it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

#[cfg(any(feature = "aws", feature = "azure"))]
use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
};
use gatelet_core::clock::Timestamp;
use gatelet_core::outage::Cause;
use gatelet_core::parts::Parts;
use gatelet_core::trace::{Span, SpanKind, Spans};
use http::header;
use reqwest::Client;
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use url::{Host, Url};

use crate::settings::Reader;

const SETTING: &str = "GATELET_OTLP_URL";
/// How long a collector may take, all in all.
const PATIENCE: Duration = Duration::from_secs(2);

/// The way to a collector.
pub(crate) struct Exporter {
    traces: Url,
    client: OnceLock<Client>,
}

impl Exporter {
    /// The exporter that the settings ask for, if they do.
    pub(crate) fn read(reader: &mut Reader) -> Option<Self> {
        let base = reader.optional_url(SETTING)?;
        match traces_of(&base) {
            Ok(traces) => Some(Self { traces, client: OnceLock::new() }),
            Err(problem) => {
                reader.mistake(SETTING, problem.into());
                None
            }
        }
    }

    /// Sends all spans that have ended.
    pub(crate) async fn flush(&self, spans: &Spans) {
        let ended = spans.take();
        if ended.is_empty() {
            return;
        }
        let count = ended.len();
        if let Err(error) = self.send(&ended).await {
            tracing::warn!(error, count, "traces were lost");
        }
    }

    async fn send(&self, spans: &[Span]) -> Result<(), Cause> {
        let body = document(spans).to_string();
        let call = self.client()?.post(self.traces.clone());
        let call = call.header(header::CONTENT_TYPE, "application/json").body(body);
        let answer = call.send().await.map_err(reqwest::Error::without_url)?;
        answer.error_for_status().map_err(reqwest::Error::without_url)?;
        Ok(())
    }

    fn client(&self) -> Result<&Client, reqwest::Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let built = Client::builder().redirect(Policy::none()).timeout(PATIENCE).build()?;
        Ok(self.client.get_or_init(|| built))
    }
}

/// The spans of a process, and the exporter that takes them, if one is asked for.
pub(crate) struct Export {
    exporter: Option<Exporter>,
    parts: Arc<Parts>,
}

impl Export {
    /// Spans are kept from now on, if there is an exporter.
    pub(crate) fn start(exporter: Option<Exporter>, parts: &Arc<Parts>) -> Arc<Self> {
        if exporter.is_some() {
            parts.memory.spans.turn_on();
        }
        Arc::new(Self { exporter, parts: Arc::clone(parts) })
    }

    /// Whether there is an exporter.
    pub(crate) const fn is_on(&self) -> bool {
        self.exporter.is_some()
    }

    /// Sends all spans that have ended.
    pub(crate) async fn flush(&self) {
        if let Some(exporter) = &self.exporter {
            exporter.flush(&self.parts.memory.spans).await;
        }
    }

    /// A service whose answers wait for the export, for a process that sleeps between two of them.
    #[cfg(any(feature = "aws", feature = "azure"))]
    pub(crate) fn around(self: &Arc<Self>, service: Router) -> Router {
        if !self.is_on() {
            return service;
        }
        let export = Arc::clone(self);
        service.layer(from_fn(move |request: Request, next: Next| {
            let export = Arc::clone(&export);
            async move {
                let answer = next.run(request).await;
                export.flush().await;
                answer
            }
        }))
    }
}

/// Where a collector takes traces. Beside the process, such as a Lambda extension's, it may be without TLS.
fn traces_of(base: &Url) -> Result<Url, &'static str> {
    let is_beside = match base.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if base.scheme() != "https" && !(base.scheme() == "http" && is_beside) {
        return Err("must be https (http is for this machine only)");
    }
    if !base.username().is_empty() || base.password().is_some() || base.query().is_some() {
        return Err("must not hold a user name, password or query");
    }
    let path = base.path().trim_end_matches('/');
    let mut traces = base.clone();
    traces.set_path(&format!("{path}/v1/traces"));
    Ok(traces)
}

/// An `ExportTraceServiceRequest` (opentelemetry-proto, `trace_service.proto`).
fn document(spans: &[Span]) -> Value {
    let spans: Vec<Value> = spans.iter().map(written).collect();
    json!({ "resourceSpans": [{
        "resource": { "attributes": attributes(&[("service.name", "gatelet".into())]) },
        "scopeSpans": [{
            "scope": { "name": "gatelet", "version": env!("CARGO_PKG_VERSION") },
            "spans": spans,
        }],
    }] })
}

fn written(span: &Span) -> Value {
    let Span { context, name, kind, began, ended, facts, has_failed } = span;
    let kind = match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Consumer => 5,
    };
    json!({
        "traceId": context.trace_id(),
        "spanId": context.span_id(),
        "parentSpanId": context.parent_id().unwrap_or_default(),
        "name": name,
        "kind": kind,
        "startTimeUnixNano": nanos(*began),
        "endTimeUnixNano": nanos(*ended),
        "attributes": attributes(facts),
        "status": { "code": if *has_failed { 2 } else { 0 } },
    })
}

/// JSON has 64-bit integers as text here, as in all of protobuf's.
fn nanos(at: Timestamp) -> String {
    format!("{}000000", at.millis())
}

fn attributes(facts: &[(&'static str, Value)]) -> Vec<Value> {
    let typed = |value: &Value| match value.as_u64() {
        Some(number) => json!({ "intValue": number.to_string() }),
        None => json!({ "stringValue": value }),
    };
    facts.iter().map(|(name, value)| json!({ "key": name, "value": typed(value) })).collect()
}
