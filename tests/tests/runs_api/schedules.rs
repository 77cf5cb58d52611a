//! What starts by itself: when, how often, under which name, and what is said when it does not.

use std::time::Duration;

use futures::future::join;
use gatelet_core::audit::{Actor, TrailSpan, read_trail};
use gatelet_core::automation::{RunId, Runs, Scheduled, start_due};
use gatelet_core::clock::{Clock as _, Timestamp};
use gatelet_core::tenant::TenantId;
use gatelet_played::{Ask, Gateway, Loss, NOW, Port, Storm, Who};
use serde_json::Value;

use super::gateway;

const HOUR: Duration = Duration::from_hours(1);
const QUARTER: Duration = Duration::from_mins(15);

const NOTHING: Scheduled = Scheduled { begun: 0, passed_over: 0, unreadable: 0 };
const BEGUN: Scheduled = Scheduled { begun: 1, ..NOTHING };
const PASSED_OVER: Scheduled = Scheduled { passed_over: 1, ..NOTHING };

/// A gateway in which `cloud` is due a quarter past each hour, and which has seen that.
pub(crate) async fn scheduled() -> Gateway {
    let gateway = gateway().await;
    write(&gateway, "every_s = 3600\nat = 00:15:00\n");
    assert_eq!(due(&gateway).await, NOTHING, "what was due before is nobody's debt");
    gateway
}

/// Puts a schedule with this rhythm into the registry.
fn write(gateway: &Gateway, rhythm: &str) {
    let schedule = format!(
        "[tenants.acme.connections.main]\nkind = \"aws\"\nregion = \"eu\"\nsecret = \"connection-main\"\n\
         [tenants.acme.schedules.hourly]\nautomation = \"cloud\"\n{rhythm}\
         connections = {{ cloud = \"main\" }}\n[tenants.globex]"
    );
    gateway.store.registry.change("[tenants.globex]", &schedule);
}

/// Time passes, here and at the providers.
fn pass(gateway: &Gateway, span: Duration) {
    gateway.store.right_clock.set(gateway.clock.advance(span));
}

async fn due(gateway: &Gateway) -> Scheduled {
    start_due(&gateway.parts, gateway.clock.now()).await.unwrap()
}

fn acme() -> TenantId {
    TenantId::new("acme").unwrap()
}

/// The runs of the tenant, newest first.
async fn runs(gateway: &Gateway) -> Vec<Value> {
    let cookie = gateway.sign_in(Who::AMY).await;
    let listed = gateway.send(&Ask::page("/api/runs").cookie(&cookie)).await.json();
    listed["runs"].as_array().unwrap().clone()
}

/// Ends a run.
async fn end(gateway: &Gateway, run: &Value) {
    let id = RunId::new(run["id"].as_str().unwrap()).unwrap();
    let runs = Runs::new(&*gateway.parts.records, &*gateway.parts.random);
    runs.cancel(&acme(), &id, Actor::System("test"), gateway.clock.now()).await.unwrap();
}

/// What the trail says of schedules: what, and why.
async fn said(gateway: &Gateway) -> Vec<(String, String)> {
    let to = gateway.clock.now();
    let span = TrailSpan { from: NOW, to, cursor: None };
    let page = read_trail(&*gateway.parts.records, &acme(), &span, to).await.unwrap().unwrap();
    let of_schedules = page.entries.into_iter().filter(|entry| entry["action"] == "schedule.skip");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let told = of_schedules.map(|entry| {
        assert_eq!(entry["actor"], serde_json::json!({ "kind": "schedule", "id": "hourly" }));
        (text(&entry["resource"]), text(&entry["outcome"]))
    });
    told.collect()
}

fn at(minutes: u64) -> Timestamp {
    NOW + Duration::from_mins(minutes)
}

// Proves L 66.
#[tokio::test]
async fn what_is_due_starts_once_by_the_name_of_its_schedule() {
    let gateway = scheduled().await;
    pass(&gateway, QUARTER);
    let other = gateway.second_process();
    let (one, two) = join(due(&gateway), due(&other)).await;
    assert_eq!(one.begun + two.begun, 1, "two upkeeps at once make one run");
    assert_eq!(due(&gateway).await, NOTHING);
    assert_eq!(gateway.store.queue.take().len(), 1, "it is sent");
    let [run] = runs(&gateway).await.try_into().unwrap();
    assert_eq!(run["by"]["schedule"], "hourly");
    let expected =
        RunId::derive(&acme(), "schedule:hourly", "schedule", &at(15).secs().to_string());
    assert_eq!(run["id"], expected.as_str());
    let cookie = gateway.sign_in(Who::AMY).await;
    let shown = gateway.send(&Ask::page("/api/automations/cloud").cookie(&cookie)).await.json();
    let expected =
        serde_json::json!([{ "name": "hourly", "every_s": 3600, "next_at": at(75).secs() }]);
    assert_eq!(shown["schedules"], expected);
    let bob = gateway.sign_in(Who::BOB).await;
    let shown = gateway.send(&Ask::page("/api/automations/cloud").cookie(&bob)).await.json();
    assert_eq!(shown["schedules"], serde_json::json!([]), "another tenant's is nobody else's");
}

#[tokio::test]
async fn what_was_missed_runs_once_and_a_change_of_rhythm_owes_nothing() {
    let gateway = scheduled().await;
    pass(&gateway, HOUR * 50);
    assert_eq!(due(&gateway).await, BEGUN);
    assert_eq!(due(&gateway).await, NOTHING);
    let [run] = runs(&gateway).await.try_into().unwrap();
    end(&gateway, &run).await;
    gateway.store.registry.change("at = 00:15:00", "at = 00:59:00");
    pass(&gateway, QUARTER * 3);
    assert_eq!(due(&gateway).await, NOTHING, "it was 00:59 before, and not by this rhythm");
    pass(&gateway, QUARTER);
    assert_eq!(due(&gateway).await, BEGUN);
}

#[tokio::test]
async fn no_run_starts_over_one_that_goes_on_and_the_trail_says_so() {
    let gateway = scheduled().await;
    pass(&gateway, QUARTER);
    assert_eq!(due(&gateway).await, BEGUN);
    pass(&gateway, HOUR);
    assert_eq!(due(&gateway).await, PASSED_OVER);
    assert_eq!(due(&gateway).await, NOTHING);
    let moment = format!("schedule:hourly:{}", at(75).secs());
    assert_eq!(said(&gateway).await, [(moment, "still_going".to_owned())]);
    let [run] = runs(&gateway).await.try_into().unwrap();
    end(&gateway, &run).await;
    pass(&gateway, HOUR);
    assert_eq!(due(&gateway).await, BEGUN);
}

#[tokio::test]
async fn what_cannot_start_is_said_and_keeps_nothing_else_from_starting() {
    let gateway = scheduled().await;
    gateway
        .store
        .registry
        .change("connections = { cloud", "inputs = { days = 3 }\nconnections = { cloud");
    pass(&gateway, HOUR);
    assert_eq!(due(&gateway).await, PASSED_OVER);
    gateway.store.registry.change("automation = \"cloud\"", "automation = \"clood\"");
    pass(&gateway, HOUR);
    assert_eq!(due(&gateway).await, PASSED_OVER);
    let told: Vec<String> = said(&gateway).await.into_iter().map(|(_, why)| why).collect();
    assert_eq!(told, ["unknown_automation", "invalid_inputs"]);
    assert!(runs(&gateway).await.is_empty());
    gateway.store.registry.change("clood", "cloud");
    gateway.store.registry.change("inputs = { days = 3 }", "");
    pass(&gateway, HOUR);
    assert_eq!(due(&gateway).await, BEGUN);
}

#[tokio::test]
async fn a_tenant_that_may_do_nothing_or_lives_elsewhere_starts_nothing_here() {
    for (from, to) in [
        ("[tenants.acme]\n", "[tenants.acme]\nactive = false\n"),
        (
            "[tenants.acme]\ntitle = \"Acme Works\"\nregion = \"eu\"",
            "[tenants.acme]\nregion = \"us\"",
        ),
    ] {
        let gateway = scheduled().await;
        gateway.store.registry.change(from, to);
        pass(&gateway, HOUR);
        assert_eq!(due(&gateway).await, NOTHING);
        assert!(gateway.store.queue.take().is_empty());
    }
}

#[tokio::test]
async fn wherever_an_upkeep_dies_the_next_one_makes_the_moments_one_run() {
    for (port, loss) in [Port::Runs, Port::Registry]
        .into_iter()
        .flat_map(|port| [Loss::Refused, Loss::Lost, Loss::AnswerLost].map(|loss| (port, loss)))
    {
        for after in 0.. {
            let gateway = scheduled().await;
            // A minute later, so that the registry is asked for anew.
            pass(&gateway, QUARTER);
            gateway.weather.storm(Storm { port, after, lasts: true, loss });
            let stopped = start_due(&gateway.parts, gateway.clock.now()).await;
            let met = gateway.weather.calls(port) > after;
            gateway.weather.clear();
            // The next upkeep comes when the next moment has come too: the first one's turn is still the first.
            pass(&gateway, HOUR);
            let next = gateway.second_process();
            due(&next).await;
            due(&next).await;
            let begun = runs(&gateway).await;
            assert_eq!(begun.len(), 1, "{port:?} {loss:?} after {after}: {stopped:?}");
            if !met {
                break;
            }
        }
    }
}
