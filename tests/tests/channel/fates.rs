//! What becomes of a run whose invocation ends well, badly, or without a word.

use std::time::Duration;

use gatelet_core::audit::Actor;
use gatelet_core::automation::channel::Invoked;
use gatelet_core::automation::{LEASE, SKEW, State};
use gatelet_core::outage::Outage;
use serde_json::json;

use crate::stage::{Stage, acme, answered, ended, go, intent, log, result, stop};

#[tokio::test(start_paused = true)]
async fn an_invocation_that_came_to_nothing_before_its_script_began_is_tried_again() {
    let fates: [fn() -> Result<Invoked, Outage>; 5] = [
        || Err(Outage::harmless("invoke", "throttled")),
        || Err(Outage::uncertain("invoke", "the answer was lost")),
        || Ok(Invoked::Died("out of memory".into())),
        || answered(&json!({ "refused": "another script runs here" })),
        || Ok(Invoked::Answered(b"nonsense".to_vec())),
    ];
    for (number, fate) in fates.into_iter().enumerate() {
        let stage = Stage::played(Box::new(move |_| Box::pin(async move { fate() }))).await;
        let message = stage.ask_once().await;
        let run = stage.work(&message).await;
        assert_eq!(
            (run.state, run.code.as_deref()),
            (State::Poisoned, Some("sandbox_unavailable")),
            "{number}"
        );
        assert_eq!(stage.mail(), Vec::<String>::new(), "{number}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_script_that_was_not_let_in_in_time_never_begins() {
    let (late, runner) = std::sync::mpsc::channel();
    let stage = Stage::played(Box::new(move |runner| {
        late.send(runner).unwrap();
        Box::pin(async { Err(Outage::uncertain("invoke", "the answer was lost")) })
    }))
    .await;
    let message = stage.ask_once().await;
    assert_eq!(stage.work(&message).await.state, State::Poisoned);
    let runner = runner.recv().unwrap();
    let (status, answer) = runner.post(&runner.letter(1, crate::stage::hello())).await;
    assert_eq!((status, &answer["code"]), (401, &json!("unknown_attempt")));
}

#[tokio::test(start_paused = true)]
async fn a_runner_whose_way_was_cut_tells_the_end_by_its_last_letter() {
    let stage = Stage::played(Box::new(|runner| {
        Box::pin(async move {
            assert_eq!(runner.hello().await, go());
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(3)).await;
                runner.say(2, result("sent")).await;
                runner.say(3, ended()).await;
            });
            Err(Outage::uncertain("invoke", "cut after 230 seconds"))
        })
    }))
    .await;
    let message = stage.ask().await;
    let run = stage.work(&message).await;
    assert_eq!((run.state, run.attempt), (State::Succeeded, 1));
}

#[tokio::test(start_paused = true)]
async fn a_script_that_may_still_be_at_work_is_neither_ended_nor_begun_again_before_its_lease_is_over()
 {
    for step in [None, Some("D")] {
        let stage = Stage::played(Box::new(move |runner| {
            Box::pin(async move {
                assert_eq!(runner.hello().await, go());
                if let Some(class) = step {
                    let mut begins = intent("mail");
                    begins["message"]["class"] = json!(class);
                    assert_eq!(runner.say(2, begins).await["a"], "begin");
                }
                Ok(Invoked::Died("Unhandled".into()))
            })
        }))
        .await;
        let message = stage.ask().await;
        let run = stage.work(&message).await;
        assert_eq!(run.state, State::Running, "it is left to its lease");
        stage.pass(LEASE + SKEW);
        let now = stage.parts.clock.now();
        let _ = stage.runs().tend(&message.tenant, &message.run, now).await.unwrap();
        // A token has no end of its own, so the end of the attempt's time is waited for.
        let expected = if step.is_some() { State::Uncertain } else { State::Recovering };
        assert_eq!(stage.run(&message).await.state, expected);
        assert_eq!(stage.mail(), Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_who_cancels_is_heard_by_the_next_pulse_and_the_end_is_still_told() {
    let (asks, mut asked) = tokio::sync::mpsc::unbounded_channel();
    let stage = Stage::played(Box::new(move |runner| {
        let asks = asks.clone();
        Box::pin(async move {
            assert_eq!(runner.hello().await, go());
            assert_eq!(runner.post(&json!({ "pulse": true })).await.1, go());
            asks.send(()).unwrap();
            while runner.post(&json!({ "pulse": true })).await.1 != stop("cancelled") {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            assert_eq!(runner.say(2, intent("mail")).await, stop("cancelled"), "nothing begins");
            // What it was about to say is not taken any more, but how it ended is.
            runner.say(2, json!({ "output": ["the last line"] })).await;
            runner.say(3, json!({ "exit": { "stopped": "cancelled" } })).await;
            answered(&json!({ "exit": { "stopped": "cancelled" } }))
        })
    }))
    .await;
    let message = stage.ask().await;
    let cancel = async {
        asked.recv().await.unwrap();
        let by = Actor::Session("s".into());
        let now = stage.parts.clock.now();
        stage.runs().cancel(&acme(), &message.run, by, now).await.unwrap();
    };
    let (run, ()) = tokio::join!(stage.work(&message), cancel);
    assert_eq!((run.state, run.written.lines, run.steps), (State::Cancelled, 1, 0));
    assert_eq!(stage.mail(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_script_that_ends_without_a_result_has_failed_as_anywhere() {
    for (end, code) in [
        (json!({ "status": 1 }), "script_failed"),
        (json!({ "signal": 9 }), "script_lost"),
        (json!({ "stopped": "timed_out" }), "timed_out"),
        (json!({ "stopped": "too_much_output" }), "too_much_output"),
    ] {
        let said = end.clone();
        let stage = Stage::played(Box::new(move |runner| {
            let end = said.clone();
            Box::pin(async move {
                runner.hello().await;
                runner.say(2, log("a line")).await;
                runner.say(3, json!({ "exit": end })).await;
                answered(&json!({ "exit": end }))
            })
        }))
        .await;
        let message = stage.ask_once().await;
        assert_eq!(stage.work(&message).await.code.as_deref(), Some(code), "{end}");
    }
}
