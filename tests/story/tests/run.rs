//! One run, told on every host at once and set side by side: asked for with a file, carried out by the runner of that
//! host, and read by those who may.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a broken story fails the test")]

use std::sync::Arc;
use std::time::Duration;

use gatelet_contracts::runs::run_request;
use gatelet_core::audit::{Verdict, verify};
use gatelet_core::automation::{Claim, RunId, Runs};
use gatelet_core::clock::Clock;
use gatelet_core::tenant::TenantId;
use gatelet_host::{SystemClock, SystemRandom};
use gatelet_story::aws::AwsStage;
use gatelet_story::azure::AzureStage;
use gatelet_story::local::LocalStage;
use gatelet_story::{
    Answer, Browser, Front, PROVIDER, Rows, Scene, Stage, eventually, project, side_by_side,
};
use http::Method;
use serde_json::{Value, json};
use url::Url;

const AUTOMATION: &str = "access-review";
/// How many of its runs a tenant has at once, as its manifest says.
const AT_ONCE: usize = 5;

/// The steps in their order, and what comes of each on every host.
const PROMISED: [(&str, &str); 18] = [
    ("see the automation", "200 Access review"),
    ("upload the sample", "201"),
    ("start without a key", "400 idempotency_key_missing"),
    ("start", "201 queued"),
    ("start again", "200 the same"),
    ("start something else so", "422 idempotency_mismatch"),
    ("watch it", "succeeded, attempt 1"),
    ("where it ran", "level 1 or better, probed"),
    ("its log", "200 text/plain; charset=utf-8"),
    ("its table", "200 account,finding,severity,last_sign_in,days,roles,advice"),
    ("its file", "200 as long as was said"),
    ("its evidence", "complete, and leads to its head"),
    ("cancel it now", "409 run_over"),
    ("cancel one that waits", "202 cancelled"),
    ("ask as another tenant", "404 not_found"),
    ("its evidence so", "404 not_found"),
    ("read the trail as editor", "403 insufficient_scope"),
    ("and as admin", "200 acme's alone"),
];

// Proves std 119; L 42, 63.
#[test]
#[ignore = "needs MiniStack, Azurite, the doubles and the provider: cargo xtask test starts them"]
fn the_same_run_goes_the_same_way_on_every_host() {
    side_by_side(&PROMISED, run);
}

fn run(host: &str, rows: &Rows) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let scene = async |base_url: &Url| Scene::with_provider(base_url).await;
        let front = Front::open().await;
        let stage: Arc<dyn Stage> = match host {
            "local" => Arc::new(LocalStage::with(scene).await),
            "AWS" => Arc::new(AwsStage::behind(front.address(), scene).await),
            _ => Arc::new(AzureStage::behind(front.address(), scene).await),
        };
        front.serve(Arc::clone(&stage));
        tell(&*stage, rows).await;
    });
}

async fn tell(stage: &dyn Stage, rows: &Rows) {
    stage.tick().await;
    let token = token_of(stage, "ada").await;
    let story = Story { stage, rows, token };
    let file = story.a_person_finds_something_to_run().await;
    let run = story.she_starts_it_once(&file).await;
    story.it_is_carried_out(&run).await;
    story.it_leaves_what_it_found(&run).await;
    story.she_ends_another(&run, &file).await;
    story.nobody_else_sees_it(&run).await;
}

/// Signs in and takes a token, as a page does.
async fn token_of(stage: &dyn Stage, login: &str) -> String {
    let mut browser = Browser::new(stage);
    browser.sign_in(&format!("/auth/login/{PROVIDER}?target=home"), login).await;
    let answer = browser.fetch(Method::POST, "/auth/token", "").await;
    text(&answer.expect(200)["access_token"])
}

struct Story<'a> {
    stage: &'a dyn Stage,
    rows: &'a Rows,
    token: String,
}

impl Story<'_> {
    async fn a_person_finds_something_to_run(&self) -> String {
        let answer = self.get(&format!("/api/automations/{AUTOMATION}")).await;
        let title = answer.body["title"].clone();
        self.note("see the automation", &answer, &title);
        let sample = project().join("automations").join(AUTOMATION).join("accounts.csv");
        let sample = std::fs::read_to_string(sample).unwrap();
        let headers = [("content-type", "text/csv"), ("x-gatelet-file", "accounts.csv")];
        let answer = self.post("/api/uploads", &headers, &sample).await;
        self.note("upload the sample", &answer, &Value::Null);
        text(&answer.body["id"])
    }

    async fn she_starts_it_once(&self, file: &str) -> String {
        let body = json!({ "inputs": { "accounts": file } });
        let path = format!("/api/automations/{AUTOMATION}/runs");
        let headers = [("content-type", "application/json")];
        let answer = self.post(&path, &headers, &body.to_string()).await;
        self.note_code("start without a key", &answer);
        let answer = self.start("\"one\"", &body).await;
        self.note("start", &answer, &answer.body["state"]);
        let run = text(&answer.body["id"]);
        let answer = self.start("\"one\"", &body).await;
        let same = if answer.body["id"] == run { "the same" } else { "another" };
        self.note("start again", &answer, &same.into());
        let other = json!({ "inputs": { "accounts": file, "dormant_after_days": 7 } });
        self.note_code("start something else so", &self.start("\"one\"", &other).await);
        run
    }

    async fn it_is_carried_out(&self, run: &str) {
        let path = format!("/api/runs/{run}");
        let run = eventually("the run ends", async || {
            let run = self.get(&path).await.expect(200);
            (!["queued", "leased", "running"].contains(&&*text(&run["state"]))).then_some(run)
        })
        .await;
        let code = run["code"].as_str().map(|code| format!(" {code}")).unwrap_or_default();
        let (state, attempt) = (text(&run["state"]), &run["attempt"]);
        self.rows.row("watch it", format!("{state}{code}, attempt {attempt}"));
        let sandbox = &run["sandbox"];
        let probed = sandbox["probes"].as_array().is_some_and(|probes| !probes.is_empty());
        let level = sandbox["level"].as_u64().unwrap_or_default();
        let (better, probed) = if (level >= 1, probed) == (true, true) {
            ("level 1 or better", "probed")
        } else {
            ("too open", "or not probed")
        };
        self.rows.row("where it ran", format!("{better}, {probed}"));
    }

    async fn it_leaves_what_it_found(&self, run: &str) {
        let of = |what: &str| format!("/api/runs/{run}{what}");
        let log = self.get(&of("/log")).await;
        let kind = log.headers["content-type"].to_str().unwrap();
        self.note("its log", &log, &kind.into());
        let table = self.get(&of("/result.csv")).await;
        let header = table.text.lines().next().unwrap_or_default();
        self.note("its table", &table, &header.into());

        let shown = self.get(&of("")).await.expect(200);
        let artifact = &shown["artifacts"][0];
        let file = self.get(&of(&format!("/artifacts/{}", text(&artifact["name"])))).await;
        let whole = artifact["bytes"] == file.text.len();
        let told = if whole { "as long as was said" } else { "another" };
        self.note("its file", &file, &told.into());

        let evidence = self.get(&of("/evidence")).await;
        let head = shown["audit"]["head"].as_str().unwrap();
        let leads = match verify(evidence.text.as_bytes()) {
            Verdict::Complete(checked) => checked[0].head.hash == head,
            _ => false,
        };
        let told = if leads { "complete, and leads to its head" } else { "not as it was" };
        self.rows.row("its evidence", told.into());
    }

    async fn she_ends_another(&self, run: &str, file: &str) {
        let answer = self.post(&format!("/api/runs/{run}/cancel"), &[], "").await;
        self.note_code("cancel it now", &answer);
        self.others_take_every_place().await;
        let body = json!({ "inputs": { "accounts": file } });
        let waiting = text(&self.start("\"two\"", &body).await.expect(201)["id"]);
        let answer = self.post(&format!("/api/runs/{waiting}/cancel"), &[], "").await;
        self.note("cancel one that waits", &answer, &answer.body["state"]);
    }

    /// A worker that is not there holds as many runs as there may be at once, for a minute.
    async fn others_take_every_place(&self) {
        let runs = Runs::new(self.stage.records(), &SystemRandom);
        let tenant = TenantId::new("acme").unwrap();
        for number in 0..AT_ONCE {
            let now = SystemClock.now();
            let id = RunId::derive(&tenant, "grace", "another route", &number.to_string());
            let mut request = run_request(&tenant, id.clone(), now);
            (request.automation, request.limit) = (AUTOMATION.into(), AT_ONCE);
            request.deadline = now + Duration::from_mins(10);
            runs.request(&request, now).await.unwrap();
            assert!(matches!(runs.claim(&tenant, &id, now).await.unwrap(), Claim::Granted(_)));
        }
    }

    async fn nobody_else_sees_it(&self, run: &str) {
        let edsger = self.of("edsger").await;
        self.note_code("ask as another tenant", &edsger.get(&format!("/api/runs/{run}")).await);
        let answer = edsger.get(&format!("/api/runs/{run}/evidence")).await;
        self.note_code("its evidence so", &answer);
        self.note_code("read the trail as editor", &self.get("/api/audit").await);
        let answer = self.of("grace").await.get("/api/audit").await;
        let records = answer.body["records"].as_array().unwrap();
        let ours = !records.is_empty() && records.iter().all(|record| record["tenant"] == "acme");
        let told = if ours { "acme's alone" } else { "not what it should be" };
        self.note("and as admin", &answer, &told.into());
    }

    /// The same story for somebody else.
    async fn of(&self, login: &str) -> Self {
        Self { token: token_of(self.stage, login).await, ..*self }
    }

    async fn start(&self, key: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        let path = format!("/api/automations/{AUTOMATION}/runs");
        self.post(&path, &headers, &body.to_string()).await
    }

    async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = [headers, &[("authorization", bearer.as_str())]].concat();
        self.stage.send(Method::POST, path, &headers, body).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.stage.get(path, &[("authorization", &format!("Bearer {}", self.token))]).await
    }

    fn note(&self, step: &'static str, answer: &Answer, what: &Value) {
        let status = answer.status.as_u16();
        let what = what.as_str().map_or_else(|| what.to_string(), str::to_owned);
        let told = if what == "null" { status.to_string() } else { format!("{status} {what}") };
        self.rows.row(step, told);
    }

    fn note_code(&self, step: &'static str, answer: &Answer) {
        self.note(step, answer, &answer.body["code"]);
    }
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
