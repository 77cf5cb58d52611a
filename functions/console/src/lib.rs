//! Serves the plain page, what belongs to it, and the API's description.

mod asset;

use gatelet_edge::openapi::Description;
use gatelet_edge::{Method, Routes};
use http::HeaderMap;

use self::asset::Asset;

const PAGE: Asset = Asset::new("text/html; charset=utf-8", include_str!("../site/index.html"));
const SCRIPT: Asset = Asset::new("text/javascript; charset=utf-8", include_str!("../site/page.js"));
const STYLE: Asset = Asset::new("text/css; charset=utf-8", include_str!("../site/page.css"));
const ICON: Asset = Asset::new("image/svg+xml", include_str!("../site/icon.svg"));
const DESCRIPTION: Asset =
    Asset::new("application/json", include_str!("../../../docs/reference/openapi.json"));

/// The routes of this function. None of them looks at a cookie, so a link from anywhere opens the page, and the
/// page's own requests carry the session.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .public("page", (Method::Get, "/"), async || PAGE.page())
        .describe(page)
        .public("page-script", (Method::Get, "/assets/page.js"), async |asked: HeaderMap| {
            SCRIPT.answer(&asked)
        })
        .describe(|it| file(it, "The page's script", "text/javascript"))
        .public("page-style", (Method::Get, "/assets/page.css"), async |asked: HeaderMap| {
            STYLE.answer(&asked)
        })
        .describe(|it| file(it, "The page's style sheet", "text/css"))
        .public("page-icon", (Method::Get, "/assets/icon.svg"), async |asked: HeaderMap| {
            ICON.answer(&asked)
        })
        .describe(|it| file(it, "The page's icon", "image/svg+xml"))
        .public("openapi", (Method::Get, "/.well-known/openapi.json"), async |asked: HeaderMap| {
            DESCRIPTION.answer(&asked)
        })
        .describe(|it| file(it, "This description", "application/json"))
}

fn page(it: Description) -> Description {
    it.summary("Show the page on which people sign in and see their session")
        .query("error", "The code of a sign-in that came to nothing")
        .query("trace", "The trace of that sign-in")
        .query("choose", "The slot of a sign-in for which a tenant must be chosen")
        .query("continue", "The request of an application that waits for a provider to be chosen")
        .text("text/html", "The page, which looks at the query itself")
}

fn file(it: Description, summary: &str, media_type: &str) -> Description {
    it.summary(summary)
        .text(media_type, "The file")
        .empty(304, "The copy with this `ETag` is current")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_brings_no_script_or_style_that_its_policy_would_not_load() {
        let answer = PAGE.page();
        let policy = answer.headers().get("content-security-policy").unwrap().to_str().unwrap();
        assert!(policy.contains("require-trusted-types-for 'script'"));
        assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"));
        assert_eq!(answer.headers().get("cache-control").unwrap(), "no-store");

        let page = include_str!("../site/index.html");
        for inline in ["<style", "style=", "onclick", "onload", "javascript:", "http:", "https:"] {
            assert!(!page.contains(inline), "{inline}");
        }
        for rest in page.split("<script").skip(1) {
            assert!(rest.starts_with(" type=\"module\" src=\"/assets/"), "{rest}");
        }
        let served = Routes::declared(&routes()).iter().map(|route| route.path).collect::<Vec<_>>();
        for attribute in ["src=\"", "href=\""] {
            for path in page.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(served.contains(&path), "{path} is no route");
            }
        }
    }

    #[test]
    fn text_of_the_gateway_never_becomes_markup() {
        let script = include_str!("../site/page.js");
        for way in
            ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "Function("]
        {
            assert!(!script.contains(way), "{way}");
        }
        for store in ["localStorage", "sessionStorage", "indexedDB", "document.cookie"] {
            assert!(!script.contains(store), "a token must not be kept in {store}");
        }
    }

    #[test]
    fn a_copy_is_used_only_after_the_gateway_said_that_it_is_current() {
        let first = SCRIPT.answer(&HeaderMap::new());
        assert_eq!(first.headers().get("cache-control").unwrap(), "no-cache");
        let tag = first.headers().get("etag").unwrap().clone();
        assert_ne!(STYLE.answer(&HeaderMap::new()).headers().get("etag").unwrap(), &tag);
        let again = HeaderMap::from_iter([(http::header::IF_NONE_MATCH, tag)]);
        assert_eq!(SCRIPT.answer(&again).status(), 304);
        assert_eq!(STYLE.answer(&again).status(), 200);
    }
}
