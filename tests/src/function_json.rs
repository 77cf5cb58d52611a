//! The `function.json` files that tell Azure Functions about the declared routes and the triggers.

use std::path::{Path, PathBuf};

use gatelet_edge::{Method, Route};
use serde::Serialize;

use crate::declared::http_crates;

/// Every file, by its path from the workspace's folder, with what it must say.
#[must_use]
pub fn files() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for (package, routes) in http_crates() {
        for route in routes.declared() {
            files.push(file(package, route.name, http(route)));
        }
    }
    let message = Binding::Queue {
        direction: "in",
        name: "message",
        queue_name: "runs",
        // The settings of this prefix say where the queue is and in whose name it is read.
        connection: "GateletQueues",
    };
    let timer = Binding::Timer { direction: "in", name: "timer", schedule: "0 * * * * *" };
    // The host posts to the function's name, so these are also the paths that the handler serves.
    files.push(file("work-automation", "work-automation", vec![message]));
    files.push(file("upkeep", "upkeep", vec![timer]));
    files
}

#[derive(Serialize)]
struct Function {
    bindings: Vec<Binding>,
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Binding {
    #[serde(rename = "httpTrigger", rename_all = "camelCase")]
    Http {
        direction: &'static str,
        name: &'static str,
        auth_level: &'static str,
        methods: [&'static str; 1],
        route: String,
    },
    #[serde(rename = "http")]
    Answer { direction: &'static str, name: &'static str },
    #[serde(rename = "queueTrigger", rename_all = "camelCase")]
    Queue {
        direction: &'static str,
        name: &'static str,
        queue_name: &'static str,
        connection: &'static str,
    },
    #[serde(rename = "timerTrigger")]
    Timer { direction: &'static str, name: &'static str, schedule: &'static str },
}

/// One trigger and one answer: the host proxies requests untouched to such functions only.
fn http(route: &Route) -> Vec<Binding> {
    let method = match route.method {
        Method::Get => "get",
        Method::Post => "post",
        Method::Put => "put",
        Method::Delete => "delete",
    };
    let trigger = Binding::Http {
        direction: "in",
        name: "request",
        // Who may call is decided by the handler; the platform's keys take no part in it.
        auth_level: "anonymous",
        methods: [method],
        route: azure_route(route.path),
    };
    vec![trigger, Binding::Answer { direction: "out", name: "answer" }]
}

/// The path without its first slash. An empty route would become the function's name, so the root is written as
/// a parameter that may only be empty.
fn azure_route(path: &str) -> String {
    match path.trim_start_matches('/') {
        "" => "{root:maxlength(0)?}".to_owned(),
        path => path.to_owned(),
    }
}

fn file(package: &str, function: &str, bindings: Vec<Binding>) -> (PathBuf, String) {
    let path = Path::new("functions").join(package).join(function).join("function.json");
    let mut text = serde_json::to_string_pretty(&Function { bindings })
        .unwrap_or_else(|error| unreachable!("plain data always becomes JSON: {error}"));
    text.push('\n');
    (path, text)
}
