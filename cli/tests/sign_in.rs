//! The command line as a client: somebody signs in with a browser, and tokens come and go.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every file of tests uses all of it")]
mod gatelet;

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Child;
use std::time::{Duration, Instant};

use gatelet::{Desk, Said, free_port};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::Value;
use url::Url;

const NO: i32 = 1;

/// A gateway that runs.
struct Gateway {
    desk: Desk,
    port: String,
    server: Child,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A `gatelet login` that waits for its answer.
struct Waiting {
    child: Child,
    address: Url,
}

fn client() -> Client {
    Client::builder().redirect(Policy::none()).no_proxy().build().unwrap()
}

impl Gateway {
    async fn start() -> Self {
        let desk = Desk::new();
        let (port, provider_port) = (free_port(), free_port());
        let mut command = desk.command(&["--port", &port, "--provider-port", &provider_port]);
        let null = std::process::Stdio::null;
        let server = command.stdout(null()).stderr(null()).spawn().unwrap();
        let gateway = Self { desk, port, server };
        let deadline = Instant::now() + Duration::from_mins(1);
        let address = format!("{}/.well-known/jwks.json", gateway.origin());
        while client().get(&address).send().await.is_err() {
            assert!(Instant::now() < deadline, "the gateway does not answer");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        gateway
    }

    fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    fn run(&self, words: &[&str]) -> Said {
        self.desk.run(&[words, &["--port", &self.port]].concat())
    }

    /// Begins to sign in.
    fn login(&self, words: &[&str]) -> Waiting {
        let words = [&["login"], words, &["--port", &self.port]].concat();
        let mut child = self.desk.command(&words).spawn().unwrap();
        let lines = BufReader::new(child.stderr.as_mut().unwrap()).lines();
        let mut addresses =
            lines.map_while(Result::ok).filter_map(|line| Url::parse(line.trim()).ok());
        let address = addresses.next().unwrap();
        Waiting { child, address }
    }

    async fn me(&self, token: &str) -> Response {
        let address = format!("{}/api/me", self.origin());
        client().get(address).bearer_auth(token).send().await.unwrap()
    }
}

impl Waiting {
    /// Follows every redirect as a browser would, chooses somebody at the provider, and says where that ends: at
    /// the address on the loopback at which the command line waits, not yet visited.
    async fn browse(&self, person: &str) -> Url {
        let client = client();
        let (mut at, mut cookie) = (self.address.clone(), String::new());
        for _ in 0..10 {
            let answer = client.get(at.clone()).header(COOKIE, &cookie).send().await.unwrap();
            if let Some(set) = answer.headers().get(SET_COOKIE) {
                cookie = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            }
            let answer = if answer.status().is_redirection() {
                answer
            } else {
                let place = at.join("/authorize").unwrap();
                let page = answer.text().await.unwrap();
                let (_, rest) = page.split_once("name=\"request\" value=\"").unwrap();
                let form = format!("request={}&person={person}", rest.split('"').next().unwrap());
                client.post(place).body(form).send().await.unwrap()
            };
            at = at.join(answer.headers().get(LOCATION).unwrap().to_str().unwrap()).unwrap();
            if at.path() == "/callback" {
                return at;
            }
        }
        panic!("the way does not end");
    }

    fn end(self) -> (i32, String) {
        let output = self.child.wait_with_output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(said).unwrap())
    }
}

async fn visit(address: Url) -> String {
    client().get(address).send().await.unwrap().text().await.unwrap()
}

fn changed(address: &Url, name: &str, value: &str) -> Url {
    let mut other = address.clone();
    let pairs = address.query_pairs().map(|(key, old)| {
        let new = if key == name { value.to_owned() } else { old.into_owned() };
        (key.into_owned(), new)
    });
    let pairs: Vec<(String, String)> = pairs.collect();
    other.query_pairs_mut().clear().extend_pairs(pairs);
    other
}

#[tokio::test]
async fn somebody_signs_in_and_out_at_a_terminal() {
    let gateway = Gateway::start().await;
    let said = gateway.run(&["token"]);
    assert_eq!(said.code, NO, "{said:?}");
    assert!(said.err.contains("next   gatelet login"), "{said:?}");

    let waiting = gateway.login(&[]);
    let page = visit(waiting.browse("eda").await).await;
    assert!(page.contains("You can close this window"), "{page}");
    let (code, told) = waiting.end();
    assert_eq!(code, 0, "{told}");

    let file =
        gateway.desk.path().join(format!(".local/state/gatelet/localhost_{}.token", gateway.port));
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "nobody else can read the refresh token");
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(!told.contains(&kept), "it is not shown");

    let token = gateway.run(&["token"]);
    assert_eq!(token.code, 0, "{token:?}");
    let me: Value =
        serde_json::from_slice(&gateway.me(token.out.trim()).await.bytes().await.unwrap()).unwrap();
    assert_eq!(
        (me.get("role"), me.get("client_id")),
        (Some(&"editor".into()), Some(&"gatelet".into()))
    );
    assert_ne!(std::fs::read_to_string(&file).unwrap(), kept, "each use rotates it");

    let narrow = gateway.run(&["token", "--scope", "me", "--json"]);
    let narrow: Value = serde_json::from_str(&narrow.out).unwrap();
    assert_eq!(narrow.get("scope"), Some(&"me".into()));
    let refused = gateway.run(&["token", "--scope", "audit:read"]);
    assert_eq!(refused.code, NO, "an editor has it not");
    let trace = refused.err.lines().find_map(|line| line.strip_prefix("  trace  ")).unwrap();
    assert!(trace.len() == 32 && trace.bytes().all(|byte| byte.is_ascii_hexdigit()), "{trace}");
    assert_eq!(gateway.run(&["token"]).code, 0, "being refused a scope ends nothing");

    assert_eq!(gateway.run(&["logout"]).code, 0);
    assert!(!file.exists());
    assert_eq!(gateway.run(&["token"]).code, NO);
    std::fs::write(&file, kept).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(gateway.run(&["token"]).code, NO, "what was handed back is good nowhere");
}

#[tokio::test]
async fn commands_at_once_each_get_a_token_and_none_strands_the_others() {
    let gateway = Gateway::start().await;
    let waiting = gateway.login(&[]);
    visit(waiting.browse("vic").await).await;
    assert_eq!(waiting.end().0, 0);

    let words = ["token", "--port", &gateway.port];
    let children: Vec<Child> =
        (0..8).map(|_| gateway.desk.command(&words).spawn().unwrap()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(gateway.run(&["token"]).code, 0, "the family lives on");
}

#[tokio::test]
async fn an_answer_of_another_server_is_not_believed() {
    let gateway = Gateway::start().await;
    for iss in ["https://evil.example", ""] {
        let waiting = gateway.login(&[]);
        let arrived = waiting.browse("ada").await;
        visit(changed(&arrived, "state", "a-strangers-state")).await;
        visit(changed(&arrived, "iss", iss)).await;
        let (code, told) = waiting.end();
        assert_eq!(code, NO, "{told}");
        assert!(told.contains("error: the sign-in is not believed"), "{told}");
    }
    assert_eq!(gateway.run(&["token"]).code, NO);
}

#[tokio::test]
async fn whoever_turns_back_at_the_provider_is_not_signed_in() {
    let gateway = Gateway::start().await;
    let waiting = gateway.login(&[]);
    visit(waiting.browse("-").await).await;
    let (code, told) = waiting.end();
    assert_eq!(code, NO, "{told}");
    assert!(told.contains("error: you were not signed in\n  cause  access_denied"), "{told}");
}

#[tokio::test]
async fn a_sign_in_for_another_api_stands_beside_the_gateways_own() {
    let gateway = Gateway::start().await;
    let orders = ["--audience", "https://orders.example.com"];
    let waiting = gateway.login(&orders);
    visit(waiting.browse("eda").await).await;
    let (code, told) = waiting.end();
    assert_eq!(code, 0, "{told}");
    let token = gateway.run(&["token", "--audience", "https://orders.example.com"]);
    assert_eq!(token.code, 0, "{token:?}");
    assert_eq!(gateway.me(token.out.trim()).await.status(), 401, "it is no token for the gateway");
    assert_eq!(gateway.run(&["token"]).code, NO, "and not a sign-in for it");
}

#[test]
fn a_gateway_that_is_away_takes_nothing_from_anybody() {
    let desk = Desk::new();
    let port = free_port();
    let folder = desk.path().join(".local/state/gatelet");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(format!("localhost_{port}.token"));
    std::fs::write(&file, "kept").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    for words in
        [["token", "--port", &port], ["logout", "--port", &port], ["login", "--port", &port]]
    {
        let said = desk.run(&words);
        assert_eq!(said.code, 3, "an outage is no refusal: {said:?}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "kept");

    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let said = desk.run(&["token", "--port", &port]);
    assert_eq!(said.code, NO, "{said:?}");
    let words = said.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("could be read by others"), "{said:?}");
}

#[test]
fn tokens_travel_only_over_tls_or_to_this_machine() {
    let desk = Desk::new();
    for gateway in
        ["http://gate.example", "https://user:pw@gate.example", "https://gate.example/path"]
    {
        let said = desk.run(&["token", "--gateway", gateway]);
        assert_eq!(said.code, 64, "{said:?}");
    }
}
