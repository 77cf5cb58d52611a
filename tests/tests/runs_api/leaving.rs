//! What a run tells and leaves.

use gatelet_core::audit::{Verdict, verify};
use gatelet_played::{Ask, Gateway, Who};
use serde_json::json;

use super::{carried_out, carry_out, gateway};

#[tokio::test]
async fn a_run_is_shown_with_its_result_and_its_events() {
    let gateway = gateway().await;
    let (cookie, id) = carried_out(&gateway).await;
    let run = gateway.of_run(&cookie, &id, "").await.json();
    assert_eq!((&run["state"], &run["attempt"]), (&json!("succeeded"), &json!(1)), "{run}");
    assert_eq!(run["result"].as_array().unwrap().len(), 2);
    assert_eq!(run["artifacts"][0]["name"], "page.html");
    let events = gateway.of_run(&cookie, &id, "/events").await.json();
    let seqs: Vec<u64> = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    assert_eq!((&events["seq"], &events["hint"]), (&run["seq"], &json!("poll")));
    let rest = gateway.of_run(&cookie, &id, "/events?after=2&wait=20").await.json();
    assert_eq!(
        rest["events"][0]["seq"], 3,
        "resumed, and answered at once by a host that cannot wait"
    );
    let log = gateway.of_run(&cookie, &id, "/log").await;
    assert!(log.body.contains("Z script  looked at it\n"), "{}", log.body);
}

// Proves std 92.
#[tokio::test]
async fn what_a_script_has_made_is_never_shown_by_a_browser() {
    let gateway = gateway().await;
    let (cookie, id) = carried_out(&gateway).await;
    for rest in ["/artifacts/page.html", "/result.csv", "/log", "/evidence"] {
        let answer = gateway.of_run(&cookie, &id, rest).await;
        assert_eq!(answer.status, 200, "{rest}: {answer:?}");
        assert!(answer.header("content-disposition").unwrap().starts_with("attachment;"), "{rest}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{rest}");
        assert!(
            answer.header("content-security-policy").unwrap().starts_with("sandbox;"),
            "{rest}"
        );
        assert!(!answer.header("content-type").unwrap().contains("html"), "{rest}");
    }
    for hostile in ["page.htm", "..", "%2e%2e%2frow", "page.html%00", "../../row", "a/b"] {
        let answer = gateway.of_run(&cookie, &id, &format!("/artifacts/{hostile}")).await;
        assert!(matches!(answer.status, 400 | 404), "{hostile}: {answer:?}");
    }
}

#[tokio::test]
async fn no_cell_of_a_table_becomes_a_formula() {
    let gateway = gateway().await;
    let (cookie, id) = carried_out(&gateway).await;
    let csv = gateway.of_run(&cookie, &id, "/result.csv").await.body;
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!(lines[0], "name,formula");
    assert_eq!(lines[1], "a,\"'=HYPERLINK(\"\"https://evil.example\"\")\"");
    assert_eq!(lines[2], "\"'@SUM(A1)\",\"'-1+1\"");
}

// Proves L 56.
#[tokio::test]
async fn evidence_is_the_stored_chain_and_leads_to_the_head_that_the_run_names() {
    let gateway = gateway().await;
    let (cookie, id) = carried_out(&gateway).await;
    let head = gateway.of_run(&cookie, &id, "").await.json()["audit"]["head"].clone();
    let file = gateway.of_run(&cookie, &id, "/evidence").await.body;
    let Verdict::Complete(checked) = verify(file.as_bytes()) else { panic!("{file}") };
    assert_eq!(checked[0].head.hash, head.as_str().unwrap());
}

#[tokio::test]
async fn a_file_is_taken_up_to_its_limit_and_a_larger_one_is_sent_to_the_store() {
    let gateway = gateway().await;
    let cookie = gateway.sign_in(Who::AMY).await;
    let mut large = Gateway::uploading(&cookie);
    large.body = vec![b'a'; 4 * 1024 * 1024 + 1];
    assert_eq!(gateway.send(&large).await.code(), (413, "too_large".into()));
    let announce = |bytes: u64| {
        Ask::bare("POST", format!("/api/uploads?bytes={bytes}")).from_our_page().cookie(&cookie)
    };
    assert_eq!(
        gateway.send(&announce(25 * 1024 * 1024 + 1)).await.code(),
        (413, "too_large".into())
    );
    let announced = gateway.send(&announce(4_500_000)).await;
    assert_eq!(announced.status, 201, "{announced:?}");
    let (id, url) = (announced.text("id").unwrap(), announced.text("url").unwrap());
    let started = gateway.send(&Gateway::starting(&cookie, &id, "k")).await;
    assert_eq!(started.code(), (422, "invalid_inputs".into()), "it is not there yet");
    let name = url.strip_prefix("https://files.example/").unwrap();
    gateway.store.objects.put(name, &vec![b'a'; 4_000_000]);
    let started = gateway.send(&Gateway::starting(&cookie, &id, "k")).await;
    assert_eq!(started.code(), (422, "invalid_inputs".into()), "it is shorter than was said");
    gateway.store.objects.put(name, &vec![b'a'; 4_500_000]);
    let started = gateway.send(&Gateway::starting(&cookie, &id, "k")).await;
    assert_eq!(started.status, 201, "{started:?}");
    assert!(
        gateway.store.objects.paths().iter().all(|name| name.starts_with("files/uploads/acme/"))
    );
}

#[tokio::test]
async fn a_run_that_waits_is_cancelled_at_once_and_only_once() {
    let gateway = gateway().await;
    let cookie = gateway.sign_in(Who::AMY).await;
    let id = gateway.start(&cookie, "k").await;
    let cancel =
        Ask::bare("POST", format!("/api/runs/{id}/cancel")).from_our_page().cookie(&cookie);
    let answer = gateway.send(&cancel).await;
    assert_eq!((answer.status, answer.text("state").unwrap()), (202, "cancelled".into()));
    assert_eq!(gateway.send(&cancel).await.code(), (409, "run_over".into()));
    carry_out(&gateway).await;
    let run = gateway.of_run(&cookie, &id, "").await.json();
    assert_eq!(run["state"], "cancelled");
    assert_eq!(
        run["can"]["cancel"],
        json!({ "allowed": false, "code": "run_over", "reason": "The run is over" })
    );
}
