//! A browser as far as signing in needs one: it follows redirects between the gateway and the provider, keeps
//! each one's cookies by path, and fills in the provider's forms.

use http::{HeaderMap, Method, header};
use reqwest::Client;
use url::{Origin, Url};

use crate::scene::provider_client;
use crate::{Answer, Stage, setting};

/// The most redirects between two pages.
const HOPS: usize = 12;

/// One person's browser.
pub struct Browser<'a> {
    stage: &'a dyn Stage,
    provider: Client,
    provider_origin: Origin,
    cookies: Vec<Cookie>,
}

struct Cookie {
    origin: Origin,
    path: String,
    name: String,
    value: String,
}

/// Where a navigation has ended.
pub struct Page {
    /// Its address. For a server that is neither the gateway nor the provider it was not asked for.
    pub url: Url,
    /// Its status; `None` where nobody was asked.
    pub status: Option<u16>,
    /// Its text.
    pub text: String,
}

impl<'a> Browser<'a> {
    /// A fresh browser before this gateway.
    pub fn new(stage: &'a dyn Stage) -> Self {
        let issuer = Url::parse(&setting("TEST_OIDC_ISSUER")).expect("an address");
        Self {
            stage,
            provider: provider_client(),
            provider_origin: issuer.origin(),
            cookies: Vec::new(),
        }
    }

    /// Opens a path of the gateway and signs in with the provider where that asks for it.
    pub async fn sign_in(&mut self, path: &str, login: &str) -> Page {
        let mut page = self.open(path).await;
        while let Some((action, form)) = page.form(login) {
            page = self.navigate(Method::POST, action, Some(form)).await;
        }
        page
    }

    /// Opens a path of the gateway and follows redirects to a page.
    pub async fn open(&mut self, path: &str) -> Page {
        let url = self.stage.base_url().join(path).expect("a path");
        self.navigate(Method::GET, url, None).await
    }

    /// Sends a request as the gateway's own page does.
    pub async fn fetch(&mut self, method: Method, path: &str, form: &str) -> Answer {
        let url = self.stage.base_url().join(path).expect("a path");
        let cookies = self.cookies_for(&url);
        let mut headers = vec![
            ("cookie", cookies.as_str()),
            (gatelet_edge::CSRF_HEADER, "1"),
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-mode", "cors"),
        ];
        if method == Method::POST {
            headers.push(("content-type", "application/x-www-form-urlencoded"));
        }
        let answer = self.stage.send(method, path, &headers, form).await;
        self.keep(&url, &answer.headers);
        answer
    }

    async fn navigate(&mut self, mut method: Method, mut url: Url, form: Option<String>) -> Page {
        let mut form = form.unwrap_or_default();
        for _ in 0..HOPS {
            let (status, headers, text) = if url.origin() == self.stage.base_url().origin() {
                self.ask_gateway(&method, &url, &form).await
            } else if url.origin() == self.provider_origin {
                self.ask_provider(&method, &url, &form).await
            } else {
                return Page { url, status: None, text: String::new() };
            };
            self.keep(&url, &headers);
            let Some(location) = headers.get(header::LOCATION) else {
                return Page { url, status: Some(status), text };
            };
            url = url.join(location.to_str().expect("a text")).expect("an address");
            (method, form) = (Method::GET, String::new());
        }
        panic!("more than {HOPS} redirects, the last to {url}");
    }

    async fn ask_gateway(
        &self,
        method: &Method,
        url: &Url,
        form: &str,
    ) -> (u16, HeaderMap, String) {
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let cookies = self.cookies_for(url);
        let headers = [
            ("cookie", cookies.as_str()),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
            ("accept", "text/html"),
        ];
        let answer = self.stage.send(method.clone(), path, &headers, form).await;
        (answer.status.as_u16(), answer.headers, answer.body.to_string())
    }

    async fn ask_provider(
        &self,
        method: &Method,
        url: &Url,
        form: &str,
    ) -> (u16, HeaderMap, String) {
        let mut request = self.provider.request(method.clone(), url.clone());
        request = request.header(header::COOKIE, self.cookies_for(url));
        if method == Method::POST {
            let kind = "application/x-www-form-urlencoded";
            request = request.header(header::CONTENT_TYPE, kind).body(form.to_owned());
        }
        let answer = request.send().await.expect("the provider answers");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        (status, headers, answer.text().await.expect("the whole body arrives"))
    }

    fn cookies_for(&self, url: &Url) -> String {
        let sent = self.cookies.iter().filter(|cookie| {
            let below = url.path().strip_prefix(cookie.path.as_str());
            cookie.origin == url.origin()
                && below.is_some_and(|rest| {
                    rest.is_empty() || cookie.path.ends_with('/') || rest.starts_with('/')
                })
        });
        let pairs: Vec<String> =
            sent.map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        pairs.join("; ")
    }

    /// Keeps what an answer sets, and drops what it ends.
    fn keep(&mut self, url: &Url, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().expect("a text");
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').expect("a pair");
            let attribute = |wanted: &str| {
                attributes.split(';').find_map(|it| {
                    let (name, value) = it.trim().split_once('=').unwrap_or((it.trim(), ""));
                    name.eq_ignore_ascii_case(wanted).then_some(value)
                })
            };
            let over = attribute("max-age") == Some("0")
                || attribute("expires").is_some_and(|date| date.contains("1970"));
            let path = attribute("path").unwrap_or("/").to_owned();
            let (origin, name) = (url.origin(), name.trim().to_owned());
            self.cookies.retain(|it| (&it.origin, &it.path, &it.name) != (&origin, &path, &name));
            if !over {
                self.cookies.push(Cookie { origin, path, name, value: value.to_owned() });
            }
        }
    }
}

impl Page {
    /// The provider's form on this page, filled in, and where it goes.
    fn form(&self, login: &str) -> Option<(Url, String)> {
        let (_, rest) = self.text.split_once("action=\"")?;
        let (action, _) = rest.split_once('"')?;
        let field = if self.text.contains("name=\"login\"") {
            format!("prompt=login&login={login}&password=any")
        } else if self.text.contains("value=\"consent\"") {
            "prompt=consent".to_owned()
        } else {
            return None;
        };
        Some((self.url.join(action).ok()?, field))
    }
}
