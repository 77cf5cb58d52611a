//! One sign-in, told on every host at once and set side by side: with the real provider, a session, tokens for the
//! page and for a client without a cookie, and all of it taken back.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a broken story fails the test")]

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use gatelet_story::aws::AwsStage;
use gatelet_story::azure::AzureStage;
use gatelet_story::local::LocalStage;
use gatelet_story::{
    Answer, Browser, CLIENT, CLIENT_REDIRECT, PROVIDER, Rows, Scene, Stage, eventually,
    side_by_side,
};
use http::Method;
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

/// The pair of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const TOKEN: &str = "/auth/token";

/// The steps in their order, and what comes of each on every host.
const PROMISED: [(&str, &str); 26] = [
    ("list the providers", "200 Example"),
    ("session before", "401 sign_in_required"),
    ("sign in", "200 /"),
    ("session after", "200 editor of acme"),
    ("extend it", "200 acme"),
    ("token for the page", "200 me runs:read runs:write"),
    ("call the API with it", "200 editor"),
    ("and without one", "401 sign_in_required"),
    ("code for a client", "code iss state"),
    ("redeem it with another verifier", "400 invalid_grant"),
    ("redeem a new one", "200 me runs:read runs:write"),
    ("call the API as the client", "200 gatelet"),
    ("refresh", "200 Bearer"),
    ("fifty refreshes at once", "50 of 200, 1 successor"),
    ("the successor", "200 Bearer"),
    ("revoke", "200"),
    ("refresh after that", "400 invalid_grant"),
    ("call the API after that", "401 invalid_token"),
    ("the page's token still", "200"),
    ("sign out", "200 true"),
    ("session after that", "401 sign_in_required"),
    ("the page's token after that", "401 invalid_token"),
    ("sign in without a tenant", "no_tenant"),
    ("and no session", "401 sign_in_required"),
    ("a token that was used long ago", "400 invalid_grant"),
    ("and the newest after that", "400 invalid_grant"),
];

// Proves std 1, 2, 3, 69, 72; L 1.
#[test]
#[ignore = "needs MiniStack, Azurite, the Key Vault double and the provider: cargo xtask test starts them"]
fn the_same_sign_in_goes_the_same_way_on_every_host() {
    side_by_side(&PROMISED, run);
}

fn run(host: &str, rows: &Rows) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let scene = async |base_url: &Url| Scene::with_provider(base_url).await;
        match host {
            "local" => tell(&LocalStage::with(scene).await, rows).await,
            "AWS" => tell(&AwsStage::set_up(scene).await, rows).await,
            _ => tell(&AzureStage::set_up(scene).await, rows).await,
        }
    });
}

async fn tell(stage: &dyn Stage, rows: &Rows) {
    stage.tick().await;
    let mut story = Story { stage, browser: Browser::new(stage), rows };
    story.a_person_signs_in().await;
    let page_token = story.the_page_gets_a_token().await;
    let tokens = story.a_client_gets_tokens().await;
    story.the_client_loses_them(&tokens).await;
    story.the_person_signs_out(&page_token).await;
    story.who_belongs_nowhere_stays_outside().await;
    story.a_thief_ends_the_family().await;
}

struct Story<'a> {
    stage: &'a dyn Stage,
    browser: Browser<'a>,
    rows: &'a Rows,
}

/// What a client without a cookie holds.
struct Tokens {
    access: String,
    refresh: String,
}

impl Story<'_> {
    async fn a_person_signs_in(&mut self) {
        let answer = self.stage.get("/auth/providers", &[]).await;
        let title = answer.body["providers"][0]["title"].clone();
        self.note("list the providers", &answer, &title);

        let answer = self.browser.fetch(Method::GET, "/auth/session", "").await;
        self.note_code("session before", &answer);

        let begin = format!("/auth/login/{PROVIDER}?target=home");
        let page = self.browser.sign_in(&begin, "ada").await;
        self.row("sign in", format!("{} {}", page.status.unwrap(), tail(&page.url)));

        let answer = self.browser.fetch(Method::GET, "/auth/session", "").await;
        let (tenant, role) = (text(&answer.body["tenant"]), text(&answer.body["role"]));
        self.row("session after", format!("{} {role} of {tenant}", answer.status.as_u16()));
        let answer = self.browser.fetch(Method::POST, "/auth/session/extend", "").await;
        let tenant = answer.body["tenant"].clone();
        self.note("extend it", &answer, &tenant);
    }

    async fn the_page_gets_a_token(&mut self) -> String {
        let answer = self.browser.fetch(Method::POST, TOKEN, "").await;
        let scope = answer.body["scope"].clone();
        self.note("token for the page", &answer, &scope);
        assert!(answer.body.get("refresh_token").is_none(), "a page never gets one");
        let token = text(&answer.body["access_token"]);
        let answer = self.me(&token).await;
        let role = answer.body["role"].clone();
        self.note("call the API with it", &answer, &role);
        let answer = self.stage.get("/api/me", &[]).await;
        self.note_code("and without one", &answer);
        token
    }

    async fn a_client_gets_tokens(&mut self) -> Tokens {
        let code = self.code_for_a_client().await;
        self.row("code for a client", code.keys().cloned().collect::<Vec<_>>().join(" "));
        let wrong = self.redeem(&code["code"], CHALLENGE).await;
        self.note("redeem it with another verifier", &wrong, &wrong.body["error"]);

        // Whatever has become of that code, the next one is a new sign-in.
        let code = self.code_for_a_client().await;
        let answer = self.redeem(&code["code"], VERIFIER).await;
        self.note("redeem a new one", &answer, &answer.body["scope"]);
        let first = Tokens::of(&answer.body);
        let answer = self.me(&first.access).await;
        let client = answer.body["client_id"].clone();
        self.note("call the API as the client", &answer, &client);

        let answer = self.refresh(&first.refresh).await;
        self.note("refresh", &answer, &answer.body["token_type"]);
        let second = Tokens::of(&answer.body);
        assert_ne!(second.refresh, first.refresh, "each refresh token is used once");
        self.many_at_once(&second).await
    }

    /// Fifty presenters of one token, whichever processes they meet, get one and the same successor.
    async fn many_at_once(&self, tokens: &Tokens) -> Tokens {
        let answers = join_all((0..50).map(|_| self.refresh(&tokens.refresh))).await;
        let good = answers.iter().filter(|answer| answer.status.as_u16() == 200);
        let successors: BTreeSet<_> =
            answers.iter().map(|answer| answer.body["refresh_token"].to_string()).collect();
        let outcome = format!("{} of 200, {} successor", good.count(), successors.len());
        self.row("fifty refreshes at once", outcome);
        let successor = Tokens::of(&answers[0].body);
        let answer = self.refresh(&successor.refresh).await;
        self.note("the successor", &answer, &answer.body["token_type"]);
        Tokens::of(&answer.body)
    }

    /// Somebody presents a token whose successor was used: nobody has the family after that.
    async fn a_thief_ends_the_family(&mut self) {
        let code = self.code_for_a_client().await;
        let stolen = Tokens::of(&self.redeem(&code["code"], VERIFIER).await.body);
        let second = Tokens::of(&self.refresh(&stolen.refresh).await.body);
        let newest = Tokens::of(&self.refresh(&second.refresh).await.body);
        let answer = self.refresh(&stolen.refresh).await;
        self.note("a token that was used long ago", &answer, &answer.body["error"]);
        let answer = self.refresh(&newest.refresh).await;
        self.note("and the newest after that", &answer, &answer.body["error"]);
    }

    /// Signs in for the client, and returns what its address was told.
    async fn code_for_a_client(&mut self) -> BTreeMap<String, String> {
        let query = form(&[
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("redirect_uri", CLIENT_REDIRECT),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("state", "the client's own"),
        ]);
        let page = self.browser.sign_in(&format!("/auth/authorize?{query}"), "ada").await;
        assert!(page.url.as_str().starts_with(CLIENT_REDIRECT), "{}", page.url);
        let sent: BTreeMap<_, _> = page.url.query_pairs().into_owned().collect();
        assert_eq!(sent["state"], "the client's own");
        assert_eq!(sent["iss"], self.stage.base_url().as_str().trim_end_matches('/'));
        sent
    }

    async fn redeem(&self, code: &str, verifier: &str) -> Answer {
        let grant = [
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT),
            ("redirect_uri", CLIENT_REDIRECT),
            ("code", code),
            ("code_verifier", verifier),
        ];
        self.post(TOKEN, &grant).await
    }

    async fn the_client_loses_them(&mut self, tokens: &Tokens) {
        let form = [("token", tokens.refresh.as_str()), ("client_id", CLIENT)];
        let answer = self.post("/auth/revoke", &form).await;
        self.note("revoke", &answer, &Value::Null);
        let answer = self.refresh(&tokens.refresh).await;
        self.note("refresh after that", &answer, &answer.body["error"]);
        let answer = self.refused(&tokens.access).await;
        self.note_code("call the API after that", &answer);
    }

    async fn the_person_signs_out(&mut self, token: &str) {
        let answer = self.me(token).await;
        self.note("the page's token still", &answer, &Value::Null);
        let answer = self.browser.fetch(Method::POST, "/auth/logout", "").await;
        self.note("sign out", &answer, &answer.body["signed_out"]);
        let answer = self.browser.fetch(Method::GET, "/auth/session", "").await;
        self.note_code("session after that", &answer);
        let answer = self.refused(token).await;
        self.note_code("the page's token after that", &answer);
    }

    async fn who_belongs_nowhere_stays_outside(&mut self) {
        let mut browser = Browser::new(self.stage);
        let page = browser.sign_in(&format!("/auth/login/{PROVIDER}"), "eve").await;
        let code = page.url.path().strip_prefix("/error/").unwrap_or_default();
        self.row("sign in without a tenant", code.to_owned());
        let answer = browser.fetch(Method::GET, "/auth/session", "").await;
        self.note_code("and no session", &answer);
    }

    async fn me(&self, token: &str) -> Answer {
        self.stage.get("/api/me", &[("authorization", &format!("Bearer {token}"))]).await
    }

    /// The refusal that follows when a token was taken back: every process knows of it within seconds.
    async fn refused(&self, token: &str) -> Answer {
        eventually("the token is refused", async || {
            let answer = self.me(token).await;
            (answer.status.as_u16() != 200).then_some(answer)
        })
        .await
    }

    async fn refresh(&self, token: &str) -> Answer {
        let grant =
            [("grant_type", "refresh_token"), ("client_id", CLIENT), ("refresh_token", token)];
        self.post(TOKEN, &grant).await
    }

    /// As a client without a cookie does.
    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        self.stage.send(Method::POST, path, &kind, &form(fields)).await
    }

    fn note(&self, step: &'static str, answer: &Answer, what: &Value) {
        let status = answer.status.as_u16();
        let what = what.as_str().map_or_else(|| what.to_string(), str::to_owned);
        self.row(
            step,
            if what == "null" { status.to_string() } else { format!("{status} {what}") },
        );
    }

    fn note_code(&self, step: &'static str, answer: &Answer) {
        self.note(step, answer, &answer.body["code"]);
    }

    fn row(&self, step: &'static str, outcome: String) {
        self.rows.row(step, outcome);
    }
}

impl Tokens {
    fn of(answer: &Value) -> Self {
        Self { access: text(&answer["access_token"]), refresh: text(&answer["refresh_token"]) }
    }
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn form(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn tail(url: &Url) -> &str {
    &url[url::Position::BeforePath..]
}
