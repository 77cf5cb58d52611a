//! Uploads and downloads by ticket: what a cloud's storage does itself with its one-time addresses.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use gatelet_core::objects::{Created, ObjectName, Objects};
use gatelet_edge::{Gate, Method, Problem, Routes};
use gatelet_local::{Direction, FileObjects, Redeemed};
use http::{StatusCode, header};

/// The longest upload.
const UPLOAD_BYTES: usize = 25 * 1024 * 1024;

/// The routes that redeem tickets.
pub(crate) fn routes(objects: &Arc<FileObjects>) -> Routes {
    let (reader, writer) = (Arc::clone(objects), Arc::clone(objects));
    let path = "/objects/{ticket}";
    Routes::new()
        .public("download", (Method::Get, path), async move |gate, ticket| {
            download(&reader, gate, ticket).await
        })
        .public("upload", (Method::Put, path), async move |gate, ticket, body| {
            upload(&writer, gate, ticket, body).await
        })
}

async fn download(
    objects: &FileObjects,
    State(gate): State<Gate>,
    Path(ticket): Path<String>,
) -> Result<Response, Problem> {
    let name = redeem(objects, &gate, &ticket, Direction::Download).await?;
    let bytes = objects.read(&name, 0, u64::MAX).await?.ok_or(Problem::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CONTENT_DISPOSITION, "attachment"),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
    ];
    Ok((headers, bytes).into_response())
}

async fn upload(
    objects: &FileObjects,
    State(gate): State<Gate>,
    Path(ticket): Path<String>,
    body: Body,
) -> Result<StatusCode, Problem> {
    let name = redeem(objects, &gate, &ticket, Direction::Upload).await?;
    let bytes = to_bytes(body, UPLOAD_BYTES).await.map_err(|_| Problem::TooLarge)?;
    match objects.create(&name, bytes).await? {
        Created::Yes => Ok(StatusCode::CREATED),
        Created::AlreadyThere => Err(Problem::AlreadyThere),
    }
}

/// A ticket for the other direction is used up like any other.
async fn redeem(
    objects: &FileObjects,
    gate: &Gate,
    ticket: &str,
    wanted: Direction,
) -> Result<ObjectName, Problem> {
    let redeemed = objects.redeem(ticket, gate.clock.now()).await?;
    let Redeemed { name, direction } = redeemed.ok_or(Problem::NotFound)?;
    if direction == wanted { Ok(name) } else { Err(Problem::NotFound) }
}
