//! Requests as pages, browsers, clients and strangers send them, and the answers.

use axum::body::Body;
use gatelet_edge::CSRF_HEADER;
use http::{HeaderMap, Request, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;
use url::Url;

use crate::gateway::Gateway;

/// A request that can be sent any number of times.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The method.
    pub method: &'static str,
    /// Path and query, as they stand in the request line.
    pub path: String,
    /// The headers. Each name may stand more than once.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Ask {
    /// Nothing but a method and a path, addressed to us.
    pub fn bare(method: &'static str, path: impl Into<String>) -> Self {
        let ask = Self { method, path: path.into(), headers: Vec::new(), body: Vec::new() };
        ask.header("host", "gate.example")
    }

    /// Somebody clicks on a page of ours, or types an address.
    pub fn navigate(path: impl Into<String>) -> Self {
        Self::coming_from("same-origin", path)
    }

    /// Another site sends the browser here.
    pub fn coming_from(site: &str, path: impl Into<String>) -> Self {
        Self::bare("GET", path)
            .header("sec-fetch-site", site)
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
    }

    /// Our own page reads.
    pub fn page(path: impl Into<String>) -> Self {
        Self::bare("GET", path).from_our_page()
    }

    /// Our own page sends a form.
    pub fn page_form(path: impl Into<String>, form: &[(&str, &str)]) -> Self {
        Self::form(path, form).from_our_page()
    }

    /// A client without a cookie sends a form.
    pub fn form(path: impl Into<String>, form: &[(&str, &str)]) -> Self {
        let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut ask = Self::bare("POST", path);
        ask.body = text.into_bytes();
        ask.header("content-type", "application/x-www-form-urlencoded")
    }

    /// The same with the marks that our own page and its browser set.
    #[must_use]
    pub fn from_our_page(self) -> Self {
        self.header(CSRF_HEADER, "1").header("sec-fetch-site", "same-origin")
    }

    /// Our own page sends JSON.
    pub fn json(method: &'static str, path: impl Into<String>, body: &Value) -> Self {
        let mut ask = Self::bare(method, path).from_our_page();
        ask.body = body.to_string().into_bytes();
        ask.header("content-type", "application/json")
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// The same with a cookie.
    #[must_use]
    pub fn cookie(self, pair: &str) -> Self {
        self.header("cookie", pair)
    }

    /// The same with a bearer token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// The request, if HTTP has a form for it.
    #[must_use]
    pub fn request(&self) -> Option<Request<Body>> {
        let start = Request::builder().method(self.method).uri(&self.path);
        let add = |request: http::request::Builder, (name, value): &(String, Vec<u8>)| {
            request.header(name, value.as_slice())
        };
        let request = self.headers.iter().fold(start, add);
        request.body(Body::from(self.body.clone())).ok()
    }
}

impl Gateway {
    /// Sends a request that HTTP has a form for.
    pub async fn send(&self, ask: &Ask) -> Answer {
        self.try_send(ask).await.unwrap_or_else(|| panic!("no HTTP request: {ask:?}"))
    }

    /// Sends a request. `None` where HTTP has no form for it, so that it can never arrive.
    pub async fn try_send(&self, ask: &Ask) -> Option<Answer> {
        let request = ask.request()?;
        let (head, body) = self.service.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Some(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }
}

impl Answer {
    /// The one value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.get_all(name).iter();
        let one = all.next().map(|value| value.to_str().unwrap());
        assert!(all.next().is_none(), "{name} stands once at most");
        one
    }

    /// Where a navigation is sent.
    #[must_use]
    pub fn location(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.body);
        self.header("location").unwrap()
    }

    /// A parameter of the address that a navigation is sent to.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        let base = Url::parse("https://gate.example").unwrap();
        let url = base.join(self.location()).unwrap();
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// Why a navigation came to nothing: the code of the page it is sent to, or what a client is told.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        let told = self.location().strip_prefix("/error/").and_then(|rest| rest.split('?').next());
        told.map(str::to_owned).or_else(|| self.parameter("error"))
    }

    /// `name=value` of the cookie that is set.
    #[must_use]
    pub fn cookie(&self) -> Option<&str> {
        self.header(header::SET_COOKIE.as_str()).and_then(|set| set.split(';').next())
    }

    /// The body as JSON; null where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// A member of the body that is text.
    #[must_use]
    pub fn text(&self, member: &str) -> Option<String> {
        self.json()[member].as_str().map(str::to_owned)
    }

    /// Status and code of a problem, or of an OAuth error.
    #[must_use]
    pub fn code(&self) -> (u16, String) {
        let code = self.text("code").or_else(|| self.text("error"));
        (
            self.status,
            code.unwrap_or_else(|| panic!("{} is no problem: {}", self.status, self.body)),
        )
    }

    /// Whether it lets somebody in: it hands out a session, a token or a code.
    #[must_use]
    pub fn lets_in(&self) -> bool {
        let session = self.cookie().is_some_and(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            name.ends_with("bff_session") && !value.is_empty()
        });
        let sends = self.headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
        let code = sends.is_some_and(|to| to.contains("code=") && !to.contains("response_type="));
        session || self.body.contains("_token\":") || (code && !self.asks_provider())
    }

    fn asks_provider(&self) -> bool {
        self.location().contains("code_challenge=")
    }
}
