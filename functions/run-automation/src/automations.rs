//! What can be run, and asking for it.

use axum::Json;
use axum::extract::{Extension, Path, Query, Request};
use gatelet_edge::runs::{
    AutomationDetailView, AutomationsView, Begun, Desk, RunDetailView, StartForm, UploadQuery,
    UploadView,
};
use gatelet_edge::{
    Attachment, Detailed, IDEMPOTENCY_KEY, IdempotencyKey, Method, Problem, Routes, TraceContext,
};
use http::StatusCode;

use crate::{RunsRead, RunsWrite};

/// What a start and its rehearsal may be refused with.
const NOT_STARTED: &[Problem] = &[
    Problem::BadRequest,
    Problem::NotFound,
    Problem::RoleRequired,
    Problem::ConnectionMissing,
    Problem::SandboxUnavailable,
    Problem::TooLarge,
    Problem::UnsupportedMediaType,
    Problem::InvalidInputs,
];

pub(crate) fn routes() -> Routes {
    Routes::new()
        .api::<RunsRead, _, _>("automations", (Method::Get, "/api/automations"), list)
        .describe(|it| {
            it.summary("List what can be run")
                .about("Each says whether the caller may start it, and if not, why and who may.")
                .json::<AutomationsView>("All automations")
        })
        .api::<RunsRead, _, _>("automation", (Method::Get, "/api/automations/{name}"), show)
        .describe(|it| {
            it.summary("Describe one automation, with its form")
                .path("name", "The automation")
                .json::<AutomationDetailView>("The automation")
                .problems(&[Problem::NotFound])
        })
        .api::<RunsRead, _, _>("sample", (Method::Get, "/api/automations/{name}/samples/{file}"), sample)
        .describe(|it| {
            it.summary("Give the sample of a file that an automation takes")
                .path("name", "The automation")
                .path("file", "The sample, as the automation names it")
                .text("application/octet-stream", "The file, as an attachment")
                .problems(&[Problem::NotFound])
        })
        .api::<RunsWrite, _, _>("validate", (Method::Post, "/api/automations/{name}/validate"), validate)
        .describe(|it| {
            it.summary("Say what is wrong with inputs, and start nothing")
                .path("name", "The automation")
                .json_body::<StartForm>()
                .empty(204, "They could be run")
                .problems(NOT_STARTED)
        })
        .api::<RunsWrite, _, _>("start", (Method::Post, "/api/automations/{name}/runs"), start)
        .describe(|it| {
            it.summary("Ask for a run")
                .about(
                    "The same key with the same body finds the run that it asked for before, also while that goes on \
                     and for as long as it is kept: at least 7 days.",
                )
                .path("name", "The automation")
                .header(IDEMPOTENCY_KEY, "Names the request: a String of RFC 8941, in quotes, of 1 to 200 characters")
                .json_body::<StartForm>()
                .json_at::<RunDetailView>(201, "The run exists since this request")
                .json::<RunDetailView>("It was asked for before, or it is the run that goes on and was joined")
                .problems(NOT_STARTED)
                .problems(&[Problem::IdempotencyKeyMissing, Problem::IdempotencyMismatch, Problem::Busy])
        })
        .api::<RunsWrite, _, _>("upload", (Method::Post, "/api/uploads"), upload)
        .describe(|it| {
            it.summary("Upload a file for an input")
                .about(
                    "Up to 4 MiB are taken in the body. A larger file of up to 25 MiB is announced with `bytes` and no \
                     body, and sent to the address that is answered, within a minute.",
                )
                .query("bytes", "How long the file is that is sent elsewhere")
                .header("x-gatelet-file", "What the file is called, percent-encoded")
                .bytes_body()
                .json_at::<UploadView>(201, "The upload")
                .problems(&[Problem::BadRequest, Problem::TooLarge])
        })
}

async fn list(desk: Desk<RunsRead>) -> Json<AutomationsView> {
    Json(desk.automations())
}

async fn show(
    desk: Desk<RunsRead>,
    Path(name): Path<String>,
) -> Result<Json<AutomationDetailView>, Problem> {
    Ok(Json(desk.automation_detail(&name)?))
}

async fn sample(
    desk: Desk<RunsRead>,
    Path((name, file)): Path<(String, String)>,
) -> Result<Attachment, Problem> {
    desk.sample(&name, &file)
}

async fn validate(
    desk: Desk<RunsWrite>,
    Path(name): Path<String>,
    Json(form): Json<StartForm>,
) -> Result<StatusCode, Detailed> {
    desk.validate(&name, form).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn start(
    desk: Desk<RunsWrite>,
    (Path(name), IdempotencyKey(key)): (Path<String>, IdempotencyKey),
    Extension(trace): Extension<TraceContext>,
    Json(form): Json<StartForm>,
) -> Result<Begun, Detailed> {
    desk.start((&name, &key), form, &trace).await
}

async fn upload(
    desk: Desk<RunsWrite>,
    Query(query): Query<UploadQuery>,
    request: Request,
) -> Result<(StatusCode, Json<UploadView>), Detailed> {
    Ok((StatusCode::CREATED, Json(desk.upload(&query, request).await?)))
}
