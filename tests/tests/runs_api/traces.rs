//! One trace from the request through the queue into the attempt: which spans there are, and what does not stand in
//! them.

use gatelet_core::automation::{RunId, Runs, start_due};
use gatelet_core::clock::Clock as _;
use gatelet_core::tenant::TenantId;
use gatelet_core::trace::{Span, SpanKind};
use gatelet_played::{Gateway, Who};

use super::{carry_out, gateway};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CLICK: &str = "b7ad6b7169203331";

/// Starts `review` under this `traceparent` and carries it out. Gives the run's id.
async fn traced(gateway: &Gateway, traceparent: &str) -> String {
    let cookie = gateway.sign_in(Who::AMY).await;
    let upload = gateway.upload(&cookie).await;
    let _: Vec<Span> = gateway.parts.memory.spans.take();
    let ask = Gateway::starting(&cookie, &upload, "k").header("traceparent", traceparent);
    let id = gateway.send(&ask).await.text("id").unwrap();
    carry_out(gateway).await;
    id
}

#[tokio::test]
async fn the_click_the_request_and_the_attempt_are_one_trace_without_anybodys_values() {
    let gateway = gateway().await;
    gateway.parts.memory.spans.turn_on();
    let id = traced(&gateway, &format!("00-{TRACE}-{CLICK}-01")).await;
    let spans = gateway.parts.memory.spans.take();
    let [request, attempt] = spans.as_slice() else { panic!("{spans:?}") };
    assert_eq!(request.name, "POST /api/automations/{name}/runs");
    assert_eq!((request.kind, request.has_failed), (SpanKind::Server, false));
    assert_eq!(request.context.parent_id(), Some(CLICK));
    assert_eq!((attempt.name.as_str(), attempt.kind), ("attempt", SpanKind::Consumer));
    assert_eq!(attempt.context.parent_id(), Some(request.context.span_id()));
    assert!(spans.iter().all(|span| span.context.trace_id() == TRACE));
    let told = format!("{spans:?}");
    for value in ["a.csv", "review", "acme", "amy", &id] {
        assert!(!told.contains(value), "{value} stands in {told}");
    }

    let run = RunId::new(id.as_str()).unwrap();
    let (tenant, now) = (TenantId::new("acme").unwrap(), gateway.clock.now());
    let runs = Runs::new(&*gateway.parts.records, &*gateway.parts.random);
    let run = runs.find(&tenant, &run, now).await.unwrap().unwrap();
    let of_attempt = run.attempt_trace().unwrap();
    assert_eq!(of_attempt.span_id(), attempt.context.span_id(), "what the script is given");
}

#[tokio::test]
async fn what_is_not_to_be_recorded_or_exported_is_not_kept() {
    let gateway = gateway().await;
    traced(&gateway, &format!("00-{TRACE}-{CLICK}-01")).await;
    assert!(gateway.parts.memory.spans.take().is_empty(), "nobody exports");
    let gateway = super::gateway().await;
    gateway.parts.memory.spans.turn_on();
    traced(&gateway, &format!("00-{TRACE}-{CLICK}-00")).await;
    assert!(gateway.parts.memory.spans.take().is_empty(), "the caller does not record");
}

#[tokio::test]
async fn a_scheduled_run_begins_a_trace_of_its_own() {
    let gateway = super::schedules::scheduled().await;
    gateway.parts.memory.spans.turn_on();
    gateway.clock.advance(std::time::Duration::from_hours(1));
    start_due(&gateway.parts, gateway.clock.now()).await.unwrap();
    carry_out(&gateway).await;
    let spans = gateway.parts.memory.spans.take();
    let [schedule, attempt] = spans.as_slice() else { panic!("{spans:?}") };
    assert_eq!((schedule.name.as_str(), schedule.context.parent_id()), ("schedule", None));
    assert_eq!(attempt.context.parent_id(), Some(schedule.context.span_id()));
}
