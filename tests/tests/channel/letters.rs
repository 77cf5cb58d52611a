//! What the gateway makes of letters: each is taken once, in its turn, from the one invocation that was let in.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gatelet_core::automation::attempt::{CHUNK_BYTES, Pace};
use gatelet_core::automation::channel::LETTER_BYTES;
use gatelet_core::automation::{LEASE, SKEW, State};
use serde_json::json;
use tokio::sync::watch;

use crate::stage::{
    Played, SECRET, Soon, Stage, answered, ended, go, hello, intent, log, result, stop,
};

#[tokio::test(start_paused = true)]
async fn a_letter_is_heard_once_however_often_it_is_posted() {
    let stage = Stage::played(Box::new(|runner| {
        Box::pin(async move {
            for _ in 0..3 {
                assert_eq!(runner.hello().await, go());
            }
            let begun = runner.say(2, intent("mail")).await;
            assert_eq!((&begun["a"], &begun["repeated"]), (&json!("begin"), &json!(false)));
            let both = tokio::join!(runner.say(2, intent("mail")), runner.say(2, intent("mail")));
            assert_eq!(both, (begun.clone(), begun), "it is not begun a second time");
            let other = runner.post(&runner.letter(2, intent("post"))).await;
            assert_eq!((other.0, &other.1["code"]), (409, &json!("out_of_turn")));
            for n in [4, 1000] {
                assert_eq!(runner.post(&runner.letter(n, log("early"))).await.0, 409, "{n}");
            }
            runner.say(3, json!({ "message": { "m": "done", "key": "mail" } })).await;
            runner.say(4, json!({ "output": ["printed"] })).await;
            runner.say(5, result("sent")).await;
            runner.say(6, ended()).await;
            answered(&json!({ "exit": { "status": 0 } }))
        })
    }))
    .await;
    let message = stage.ask().await;
    let run = stage.work(&message).await;
    assert_eq!((run.state, run.code.as_deref()), (State::Succeeded, None));
    let steps = stage.runs().steps(&run, stage.parts.clock.now()).await.unwrap();
    assert_eq!(steps.len(), 1);
    assert_eq!(run.written.lines, 1);
    assert_eq!(stage.mail(), Vec::<String>::new(), "nothing is left of the letters");
}

#[tokio::test(start_paused = true)]
async fn of_two_invocations_one_is_let_in() {
    let stage = Stage::played(Box::new(|runner| {
        Box::pin(async move {
            assert_eq!(runner.hello().await, go());
            let second = Played { nonce: "nonce-of-a-second-one".into(), ..runner.clone() };
            assert_eq!(second.hello().await, stop("attempt_taken"));
            assert_eq!(runner.say(2, result("sent")).await, go());
            runner.say(3, ended()).await;
            answered(&json!({ "exit": { "status": 0 } }))
        })
    }))
    .await;
    let message = stage.ask().await;
    assert_eq!(stage.work(&message).await.state, State::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn whoever_has_not_the_key_of_this_very_attempt_learns_nothing() {
    let stage = Stage::played(Box::new(|runner| {
        Box::pin(async move {
            assert_eq!(runner.hello().await, go());
            let mut refusals = Vec::new();
            let foreign = |path: &str, key: &str| Played {
                path: path.into(),
                key: key.into(),
                ..runner.clone()
            };
            let first = if runner.key.starts_with('A') { "B" } else { "A" };
            let other_key = format!("{first}{}", &runner.key[1..]);
            let run = runner.path.split('/').nth(3).unwrap();
            for (path, key) in [
                (runner.path.as_str(), other_key.as_str()),
                (runner.path.as_str(), "short"),
                (runner.path.as_str(), ""),
                (&format!("/attempts/globex/{run}/1"), &runner.key),
                (&format!("/attempts/acme/{}/1", "0".repeat(32)), &runner.key),
                (&format!("/attempts/acme/{run}/2"), &runner.key),
                (&format!("/attempts/acme/{run}/01"), &runner.key),
                (&format!("/attempts/acme/{run}/4294967296"), &runner.key),
                ("/attempts/Nobody!/x/y", &runner.key),
            ] {
                let (status, mut answer) = foreign(path, key).post(&json!({ "pulse": true })).await;
                assert_eq!(status, 401, "{path} {key}");
                answer["trace_id"] = json!("");
                refusals.push(answer);
            }
            refusals.dedup();
            assert_eq!(refusals.len(), 1, "all alike: {refusals:?}");
            assert_eq!(refusals[0]["code"], "unknown_attempt");
            runner.say(2, result("sent")).await;
            runner.say(3, ended()).await;
            answered(&json!({ "exit": { "status": 0 } }))
        })
    }))
    .await;
    let message = stage.ask().await;
    assert_eq!(stage.work(&message).await.state, State::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_letter_is_refused_and_changes_nothing() {
    let stage = Stage::played(Box::new(|runner| {
        Box::pin(async move {
            let nonce = "nonce-of-the-first-one";
            for bad in [
                json!({}),
                json!({ "n": 1 }),
                json!({ "n": 1, "message": {} }),
                json!({ "n": 1, "message": {}, "nonce": "short" }),
                json!({ "n": 1, "message": {}, "nonce": nonce, "output": [] }),
                json!({ "n": 1, "message": {}, "nonce": nonce, "more": 1 }),
                json!({ "n": 2, "message": {}, "nonce": nonce }),
                json!({ "n": -1, "output": [] }),
                json!({ "n": 4_294_967_296_u64, "output": [] }),
                json!({ "n": 2, "output": [1] }),
                json!({ "n": 2, "exit": {} }),
                json!({ "n": 2, "exit": { "status": 0, "signal": 9 } }),
                json!({ "n": 1, "pulse": true, "nonce": nonce }),
                json!({ "pulse": true, "message": {} }),
                json!([]),
                json!("pulse"),
            ] {
                assert_eq!(runner.post(&bad).await.0, 400, "{bad}");
            }
            let as_text = runner.post_raw("text/plain", b"{\"pulse\":true}".to_vec()).await;
            assert_eq!(as_text.0, 415);
            let long = runner.post_raw("application/json", vec![b' '; LETTER_BYTES + 1]).await;
            assert_eq!(long.0, 413);
            let deep = [vec![b'['; 10_000], vec![b']'; 10_000]].concat();
            assert_eq!(runner.post_raw("application/json", deep).await.0, 400);
            assert_eq!(runner.hello().await, go());
            let wrong = runner.say(2, json!({ "message": { "m": "nothing" } })).await;
            assert_eq!(wrong["a"], "wrong", "a letter without a message in it");
            runner.say(3, result("sent")).await;
            runner.say(4, ended()).await;
            answered(&json!({ "exit": { "status": 0 } }))
        })
    }))
    .await;
    let message = stage.ask().await;
    assert_eq!(stage.work(&message).await.state, State::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn the_longest_message_arrives_whole() {
    let stage = Stage::played(Box::new(|runner| {
        Box::pin(async move {
            use base64::Engine as _;
            let piece: Vec<u8> = (0..CHUNK_BYTES).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let chunk = base64::engine::general_purpose::STANDARD.encode(&piece);
            runner.hello().await;
            let artifact =
                json!({ "m": "artifact", "name": "a.bin", "media_type": "application/octet-stream",
                        "chunk": chunk, "last": true });
            assert_eq!(runner.say(2, json!({ "message": artifact })).await, go());
            runner.say(3, result("sent")).await;
            runner.say(4, ended()).await;
            answered(&json!({ "exit": { "status": 0 } }))
        })
    }))
    .await;
    let message = stage.ask().await;
    let run = stage.work(&message).await;
    assert_eq!(run.state, State::Succeeded);
    let [artifact] = run.artifacts.as_slice() else { panic!("{:?}", run.artifacts) };
    assert_eq!(artifact.bytes, CHUNK_BYTES as u64);
    assert_eq!(stage.mail(), Vec::<String>::new());
}

/// A pace that stands still while it is closed.
struct Door(watch::Sender<bool>);

#[async_trait]
impl Pace for Door {
    async fn pause(&self) {
        Soon.pause().await;
        let _ = self.0.subscribe().wait_for(|is_open| *is_open).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_waits_in_the_mailbox_can_be_read_by_nobody_who_reads_the_store() {
    let door = Arc::new(Door(watch::Sender::new(true)));
    let (opens, records) = (door.0.clone(), Arc::new(std::sync::OnceLock::new()));
    let dump: Arc<std::sync::OnceLock<Arc<gatelet_played::MemoryRecords>>> = records.clone();
    let stage = Stage::at_pace(
        Box::new(move |runner| {
            let (opens, dump) = (opens.clone(), dump.clone());
            Box::pin(async move {
                let dump = || dump.get().unwrap().dump();
                assert_eq!(runner.payload["start"]["credentials"]["service"]["token"], SECRET);
                runner.hello().await;
                opens.send_replace(false);
                let said = format!("the token is {SECRET}");
                let posted = tokio::spawn({
                    let runner = runner.clone();
                    async move { runner.say(2, log(&said)).await }
                });
                let is_waiting =
                    |text: &str| text.lines().any(|line| line.contains(" in:00000001:00000002:"));
                while !is_waiting(&dump()) {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                let stored = dump();
                assert!(!stored.contains(SECRET) && !stored.contains(&runner.key));
                opens.send_replace(true);
                assert_eq!(posted.await.unwrap(), go());
                assert!(!dump().contains(SECRET), "it was taken out of the log");
                runner.say(3, result("sent")).await;
                runner.say(4, ended()).await;
                answered(&json!({ "exit": { "status": 0 } }))
            })
        }),
        door,
    )
    .await;
    assert!(records.set(stage.gateway.store.records.clone()).is_ok());
    let message = stage.ask().await;
    assert_eq!(stage.work(&message).await.state, State::Succeeded);
    assert!(!stage.gateway.store.records.dump().contains(SECRET));
}

#[tokio::test(start_paused = true)]
async fn a_letter_without_an_answer_is_told_to_wait_and_keeps_its_turn() {
    let door = Arc::new(Door(watch::Sender::new(false)));
    let opens = door.0.clone();
    let stage = Stage::at_pace(
        Box::new(move |runner| {
            let opens = opens.clone();
            Box::pin(async move {
                let letter = runner.letter(1, hello());
                for _ in 0..2 {
                    assert_eq!(runner.post(&letter).await, (200, json!({ "a": "wait" })));
                }
                opens.send_replace(true);
                assert_eq!(runner.hello().await, go());
                runner.say(2, result("sent")).await;
                runner.say(3, ended()).await;
                answered(&json!({ "exit": { "status": 0 } }))
            })
        }),
        door,
    )
    .await;
    let message = stage.ask().await;
    assert_eq!(stage.work(&message).await.state, State::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn no_effect_begins_in_an_attempt_whose_lease_is_over() {
    let (later, mut moments) = tokio::sync::mpsc::unbounded_channel();
    let later = Arc::new(later);
    let stage = Stage::played(Box::new(move |runner| {
        let later = later.clone();
        Box::pin(async move {
            assert_eq!(runner.hello().await, go());
            // The clock goes on while nobody says that the holder lives.
            let (done, passed) = tokio::sync::oneshot::channel();
            later.send(done).unwrap();
            passed.await.unwrap();
            for (n, what) in [(2, intent("mail")), (2, json!({ "output": ["x"] })), (2, ended())] {
                assert_eq!(runner.post(&runner.letter(n, what)).await.1, stop("lease_lost"));
            }
            assert_eq!(runner.post(&json!({ "pulse": true })).await.1, stop("lease_lost"));
            answered(&json!({ "exit": { "stopped": "lease_lost" } }))
        })
    }))
    .await;
    let message = stage.ask().await;
    let next = async {
        let done: tokio::sync::oneshot::Sender<()> = moments.recv().await.unwrap();
        stage.pass(LEASE + SKEW);
        let (runs, now) = (stage.runs(), stage.parts.clock.now());
        let claim = runs.claim(&message.tenant, &message.run, now).await.unwrap();
        done.send(()).unwrap();
        claim
    };
    let (_, _) = tokio::join!(stage.work(&message), next);
    let run = stage.run(&message).await;
    assert_eq!((run.steps, run.written.lines), (0, 0), "nothing of it was kept");
    assert!(matches!(run.state, State::Recovering | State::Leased), "{:?}", run.state);
}
