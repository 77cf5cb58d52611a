//! The reference of the API, for people: from its description as `OpenAPI` has it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;

use gatelet_edge::{Policy, Problem};
use serde_json::{Map, Value};

use crate::declared;

const ABOUT: &str = "# API\n\n\
    Made from the [description in OpenAPI](openapi.json), which the gateway serves at `/.well-known/openapi.json`; do not \
    edit. Every error is a problem document with a [stable code](errors.md). Beside what is listed, any route may answer \
    403 `not_through_front`, 405 `method_not_allowed`, 421 `other_host` and 500 `internal`.\n\n\
    *Public* routes turn nobody away at the door. A route for a *session* takes the cookie with the header \
    `x-gatelet-csrf: 1` from our own origin. A route for a *scope* takes an access token that has it, or the cookie as \
    above. [One table](../../tests/golden/routes.md) says which role may call which route.\n";

/// The page.
pub fn page() -> io::Result<String> {
    let (_, text) = declared::api_description();
    let document: Value = serde_json::from_str(&text).map_err(io::Error::other)?;
    let mut page = String::from(ABOUT);
    for (path, item) in members(&document, "paths") {
        for (method, operation) in item.as_object().into_iter().flatten() {
            write_operation(&mut page, &method.to_uppercase(), path, operation);
        }
    }
    page.push_str("\n## Bodies\n");
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    for (name, schema) in schemas.into_iter().flatten() {
        write_schema(&mut page, name, schema);
    }
    Ok(page)
}

fn members<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.get(name).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn write_operation(page: &mut String, method: &str, path: &str, operation: &Value) {
    // Writing to a string cannot fail, here and below.
    let _ = write!(page, "\n## `{method} {path}`\n\n{}.", text(operation, "summary"));
    let about = text(operation, "description");
    if !about.is_empty() {
        let _ = write!(page, " {about}");
    }
    let _ = writeln!(page, " {}", for_whom(method, path));
    let parameters = operation.get("parameters").and_then(Value::as_array);
    if let Some(parameters) = parameters.filter(|list| !list.is_empty()) {
        page.push_str("\n| parameter | in | meaning |\n|---|---|---|\n");
        for parameter in parameters {
            let needed = parameter.get("required").and_then(Value::as_bool) == Some(true);
            let needed = if needed { ", required" } else { "" };
            let (name, place) = (text(parameter, "name"), text(parameter, "in"));
            let meaning = text(parameter, "description");
            let _ = writeln!(page, "| `{name}` | {place}{needed} | {meaning} |");
        }
    }
    if let Some(body) = operation.get("requestBody") {
        for (kind, content) in members(body, "content") {
            let _ = writeln!(page, "\nBody: {}, as `{kind}`.", named(content));
        }
    }
    page.push_str("\n| status | answer |\n|---|---|\n");
    for (status, response) in members(operation, "responses") {
        let described = linked(text(response, "description"));
        let bodies: Vec<String> = members(response, "content")
            .filter(|(_, content)| !is_error(content))
            .map(|(kind, content)| format!(" {} as `{kind}`.", named(content)))
            .collect();
        let stop = if described.ends_with('.') { "" } else { "." };
        let _ = writeln!(page, "| {status} | {described}{stop}{} |", bodies.concat());
    }
}

/// Who may call, as the route is declared.
fn for_whom(method: &str, path: &str) -> String {
    let routes = declared::routes();
    let route = routes.iter().find(|it| it.method.name() == method && it.path == path);
    match route.map(|route| route.policy) {
        Some(Policy::Session) => "For a *session*.".into(),
        Some(Policy::Api { scope }) => format!("For the *scope* `{scope}`."),
        Some(Policy::Public) | None => "*Public.*".into(),
    }
}

fn reference(content: &Value) -> Option<&str> {
    content.pointer("/schema/$ref").and_then(Value::as_str)?.rsplit('/').next()
}

fn is_error(content: &Value) -> bool {
    matches!(reference(content), Some("Problem" | "OAuthError"))
}

fn named(content: &Value) -> String {
    reference(content).map_or_else(
        || "A document".to_owned(),
        |name| format!("[{name}](#{})", name.to_lowercase()),
    )
}

/// Codes of problems lead to what to do about them.
fn linked(description: &str) -> String {
    let codes: BTreeSet<&str> =
        Problem::ALL.into_iter().map(|problem| problem.describe().1).collect();
    let mut parts = description.split('`');
    let mut out = parts.next().unwrap_or_default().to_owned();
    let mut code = true;
    for part in parts {
        match (code, codes.contains(part)) {
            (true, true) => drop(write!(out, "[`{part}`](errors.md#{part})")),
            (true, false) => drop(write!(out, "`{part}`")),
            (false, _) => out.push_str(part),
        }
        code = !code;
    }
    out
}

fn write_schema(page: &mut String, name: &str, schema: &Value) {
    let _ = write!(page, "\n### {name}\n");
    // A sentence with a link is for the reader of the code.
    let sentences = text(schema, "description").split_inclusive(". ");
    let about: String = sentences.filter(|sentence| !sentence.contains('[')).collect();
    if !about.is_empty() {
        let _ = write!(page, "\n{}\n", about.trim_end());
    }
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut rows = String::new();
    for (member, property) in members(schema, "properties") {
        let optional = if required.contains(&member.as_str()) { "" } else { ", optional" };
        let meaning = text(property, "description");
        let _ = writeln!(rows, "| `{member}` | {}{optional} | {meaning} |", kind(property));
    }
    if !rows.is_empty() {
        let _ = write!(page, "\n| member | type | meaning |\n|---|---|---|\n{rows}");
    }
}

fn kind(property: &Value) -> String {
    if let Some(name) = property.get("$ref").and_then(Value::as_str) {
        let name = name.rsplit('/').next().unwrap_or(name);
        return format!("[{name}](#{})", name.to_lowercase());
    }
    match property.get("type") {
        Some(Value::String(one)) if one == "array" => {
            format!("list of {}", property.get("items").map(kind).unwrap_or_default())
        }
        Some(Value::String(one)) => one.clone(),
        Some(Value::Array(several)) => {
            let names = several.iter().filter_map(Value::as_str).filter(|name| *name != "null");
            names.collect::<Vec<_>>().join(" or ")
        }
        _ => "object".into(),
    }
}
