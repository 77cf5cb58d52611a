//! A browser: it keeps cookies, and sends each with the requests that browsers send it with.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use gatelet_edge::{Gate, Origin, front};
use http::{HeaderMap, Method, Request, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::provider::Person;
use crate::stage::Stage;

pub(crate) const SESSION: &str = "__Host-bff_session";

/// Somebody's browser.
#[derive(Clone, Default)]
pub(crate) struct Browser {
    pub(crate) jar: BTreeMap<String, Cookie>,
}

#[derive(Clone)]
pub(crate) struct Cookie {
    pub(crate) value: String,
    is_strict: bool,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.body);
        self.headers[header::LOCATION].to_str().unwrap()
    }

    /// The code of a refused navigation.
    pub(crate) fn refusal(&self) -> &str {
        let rest = self.location().strip_prefix("/error/").unwrap_or_else(|| {
            panic!("not refused, but sent to {}", self.location());
        });
        let (code, query) = rest.split_once("?trace=").unwrap();
        assert_eq!(query.split('&').next().map(str::len), Some(32));
        code
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn problem(&self) -> (u16, String) {
        let code = self.json()["code"].as_str().unwrap().to_owned();
        (self.status, code)
    }

    pub(crate) fn set_cookie(&self) -> Option<&str> {
        let mut all = self.headers.get_all(header::SET_COOKIE).iter();
        let one = all.next().map(|value| value.to_str().unwrap());
        assert!(all.next().is_none(), "one cookie an answer at most");
        one
    }
}

impl Browser {
    /// Somebody types an address, or clicks on a page of this site.
    pub(crate) async fn navigate(&mut self, stage: &Stage, site: &str, path: &str) -> Answer {
        let request = Request::get(path)
            .header("sec-fetch-site", site)
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document");
        let strict_too = matches!(site, "none" | "same-origin" | "same-site");
        self.send(stage, request.body(Body::empty()).unwrap(), strict_too).await
    }

    /// Our own page asks.
    pub(crate) async fn ask(&mut self, stage: &Stage, path: &str) -> Answer {
        let request = page(Request::get(path)).body(Body::empty()).unwrap();
        self.send(stage, request, true).await
    }

    /// Our own page sends a form.
    pub(crate) async fn post(&mut self, stage: &Stage, path: &str, form: &str) -> Answer {
        let request = page(Request::post(path))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(stage, request.body(Body::from(form.to_owned())).unwrap(), true).await
    }

    /// A request as it is, with what the browser has for it.
    pub(crate) async fn send(
        &mut self,
        stage: &Stage,
        mut request: Request<Body>,
        strict_too: bool,
    ) -> Answer {
        let sent = self.jar.iter().filter(|(_, cookie)| strict_too || !cookie.is_strict);
        let pairs: Vec<String> = sent.map(|(k, cookie)| format!("{k}={}", cookie.value)).collect();
        let headers = request.headers_mut();
        headers.entry(header::HOST).or_insert("gate.example".parse().unwrap());
        if !pairs.is_empty() {
            headers.append(header::COOKIE, pairs.join("; ").parse().unwrap());
        }
        let answer = serve(stage, request).await;
        if let Some(set) = answer.set_cookie() {
            let (pair, attributes) = set.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let is_strict = attributes.contains("SameSite=Strict");
            self.jar.insert(name.to_owned(), Cookie { value: value.to_owned(), is_strict });
        }
        answer
    }

    /// The whole way to a session: the click, the provider's page, the callback from another site.
    pub(crate) async fn sign_in(&mut self, stage: &Stage, path: &str, person: &Person) -> Answer {
        let begun = self.navigate(stage, "same-origin", path).await;
        let callback = stage.web.approve(begun.location(), person);
        self.navigate(stage, "cross-site", &callback).await
    }

    pub(crate) async fn is_signed_in(&mut self, stage: &Stage) -> bool {
        match self.ask(stage, "/auth/session").await.status {
            200 => true,
            401 => false,
            other => panic!("neither signed in nor out: {other}"),
        }
    }
}

/// What our own page adds to each request.
fn page(request: http::request::Builder) -> http::request::Builder {
    request
        .header("x-gatelet-csrf", "1")
        .header("sec-fetch-site", "same-origin")
        .header("sec-fetch-mode", "cors")
        .header("sec-fetch-dest", "empty")
}

/// A request that no browser of ours makes.
pub(crate) fn request(method: Method, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    headers.iter().fold(request, |r, (k, v)| r.header(*k, *v)).body(Body::empty()).unwrap()
}

async fn serve(stage: &Stage, request: Request<Body>) -> Answer {
    let gate = Gate::new(Arc::clone(&stage.parts));
    let service = front(login::routes(), gate, Origin::Host);
    let (head, body) = service.oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8(bytes.to_vec()).unwrap();
    Answer { status: head.status.as_u16(), headers: head.headers, body }
}
