//! The doors alone: recorded events into the real executables, with every store away. What must not touch a
//! store is answered all the same, and what must is put off, never dropped.

#![expect(clippy::unwrap_used, reason = "a door that does not open fails the test")]

use std::io::Read as _;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use gatelet_story::{RuntimeApi, binary, lambda};
use serde_json::{Value, json};

fn recorded(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The function at its door.
async fn open(name: &str) -> RuntimeApi {
    RuntimeApi::start(lambda(name), name).await
}

#[tokio::test]
#[ignore = "needs the built executables: cargo xtask test builds them"]
async fn a_request_on_lambda_is_answered_in_the_form_of_the_http_api() {
    let login = open("login").await;
    let event = recorded(include_str!("../../events/aws/http-get-session.json"));
    let answer = login.invoke(&event).await.unwrap();
    assert_eq!(answer["statusCode"], 401, "the recorded cookie is none of ours: {answer}");
    assert_eq!(answer["headers"]["content-type"], "application/problem+json");
    assert_eq!(answer["isBase64Encoded"], false);
    assert_eq!(recorded(answer["body"].as_str().unwrap())["code"], "sign_in_required");

    let mut elsewhere = event.clone();
    elsewhere["headers"]["host"] = json!("elsewhere.example");
    assert_eq!(login.invoke(&elsewhere).await.unwrap()["statusCode"], 421);
    let mut crooked = event;
    crooked["rawPath"] = json!("/auth//session");
    crooked["requestContext"]["http"]["path"] = json!("/auth//session");
    assert_eq!(login.invoke(&crooked).await.unwrap()["statusCode"], 400);

    let token = open("token").await;
    let mut event = recorded(include_str!("../../events/aws/http-get-session.json"));
    event["rawPath"] = json!("/.well-known/jwks.json");
    let answer = token.invoke(&event).await.unwrap();
    assert_eq!(answer["statusCode"], 503, "an outage is no empty key set: {answer}");
}

#[tokio::test]
#[ignore = "needs the built executables: cargo xtask test builds them"]
async fn a_page_on_lambda_arrives_whole_in_both_of_its_forms() {
    let console = open("console").await;
    let mut event = recorded(include_str!("../../events/aws/http-get-session.json"));
    event["routeKey"] = json!("GET /{proxy+}");
    event["rawPath"] = json!("/t/acme");
    event["requestContext"]["http"]["path"] = json!("/t/acme");
    event["pathParameters"] = json!({ "proxy": "t/acme" });
    let plain = console.invoke(&event).await.unwrap();
    assert_eq!((&plain["statusCode"], &plain["isBase64Encoded"]), (&json!(200), &json!(false)));
    let text = plain["body"].as_str().unwrap();
    assert!(text.starts_with("<!doctype html>"), "{text}");

    event["headers"]["accept-encoding"] = json!("gzip, deflate, br, zstd");
    let packed = console.invoke(&event).await.unwrap();
    assert_eq!(packed["isBase64Encoded"], true, "an HTTP API would spoil bytes that are no text");
    assert_eq!(packed["headers"]["content-encoding"], "gzip");
    let bytes = STANDARD.decode(packed["body"].as_str().unwrap()).unwrap();
    let mut unpacked = String::new();
    GzDecoder::new(&bytes[..]).read_to_string(&mut unpacked).unwrap();
    assert_eq!(unpacked, text);

    event["rawPath"] = json!("/auth/nothing");
    assert_eq!(console.invoke(&event).await.unwrap()["statusCode"], 404);
}

#[tokio::test]
#[ignore = "needs the built executables: cargo xtask test builds them"]
async fn messages_on_lambda_are_put_off_one_by_one() {
    let worker = open("work-automation").await;
    let mut event = recorded(include_str!("../../events/aws/sqs-two-messages.json"));
    let known = event["Records"][0]["messageId"].clone();
    event["Records"][1]["body"] = json!("no message of ours");
    let answer = worker.invoke(&event).await.unwrap();
    let failures = json!([{ "itemIdentifier": known }]);
    assert_eq!(answer["batchItemFailures"], failures, "the store is away, and nonsense is dropped");
}

#[tokio::test]
#[ignore = "needs the built executables: cargo xtask test builds them"]
async fn a_tick_on_lambda_that_could_not_be_done_is_reported() {
    let upkeep = open("upkeep").await;
    let event = recorded(include_str!("../../events/aws/scheduled.json"));
    let error = upkeep.invoke(&event).await.unwrap_err();
    assert!(error["errorMessage"].as_str().unwrap().contains("upkeep tasks failed"), "{error}");
}

#[tokio::test]
#[ignore = "needs the built executables: cargo xtask test builds them"]
async fn bad_settings_end_the_process_with_all_of_them_named() {
    let complaint = |name: &str, settings: &[(&str, &str)]| {
        let mut command = Command::new(binary(name));
        let output = command.env_clear().envs(settings.iter().copied()).output().unwrap();
        assert!(!output.status.success(), "{name} must not start");
        String::from_utf8(output.stderr).unwrap()
    };
    let said =
        complaint("login", &[("GATELET_BASE_URL", "http://gate.example"), ("GATELET_X", "y")]);
    for part in ["GATELET_BASE_URL: must be https", "GATELET_TABLE_PREFIX: missing", "GATELET_X"] {
        assert!(said.contains(part), "{said}");
    }
    let said = complaint("upkeep", &[]);
    for part in ["GATELET_QUEUE_URL: missing", "GATELET_SEALED_BUCKET: missing", "AWS_REGION"] {
        assert!(said.contains(part), "{said}");
    }
    let said = complaint("handler", &[("GATELET_APP", "everything")]);
    for part in
        ["GATELET_APP: must be auth, api or work", "GATELET_VAULT_URL: missing", "CUSTOMHANDLER"]
    {
        assert!(said.contains(part), "{said}");
    }
    let said = complaint("gatelet", &[("GATELET_APP", "auth")]);
    assert!(said.contains("GATELET_APP  not a setting of this host"), "{said}");
}
