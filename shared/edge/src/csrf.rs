//! The defence against cross-site requests, for everything that is authorised by the cookie.

use http::{HeaderMap, header};
use url::Url;

use crate::problem::Problem;

/// The header that our own page adds to each request. Another site cannot add it without asking first
/// (a CORS preflight), and we answer no.
pub const CSRF_HEADER: &str = "x-gatelet-csrf";

/// What an answer depends on that was given, or refused, for where its request came from.
pub(crate) const VARY: &str = "sec-fetch-site, sec-fetch-mode, sec-fetch-dest, origin";

/// Lets a request pass that our own page sent: it has the header, and the browser says `same-origin` in
/// `Sec-Fetch-Site` or, where it does not know that header, names our origin in `Origin`. An older browser
/// sends neither with a same-origin read; there the header alone stands.
pub(crate) fn check(headers: &HeaderMap, base_url: &Url) -> Result<(), Problem> {
    let has_header = headers.get(CSRF_HEADER).is_some_and(|value| value == "1");
    let site = headers.get("sec-fetch-site");
    let origin = headers.get(header::ORIGIN);
    let ours = base_url.origin().ascii_serialization();
    let same_origin = match (site, origin) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => *origin == *ours,
        (None, None) => true,
    };
    if has_header && same_origin { Ok(()) } else { Err(Problem::NotFromOurPage) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers = pairs.iter().map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap())).collect();
        check(&headers, &Url::parse("https://gate.example").unwrap()).is_ok()
    }

    // Proves std 45, 46, 47, 48.
    #[test]
    fn lets_only_our_own_page_through() {
        let custom = (CSRF_HEADER, "1");
        assert!(passes(&[custom, ("sec-fetch-site", "same-origin")]));
        assert!(passes(&[custom, ("origin", "https://gate.example")]));
        assert!(passes(&[custom]));

        assert!(!passes(&[("sec-fetch-site", "same-origin")]), "without the header");
        assert!(!passes(&[(CSRF_HEADER, "yes"), ("sec-fetch-site", "same-origin")]));
        for site in ["cross-site", "same-site", "none", ""] {
            assert!(!passes(&[custom, ("sec-fetch-site", site)]), "{site}");
        }
        for origin in ["null", "https://gate.example.evil", "http://gate.example", ""] {
            assert!(!passes(&[custom, ("origin", origin)]), "{origin}");
        }
        let contradictory =
            [custom, ("sec-fetch-site", "cross-site"), ("origin", "https://gate.example")];
        assert!(!passes(&contradictory), "the browser's own word counts");
    }
}
