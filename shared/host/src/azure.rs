//! The door on Azure Functions: a custom handler, one process an app.
//!
//! HTTP functions are proxied to us as they came. Triggers arrive as JSON envelopes posted to the function's
//! name; nothing in such a request proves that the host sent it, so an app serves either kind and never both.

mod envelope;
mod parts;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use gatelet_core::automation::catalog::Catalog;
use gatelet_core::outage::Chain;
use gatelet_core::parts::Parts;
use gatelet_edge::work::{OnMessage, OnTick, Verdict, receive};
use gatelet_edge::{Gate, Origin, Routes, front};
use http::{StatusCode, header};
use tokio::net::TcpListener;

use crate::error::Error;
use crate::otlp::{Export, Exporter};
use crate::runtime::block_on;
use crate::settings::Reader;
use crate::telemetry::{self, Format};

/// The longest envelope: a queue message has at most 64 KiB, and metadata comes with it.
const ENVELOPE_BYTES: usize = 256 * 1024;

/// What an app serves.
pub enum App {
    /// Requests, and no trigger.
    Http(Routes),
    /// Triggers, and no request.
    Work {
        /// What it does with messages.
        on_message: OnMessage,
        /// What it does every minute.
        on_tick: OnTick,
    },
}

/// Serves the app that `GATELET_APP` names, with this catalog.
pub fn serve(
    catalog: fn() -> Catalog,
    choose: impl FnOnce(&str) -> Option<App>,
) -> Result<(), Error> {
    let mut reader = Reader::environment();
    let level = telemetry::level(&mut reader);
    let exporter = Exporter::read(&mut reader);
    let name = reader.required("GATELET_APP", "which app this is: auth, api or work");
    let app = choose(&name);
    if app.is_none() && !name.is_empty() {
        reader.mistake("GATELET_APP", "must be auth, api or work".into());
    }
    let front_door = match &app {
        Some(App::Http(_)) => reader.required("GATELET_FRONT_DOOR_ID", "the id of our Front Door"),
        _ => String::new(),
    };
    let port = read_port(&mut reader);
    let works = matches!(app, Some(App::Work { .. }));
    let built = parts::read(&mut reader, catalog(), works);
    reader.finish()?;
    telemetry::start(level, Format::Json);
    let (Some((parts, records)), Some(app)) = (built, app) else {
        return Err(Error::start("build the parts", "a setting is not usable"));
    };
    let parts = Arc::new(parts);
    let export = Export::start(exporter, &parts);
    let service = match app {
        App::Http(routes) => front(routes, Gate::new(parts), Origin::FrontDoor(front_door)),
        App::Work { on_message, on_tick } => triggers(&parts, on_message, on_tick),
    };
    block_on(async {
        records.check().await?;
        listen(export.around(service), port).await
    })
}

fn read_port(reader: &mut Reader) -> u16 {
    let name = "FUNCTIONS_CUSTOMHANDLER_PORT";
    let text = reader.required(name, "the Functions host sets it");
    text.parse().unwrap_or_else(|_| {
        if !text.is_empty() {
            reader.mistake(name, "not a port".into());
        }
        0
    })
}

async fn listen(service: Router, port: u16) -> Result<(), Error> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| Error::start(format!("listen on {address}"), error))?;
    axum::serve(listener, service).await.map_err(|error| Error::start("serve", error))
}

fn triggers(parts: &Arc<Parts>, on_message: OnMessage, on_tick: OnTick) -> Router {
    let (worker, timer) = (Arc::clone(parts), Arc::clone(parts));
    Router::new()
        .route(
            "/work-automation",
            post(async move |body: Bytes| {
                let Some(text) = envelope::queue_text(&body) else {
                    tracing::error!(bytes = body.len(), "an envelope holds no message");
                    return answer(false);
                };
                let verdict = receive(&worker, &text, on_message).await;
                answer(verdict != Verdict::Retry)
            }),
        )
        .route(
            "/upkeep",
            post(async move || {
                let done = on_tick(&timer).await;
                if let Err(error) = &done {
                    tracing::error!(error = %Chain(error.as_ref()), "upkeep");
                }
                answer(done.is_ok())
            }),
        )
        .layer(DefaultBodyLimit::max(ENVELOPE_BYTES))
}

/// The host takes anything but 2xx as a failed invocation, and waits for ever on a 2xx without a body.
fn answer(succeeded: bool) -> Response {
    let status = if succeeded { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR };
    let body = r#"{"Outputs":{},"Logs":[],"ReturnValue":null}"#;
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
