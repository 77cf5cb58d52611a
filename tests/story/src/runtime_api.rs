//! A double of the Lambda runtime API: hands events to one function process and takes its answers.
//!
//! It speaks the published protocol (`/2018-06-01/runtime/…`) and nothing more: no extensions, no freezing, no
//! time limit. The recorded events are fed to the real executables through it.

use std::collections::HashMap;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};

use crate::Process;

/// What a function answered, or the error it reported.
type Outcome = Result<Value, Value>;
/// An event, and where its outcome is awaited.
type Invocation = (Value, oneshot::Sender<Outcome>);

/// One function and the runtime API it talks to.
pub struct RuntimeApi {
    events: mpsc::Sender<Invocation>,
    function: Process,
}

struct Shared {
    events: AsyncMutex<mpsc::Receiver<Invocation>>,
    waiting: Mutex<HashMap<String, oneshot::Sender<Outcome>>>,
}

impl RuntimeApi {
    /// Starts a function with what Lambda would put into its environment besides its settings.
    pub async fn start(mut function: Command, name: &str) -> Self {
        let (events, receiver) = mpsc::channel(1);
        let shared = Shared { events: AsyncMutex::new(receiver), waiting: Mutex::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async { axum::serve(listener, routes(Arc::new(shared))).await });
        function.envs([
            ("AWS_LAMBDA_RUNTIME_API", address.to_string().as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", name),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "none"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "none"),
        ]);
        Self { events, function: Process::start(&mut function) }
    }

    /// The function's process.
    pub const fn process(&self) -> &Process {
        &self.function
    }

    /// Invokes the function: its answer, or the error it reported.
    pub async fn invoke(&self, event: &Value) -> Outcome {
        let (sender, answer) = oneshot::channel();
        self.events.send((event.clone(), sender)).await.expect("the API runs");
        answer.await.expect("the function answers")
    }
}

fn routes(shared: Arc<Shared>) -> Router {
    let root = "/2018-06-01/runtime";
    Router::new()
        .route(&format!("{root}/invocation/next"), get(next))
        .route(&format!("{root}/invocation/{{id}}/response"), post(respond))
        .route(&format!("{root}/invocation/{{id}}/error"), post(fail))
        .with_state(shared)
}

async fn next(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    let (event, answer) = shared.events.lock().await.recv().await.expect("the test goes on");
    let mut waiting = shared.waiting.lock().unwrap_or_else(PoisonError::into_inner);
    let id = format!("00000000-0000-4000-8000-{:012}", waiting.len());
    waiting.insert(id.clone(), answer);
    let headers = [
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", "4102444800000".to_owned()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:x:0:function:f".to_owned()),
        ("lambda-runtime-trace-id", "Root=1-0-0".to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, event.to_string())
}

async fn respond(shared: State<Arc<Shared>>, id: Path<String>, body: String) -> &'static str {
    settle(&shared, &id, Ok(serde_json::from_str(&body).unwrap_or(Value::String(body))))
}

async fn fail(shared: State<Arc<Shared>>, id: Path<String>, body: String) -> &'static str {
    settle(&shared, &id, Err(serde_json::from_str(&body).unwrap_or(Value::String(body))))
}

fn settle(shared: &Shared, id: &str, outcome: Outcome) -> &'static str {
    let mut waiting = shared.waiting.lock().unwrap_or_else(PoisonError::into_inner);
    // A test that has given up no longer listens.
    let _ = waiting.remove(id).expect("a known invocation").send(outcome);
    r#"{"status":"OK"}"#
}
