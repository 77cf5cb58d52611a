//! Serves the console: its one page at every address of its own, the files that belong to it, and the API's
//! description. All of them are part of the executable; none of the routes looks at a cookie.

mod shell;

use axum::extract::Path;
use axum::response::Response;
use gatelet_edge::openapi::Description;
use gatelet_edge::{Asset, Keep, Method, Problem, Routes};
use http::{HeaderMap, header};

use self::shell::shell;

mod embedded {
    use gatelet_edge::Asset;

    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

/// The routes of this function.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .public("shell", (Method::Get, "/"), shell)
        .describe(|it| page(it, "Show the console's first page"))
        .public("shell-path", (Method::Get, "/{*path}"), shell)
        .describe(|it| {
            page(it, "Show a page of the console")
                .about(
                    "Every page is the same document, which looks at the address itself. Addresses of \
                     the server and of files are never a page.",
                )
                .path("path", "Where the page stands: any number of segments")
                .problems(&[Problem::NotFound])
        })
        .public("asset", (Method::Get, "/assets/{version}/{*file}"), versioned)
        .describe(|it| {
            file(it, "Load a file of the console", "text/javascript")
                .about("It never changes: another version of the console has another address.")
                .path("version", "The version, as it stands in the page")
                .path("file", "The file: any number of segments")
                .problems(&[Problem::NotFound])
        })
        .public("client", (Method::Get, "/assets/gatelet.js"), async |asked: HeaderMap| {
            stable("gatelet.js", &asked)
        })
        .describe(|it| file(it, "The browser client, for applications to import", "text/javascript"))
        .public("client-types", (Method::Get, "/assets/gatelet.d.ts"), async |asked: HeaderMap| {
            stable("gatelet.d.ts", &asked)
        })
        .describe(|it| file(it, "Its types", "text/plain"))
        .public("client-runs", (Method::Get, "/assets/gatelet-runs.js"), async |asked: HeaderMap| {
            stable("gatelet-runs.js", &asked)
        })
        .describe(|it| file(it, "What the browser client knows about runs", "text/javascript"))
        .public("client-runs-types", (Method::Get, "/assets/gatelet-runs.d.ts"), async |asked: HeaderMap| {
            stable("gatelet-runs.d.ts", &asked)
        })
        .describe(|it| file(it, "Its types", "text/plain"))
        .public("icon", (Method::Get, "/assets/icon.svg"), async |asked: HeaderMap| {
            stable("icon.svg", &asked)
        })
        .describe(|it| file(it, "The icon", "image/svg+xml"))
        .public("health", (Method::Get, "/healthz"), async || {
            ([(header::CONTENT_TYPE, "application/json")], r#"{"ok":true}"#)
        })
        .describe(|it| {
            it.summary("Say that the gateway is there")
                .about("It asks nothing that the gateway depends on, so an outage of a store is not seen here.")
                .text("application/json", "It is there")
        })
        .public("openapi", (Method::Get, "/.well-known/openapi.json"), async |asked: HeaderMap| {
            embedded::DESCRIPTION.answer(&asked, Keep::WhileCurrent)
        })
        .describe(|it| file(it, "This description", "application/json"))
}

async fn versioned(
    Path((version, path)): Path<(String, String)>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let found = find(&path).filter(|_| version == embedded::VERSION).ok_or(Problem::NotFound)?;
    Ok(found.answer(&asked, Keep::Forever))
}

/// A file that others link to, under an address without a version.
fn stable(path: &str, asked: &HeaderMap) -> Result<Response, Problem> {
    Ok(find(path).ok_or(Problem::NotFound)?.answer(asked, Keep::WhileCurrent))
}

fn find(path: &str) -> Option<&'static Asset> {
    embedded::FILES.iter().find(|file| file.path == path)
}

fn page(it: Description, summary: &str) -> Description {
    it.summary(summary)
        .text("text/html", "The page")
        .empty(304, "The copy with this `ETag` is current")
}

fn file(it: Description, summary: &str, media_type: &str) -> Description {
    it.summary(summary)
        .text(media_type, "The file")
        .empty(304, "The copy with this `ETag` is current")
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_script_is_served_without_its_comments_and_otherwise_as_it_is_written() {
        let mut bared = 0;
        for file in
            embedded::FILES.iter().filter(|file| file.media_type.starts_with("text/javascript"))
        {
            let written = std::fs::read_to_string(format!("../../console/{}", file.path)).unwrap();
            let served = std::str::from_utf8(file.plain).unwrap();
            assert_eq!(served.lines().count(), written.lines().count(), "{}", file.path);
            for (served, written) in served.lines().zip(written.lines()) {
                let mut rest = written.chars();
                assert!(
                    served.chars().all(|c| rest.any(|other| other == c)),
                    "{}: {served}",
                    file.path
                );
                let dropped = written.len() - served.len();
                assert!(
                    dropped == 0
                        || written.contains("/*")
                        || written.contains("*/")
                        || served.is_empty(),
                    "{}: {written}",
                    file.path
                );
            }
            let own = !file.path.starts_with("vendor/") && !file.path.starts_with("gatelet");
            assert!(!own || !served.contains("/** ") && !served.contains("\n//"), "{}", file.path);
            bared += usize::from(served.len() < written.len());
        }
        assert!(bared > 10, "comments are dropped");
    }

    #[test]
    fn every_file_is_the_same_in_both_of_its_forms() {
        let others = [&embedded::SHELL, &embedded::DESCRIPTION];
        let mut compressed = 0;
        for file in embedded::FILES.iter().chain(others).filter(|file| !file.gzip.is_empty()) {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(file.gzip).read_to_end(&mut plain).unwrap();
            assert!(plain == file.plain, "{}", file.path);
            compressed += 1;
        }
        assert!(compressed > 2, "text is compressed");
    }
}
