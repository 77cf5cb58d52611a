//! The ledger: what a script is answered, and what is kept of what it says.

use gatelet_contracts::runs::PlayedPace;
use gatelet_core::automation::attempt::{Answer, Beginning, LOG_LINES, Message};
use gatelet_core::automation::{
    Effect, EffectClass, Ending, Failure, Happening, OutcomeRecord, Recorded, Redactor,
    SandboxReport, State, StepOutcome, StepState,
};
use gatelet_core::secrets::SecretBytes;
use serde_json::{Value, json};

use crate::stage::{Stage, acme, ada, begin, done, intent, no_secrets};

fn wrong(answer: &Answer) -> bool {
    matches!(answer, Answer::Wrong { .. })
}

#[tokio::test]
async fn hello_is_answered_once_for_each_fence() {
    let stage = Stage::new();
    let pace = PlayedPace(&stage.clock);
    let id = stage.ask("k", |_| ()).await;
    let holder = stage.hold(&pace, &id, Effect::Steps).await;
    assert!(wrong(&holder.hear(intent("put", EffectClass::B)).await), "hello comes first");
    begin(&holder, None).await;
    assert!(wrong(&holder.hear(Message::Hello).await));
    // The same invocation, delivered a second time.
    let run = holder.run().await;
    let time = (&stage.clock as _, &pace as _);
    let second = gatelet_core::automation::attempt::Holder::new(
        stage.runs(),
        &stage.objects,
        time,
        Effect::Steps,
        run,
    );
    let sandbox = SandboxReport::none();
    let beginning = Beginning { sandbox, credential_ends_at: None, recover_at: None };
    second.begin(&beginning, no_secrets()).await.unwrap();
    let taken = Answer::Stop { reason: "attempt_taken".into() };
    assert_eq!(second.hear(Message::Hello).await, taken);
}

#[tokio::test]
async fn the_next_attempt_skips_what_is_done_and_repeats_what_is_not_with_the_same_token() {
    let stage = Stage::new();
    let pace = PlayedPace(&stage.clock);
    let id = stage.ask("k", |_| ()).await;
    let first = stage.hold(&pace, &id, Effect::Steps).await;
    begin(&first, None).await;
    first.hear(intent("list", EffectClass::R)).await;
    assert_eq!(first.hear(done("list", json!({ "n": 3 }))).await, Answer::Go);
    let Answer::Begin { token, repeated: false } = first.hear(intent("put", EffectClass::B)).await
    else {
        panic!("it begins")
    };
    first.hear(intent("tag", EffectClass::C)).await;
    assert_eq!(first.hear(Message::Undone { key: "tag".into() }).await, Answer::Go);

    stage.pass(66);
    let second = stage.hold(&pace, &id, Effect::Steps).await;
    begin(&second, None).await;
    let skip = Answer::Skip { value: json!({ "n": 3 }) };
    assert_eq!(second.hear(intent("list", EffectClass::R)).await, skip);
    let again = Answer::Begin { token: token.clone(), repeated: true };
    assert_eq!(second.hear(intent("put", EffectClass::B)).await, again);
    let anew = second.hear(intent("tag", EffectClass::C)).await;
    assert!(matches!(anew, Answer::Begin { repeated: false, .. }), "it had no effect");
    let lost = Answer::Stop { reason: "lease_lost".into() };
    assert_eq!(first.hear(done("put", Value::Null)).await, lost, "the old holder keeps nothing");

    let steps = stage.runs().steps(&stage.find(&id).await, stage.now()).await.unwrap();
    let seen: Vec<_> = steps.iter().map(|step| (step.key.as_str(), step.state)).collect();
    let expected =
        [("list", StepState::Done), ("put", StepState::Begun), ("tag", StepState::Begun)];
    assert_eq!(seen, expected, "in the order in which they began");
    assert_eq!(steps[0].evidence["request_id"], "r-1");
}

#[tokio::test]
async fn what_a_script_must_not_say_is_wrong_and_is_not_kept() {
    let stage = Stage::new();
    let pace = PlayedPace(&stage.clock);
    let id = stage.ask("k", |_| ()).await;
    let holder = stage.hold(&pace, &id, Effect::Steps).await;
    begin(&holder, None).await;
    holder.hear(intent("mail", EffectClass::D)).await;
    let before = stage.find(&id).await;
    let other_params = Message::Intent {
        key: "mail".into(),
        class: EffectClass::D,
        title: String::new(),
        params: "1".repeat(64),
        quiet: false,
    };
    let no_params = Message::Intent {
        key: "x".into(),
        class: EffectClass::A,
        title: String::new(),
        params: "secret".into(),
        quiet: false,
    };
    let huge = done("mail", "x".repeat(9_000).into());
    for message in [
        intent("mail", EffectClass::D),
        intent("mail", EffectClass::C),
        other_params,
        no_params,
        intent("no/path", EffectClass::A),
        intent("", EffectClass::A),
        done("never-begun", Value::Null),
        huge,
        Message::Failure { code: "NO".into(), message: String::new(), retry: false },
    ] {
        let said = format!("{message:?}");
        assert!(wrong(&holder.hear(message).await), "{said}");
    }
    assert_eq!(stage.check(&id).await, before, "nothing of it was kept");
}

#[tokio::test]
async fn an_automation_that_says_it_only_reads_cannot_do_more() {
    let stage = Stage::new();
    let pace = PlayedPace(&stage.clock);
    let id = stage.ask("k", |_| ()).await;
    let holder = stage.hold(&pace, &id, Effect::Reads).await;
    begin(&holder, None).await;
    for class in [EffectClass::A, EffectClass::B, EffectClass::C, EffectClass::D] {
        assert!(wrong(&holder.hear(intent("x", class)).await), "{class:?}");
    }
    let read = holder.hear(intent("x", EffectClass::R)).await;
    assert!(matches!(read, Answer::Begin { .. }));
}

#[tokio::test]
async fn a_script_without_steps_is_one_step_that_only_its_own_end_proves() {
    let failed = || Ending::Failed(Failure::of("script:no"));
    for (ending, state) in [
        (failed(), State::Failed),
        (Ending::Lost(Failure::of("script_lost")), State::Uncertain),
        (Ending::TimedOut, State::Uncertain),
        (Ending::Cancelled, State::Uncertain),
        (Ending::Killed(Failure::of("too_much_output")), State::Uncertain),
        (Ending::NotBegun(Failure::of("sandbox_unavailable")), State::Queued),
    ] {
        let stage = Stage::new();
        let pace = PlayedPace(&stage.clock);
        let id = stage.ask("k", |_| ()).await;
        let holder = stage.hold(&pace, &id, Effect::Unsafe).await;
        begin(&holder, None).await;
        assert!(wrong(&holder.hear(done("script", Value::Null)).await), "that is not its to say");
        let told = format!("{ending:?}");
        let (run, _) = holder.finish(ending).await.unwrap();
        assert_eq!(run.state, state, "{told}");
        stage.check(&id).await;
    }
}

#[tokio::test]
async fn a_person_decides_about_a_step_and_the_run_goes_on_or_ends() {
    for (step, outcome, state) in [
        ("mail", StepOutcome::Happened, State::Queued),
        ("mail", StepOutcome::DidNot, State::Queued),
        ("mail", StepOutcome::Unknown, State::Failed),
    ] {
        let stage = Stage::new();
        let pace = PlayedPace(&stage.clock);
        let id = stage.ask("k", |request| request.max_attempts = 1).await;
        let holder = stage.hold(&pace, &id, Effect::Steps).await;
        begin(&holder, None).await;
        holder.hear(intent("mail", EffectClass::D)).await;
        stage.pass(66);
        stage.tend(&id).await;
        let run = stage.find(&id).await;
        let steps = stage.runs().steps(&run, stage.now()).await.unwrap();
        assert_eq!(steps[0].state, StepState::Unknown);
        let record = |version| OutcomeRecord {
            step: step.into(),
            outcome,
            reason: "The outbox says so.".into(),
            version,
        };
        let decide = async |version| {
            let record = record(version);
            stage.runs().record_outcome((&acme(), &id), ada(), &record, stage.now()).await.unwrap()
        };
        assert!(matches!(decide(Some(run.seq - 1)).await, Recorded::NotNow(_)), "seen too early");
        // The person takes two days, and they are not the run's.
        stage.pass(2 * 24 * 3600);
        assert!(matches!(decide(Some(run.seq)).await, Recorded::Yes(_)));
        assert!(matches!(decide(None).await, Recorded::NotNow(_)), "decided is decided");
        assert_eq!(stage.check(&id).await.state, state);
        if state != State::Queued {
            continue;
        }
        let next = stage.hold(&pace, &id, Effect::Steps).await;
        begin(&next, None).await;
        let answer = next.hear(intent("mail", EffectClass::D)).await;
        match outcome {
            StepOutcome::Happened => assert_eq!(answer, Answer::Skip { value: Value::Null }),
            _ => assert!(matches!(answer, Answer::Begin { repeated: false, .. })),
        }
    }
}

#[tokio::test]
async fn nothing_that_a_script_says_is_kept_with_its_secret_in_it() {
    use base64::Engine as _;
    let stage = Stage::new();
    let pace = PlayedPace(&stage.clock);
    let id = stage.ask("k", |_| ()).await;
    let holder = stage.hold(&pace, &id, Effect::Steps).await;
    let secret = SecretBytes::new(b"hunter2".to_vec());
    let sandbox = SandboxReport::none();
    let beginning = Beginning { sandbox, credential_ends_at: None, recover_at: None };
    holder
        .begin(&beginning, Redactor::new([("cloud.token".to_owned(), &secret)]).unwrap())
        .await
        .unwrap();
    holder.hear(Message::Hello).await;
    let named = Message::Intent {
        key: "put-hunter2".into(),
        class: EffectClass::B,
        title: "a name is kept as it is".into(),
        params: "0".repeat(64),
        quiet: false,
    };
    assert!(wrong(&holder.hear(named).await));
    let title = "as hunter2".to_owned();
    let (key, params) = ("put".to_owned(), "0".repeat(64));
    let intent = Message::Intent { key, class: EffectClass::B, title, params, quiet: false };
    let chunk = base64::engine::general_purpose::STANDARD.encode("it is hunter2");
    let artifact = Message::Artifact {
        name: "a.txt".into(),
        media_type: "text/plain".into(),
        chunk,
        last: true,
    };
    for message in [
        intent,
        done("put", json!({ "hunter2": ["hunter2"] })),
        Message::Progress { done: 1, of: None, text: "of hunter2".into() },
        Message::Log { text: "saw hunter2".into() },
        artifact,
        Message::Result { value: json!({ "a": "hunter2" }) },
    ] {
        let answer = holder.hear(message).await;
        assert!(!wrong(&answer), "{answer:?}");
    }
    let heard = holder.heard().await.result.unwrap();
    holder.output(vec!["and hunter2".into()]).await.unwrap();
    let ending = holder.keep_result(&heard).await.unwrap();
    holder.finish(ending).await.unwrap();
    let run = stage.check(&id).await;
    assert_eq!(run.artifacts.len(), 1);
    let stored = stage.records.dump();
    assert!(
        stored.contains("[credential cloud.token removed]") && !stored.contains("hunter2"),
        "{stored}"
    );
    let result = stage.runs().result(&run, &stage.objects, stage.now()).await.unwrap();
    assert_eq!(result, Some(json!({ "a": "[credential cloud.token removed]" })));
}

// Proves L 55.
#[tokio::test]
async fn a_run_that_writes_without_end_fills_no_store() {
    let stage = Stage::new();
    let pace = PlayedPace(&stage.clock);
    let id = stage.ask("k", |_| ()).await;
    let holder = stage.hold(&pace, &id, Effect::Steps).await;
    begin(&holder, None).await;
    let many = usize::try_from(LOG_LINES).unwrap() + 1000;
    holder.output(vec!["x".repeat(90); many]).await.unwrap();
    holder.output(vec!["y".into(); 10]).await.unwrap();
    holder.flush().await;
    let run = stage.check(&id).await;
    assert_eq!(run.written.lines, LOG_LINES);
    let told = stage.runs().events((&acme(), &id), 0, 5000, stage.now()).await.unwrap().unwrap();
    let cuts = told.events.iter().filter(|event| event.what == Happening::LogCut).count();
    assert_eq!(cuts, 1, "it is told once");
}

#[tokio::test]
async fn a_large_result_is_an_object_and_a_small_one_lies_beside_the_row() {
    for (letters, objects) in [(10, 0), (100_000, 1)] {
        let stage = Stage::new();
        let pace = PlayedPace(&stage.clock);
        let id = stage.ask("k", |_| ()).await;
        let holder = stage.hold(&pace, &id, Effect::Reads).await;
        begin(&holder, None).await;
        let value = json!({ "text": "x".repeat(letters) });
        let ending = holder.keep_result(&value).await.unwrap();
        holder.finish(ending).await.unwrap();
        let run = stage.check(&id).await;
        assert_eq!(run.state, State::Succeeded);
        let read = stage.runs().result(&run, &stage.objects, stage.now()).await.unwrap();
        assert_eq!(read, Some(value));
        assert_eq!(stage.objects.paths().len(), objects);
    }
}

#[tokio::test]
async fn what_a_probe_could_not_find_out_is_left_to_a_person_and_begun_anew_if_they_say_so() {
    let stage = Stage::new();
    let pace = PlayedPace(&stage.clock);
    let id = stage.ask("k", |_| ()).await;
    let holder = stage.hold(&pace, &id, Effect::Steps).await;
    begin(&holder, None).await;
    holder.hear(intent("list", EffectClass::R)).await;
    holder.hear(intent("tag", EffectClass::C)).await;
    holder.hear(done("tag", Value::Null)).await;
    holder.hear(intent("attach", EffectClass::C)).await;
    let code = "outcome_unknown".to_owned();
    let message = "The service does not say.".to_owned();
    holder.hear(Message::Failure { code, message, retry: false }).await;
    let told = Failure::saying("script:outcome_unknown", "The service does not say.");
    let (run, _) = holder.finish(Ending::Failed(told)).await.unwrap();
    assert_eq!((run.state, run.code.as_deref()), (State::Uncertain, Some("outcome_unknown")));
    let steps = stage.runs().steps(&run, stage.now()).await.unwrap();
    let unknown: Vec<_> = steps.iter().filter(|step| step.state == StepState::Unknown).collect();
    assert_eq!(unknown.iter().map(|step| step.key.as_str()).collect::<Vec<_>>(), ["attach"]);

    let outcome = StepOutcome::DidNot;
    let reason = "The console shows no such policy.".to_owned();
    let decision = OutcomeRecord { step: "attach".into(), outcome, reason, version: None };
    let which = (&acme(), &id);
    let recorded = stage.runs().record_outcome(which, ada(), &decision, stage.now()).await.unwrap();
    assert!(matches!(recorded, Recorded::Yes(_)));
    let second = stage.hold(&pace, &id, Effect::Steps).await;
    begin(&second, None).await;
    let anew = second.hear(intent("attach", EffectClass::C)).await;
    assert!(matches!(anew, Answer::Begin { repeated: false, .. }), "{anew:?}");
}
