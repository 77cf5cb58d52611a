//! A double of the Azure Functions host, for one app with a custom handler.
//!
//! It is not the real host, which cannot be installed here. It does what that host's published source does
//! at the border to a custom handler: reads `host.json` and each `function.json`, starts the handler with its
//! port, waits until anything answers, proxies requests of declared routes only, and posts envelopes for
//! triggers. Scaling, binding extensions and retries between instances are left out.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use reqwest::{Client, Method, Response, redirect};
use serde_json::Value;

use crate::answer::with_headers;
use crate::{Process, eventually, free_port};

/// One app: its functions, and its handler at work.
pub struct FunctionsHost {
    port: u16,
    functions: Vec<Function>,
    client: Client,
    _handler: Process,
}

struct Function {
    name: String,
    trigger: Value,
}

impl FunctionsHost {
    /// Starts the handler of an app whose folder is laid out as it is deployed. `handler` is the command that
    /// `host.json` names, with the app's settings as its environment.
    pub async fn start(app: &Path, mut handler: Command) -> Self {
        let host: Value = read(&app.join("host.json"));
        let custom = &host["customHandler"];
        assert_eq!(custom["description"]["defaultExecutablePath"], "handler");
        assert_eq!(custom["enableProxyingHttpRequest"], true, "this double only proxies");
        assert_eq!(host["extensions"]["http"]["routePrefix"], "", "this double adds no prefix");

        let port = free_port();
        handler.env("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string());
        handler.env("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", "00000000-0000-4000-8000-000000000000");
        let process = Process::start(&mut handler);
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).build();
        let client = client.expect("a client");
        let root = format!("http://127.0.0.1:{port}/");
        eventually("the handler answers", async || client.get(&root).send().await.ok()).await;
        Self { port, functions: functions(app), client, _handler: process }
    }

    /// Passes a request on, if a function declares its route and method; the host itself answers others.
    pub async fn proxy(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Option<Response> {
        self.functions.iter().find(|function| function.serves(&method, path))?;
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let request = self
            .client
            .request(method, url)
            .body(body.to_owned())
            .header("x-azure-functions-invocationid", "00000000-0000-4000-8000-000000000001")
            .header("x-azure-functions-hostversion", "4.1037.0.0");
        Some(with_headers(request, headers).send().await.expect("the handler answers"))
    }

    /// Invokes the one function with this kind of trigger; true when the invocation succeeded.
    pub async fn trigger(&self, kind: &str, envelope: impl Fn(&str) -> Value) -> bool {
        let mut matching = self.functions.iter().filter(|f| f.trigger["type"] == kind);
        let (Some(function), None) = (matching.next(), matching.next()) else {
            panic!("there should be one function with a {kind}");
        };
        let binding = function.trigger["name"].as_str().expect("a binding name");
        let url = format!("http://127.0.0.1:{}/{}", self.port, function.name);
        let request = self
            .client
            .post(url)
            .header("content-type", "application/json; charset=utf-8")
            .body(envelope(binding).to_string())
            // The real host waits for ever on a 2xx without a body; the double says so sooner. A run takes its time.
            .timeout(Duration::from_mins(3));
        succeeded(request.send().await.expect("the handler answers")).await
    }

    /// The queue that the app's queue trigger listens to.
    pub fn has_queue_trigger(&self) -> bool {
        self.functions.iter().any(|f| f.trigger["type"] == "queueTrigger")
    }
}

impl Function {
    fn serves(&self, method: &Method, path: &str) -> bool {
        let method = method.as_str().to_ascii_lowercase();
        let methods = self.trigger["methods"].as_array();
        self.trigger["type"] == "httpTrigger"
            && methods.is_some_and(|methods| methods.iter().any(|m| *m == *method))
            && self.trigger["route"].as_str().is_some_and(|route| is_route(route, path))
    }
}

/// The envelope of a queue message: the recorded one with this text, as JSON in a JSON string.
pub(crate) fn queue_envelope(binding: &str, text: &str, dequeued: u32) -> Value {
    let mut envelope = recorded(include_str!("../../events/azure/queue-one-message.json"), binding);
    envelope["Data"][binding] = Value::String(Value::String(text.to_owned()).to_string());
    envelope["Metadata"]["DequeueCount"] = Value::String(dequeued.to_string());
    envelope
}

/// The envelope of a tick, as it was recorded.
pub(crate) fn timer_envelope(binding: &str) -> Value {
    recorded(include_str!("../../events/azure/timer.json"), binding)
}

fn recorded(text: &str, binding: &str) -> Value {
    let envelope: Value = serde_json::from_str(text).expect("JSON");
    assert!(envelope["Data"].get(binding).is_some(), "the recorded envelope has no {binding}");
    envelope
}

fn is_route(route: &str, path: &str) -> bool {
    let (path, _) = path.split_once('?').unwrap_or((path, ""));
    let (declared, given) = (route.split('/'), path.trim_start_matches('/').split('/'));
    let takes_rest = route.rsplit('/').next().is_some_and(|last| last.starts_with("{*"));
    let fits = if takes_rest {
        declared.clone().count() <= given.clone().count()
    } else {
        declared.clone().count() == given.clone().count()
    };
    fits && declared.zip(given).all(|(declared, given)| match declared {
        // The one constraint in use: a parameter that may only be empty.
        _ if declared.ends_with(":maxlength(0)?}") => given.is_empty(),
        _ if declared.starts_with('{') => !given.is_empty(),
        _ => declared.eq_ignore_ascii_case(given),
    })
}

/// The host's rule: any 2xx whose body is a JSON object of the known members.
async fn succeeded(response: Response) -> bool {
    if !response.status().is_success() {
        return false;
    }
    let is_json = response
        .headers()
        .get("content-type")
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let text = response.text().await.expect("the whole body arrives");
    assert!(!text.is_empty(), "the real host waits for ever on a 2xx without a body");
    let known = ["Outputs", "Logs", "ReturnValue"];
    let members = serde_json::from_str::<serde_json::Map<String, Value>>(&text);
    is_json && members.is_ok_and(|members| members.keys().all(|key| known.contains(&&**key)))
}

fn functions(app: &Path) -> Vec<Function> {
    let entries = std::fs::read_dir(app).expect("the app's folder");
    let folders = entries.map(|entry| entry.expect("an entry").path());
    folders.filter(|folder| folder.is_dir()).map(|folder| function(&folder)).collect()
}

fn function(folder: &Path) -> Function {
    let declared = read(&folder.join("function.json"));
    let bindings = declared["bindings"].as_array().expect("bindings");
    let input = bindings.iter().find(|binding| binding["direction"] == "in");
    let name = folder.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    Function { name, trigger: input.expect("a trigger").clone() }
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
