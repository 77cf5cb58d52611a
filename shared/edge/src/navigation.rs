//! Navigations: requests that a browser's window makes, and answers that send it on.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use form_urlencoded::{Serializer, byte_serialize};
use gatelet_core::outage::Chain;
use gatelet_core::session::{Browser, SessionKey};
use gatelet_core::sign_in::{
    Begun, Carried, Failed, Finished, NotSignedIn, ReturnTarget, SignInRefusal,
};
use http::request::Parts as RequestParts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::form::Form;
use crate::problem::Problem;
use crate::trace::trace_of;
use crate::{Gate, TraceContext, cookie, csrf};

/// A navigation: what its handler may know of it, and the ways to answer.
///
/// A request is none when the browser says that a frame, a script or a prefetch makes it: those would begin and
/// end things without anybody's doing. Nor is a `HEAD`. Old browsers say nothing, and pass.
pub struct Navigation {
    query: Form,
    path_and_query: String,
    is_from_our_own: bool,
    session_key: Option<SessionKey>,
    carried: Carried,
    browser: Option<Browser>,
    trace: TraceContext,
}

/// What a request carries of sign-ins under way, whether or not it is a navigation.
pub struct CarriedSignIns {
    /// The cookies of the slots.
    pub carried: Carried,
    /// The browser that sent it.
    pub browser: Option<Browser>,
}

impl Navigation {
    /// The value of a parameter of the query. Each stands once, and one without a value counts as not sent.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name)
    }

    /// Whether a page of ours, or the person, began it, and no other site.
    #[must_use]
    pub const fn is_from_our_own(&self) -> bool {
        self.is_from_our_own
    }

    /// The key in the session cookie. Browsers do not send it when another site began the navigation.
    #[must_use]
    pub const fn session_key(&self) -> Option<&SessionKey> {
        self.session_key.as_ref()
    }

    /// The sign-ins under way.
    #[must_use]
    pub const fn carried(&self) -> &Carried {
        &self.carried
    }

    /// The browser that navigates.
    #[must_use]
    pub fn browser(&self) -> Option<Browser> {
        self.browser.clone()
    }

    /// Sends the browser on, with one cookie at most.
    #[must_use]
    pub fn go(&self, location: &str, cookie: Option<&str>) -> Response {
        see_other(location, cookie)
    }

    /// Sends the browser where a sign-in begins.
    #[must_use]
    pub fn begun(&self, gate: &Gate, begun: Result<Begun, Failed>) -> Response {
        match begun {
            Ok(Begun::AtProvider { location, slot, sealed }) => {
                let cookie = cookie::sign_in_cookie_value(&gate.base_url, slot, &sealed);
                self.go(location.as_str(), Some(&cookie))
            }
            Ok(Begun::Elsewhere(url) | Begun::ToClient(url)) => self.go(url.as_str(), None),
            Err(error) => self.failed(&error),
        }
    }

    /// Sends the browser where a sign-in led.
    #[must_use]
    pub fn finished(&self, gate: &Gate, finished: Result<Finished, Failed>) -> Response {
        match finished {
            Ok(Finished::SignedIn { key, target }) => {
                let cookie = cookie::session_cookie_value(&gate.base_url, &key);
                self.go(target.as_str(), Some(&cookie))
            }
            Ok(Finished::Choose { slot, sealed }) => {
                let cookie = cookie::sign_in_cookie_value(&gate.base_url, slot, &sealed);
                self.go(&format!("/choose-tenant?slot={slot}"), Some(&cookie))
            }
            Ok(Finished::Elsewhere(url) | Finished::ToClient(url)) => self.go(url.as_str(), None),
            Err(error) => self.failed(&error),
        }
    }

    /// Sends the browser to the sign-in page, which comes back here with the name of a provider.
    #[must_use]
    pub fn ask_for_provider(&self) -> Response {
        let here: String = byte_serialize(self.path_and_query.as_bytes()).collect();
        self.go(&format!("/sign-in?continue={here}"), None)
    }

    /// Sends the browser to the sign-in page, which says there what was said here, to the provider that is chosen.
    #[must_use]
    pub fn offer_providers(&self) -> Response {
        let query = self.path_and_query.find('?').and_then(|at| self.path_and_query.get(at..));
        self.go(&format!("/sign-in{}", query.unwrap_or_default()), None)
    }

    /// Sends the browser to the page that says in words why a sign-in came to nothing, and where it would have
    /// led. What was away is told to the log alone.
    #[must_use]
    pub fn failed(&self, failed: &Failed) -> Response {
        let code = match &failed.why {
            NotSignedIn::Outage(outage) => {
                let trace_id = self.trace.trace_id();
                tracing::error!(error = %Chain(outage), trace_id, "could not sign somebody in");
                "unavailable"
            }
            NotSignedIn::Refused(refusal) => refusal.code(),
        };
        refused(code, failed.target.as_ref(), &self.trace)
    }
}

impl FromRequestParts<Gate> for Navigation {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut RequestParts, gate: &Gate) -> Result<Self, Response> {
        if parts.method == Method::HEAD {
            return Err(Problem::MethodNotAllowed.into_response());
        }
        if !is_navigation(&parts.headers) {
            return Err(Problem::NotANavigation.into_response());
        }
        let trace = parts.extensions.get::<TraceContext>().cloned();
        let trace = trace.unwrap_or_else(|| trace_of(&parts.headers, gate));
        let query = parts.uri.query().unwrap_or_default();
        let query = Form::parse(query.as_bytes())
            .map_err(|_| refused(SignInRefusal::BadRequest.code(), None, &trace))?;
        let path_and_query = parts.uri.path_and_query().map(ToString::to_string);
        Ok(Self {
            query,
            path_and_query: path_and_query.unwrap_or_default(),
            is_from_our_own: is_from_our_own(&parts.headers),
            session_key: cookie::find_session_key(&parts.headers, &gate.base_url),
            carried: cookie::find_sign_ins(&parts.headers, &gate.base_url),
            browser: browser(&parts.headers),
            trace,
        })
    }
}

impl FromRequestParts<Gate> for CarriedSignIns {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut RequestParts, gate: &Gate) -> Result<Self, Infallible> {
        let carried = cookie::find_sign_ins(&parts.headers, &gate.base_url);
        Ok(Self { carried, browser: browser(&parts.headers) })
    }
}

/// The first page is where everybody ends who named no target, so it is not named either.
fn refused(code: &str, target: Option<&ReturnTarget>, trace: &TraceContext) -> Response {
    let mut query = Serializer::new(String::new());
    query.append_pair("trace", trace.trace_id());
    if let Some(target) = target.filter(|target| **target != ReturnTarget::home()) {
        query.append_pair("target", target.as_str());
    }
    see_other(&format!("/error/{code}?{}", query.finish()), None)
}

/// 303, so that whatever the browser sent is not sent again to where it goes (RFC 9700 §4.12).
fn see_other(location: &str, cookie: Option<&str>) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return Problem::Internal.into_response();
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(header::VARY, HeaderValue::from_static(csrf::VARY));
    if let Some(cookie) = cookie {
        let Ok(cookie) = HeaderValue::from_str(cookie) else {
            return Problem::Internal.into_response();
        };
        headers.insert(header::SET_COOKIE, cookie);
    }
    response
}

fn is_navigation(headers: &HeaderMap) -> bool {
    let says = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    let in_window = says("sec-fetch-dest").is_none_or(|destination| destination == b"document");
    let navigates = says("sec-fetch-mode").is_none_or(|mode| mode == b"navigate");
    in_window && navigates && says("sec-purpose").is_none() && says("purpose").is_none()
}

fn browser(headers: &HeaderMap) -> Option<Browser> {
    headers.get(header::USER_AGENT)?.to_str().ok().and_then(Browser::read)
}

fn is_from_our_own(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site");
    site.is_none_or(|site| site == "same-origin" || site == "none")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap())).collect()
    }

    // Proves std 49.
    #[test]
    fn a_frame_a_script_and_a_prefetch_do_not_navigate() {
        let window = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        assert!(is_navigation(&headers(&window)));
        assert!(is_navigation(&headers(&[])), "an old browser says nothing");
        for destination in ["iframe", "frame", "object", "embed", "fencedframe", "image", ""] {
            let pairs = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", destination)];
            assert!(!is_navigation(&headers(&pairs)), "{destination}");
        }
        for mode in ["cors", "no-cors", "same-origin", "websocket", "nested-navigate"] {
            assert!(!is_navigation(&headers(&[("sec-fetch-mode", mode)])), "{mode}");
        }
        assert!(!is_navigation(&headers(&[("sec-purpose", "prefetch;prerender")])));
    }

    #[test]
    fn another_site_that_navigates_is_known_by_the_browsers_word() {
        for site in ["same-origin", "none"] {
            assert!(is_from_our_own(&headers(&[("sec-fetch-site", site)])), "{site}");
        }
        assert!(is_from_our_own(&headers(&[])));
        for site in ["same-site", "cross-site", ""] {
            assert!(!is_from_our_own(&headers(&[("sec-fetch-site", site)])), "{site}");
        }
    }

    #[test]
    fn a_location_that_no_header_can_hold_is_not_sent() {
        let answer = see_other("/a\r\nset-cookie: x=y", None);
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let answer = see_other("/a", Some("x=y\r\nlocation: //evil.example"));
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
