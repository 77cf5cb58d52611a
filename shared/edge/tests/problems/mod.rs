//! What stands in an answer that refuses, and what does not.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use gatelet_edge::{
    Challenge, Detailed, FieldError, Gate, Method, OAuthError, Origin, Problem, Routes, front,
};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::parts::TestParts;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// The answer of a route that refuses like this. The trace, which every document names, is checked here.
async fn refused(refusal: impl Into<Detailed>) -> (StatusCode, HeaderMap, Value) {
    let refusal = refusal.into();
    let routes = Routes::new()
        .public("no", (Method::Get, "/no"), async move || Err::<(), _>(refusal.clone()));
    let service = front(routes, Gate::new(Arc::clone(&TestParts::new().parts)), Origin::Host);
    let request = Request::get("/no")
        .header("host", "gate.example")
        .header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"))
        .body(Body::empty());
    let (head, body) = service.oneshot(request.unwrap()).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let mut document: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(document.as_object_mut().unwrap().remove("trace_id").unwrap(), TRACE);
    (head.status, head.headers, document)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_problem_says_what_is_wrong_where_and_when_to_come_back() {
    let wrong = Detailed::from(Problem::BadRequest)
        .error(FieldError::new("/scope", "unknown", "There is no such scope"))
        .error(FieldError::new("/resource", "not_absolute", "Give an absolute address"));
    let (status, headers, document) = refused(wrong).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(text(&headers, "content-type"), Some("application/problem+json"));
    let expected = json!({
        "type": "urn:gatelet:problem:bad_request",
        "title": "The request is malformed",
        "status": 400,
        "code": "bad_request",
        "errors": [
            {"pointer": "/scope", "code": "unknown", "message": "There is no such scope"},
            {"pointer": "/resource", "code": "not_absolute", "message": "Give an absolute address"},
        ],
    });
    assert_eq!(document, expected);

    for (refusal, seconds) in [
        (Detailed::from(Problem::Unavailable), 5),
        (Detailed::from(Problem::TooManyRequests).retry_after(Duration::from_mins(1)), 60),
    ] {
        let (_, headers, document) = refused(refusal).await;
        assert_eq!(text(&headers, "retry-after"), Some(seconds.to_string().as_str()));
        assert_eq!(document.get("retry_after"), Some(&json!(seconds)));
    }
    let (_, headers, document) = refused(Problem::NotFound).await;
    assert_eq!(document.as_object().unwrap().len(), 4, "no detail stands where none was given");
    assert!(!headers.contains_key(header::RETRY_AFTER));
}

#[tokio::test]
async fn another_region_is_named_by_its_address() {
    let elsewhere = Detailed::other_region("https://us.gate.example".parse().unwrap());
    let (status, _, document) = refused(elsewhere).await;
    assert_eq!(status, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(document.get("code").unwrap(), "other_region");
    assert_eq!(document.get("base_url").unwrap(), "https://us.gate.example/");
}

#[tokio::test]
async fn what_is_asked_of_a_bearer_stands_in_the_challenge() {
    let step_up =
        Challenge::StepUp { max_age: Some(Duration::from_mins(15)), acr_values: Some("mfa") };
    let cases = [
        (Detailed::from(Problem::SignInRequired).challenge(Challenge::Bearer), "Bearer"),
        (Problem::InvalidToken.into(), r#"Bearer error="invalid_token""#),
        (
            Detailed::from(Problem::InsufficientScope)
                .challenge(Challenge::InsufficientScope("me")),
            r#"Bearer error="insufficient_scope", scope="me""#,
        ),
        (
            Detailed::from(Problem::StepUpRequired).challenge(step_up),
            r#"Bearer error="insufficient_user_authentication", acr_values="mfa", max_age="900""#,
        ),
    ];
    for (refusal, challenge) in cases {
        let (_, headers, _) = refused(refusal).await;
        assert_eq!(text(&headers, "www-authenticate"), Some(challenge));
    }
}

#[tokio::test]
async fn an_oauth_error_has_the_form_of_the_standard() {
    for error in OAuthError::ALL {
        let (expected, code, description) = error.describe();
        let (status, headers, document) = refused(error).await;
        assert_eq!(status, expected);
        assert_eq!(text(&headers, "content-type"), Some("application/json"));
        assert_eq!(text(&headers, "cache-control"), Some("no-store"));
        assert_eq!(document, json!({"error": code, "error_description": description}));
    }
}
