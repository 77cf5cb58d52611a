//! Takes what a runner says about its script, for the worker that holds the run, and hands out the worker's answers.
//! It knows no secret and decides nothing.

mod shape;

use std::time::Duration;

use axum::Json;
use axum::body::to_bytes;
use axum::extract::Request;
use gatelet_core::automation::attempt::Answer;
use gatelet_core::automation::channel::{LETTER_BYTES, Posted};
use gatelet_edge::{Detailed, Method, OfAttempt, Problem, Routes};
use http::{HeaderMap, header};
use serde::Serialize;

use self::shape::{AnswerShape, LetterShape};

/// How often it is looked whether the worker has answered, and how long that is waited for: shorter than every
/// platform keeps a request.
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: usize = 80;

/// The routes of this function. Its one handler's first argument is the proof that the caller has the attempt's key.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .public("attempt", (Method::Post, "/attempts/{tenant}/{run}/{fence}"), letter)
        .describe(|it| {
            it.summary("Take a letter of the runner that carries out an attempt")
                .about(
                    "Letters are numbered from one. One whose answer was lost, or is `wait`, is posted again as it \
                     was. The next one follows once the one before is answered. A pulse has no number and asks \
                     whether to go on.",
                )
                .path("tenant", "Whose run")
                .path("run", "Which run")
                .path("fence", "Under which fence")
                .header("authorization", "`Attempt` and the attempt's key")
                .json_body::<LetterShape>()
                .json::<AnswerShape>("The worker's answer, or `wait`")
                .problems(&[
                    Problem::BadRequest,
                    Problem::UnknownAttempt,
                    Problem::OutOfTurn,
                    Problem::TooLarge,
                    Problem::UnsupportedMediaType,
                    Problem::Unavailable,
                ])
        })
}

/// What is answered: the worker's own words, or that there are none yet.
#[derive(Serialize)]
#[serde(untagged)]
enum Reply {
    Worker(Answer),
    Wait(Wait),
}

#[derive(Serialize)]
#[serde(tag = "a", rename = "wait")]
struct Wait {}

async fn letter(of: OfAttempt, request: Request) -> Result<Json<Reply>, Detailed> {
    let (head, body) = request.into_parts();
    if !is_json(&head.headers) {
        return Err(Problem::UnsupportedMediaType.into());
    }
    let body = to_bytes(body, LETTER_BYTES).await.map_err(|_| Problem::TooLarge)?;
    let number = match of.carrier().post(&body).await? {
        Posted::Answered(answer) => return Ok(Json(Reply::Worker(answer))),
        Posted::OutOfTurn => return Err(Problem::OutOfTurn.into()),
        Posted::Malformed => return Err(Problem::BadRequest.into()),
        Posted::Kept(number) => number,
    };
    for _ in 0..LOOKS {
        if let Some(answer) = of.carrier().answer(number).await? {
            return Ok(Json(Reply::Worker(answer)));
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(Json(Reply::Wait(Wait {})))
}

fn is_json(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    given.is_some_and(|given| given.trim().eq_ignore_ascii_case("application/json"))
}
