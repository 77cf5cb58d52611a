//! The story: a stranger, a signed-in person and a run, on each platform in the same words.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a broken story fails the test")]

use std::time::Duration;

use gatelet_contracts::runs::run_request;
use gatelet_core::audit::ChainHead;
use gatelet_core::automation::{OPEN_SHARDS, OpenRuns, Requested, RunId, Runs, State};
use gatelet_core::clock::Clock;
use gatelet_core::identity::{Facts, Person};
use gatelet_core::records::list_all;
use gatelet_core::session::{Sessions, SignIn};
use gatelet_core::tenant::TenantId;
use gatelet_core::token::RsaPublicKey;
use gatelet_edge::{CSRF_HEADER, session_cookie_name};
use gatelet_host::{SystemClock, SystemRandom};
use gatelet_story::aws::AwsStage;
use gatelet_story::azure::AzureStage;
use gatelet_story::local::LocalStage;
use gatelet_story::{Scene, Stage, eventually};

#[tokio::test]
#[ignore = "needs the built executables: cargo xtask test builds them"]
async fn local() {
    tell(&LocalStage::set_up().await).await;
}

#[tokio::test]
#[ignore = "needs MiniStack: cargo xtask test starts it"]
async fn aws() {
    let stage = AwsStage::set_up(async |_| Scene::empty()).await;
    tell(&stage).await;
    stage.try_every_right();
}

#[tokio::test]
#[ignore = "needs Azurite and the Key Vault double: cargo xtask test starts them"]
async fn azure() {
    tell(&AzureStage::set_up(async |_| Scene::empty()).await).await;
}

async fn tell(stage: &dyn Stage) {
    a_page_stands_at_every_address_that_is_nobody_elses(stage).await;
    a_minute_passes_and_there_is_one_key(stage).await;
    a_session_is_seen_by_its_own_page_until_it_ends(stage).await;
    a_run_whose_sender_died_is_carried_out_once(stage).await;
}

async fn a_page_stands_at_every_address_that_is_nobody_elses(stage: &dyn Stage) {
    let first = stage.get("/", &[]).await;
    assert_eq!(
        (first.status.as_u16(), &first.headers["cache-control"]),
        (200, &"no-cache".parse().unwrap())
    );
    for path in ["/account", "/t/acme/runs/1?state=failed"] {
        let page = stage.get(path, &[("accept-encoding", "gzip")]).await;
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8", "{path}: {page:?}");
        assert_eq!(page.headers["content-encoding"], "gzip", "{path}");
        assert_eq!(page.headers["etag"], first.headers["etag"], "{path}");
        assert_eq!(
            page.headers["content-security-policy"],
            first.headers["content-security-policy"]
        );
        let known = first.headers["etag"].to_str().unwrap();
        let again = stage.get(path, &[("if-none-match", known)]).await;
        assert_eq!(again.status.as_u16(), 304, "{path}");
    }
    for path in ["/auth/nothing", "/assets/0123456789abcdef/icon.svg", "/favicon.ico"] {
        assert_eq!(stage.get(path, &[]).await.expect(404)["code"], "not_found", "{path}");
    }
    assert_eq!(stage.get("/healthz", &[]).await.expect(200)["ok"], true);
}

async fn a_minute_passes_and_there_is_one_key(stage: &dyn Stage) {
    stage.tick().await;
    let set = stage.get("/.well-known/jwks.json", &[]).await.expect(200);
    stage.tick().await;
    assert_eq!(stage.get("/.well-known/jwks.json", &[]).await.expect(200), set, "one key stays");

    assert_eq!(set["keys"].as_array().unwrap().len(), 1);
    let key = &set["keys"][0];
    let public = RsaPublicKey::from_jwk(key["n"].as_str().unwrap(), key["e"].as_str().unwrap());
    assert_eq!(key["kid"], public.unwrap().thumbprint().as_str());
    assert_eq!((key["kty"].as_str(), key["alg"].as_str()), (Some("RSA"), Some("RS256")));
}

async fn a_session_is_seen_by_its_own_page_until_it_ends(stage: &dyn Stage) {
    let path = "/auth/session";
    assert_eq!(stage.get(path, &[]).await.expect(401)["code"], "sign_in_required");

    let sessions = Sessions::new(stage.records(), &SystemRandom);
    let ada = SignIn {
        tenant: TenantId::new("acme").unwrap(),
        role: "editor".into(),
        facts: Facts {
            provider_session: Some("at-the-provider".into()),
            ..Facts::of(
                "example",
                Person { issuer: "https://idp.example".into(), subject: "ada".into() },
            )
        },
    };
    let (key, _) = sessions.begin(ada, None, SystemClock.now()).await.unwrap();
    let cookie = format!("other=1; {}={}", session_cookie_name(stage.base_url()), key.expose());
    let page = [("cookie", &*cookie), (CSRF_HEADER, "1"), ("sec-fetch-site", "same-origin")];

    let seen = stage.get(path, &page).await.expect(200);
    assert_eq!((seen["tenant"].as_str(), seen["role"].as_str()), (Some("acme"), Some("editor")));
    let elsewhere = [("cookie", &*cookie), ("sec-fetch-site", "cross-site")];
    assert_eq!(stage.get(path, &elsewhere).await.expect(403)["code"], "not_from_our_page");

    sessions.end(&key, SystemClock.now()).await.unwrap();
    assert_eq!(stage.get(path, &page).await.expect(401)["code"], "sign_in_required");
}

async fn a_run_whose_sender_died_is_carried_out_once(stage: &dyn Stage) {
    let runs = Runs::new(stage.records(), &SystemRandom);
    let tenant = TenantId::new("acme").unwrap();
    let id = RunId::derive(&tenant, "ada", "POST /api/automations/x/runs", "key-1");
    let request = run_request(&tenant, id, SystemClock.now());
    let long_ago = SystemClock.now().before(Duration::from_secs(31));
    assert!(matches!(runs.request(&request, long_ago).await.unwrap(), Requested::New(_)));

    stage.tick().await;
    let run = eventually("the run ends", async || {
        let run = runs.find(&tenant, &request.id, SystemClock.now()).await.unwrap().unwrap();
        run.state.is_final().then_some(run)
    })
    .await;
    assert_eq!((run.state, run.code.as_deref()), (State::Failed, Some("unknown_automation")));
    assert_eq!(run.fence, 1, "it was claimed once");

    let partition = gatelet_core::automation::partition(&tenant, &request.id).unwrap();
    let now = SystemClock.now();
    let stored = list_all(stage.records(), &partition, None, now).await.unwrap();
    let audit = stored.iter().filter(|record| record.key.as_str().starts_with("audit:"));
    assert_eq!(ChainHead::walk(audit.map(|record| &record.body[..])), Some(run.audit));

    stage.tick().await;
    let open = OpenRuns::new(stage.records(), &SystemRandom);
    for shard in 0..OPEN_SHARDS {
        assert_eq!(open.of_shard(shard, SystemClock.now()).await.unwrap(), [], "nothing is open");
    }
}
