//! Somebody with a browser, or with a client, who gets as far as the request in question.

use axum::Router;
use axum::body::Body;
use gatelet_core::token::Sha256Digest;
use http::{Request, Response, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;
use url::Url;

use crate::stage::{Stage, ask_pocket};

const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-one-0123456789";
const REDIRECT: &str = "http://127.0.0.1:5555/callback";

/// One person at a gateway in which everything works, with the cookies of their browser.
pub(crate) struct Visitor<'a> {
    stage: &'a Stage,
    gateway: Router,
    cookies: Vec<String>,
}

/// A request as a browser's window makes it.
fn navigation(path: &str) -> http::request::Builder {
    Request::get(path).header(header::HOST, "localhost:8787").header("sec-fetch-mode", "navigate")
}

fn nothing(request: http::request::Builder) -> Request<Body> {
    request.body(Body::empty()).unwrap()
}

fn location(answer: &Response<Body>) -> String {
    let location = answer.headers().get(header::LOCATION);
    let location = location.unwrap_or_else(|| unreachable!("{answer:?}"));
    location.to_str().unwrap().to_owned()
}

pub(crate) fn form(request: http::request::Builder, pairs: &[(&str, &str)]) -> Request<Body> {
    let mut url = Url::parse("http://localhost/").unwrap();
    url.query_pairs_mut().extend_pairs(pairs);
    let body = url.query().unwrap_or_default().to_owned();
    let media_type = "application/x-www-form-urlencoded";
    request.header(header::CONTENT_TYPE, media_type).body(Body::from(body)).unwrap()
}

/// A member of a JSON body, which is a text.
async fn member(answer: Response<Body>, name: &str) -> String {
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    let body: Value = serde_json::from_slice(&bytes).unwrap();
    body.get(name).and_then(Value::as_str).unwrap_or_else(|| unreachable!("{body}")).to_owned()
}

impl<'a> Visitor<'a> {
    pub(crate) fn new(stage: &'a Stage) -> Self {
        Self { stage, gateway: stage.process(None), cookies: Vec::new() }
    }

    pub(crate) fn window(&self, path: &str) -> Request<Body> {
        nothing(self.carrying(navigation(path)))
    }

    /// A request as our own page makes it.
    pub(crate) fn page(&self, request: http::request::Builder) -> http::request::Builder {
        let request = request.header(header::HOST, "localhost:8787");
        self.carrying(request.header("x-gatelet-csrf", "1").header("sec-fetch-site", "same-origin"))
    }

    /// A request of a program without cookies.
    pub(crate) fn program(request: http::request::Builder) -> http::request::Builder {
        request.header(header::HOST, "localhost:8787")
    }

    fn carrying(&self, request: http::request::Builder) -> http::request::Builder {
        if self.cookies.is_empty() {
            return request;
        }
        request.header(header::COOKIE, self.cookies.join("; "))
    }

    async fn send(&mut self, request: Request<Body>) -> Response<Body> {
        let answer = self.gateway.clone().oneshot(request).await.unwrap();
        for line in answer.headers().get_all(header::SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, _) = pair.split_once('=').unwrap();
            self.cookies.retain(|kept| kept.split_once('=').unwrap().0 != name);
            self.cookies.push(pair.to_owned());
        }
        answer
    }

    /// Goes to the provider and is chosen there. What is left is the way back: the callback's address.
    pub(crate) async fn proved(&mut self, start: &str, subject: &str) -> String {
        let begun = self.send(self.window(start)).await;
        let question = nothing(Request::get(location(&begun)));
        let people = ask_pocket(self.stage.provider(), question).await;
        let people = people.into_body().collect().await.unwrap().to_bytes();
        let people = String::from_utf8(people.to_vec()).unwrap();
        let (_, rest) = people.split_once("name=\"request\" value=\"").unwrap();
        let request = rest.split('"').next().unwrap();
        let chosen = form(
            Request::post("/authorize").header("origin", "http://127.0.0.1:8788"),
            &[("request", request), ("person", subject)],
        );
        let back = Url::parse(&location(&ask_pocket(self.stage.provider(), chosen).await)).unwrap();
        format!("{}?{}", back.path(), back.query().unwrap())
    }

    /// Ada, signed in.
    pub(crate) async fn signed_in(stage: &'a Stage) -> Self {
        let mut ada = Self::new(stage);
        let back = ada.proved("/auth/login/pocket?target=/", "ada").await;
        let answer = ada.send(ada.window(&back)).await;
        assert_eq!(location(&answer), "/");
        ada
    }

    /// Max, who is asked for one of two tenants, and the slot in which the question waits.
    pub(crate) async fn asked_to_choose(stage: &'a Stage) -> (Self, String) {
        let mut max = Self::new(stage);
        let back = max.proved("/auth/login/pocket?target=/", "max").await;
        let answer = max.send(max.window(&back)).await;
        let slot = location(&answer).strip_prefix("/?choose=").unwrap().to_owned();
        (max, slot)
    }

    /// The page's access token.
    pub(crate) async fn token(&mut self) -> String {
        let asked = nothing(self.page(Request::post("/auth/token")));
        member(self.send(asked).await, "access_token").await
    }

    /// The address at which a client begins.
    pub(crate) fn authorize() -> String {
        let challenge = Sha256Digest::of(VERIFIER.as_bytes());
        let challenge = base64_url(challenge.as_bytes());
        format!(
            "/auth/authorize?response_type=code&client_id=gatelet&redirect_uri={REDIRECT}\
             &code_challenge={challenge}&code_challenge_method=S256&state=s&provider=pocket"
        )
    }

    /// A form with which a client redeems its code.
    pub(crate) async fn code(stage: &'a Stage) -> Request<Body> {
        let mut ada = Self::new(stage);
        let back = ada.proved(&Self::authorize(), "ada").await;
        let answer = ada.send(ada.window(&back)).await;
        let url = Url::parse(&location(&answer)).unwrap();
        let code = url.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        let pairs = [
            ("grant_type", "authorization_code"),
            ("client_id", "gatelet"),
            ("code", &code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        form(Self::program(Request::post("/auth/token")), &pairs)
    }

    /// A client's refresh token.
    pub(crate) async fn refresh_token(stage: &'a Stage) -> String {
        let code = Self::code(stage).await;
        let answer = stage.process(None).oneshot(code).await.unwrap();
        member(answer, "refresh_token").await
    }
}

fn base64_url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
