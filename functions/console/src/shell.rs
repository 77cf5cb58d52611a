//! The one page of the console, which stands at every address that is nobody else's.

use axum::response::Response;
use gatelet_core::sign_in::RESERVED;
use gatelet_edge::{Keep, Problem};
use http::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY};
use http::{HeaderMap, Uri};

use crate::embedded::SHELL;

/// What the page may do: load its own files and talk to its own origin. No text can become markup or script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// What of the machine the page may use: the clipboard to copy to, and keys to sign in with.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), \
    clipboard-write=(self), display-capture=(), encrypted-media=(), fullscreen=(), \
    geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), \
    picture-in-picture=(), publickey-credentials-get=(self), screen-wake-lock=(), serial=(), \
    usb=(), xr-spatial-tracking=()";

/// The page, at an address where one can be. It needs no cookie, so a link from anywhere opens it, and the page's
/// own requests carry the session.
pub(crate) async fn shell(uri: Uri, asked: HeaderMap) -> Result<Response, Problem> {
    if is_page(uri.path()) { Ok(page(&asked)) } else { Err(Problem::NotFound) }
}

fn page(asked: &HeaderMap) -> Response {
    let mut answer = SHELL.answer(asked, Keep::WhileCurrent);
    // Also on a 304, whose headers replace those that the browser has kept (RFC 9111 §3.2).
    let headers = answer.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    for (name, value) in
        [("cross-origin-opener-policy", "same-origin"), ("permissions-policy", PERMISSIONS)]
    {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    answer
}

/// Whether a page can stand at this path: it is not the server's, spelt however, and does not ask for a file.
fn is_page(path: &str) -> bool {
    let path = path.strip_prefix('/').unwrap_or(path);
    let (first, _) = path.split_once('/').unwrap_or((path, ""));
    let (_, last) = path.rsplit_once('/').unwrap_or(("", path));
    let is_reserved = RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(first));
    !is_reserved && !first.contains('%') && !last.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_stands_at_every_address_but_those_of_the_server_and_of_files() {
        for page in ["/", "/account", "/t/acme", "/t/acme/runs/1", "/t/a%20b", "/error/x", "/authx"]
        {
            assert!(is_page(page), "{page}");
        }
        for other in [
            "/auth",
            "/auth/nothing",
            "/AUTH/session",
            "/%61uth/session",
            "/api/x",
            "/.well-known/x",
            "/assets/0/x",
            "/healthz",
            "/attempts/x",
            "/favicon.ico",
            "/t/acme/x.js",
        ] {
            assert!(!is_page(other), "{other}");
        }
    }

    #[test]
    fn the_page_brings_its_policy_also_when_the_browser_has_it_already() {
        let first = page(&HeaderMap::new());
        let known = first.headers().get("etag").unwrap().clone();
        let again = page(&HeaderMap::from_iter([(http::header::IF_NONE_MATCH, known)]));
        assert_eq!((first.status().as_u16(), again.status().as_u16()), (200, 304));
        for answer in [first, again] {
            let policy = answer.headers().get("content-security-policy").unwrap();
            let policy = policy.to_str().unwrap();
            assert!(policy.contains("require-trusted-types-for 'script'"));
            assert!(
                !policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http")
            );
            assert_eq!(answer.headers().get("cache-control").unwrap(), "no-cache");
            assert_eq!(answer.headers().get("referrer-policy").unwrap(), "same-origin");
            assert_eq!(answer.headers().get("cross-origin-opener-policy").unwrap(), "same-origin");
        }
    }
}
