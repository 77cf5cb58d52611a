//! Runs: which there are, one of them, and what people decide about it.

use axum::Json;
use axum::extract::{Path, Query};
use gatelet_edge::runs::{Desk, OutcomeForm, RunDetailView, RunsQuery, RunsView};
use gatelet_edge::{Detailed, Method, Problem, Routes};
use http::StatusCode;

use crate::{RunsApprove, RunsRead, RunsWrite};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .api::<RunsRead, _, _>("runs", (Method::Get, "/api/runs"), list)
        .describe(|it| {
            it.summary("List the tenant's runs, newest first")
                .about("An answer may be short, or empty, and name a next one all the same.")
                .query("automation", "Only of this automation")
                .query("state", "Only those that stand there")
                .query("by", "`me`: only those that the caller asked for")
                .query("cursor", "Where the answer before ended, as its `next`")
                .query("limit", "How many at most, from 1 to 100")
                .json::<RunsView>("Some runs")
                .problems(&[Problem::BadRequest])
        })
        .api::<RunsRead, _, _>("run", (Method::Get, "/api/runs/{id}"), show)
        .describe(|it| {
            it.summary("Show a run")
                .path("id", "The run")
                .json::<RunDetailView>("The run")
                .problems(&[Problem::NotFound])
        })
        .api::<RunsWrite, _, _>("cancel", (Method::Post, "/api/runs/{id}/cancel"), cancel)
        .describe(|it| {
            it.summary("End a run")
                .about("One that waits is over at once. One that goes on is over when its script is gone.")
                .path("id", "The run")
                .json_at::<RunDetailView>(202, "The run, which is over or about to be")
                .problems(&[Problem::NotFound, Problem::NotYours, Problem::RunOver])
        })
        .api::<RunsApprove, _, _>("outcome", (Method::Post, "/api/runs/{id}/outcome"), outcome)
        .describe(|it| {
            it.summary("Say what became of a step of which nobody knows")
                .path("id", "The run")
                .json_body::<OutcomeForm>()
                .json::<RunDetailView>("The run, which goes on or is over")
                .about("Asks for a recent sign-in (RFC 9470), of ten minutes unless the tenant says otherwise.")
                .problems(&[
                    Problem::BadRequest,
                    Problem::NotFound,
                    Problem::StepUpRequired,
                    Problem::NothingUncertain,
                    Problem::TooLarge,
                    Problem::UnsupportedMediaType,
                    Problem::InvalidInputs,
                ])
        })
}

async fn list(
    desk: Desk<RunsRead>,
    Query(query): Query<RunsQuery>,
) -> Result<Json<RunsView>, Detailed> {
    Ok(Json(desk.page(query).await?))
}

async fn show(
    desk: Desk<RunsRead>,
    Path(id): Path<String>,
) -> Result<Json<RunDetailView>, Problem> {
    Ok(Json(desk.show(&id).await?))
}

async fn cancel(
    desk: Desk<RunsWrite>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<RunDetailView>), Detailed> {
    Ok((StatusCode::ACCEPTED, Json(desk.cancel(&id).await?)))
}

async fn outcome(
    desk: Desk<RunsApprove>,
    Path(id): Path<String>,
    Json(form): Json<OutcomeForm>,
) -> Result<Json<RunDetailView>, Detailed> {
    Ok(Json(desk.record_outcome(&id, form).await?))
}
