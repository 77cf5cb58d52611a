//! The API's description for people and programs, made from the declared routes. It is generated into a committed
//! file and served from there; no running process builds it.

mod description;

use utoipa::openapi::path::{HttpMethod, PathItem, Paths};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::server::Server;
use utoipa::openapi::{Components, Info, OpenApi};

pub use self::description::{Describe, Description};
use crate::csrf::CSRF_HEADER;
use crate::routes::{Method, Routes};

/// The version of the API, which is not the program's: it rises when a caller must change.
const VERSION: &str = "1";

/// What goes for all routes is said once, before them.
const ABOUT: &str = "Signs people in, keeps their sessions, and gives applications short-lived \
    tokens. Beside what is listed, any route may answer 403 `not_through_front`, 405 \
    `method_not_allowed`, 421 `other_host` and 500 `internal`. Every error is a problem document \
    (RFC 9457) with a stable code.";

/// The document as it is committed: indented, with a newline at its end. A route that nobody described stands
/// in it by its name alone.
#[must_use]
pub fn document(routes: &Routes) -> String {
    let mut paths = Paths::new();
    let mut components = security_schemes();
    for (route, describe) in routes.described() {
        let description = describe.map_or_else(
            || Description::default().summary(route.name),
            |describe| describe(Description::default()),
        );
        let (operation, schemas) = description.operation(route);
        components.schemas.extend(schemas);
        let item = PathItem::new(method(route.method), operation);
        let path = described_path(route.path);
        if let Some(there) = paths.paths.get_mut(&path) {
            there.merge_operations(item);
        } else {
            paths.paths.insert(path, item);
        }
    }
    let mut document = OpenApi::new(Info::new("Gatelet", VERSION), paths);
    document.info.description = Some(ABOUT.to_owned());
    document.servers = Some(vec![Server::new("/")]);
    document.components = Some(components);
    let mut text = document
        .to_pretty_json()
        .unwrap_or_else(|error| unreachable!("plain data always becomes JSON: {error}"));
    text.push('\n');
    text
}

/// The path as the document has it, where a parameter that takes the rest is one like the others.
#[must_use]
pub fn described_path(path: &str) -> String {
    path.replace("{*", "{")
}

/// The names of the ways in which a request can prove who sends it.
const SESSION: &str = "session";
const CSRF: &str = "csrf";
const BEARER: &str = "bearer";

fn security_schemes() -> Components {
    let mut components = Components::new();
    let cookie = ApiKeyValue::with_description(
        "__Host-bff_session",
        "The session. On `http://localhost` its name is `bff_session`.",
    );
    let header = ApiKeyValue::with_description(
        CSRF_HEADER,
        "`1`, which only our own page can send. It goes with the cookie, and beside it \
         `Sec-Fetch-Site` or `Origin` must name our own origin.",
    );
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("An access token (RFC 9068) with the scope that is named."));
    components.add_security_scheme(SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    components.add_security_scheme(CSRF, SecurityScheme::ApiKey(ApiKey::Header(header)));
    components.add_security_scheme(BEARER, SecurityScheme::Http(token.build()));
    components
}

const fn method(method: Method) -> HttpMethod {
    match method {
        Method::Get => HttpMethod::Get,
        Method::Post => HttpMethod::Post,
        Method::Put => HttpMethod::Put,
        Method::Delete => HttpMethod::Delete,
    }
}
