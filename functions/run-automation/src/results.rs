//! What a run tells while it goes on and what it leaves, and the tenant's trail.

use axum::Json;
use axum::extract::{Extension, Path, Query};
use axum::response::Response;
use gatelet_edge::runs::{Desk, EventsQuery, EventsView, Patience, TrailQuery, TrailView};
use gatelet_edge::{Attachment, Detailed, Method, Problem, Routes};
use http::HeaderMap;

use crate::{AuditRead, RunsRead};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .api::<RunsRead, _, _>("events", (Method::Get, "/api/runs/{id}/events"), events)
        .describe(|it| {
            it.summary("Tell what happens in a run")
                .about(
                    "With `Accept: text/event-stream`, a host that keeps connections open sends each event as it comes, \
                     with its number as `id`, for half a minute; whoever wants more asks again after the last number.",
                )
                .path("id", "The run")
                .query("after", "Only events with a greater number")
                .query("wait", "How many seconds to wait for one, 20 at most; not every host waits")
                .json::<EventsView>("The events")
                .problems(&[Problem::BadRequest, Problem::NotFound])
        })
        .api::<RunsRead, _, _>("log", (Method::Get, "/api/runs/{id}/log"), log)
        .describe(|it| {
            it.summary("Give the log of a run as text")
                .path("id", "The run")
                .text("text/plain", "A line each, with its time and who wrote it")
                .problems(&[Problem::NotFound])
        })
        .api::<RunsRead, _, _>("table", (Method::Get, "/api/runs/{id}/result.csv"), table)
        .describe(|it| {
            it.summary("Give the whole table that a run came to")
                .about("What a spreadsheet would take for a formula has an apostrophe before it.")
                .path("id", "The run")
                .text("text/csv", "The table, as an attachment")
                .problems(&[Problem::NotFound])
        })
        .api::<RunsRead, _, _>("artifact", (Method::Get, "/api/runs/{id}/artifacts/{name}"), artifact)
        .describe(|it| {
            it.summary("Give a file that a run left")
                .path("id", "The run")
                .path("name", "The file")
                .text("application/octet-stream", "The file, as an attachment")
                .see_other("Where a file of more than 4 MiB is fetched, once and within a minute")
                .problems(&[Problem::NotFound])
        })
        .api::<RunsRead, _, _>("evidence", (Method::Get, "/api/runs/{id}/evidence"), evidence)
        .describe(|it| {
            it.summary("Give the audit chain of a run")
                .about("`gatelet audit verify` checks it.")
                .path("id", "The run")
                .text("application/octet-stream", "An entry a line as JSON, then the line that closes them")
                .problems(&[Problem::NotFound])
        })
        .api::<AuditRead, _, _>("trail", (Method::Get, "/api/audit"), trail)
        .describe(|it| {
            it.summary("List what happened in the tenant beside its runs, newest first")
                .query("from", "Nothing older than this, in seconds since 1970; a day before `to` unless given")
                .query("to", "Nothing newer than this; now unless given")
                .query("cursor", "Where the answer before ended, as its `next`")
                .json::<TrailView>("Some entries")
                .problems(&[Problem::BadRequest])
        })
}

async fn events(
    desk: Desk<RunsRead>,
    (Path(id), Query(query)): (Path<String>, Query<EventsQuery>),
    (headers, patience): (HeaderMap, Option<Extension<Patience>>),
) -> Result<Response, Problem> {
    desk.events(&id, &query, (&headers, patience.map(|Extension(patience)| patience))).await
}

async fn log(desk: Desk<RunsRead>, Path(id): Path<String>) -> Result<Attachment, Problem> {
    desk.log(&id).await
}

async fn table(desk: Desk<RunsRead>, Path(id): Path<String>) -> Result<Attachment, Problem> {
    desk.csv(&id).await
}

async fn artifact(
    desk: Desk<RunsRead>,
    Path((id, name)): Path<(String, String)>,
) -> Result<Response, Problem> {
    desk.artifact(&id, &name).await
}

async fn evidence(desk: Desk<RunsRead>, Path(id): Path<String>) -> Result<Attachment, Problem> {
    desk.evidence(&id).await
}

async fn trail(
    desk: Desk<AuditRead>,
    Query(query): Query<TrailQuery>,
) -> Result<Json<TrailView>, Detailed> {
    Ok(Json(desk.trail(query).await?))
}
